// This file finds the four IDX files of a published set and checks them.

package data

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cajal/engine/internal/atomicfile"
)

// An idxSet is a set of images in four IDX files, as MNIST was published.
type idxSet struct {
	title   string // for messages
	name    string // of the datasets, and of a folder of its own
	source  string // what the files belong to
	files   [4]idxSource
	classes []string
	advice  string // what to do without the files, whose names follow

	// fetch gets missing files into a folder; nil when they cannot be had.
	fetch func(ctx context.Context, dir string, files []idxSource) (map[string][]byte, error)
}

// An idxSource is one file: its name unpacked, and the SHA-256 of it packed and
// unpacked. No unpacked file is used when its sum is not known.
type idxSource struct{ name, packed, plain string }

// errNoFile is the answer when neither form of a file is there.
var errNoFile = errors.New("no such file")

// load returns training and test set of the files in dir, fetching those that are
// missing.
func (s *idxSet) load(ctx context.Context, dir string) (train, test *Dataset, err error) {
	var files [4]*idxFile
	var missing []idxSource
	found := make(chan error)
	one := func(i int) error {
		f, err := s.find(dir, s.files[i])
		files[i] = f
		return err
	}
	// The training images take as long as all others.
	go func() { found <- one(0) }()
	errs := [4]error{1: one(1), 2: one(2), 3: one(3)}
	errs[0] = <-found
	for i, err := range errs {
		switch {
		case errors.Is(err, errNoFile):
			missing = append(missing, s.files[i])
		case err != nil:
			return nil, nil, err
		}
	}
	if len(missing) > 0 {
		if err := s.get(ctx, dir, missing, &files); err != nil {
			return nil, nil, err
		}
	}
	if train, err = joinIDX(s.name+" train", files[0], files[1]); err != nil {
		return nil, nil, err
	}
	if test, err = joinIDX(s.name+" test", files[2], files[3]); err != nil {
		return nil, nil, err
	}
	train.classes, test.classes = s.classes, s.classes
	for i, f := range s.files {
		sum := f.packed
		if files[i].path == filepath.Join(dir, f.name) {
			sum = f.plain
		}
		used(File{filepath.Base(files[i].path), sum, s.source})
	}
	return train, test, nil
}

// get fetches what is missing.
func (s *idxSet) get(ctx context.Context, dir string, missing []idxSource, files *[4]*idxFile) error {
	var names []string
	for _, f := range missing {
		names = append(names, f.name+".gz")
	}
	hint := fmt.Sprintf("hint: %s: %s", s.advice, strings.Join(names, ", "))
	if s.fetch == nil {
		return fmt.Errorf("data: %s is not in %s\n%s", s.title, dir, hint)
	}
	got, err := s.fetch(ctx, dir, missing)
	if err != nil {
		return fmt.Errorf("data: %s is not in %s and could not be fetched: %w\n%s", s.title, dir, err, hint)
	}
	for i, f := range s.files {
		if b, ok := got[f.name]; ok {
			if files[i], err = f.unpack(filepath.Join(dir, f.name+".gz"), b); err != nil {
				return err
			}
		}
	}
	return nil
}

// find returns the content of a file in dir, packed or not, when it is sound. Its
// path is that of the published form where that is there. A damaged file is renamed,
// but for an unpacked copy, which is made again.
func (s *idxSet) find(dir string, f idxSource) (*idxFile, error) {
	for _, path := range []string{filepath.Join(dir, f.name+".gz"), filepath.Join(dir, s.name, f.name+".gz")} {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		defer file.Close()
		if b, err := f.copyOf(path); err == nil {
			// The packed file is not kept in memory, but it must be sound too.
			h := sha256.New()
			if _, err := io.Copy(h, file); err != nil {
				return nil, fmt.Errorf("data: %w", err)
			}
			if got := hex.EncodeToString(h.Sum(nil)); got != f.packed {
				file.Close() // Windows renames no open file
				return nil, damaged(path, got, f.packed)
			}
			return inIDX(path, b)
		}
		b, err := io.ReadAll(file)
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		if got := sum(b); got != f.packed {
			file.Close() // likewise
			return nil, damaged(path, got, f.packed)
		}
		return f.unpack(path, b)
	}
	path := filepath.Join(dir, f.name)
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || f.plain == "":
		return nil, errNoFile
	case err != nil:
		return nil, fmt.Errorf("data: %w", err)
	}
	if got := sum(b); got != f.plain {
		return nil, damaged(path, got, f.plain)
	}
	return inIDX(path, b)
}

// copyOf returns the unpacked copy that lies beside a packed file, when it is sound.
func (f idxSource) copyOf(path string) ([]byte, error) {
	if f.plain == "" {
		return nil, errNoFile
	}
	b, err := os.ReadFile(strings.TrimSuffix(path, ".gz"))
	if err == nil && sum(b) != f.plain {
		err = errors.New("it is damaged")
	}
	return b, err
}

// unpack takes the content of a sound packed file apart and leaves an unpacked copy
// beside it. Where none can be written, the next call has to unpack again.
func (f idxSource) unpack(path string, packed []byte) (*idxFile, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("data: idx: %w (%s)", err, path)
	}
	// The last four bytes are the unpacked size; more than gzip can pack is not believed.
	size := int(binary.LittleEndian.Uint32(packed[len(packed)-4:]))
	buf := bytes.NewBuffer(make([]byte, 0, min(size, 1032*len(packed))+bytes.MinRead))
	if _, err := buf.ReadFrom(z); err != nil {
		return nil, fmt.Errorf("data: idx: %w (%s)", err, path)
	}
	if f.plain != "" {
		_ = atomicfile.Write(strings.TrimSuffix(path, ".gz"), func(w io.Writer) error { _, err := w.Write(buf.Bytes()); return err })
	}
	return inIDX(path, buf.Bytes())
}

// damaged puts a file aside and says so.
func damaged(path, got, want string) error {
	text := fmt.Sprintf("data: %s is damaged: its SHA-256 is %s, but should be %s", path, got, want)
	if err := os.Rename(path, path+".damaged"); err != nil {
		return fmt.Errorf("%s\nhint: remove it, and the next call will look for another (it could not be put aside: %w)", text, err)
	}
	return fmt.Errorf("%s\nhint: it was renamed to %s.damaged; run this again: an unpacked copy takes its place, or it is fetched anew where that is possible", text, filepath.Base(path))
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
