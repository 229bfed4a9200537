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
	var head [4]byte
	if _, err := io.ReadFull(br, head[:]); err != nil {
		return nil, nil, fmt.Errorf("data: idx: too short for a header: %w", err)
	}
	if head[0] != 0 || head[1] != 0 || head[2] != 8 || head[3] == 0 || head[3] > 8 {
		return nil, nil, fmt.Errorf("data: idx: begins with % x, but an IDX file of bytes begins with 00 00 08 and 01 to 08", head)
	}
	n := int64(1)
	for range head[3] {
		var d [4]byte
		if _, err := io.ReadFull(br, d[:]); err != nil {
			return nil, nil, fmt.Errorf("data: idx: too short for its %d dimensions: %w", head[3], err)
		}
		s := int64(binary.BigEndian.Uint32(d[:]))
		shape = append(shape, int(s))
		if s > 0 && n > 1<<32/s {
			return nil, nil, fmt.Errorf("data: idx: claims %v values, more than this reader takes", shape)
		}
		n *= s
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

// IDX makes a dataset out of two IDX files, such as those of Fashion-MNIST:
// images [n height width] and labels [n], each packed with gzip or not. Examples
// are [height width 1], scaled to 0..1; as with MNIST, a model may read them as
// rows.
func IDX(images, labels string) (*Dataset, error) {
	pix, err := os.ReadFile(images)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	lab, err := os.ReadFile(labels)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	name := strings.TrimSuffix(filepath.Base(images), ".gz")
	return fromIDX(name, images, pix, labels, lab)
}

// fromIDX joins images and labels; the file names are for messages.
func fromIDX(name, imageFile string, images []byte, labelFile string, labels []byte) (*Dataset, error) {
	shape, pix, err := ReadIDX(bytes.NewReader(images))
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, imageFile)
	}
	if len(shape) != 3 || shape[1] == 0 || shape[2] == 0 {
		return nil, fmt.Errorf("data: %s has shape %v, but images are [n height width]", imageFile, shape)
	}
	lshape, lab, err := ReadIDX(bytes.NewReader(labels))
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, labelFile)
	}
	if len(lshape) != 1 || lshape[0] != shape[0] {
		return nil, fmt.Errorf("data: %s has shape %v, but %s has %d images, so labels are [%d]", labelFile, lshape, imageFile, shape[0], shape[0])
	}
	d := &Dataset{name: name, n: shape[0], shape: []int{shape[1], shape[2], 1}, bytes: pix, scale: 1.0 / 255, either: true, look: new(look)}
	d.labels = make([]int32, d.n)
	for i, l := range lab {
		d.labels[i] = int32(l)
	}
	return d, nil
}
