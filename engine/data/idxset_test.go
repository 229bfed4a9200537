// This file checks the unpacked copies of published files, and sets that cannot be
// fetched.

package data

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestUnpackedCopies(t *testing.T) {
	packed, set := digits(t)
	dir := t.TempDir()
	for name, b := range packed {
		put(t, filepath.Join(dir, name+".gz"), b)
	}
	load(t, set, dir)
	f := set.files[0]
	path, plain := filepath.Join(dir, f.name), idx(5, 3, 2)
	if b, err := f.copyOf(path + ".gz"); err != nil || !bytes.Equal(b, plain) {
		t.Fatalf("the copy has %d bytes, %v", len(b), err)
	}
	changed := bytes.Clone(plain)
	changed[20]++
	for name, b := range map[string][]byte{"of another file": idx(5), "cut": plain[:20], "empty": {}, "changed": changed} {
		put(t, path, b)
		load(t, set, dir)
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, plain) {
			t.Errorf("%s: the copy was not made again: %d bytes, %v", name, len(b), err)
		}
	}
	// Where no copy can be written, nothing is lost.
	os.Remove(path)
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	load(t, set, dir)
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 8 {
		t.Errorf("the folder has %v (%v), want four files, three copies and the folder", left, err)
	}
}

func TestSetWithoutModule(t *testing.T) {
	packed, set := digits(t)
	set.title, set.name, set.source, set.fetch, set.advice = fashion.title, fashion.name, fashion.source, nil, fashion.advice
	set.classes = fashion.classes
	for i := range set.files {
		set.files[i].plain = ""
	}
	dir := t.TempDir()
	for i, f := range set.files {
		if i != 1 {
			put(t, filepath.Join(dir, f.name+".gz"), packed[f.name])
		}
	}
	_, _, err := set.load(t.Context(), dir)
	wantError(t, err, "Fashion-MNIST is not in "+dir, "hint: ", "https://github.com/zalandoresearch/fashion-mnist", "put them there", ": train-labels-idx1-ubyte.gz")
	put(t, filepath.Join(dir, set.files[1].name+".gz"), packed[set.files[1].name])
	train, test, err := set.load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if train.Name() != "fashion-mnist train" || test.Name() != "fashion-mnist test" || train.Len() != 5 || test.Classes()[9] != "Ankle boot" {
		t.Errorf("got %v and %v", train, test)
	}
	if left, _ := os.ReadDir(dir); len(left) != 4 {
		t.Errorf("the folder has %v: a copy whose sum is not known was left", left)
	}
}

func TestPublicFashionMNIST(t *testing.T) {
	t.Setenv("CAJAL_DATA", t.TempDir())
	_, _, err := FashionMNIST()
	dir := filepath.Join(os.Getenv("CAJAL_DATA"), "fashion-mnist")
	wantError(t, err, "is not in "+dir, "train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
	_, _, err2 := FashionMNISTIn(dir)
	if err2 == nil || err2.Error() != err.Error() {
		t.Errorf("got %v and %v, want one message", err, err2)
	}
}
