package hdf5

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

func open(t testing.TB, name string) *Group {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(b)
	if err != nil {
		t.Fatal(err)
	}
	g, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// floats is a dataset's shape and numbers, or the error.
func floats(g *Group, path string) string {
	d, err := g.Dataset(path)
	if err != nil {
		return err.Error()
	}
	v, err := d.Float32()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(d.Shape, v)
}

// counted is what floats gives for numbers that count from 0.
func counted(shape ...int) string {
	n := 1
	for _, s := range shape {
		n *= s
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i)
	}
	return fmt.Sprint(shape, v)
}

// The files were written by h5py: testdata/h5py_files.py.
func TestRead(t *testing.T) {
	m := counted(5, 7)
	for _, name := range []string{"oldest.h5", "newest.h5"} {
		t.Run(name, func(t *testing.T) {
			g := open(t, name)
			for _, typ := range []string{"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"} {
				for _, prefix := range []string{"", "big_"} {
					if got, want := floats(g, "types/"+prefix+typ), counted(2, 3, 4); got != want {
						t.Errorf("%s%s: got %s, want %s", prefix, typ, got, want)
					}
				}
			}
			for path, want := range map[string]string{
				"types/bool": "[3] [1 0 1]", "one": "[] [-2.5]", "none": "[3 0] []", "empty": "[0] []", "compact": m,
				"never":         "[2 2] [0 0 0 0]",
				"filled":        "hdf5: has elements that were never written and are not 0, which is not read here",
				"chunks/filled": "hdf5: has elements that were never written and are not 0, which is not read here",
				"chunks/plain":  m, "chunks/packed": m, "chunks/summed": m, "chunks/single": m, "chunks/shuffled": m,
				"chunks/many":  counted(3000),
				"chunks/holes": "[4 4] [1 1 0 0 1 1 0 0 0 0 0 0 0 0 0 0]",
				"chunks/grown": m, "chunks/early": m,
				"link": m, "/link": m, "chunks//plain": m,
				"circle": "hdf5: /circle: a link leads to a link, and so on 16 times", "elsewhere": `hdf5: / has no "elsewhere"`,
				"text/long": "hdf5: the dataset is of text, not of numbers", "text": "hdf5: /text: is a group, not a dataset", "x": `hdf5: / has no "x"`, "one/x": "hdf5: /one is a dataset, not a group",
				"complex":                           "hdf5: /complex: its elements have a type (class 6, 16 bytes) that is not read: numbers of 8 to 64 bits and text are",
				strings.Repeat("deep/", 12) + "x":   m,
				"many/dataset_000":                  "[] [0]",
				"many/dataset_199":                  "[] [199]",
				"/" + strings.Repeat("deep/", 12):   "hdf5: /" + strings.Repeat("deep/", 12) + ": is a group, not a dataset",
				"types/float32/x":                   "hdf5: /types/float32 is a dataset, not a group",
				strings.Repeat("deep/", 12) + "x/y": "hdf5: /" + strings.Repeat("deep/", 12) + "x is a dataset, not a group",
			} {
				if name == "oldest.h5" && path == "chunks/early" {
					continue
				}
				if name == "newest.h5" && path == "chunks/grown" {
					want = "hdf5: can grow, and was written in HDF5's newest format: its index of chunks is not read; h5py writes others unless libver=\"latest\" is set"
				}
				if got := floats(g, path); got != want {
					t.Errorf("%s: got %s, want %s", path, got, want)
				}
			}
			checkNames(t, g)
			checkText(t, g)
		})
	}
	g := open(t, "v110.h5")
	for _, path := range []string{"plain", "packed", "single"} {
		if got := floats(g, path); got != m {
			t.Errorf("v110.h5: %s: %s, want %s", path, got, m)
		}
	}
	if got := floats(open(t, "moved.h5"), "x"); got != m {
		t.Errorf("behind a user's block: %s, want %s", got, m)
	}
}

func checkNames(t *testing.T, g *Group) {
	t.Helper()
	many, err := g.Group("many")
	if err != nil {
		t.Fatal(err)
	}
	names, err := many.Names()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if len(names) != 200 || names[0] != "dataset_000" || names[199] != "dataset_199" {
		t.Errorf("%d names, %v", len(names), names)
	}
	for path, want := range map[string]bool{"many": true, "one": false, "nothing": false, "text/long": false} {
		if g.IsGroup(path) != want {
			t.Errorf("IsGroup(%q) is %v", path, !want)
		}
	}
	if !g.Has("text/long") || g.Has("text/short") {
		t.Error("Has is wrong about text/long or text/short")
	}
	if _, err := g.Group("one"); err == nil || err.Error() != "hdf5: /one is a dataset, not a group" {
		t.Errorf("a dataset as a group: %v", err)
	}
}

