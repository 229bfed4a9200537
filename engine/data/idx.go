// This file reads the IDX format, in which MNIST and its relatives come.

package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ReadIDX reads an IDX stream of bytes, packed with gzip or not: two zero bytes,
// the type (8 for bytes, the only one taken), the number of dimensions, each
// dimension as four bytes with the highest first, then the values, the last
// index fastest. (The format is described at the end of LeCun, Cortes and Burges'
// page on MNIST.) Anything behind the values is an error.
func ReadIDX(r io.Reader) (shape []int, values []uint8, err error) {
	br := bufio.NewReader(r)
	if m, err := br.Peek(2); err == nil && m[0] == 0x1f && m[1] == 0x8b {
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, nil, fmt.Errorf("data: idx: %w", err)
		}
		br = bufio.NewReader(z)
	}
	shape, n, err := idxHeader(br)
	if err != nil {
		return nil, nil, err
	}
	var buf bytes.Buffer // grows with what is there, not with what is claimed
	got, err := io.Copy(&buf, io.LimitReader(br, n))
	if err != nil {
		return nil, nil, fmt.Errorf("data: idx: after %d of %d values: %w", got, n, err)
	}
	if got < n {
		return nil, nil, fmt.Errorf("data: idx: ends after %d of %d values", got, n)
	}
	if _, err := br.ReadByte(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errors.New("more follows")
		}
		return nil, nil, fmt.Errorf("data: idx: after its %d values: %w", n, err)
	}
	return shape, buf.Bytes(), nil
}

// idxHeader reads what stands before the values: their shape, and how many they are.
func idxHeader(r io.Reader) (shape []int, n int64, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, 0, fmt.Errorf("data: idx: too short for a header: %w", err)
	}
	if head[0] != 0 || head[1] != 0 || head[2] != 8 || head[3] == 0 || head[3] > 8 {
		return nil, 0, fmt.Errorf("data: idx: begins with % x, but an IDX file of bytes begins with 00 00 08 and 01 to 08", head)
	}
	n = 1
	for range head[3] {
		var d [4]byte
		if _, err := io.ReadFull(r, d[:]); err != nil {
			return nil, 0, fmt.Errorf("data: idx: too short for its %d dimensions: %w", head[3], err)
		}
		s := int64(binary.BigEndian.Uint32(d[:]))
		shape = append(shape, int(s))
		if s > 0 && n > 1<<32/s {
			return nil, 0, fmt.Errorf("data: idx: claims %v values, more than this reader takes", shape)
		}
		n *= s
	}
	return shape, n, nil
}

// IDX makes a dataset out of two IDX files, such as those of Fashion-MNIST:
// images [n height width] and labels [n], each packed with gzip or not. Examples
// are [height width 1], scaled to 0..1; as with MNIST, a model may read them as
// rows.
func IDX(images, labels string) (*Dataset, error) {
	im, err := openIDX(images)
	if err != nil {
		return nil, err
	}
	lb, err := openIDX(labels)
	if err != nil {
		return nil, err
	}
	return joinIDX(strings.TrimSuffix(filepath.Base(images), ".gz"), im, lb)
}

// idxFile is the content of an IDX file; its path is for messages.
type idxFile struct {
	path   string
	shape  []int
	values []uint8
}

func openIDX(path string) (*idxFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	defer f.Close()
	shape, values, err := ReadIDX(f)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	return &idxFile{path, shape, values}, nil
}

// inIDX takes an unpacked file apart that is in memory; the values stay there.
func inIDX(path string, b []byte) (*idxFile, error) {
	r := bytes.NewReader(b)
	shape, n, err := idxHeader(r)
	if err == nil && n != int64(r.Len()) {
		err = fmt.Errorf("data: idx: has %d values, but its shape %v means %d", r.Len(), shape, n)
	}
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	return &idxFile{path, shape, b[len(b)-r.Len():]}, nil
}

// joinIDX makes a dataset of images and labels.
func joinIDX(name string, im, lb *idxFile) (*Dataset, error) {
	if len(im.shape) != 3 || im.shape[1] == 0 || im.shape[2] == 0 {
		return nil, fmt.Errorf("data: %s has shape %v, but images are [n height width]", im.path, im.shape)
	}
	if n := im.shape[0]; len(lb.shape) != 1 || lb.shape[0] != n {
		return nil, fmt.Errorf("data: %s has shape %v, but %s has %d images, so labels are [%d]", lb.path, lb.shape, im.path, n, n)
	}
	d := &Dataset{name: name, n: im.shape[0], shape: []int{im.shape[1], im.shape[2], 1}, bytes: im.values, scale: 1.0 / 255, either: true, look: new(look)}
	d.labels = make([]int32, d.n)
	for i, l := range lb.values {
		d.labels[i] = int32(l)
	}
	return d, nil
}
