// This file reads and writes npz files: zip files of npy files.

package npy

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"cajal/engine/internal/atomicfile"
)

// ReadZip reads an npz file: its arrays by the names they were saved with. Packed
// ones (numpy.savez_compressed) are read too.
func ReadZip(path string) (map[string]*Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	out, err := DecodeZip(f, st.Size())
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	return out, nil
}

// Packed arrays may be a hundred times larger than the file, or 256 MB: real data
// hardly ever packs better, and zeros alone could be a thousand times larger.
const (
	maxPacked = 100
	minLimit  = 256 << 20
)

// DecodeZip reads an npz file of size bytes.
func DecodeZip(r io.ReaderAt, size int64) (map[string]*Array, error) {
	return decodeZip(r, size, max(size*maxPacked, minLimit))
}

func decodeZip(r io.ReaderAt, size, limit int64) (map[string]*Array, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("npy: this is no npz file, which is a zip file: %w", err)
	}
	out := map[string]*Array{}
	left := limit
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("npy: the zip file holds %q, but an npz file holds .npy files only", f.Name)
		}
		if out[name] != nil {
			return nil, fmt.Errorf("npy: %q is there twice", name)
		}
		a, n, err := decodeEntry(f, left)
		if err != nil {
			if n == left {
				err = fmt.Errorf("npy: the arrays of this file of %d bytes are larger than %d, the most that is unpacked", size, limit)
			}
			return nil, fmt.Errorf("%w (%s)", err, f.Name)
		}
		out[name] = a
		left -= n
	}
	return out, nil
}

// decodeEntry reads one array of at most left bytes, and returns how many were
// read.
func decodeEntry(f *zip.File, left int64) (a *Array, n int64, err error) {
	rc, err := f.Open()
	if err != nil {
		return nil, 0, fmt.Errorf("npy: %w", err)
	}
	defer rc.Close()
	lim := &io.LimitedReader{R: rc, N: left}
	br := bufio.NewReader(lim)
	if a, err = Decode(br); err != nil {
		return nil, left - lim.N, err
	}
	// The check sum is looked at behind the last byte.
	if rest, err := io.Copy(io.Discard, br); err != nil {
		return nil, 0, fmt.Errorf("npy: %w", err)
	} else if rest > 0 {
		return nil, 0, fmt.Errorf("npy: %d bytes follow the array", rest)
	}
	return a, left - lim.N, nil
}

// WriteZip makes or replaces an npz file, unpacked as numpy.savez has it. When it
// fails, what was there before stays.
func WriteZip(path string, arrays map[string]*Array) error {
	var names []string
	for name, a := range arrays {
		if name == "" || strings.HasSuffix(name, "/") || !utf8.ValidString(name) {
			return fmt.Errorf("npy: an array cannot be called %q", name)
		}
		if _, err := a.check(); err != nil {
			return fmt.Errorf("%w (%s)", err, name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	err := atomicfile.Write(path, func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, name := range names {
			e, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
			if err != nil {
				return err
			}
			if err := Encode(e, arrays[name]); err != nil {
				return err
			}
		}
		return z.Close()
	})
	if err != nil {
		return fmt.Errorf("npy: %w", err)
	}
	return nil
}