func checkText(t *testing.T, g *Group) {
	t.Helper()
	for path, want := range map[string][]string{"text/long": {"a text of any length, ü"}, "text/list": {"a", "bc", ""}, "text/fixed": {"abc", "d"}} {
		d, err := g.Dataset(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := d.Strings(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q (%v), want %q", path, got, err, want)
		}
	}
	attributes, err := g.Group("attributes")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"one": {"text"}, "fixed": {"fixed"}, "list": {"kernel:0", "bias:0"}, "long": {strings.Repeat("x", 10000)},
	} {
		if got, err := g.Attribute(name); err != nil || !slices.Equal(got, want) {
			t.Errorf("attribute %s: %.80q (%v), want %.80q", name, got, err, want)
		}
	}
	for i := range 40 {
		if got, err := attributes.Attribute(fmt.Sprintf("name_%02d", i)); err != nil || len(got) != 1 || got[0] != fmt.Sprint("value ", i) {
			t.Errorf("attribute name_%02d: %q (%v)", i, got, err)
		}
	}
	if _, err := g.Attribute("number"); err == nil || !strings.Contains(err.Error(), "is a number, not text") {
		t.Errorf("attribute number: %v", err)
	}
	if _, err := g.Attribute("none"); !errors.Is(err, ErrNoAttribute) {
		t.Errorf("attribute none: %v", err)
	}
	d, err := g.Dataset("chunks/many")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := d.Int64(); err != nil || len(v) != 3000 || v[2999] != 2999 {
		t.Errorf("as integers: %v (%v)", v, err)
	}
	if _, err := d.Strings(); err == nil {
		t.Error("numbers came as text")
	}
}

func TestOpenRefuses(t *testing.T) {
	b, err := os.ReadFile("testdata/moved.h5")
	if err != nil {
		t.Fatal(err)
	}
	whole := b[1024:]
	broken := func(at int, v byte) []byte {
		c := slices.Clone(whole)
		c[at] = v
		return c
	}
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"empty":       {nil, "no HDF5 file"},
		"other":       {[]byte(strings.Repeat("no HDF5 ", 1000)), "no HDF5 file"},
		"version":     {broken(8, 9), "superblock version 9 is not known"},
		"address":     {broken(13, 3), "addresses of 3 bytes are not known"},
		"cut at once": {whole[:12], "superblock: ends at byte"},
	} {
		if _, err := Open(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	// Cut off anywhere, the numbers are whole or there is an error.
	for n := range len(whole) {
		if f, err := Open(whole[:n]); err == nil {
			if g, err := f.Root(); err == nil {
				if got := floats(g, "x"); got != counted(5, 7) && !strings.HasPrefix(got, "hdf5: ") {
					t.Fatalf("cut to %d bytes: %s", n, got)
				}
			}
		}
	}
}

// walk reads everything that a group holds, up to a number of things.
func walk(g *Group, left *int) {
	names, err := g.Names()
	if err != nil {
		return
	}
	for _, n := range names {
		if *left--; *left < 0 {
			return
		}
		if sub, err := g.Group(n); err == nil {
			walk(sub, left)
			continue
		}
		if d, err := g.Dataset(n); err == nil {
			d.Float32()
			d.Strings()
		}
	}
	g.Attribute("list")
	g.Attribute("long")
}

// A file with wrong bytes gives an error or other numbers, but no panic, and comes to
// an end.
func TestDamaged(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	src := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"oldest.h5", "newest.h5", "moved.h5", "v110.h5"} {
		whole, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for range rounds {
			b := slices.Clone(whole)
			for range 1 + src.IntN(8) {
				at, v := src.IntN(len(b)), byte(src.Uint32())
				if src.IntN(3) == 0 {
					v = 0xff
				}
				b[at] = v
			}
			readAll(b)
		}
	}
}

// So does one that is cut off.
func TestCut(t *testing.T) {
	for _, name := range []string{"oldest.h5", "newest.h5"} {
		whole, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(whole); n += 997 {
			readAll(whole[:n])
		}
	}
}

// Text whose heap claims more than the file has is an error.
func TestHeapBeyondEnd(t *testing.T) {
	b, err := os.ReadFile("testdata/oldest.h5")
	if err != nil {
		t.Fatal(err)
	}
	heaps := 0
	for at := 0; ; at++ {
		i := bytes.Index(b[at:], []byte("GCOL"))
		if i < 0 {
			break
		}
		at += i
		le.PutUint64(b[at+24:], uint64(len(b))) // the size of the first object
		heaps++
	}
	f, err := Open(b)
	if err != nil {
		t.Fatal(err)
	}
	g, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one", "long"} {
		if text, err := g.Attribute(name); err == nil || !strings.Contains(err.Error(), "global heap") {
			t.Errorf("of %d heaps, attribute %s: %.20q, error %v", heaps, name, text, err)
		}
	}
}

func readAll(b []byte) {
	f, err := Open(b)
	if err != nil {
		return
	}
	if g, err := f.Root(); err == nil {
		left := 1000
		walk(g, &left)
	}
}

// Nothing that a file may hold makes the reader panic or run for ever.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"moved.h5", "v110.h5", "small.h5"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { readAll(b) })
}
