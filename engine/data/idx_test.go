// This file checks the reader of IDX files, and that no input harms it.

package data

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestReadIDX(t *testing.T) {
	plain := idx(2, 3)
	for name, b := range map[string][]byte{"plain": plain, "packed": pack(t, plain)} {
		shape, values, err := ReadIDX(bytes.NewReader(b))
		if err != nil || !slices.Equal(shape, []int{2, 3}) || !slices.Equal(values, []uint8{0, 1, 2, 3, 4, 5}) {
			t.Errorf("%s: %v %v, %v", name, shape, values, err)
		}
	}
}

func TestReadIDXRefuses(t *testing.T) {
	plain := idx(2, 3)
	floats := bytes.Clone(plain)
	floats[2] = 0x0d
	huge := idx(1, 1)
	copy(huge[4:], []byte{255, 255, 255, 255, 255, 255, 255, 255})
	packed := pack(t, plain)
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"empty", nil, "too short for a header"},
		{"three bytes", plain[:3], "too short for a header"},
		{"of floats", floats, "begins with 00 00 0d 02"},
		{"no dimension", []byte{0, 0, 8, 0}, "begins with 00 00 08 00"},
		{"header cut", plain[:9], "too short for its 2 dimensions"},
		{"values cut", plain[:len(plain)-1], "ends after 5 of 6 values"},
		{"one more", append(bytes.Clone(plain), 0), "after its 6 values: more follows"},
		{"claims too much", huge, "more than this reader takes"},
		{"gzip cut", packed[:len(packed)-4], "unexpected EOF"},
		{"gzip broken", append(bytes.Clone(packed[:14]), 255, 255, 255, 255), "idx"},
	} {
		_, _, err := ReadIDX(bytes.NewReader(c.b))
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		wantError(t, err, c.want)
	}
}

func TestIDX(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		put(t, p, b)
		return p
	}
	images, labels := file("some-images.gz", pack(t, idx(3, 2, 2))), file("labels", idx(3))
	d, err := IDX(images, labels)
	if err != nil {
		t.Fatal(err)
	}
	if d.Name() != "some-images" || d.Len() != 3 || !slices.Equal(d.ExampleShape(), []int{2, 2, 1}) || d.Label(2) != 2 || d.Example(1).At(1, 1, 0) != 7*float32(1.0/255) || !d.AnyShape() {
		t.Errorf("got %v", d)
	}
	_, err = IDX(images, file("two", idx(2)))
	wantError(t, err, "two has shape [2]", "3 images, so labels are [3]")
	_, err = IDX(labels, labels)
	wantError(t, err, "labels has shape [3], but images are [n height width]")
	_, err = IDX(filepath.Join(dir, "none"), labels)
	wantError(t, err, "none")
	_, err = IDX(images, file("broken", []byte("hello")))
	wantError(t, err, "broken", "begins with 68 65")
	if _, err := os.Stat(images); err != nil {
		t.Error(err)
	}
}

func FuzzReadIDX(f *testing.F) {
	f.Add(idx(2, 3))
	f.Add(pack(f, idx(1, 2, 2)))
	f.Add([]byte{0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 0, 1, 1, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		shape, values, err := ReadIDX(bytes.NewReader(b))
		if err != nil {
			return
		}
		n := 1
		for _, s := range shape {
			n *= s
		}
		if n != len(values) {
			t.Errorf("shape %v with %d values", shape, len(values))
		}
	})
}
