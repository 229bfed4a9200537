package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cajal/engine/tensor"
)

// The files were written by NumPy: testdata/numpy_files.py.
func TestReadNumPy(t *testing.T) {
	arrays, err := ReadZip("testdata/all.npz")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"int64": "int64", "float16": "float32"}
	for _, n := range []string{"bool", "int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64", "float32", "float64"} {
		want[n] = n
	}
	for name, typ := range want {
		for _, prefix := range []string{"", "big_"} {
			a := arrays[prefix+name]
			if a == nil {
				t.Errorf("%s%s is missing", prefix, name)
				continue
			}
			if got := a.String(); got != typ+" [2 3 4]" {
				t.Errorf("%s%s is %s, want %s [2 3 4]", prefix, name, got, typ)
			}
			counts(t, prefix+name, a)
		}
	}
	counts(t, "fortran", arrays["fortran"])
	counts(t, "fortran_big", arrays["fortran_big"])
	one, err := arrays["one"].Float32()
	if err != nil || len(one.Shape) != 0 || one.Item() != -2.5 {
		t.Errorf("one is %v (%v), want -2.5", one, err)
	}
	if a := arrays["none"]; !reflect.DeepEqual(a, &Array{[]int{3, 0}, []int16{}}) {
		t.Errorf("none is %#v", a)
	}
	if a := arrays["row"]; !reflect.DeepEqual(a, &Array{[]int{3}, []int8{1, -2, 3}}) {
		t.Errorf("row is %#v", a)
	}
	if len(arrays) != 2*len(want)+5 {
		t.Errorf("%d arrays, want %d", len(arrays), 2*len(want)+5)
	}

	packed, err := ReadZip("testdata/packed.npz")
	if err != nil {
		t.Fatal(err)
	}
	counts(t, "packed", packed["x"])
	if z := packed["zeros"].Data.([]float32); len(z) != 2000 || slices.Max(z) != 0 {
		t.Errorf("%d zeros, want 2000", len(z))
	}
	f, err := Read("testdata/fortran.npy")
	if err != nil {
		t.Fatal(err)
	}
	counts(t, "fortran.npy", f)
	v, err := Read("testdata/version2.npy")
	if err != nil || !reflect.DeepEqual(v, &Array{[]int{3}, []uint16{1, 2, 3}}) {
		t.Errorf("version 2.0: %#v (%v)", v, err)
	}
}

// counts checks that an array [2 3 4] has the numbers 0, 1, … 23.
func counts(t *testing.T, name string, a *Array) {
	t.Helper()
	f, err := a.Float32()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	n, err := a.Ints()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for i := range 24 {
		want := i
		if _, is := a.Data.([]bool); is {
			want = min(i, 1)
		}
		if f.Data[i] != float32(want) || n[i] != want {
			t.Errorf("%s: number %d is %v and %d, want %d", name, i, f.Data[i], n[i], want)
			return
		}
	}
}

func TestRoundTrip(t *testing.T) {
	tt, err := tensor.FromSlice([]float32{1, -2, float32(math.Inf(1)), 1e-45, 5, 6}, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	arrays := map[string]*Array{
		"tensor": Of(tt), "one": {nil, []float64{2.5}}, "none": {[]int{0, 4}, []int32{}},
		"bool": {[]int{2}, []bool{true, false}}, "i8": {[]int{1}, []int8{-1}}, "i16": {[]int{1}, []int16{-1}},
		"i64": {[]int{1, 1, 2}, []int64{-1, 1 << 60}}, "u8": {[]int{3}, []uint8{1, 2, 255}}, "u16": {[]int{1}, []uint16{65535}},
		"u32": {[]int{1}, []uint32{1<<32 - 1}}, "u64": {[]int{1}, []uint64{1<<64 - 1}}, "ü/x": {[]int{1}, []float32{1}},
	}
	dir := t.TempDir()
	if err := WriteZip(filepath.Join(dir, "a.npz"), arrays); err != nil {
		t.Fatal(err)
	}
	got, err := ReadZip(filepath.Join(dir, "a.npz"))
	if err != nil {
		t.Fatal(err)
	}
	arrays["one"].Shape = []int{}
	if !reflect.DeepEqual(got, arrays) {
		t.Errorf("npz: got %v, want %v", got, arrays)
	}
	for name, a := range arrays {
		path := filepath.Join(dir, "a.npy")
		if err := Write(path, a); err != nil {
			t.Fatal(err)
		}
		if b, err := Read(path); err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%s: got %v (%v), want %v", name, b, err, a)
		}
		if b, _ := os.ReadFile(path); bytes.IndexByte(b, '\n')%64 != 63 {
			t.Errorf("%s: the numbers begin at byte %d, which 64 does not divide", name, bytes.IndexByte(b, '\n')+1)
		}
	}
	ints := &Array{[]int{2}, []int{3, -4}}
	var buf bytes.Buffer
	if err := Encode(&buf, ints); err != nil {
		t.Fatal(err)
	}
	if b, err := Decode(&buf); err != nil || !reflect.DeepEqual(b.Data, []int64{3, -4}) {
		t.Errorf("ints came back as %v (%v)", b, err)
	}
}

// file is an npy file with the given header and numbers.
func file(head string, body ...byte) []byte {
	b := append([]byte(magic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(head)))
	return append(append(b, head...), body...)
}

func TestRefused(t *testing.T) {
	good := "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{nil, "too short for its first 8 bytes"},
		{[]byte("GIF89a..........."), "begins with 47 49 46"},
		{append([]byte(magic), 9, 0, 0, 0), "version 9.0"},
		{append([]byte(magic), 1, 0, 5), "header: "},
		{append([]byte(magic), 2, 0, 0, 0, 0, 1), "16777216 bytes, more than"},
		{file(good)[:30], "header: unexpected EOF"},
		{file(good, 1, 2, 3), "ends after 3 of 4 bytes"},
		{file(""), `"{" is missing`},
		{file("{'descr': '<f4', 'fortran_order': False}"), "has descr, fortran_order and shape"},
		{file("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (2,)}"), `"shape" is there twice`},
		{file(good + "x"), "more follows"},
		{file("{'descr': '<f4', 'other': 1}"), `"other" is not known`},
		{file("{'descr': '<f4, 'x': 1}"), "is missing at character"},
		{file("{'descr': '<f4"), "a text does not end"},
		{file("{'descr': '<f4', 'fortran_order': 0, 'shape': ()}"), `"False" is missing`},
		{file("{'descr': '<f4', 'fortran_order': True, 'shape': (-1,)}"), `"-" is no dimension`},
		{file("{'descr': '<f4', 'fortran_order': True, 'shape': (99999999999999999999,)}"), "is no dimension"},
		{file("{'descr': '<f4', 'fortran_order': True, 'shape': (4611686018427387904, 4)}"), "more than this reader takes"},
		{file("{'descr': '<f4', 'fortran_order': True, 'shape': (1048576, 1048576)}"), "more than this reader takes"},
		{file("{'descr': '<f4', 'fortran_order': True, 'shape': (" + strings.Repeat("1,", 65) + ")}"), "more than 64 dimensions"},
		{file("{'descr': '<f16', 'fortran_order': True, 'shape': (1,)}"), `the type "<f16" is not read`},
		{file("{'descr': '', 'fortran_order': True, 'shape': (1,)}"), `the type "" is not read`},
		{file("{'descr': '<M8[ns]', 'fortran_order': True, 'shape': (1,)}"), "is not read"},
	} {
		if a, err := Decode(bytes.NewReader(c.b)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.90q: %v, error %v, want %q", c.b, a, err, c.want)
		}
	}
	for name, want := range map[string]string{
		"text": "is of text", "object": "Python objects", "complex": "complex numbers", "records": "is of records", "none": "npy: open",
	} {
		if a, err := Read("testdata/" + name + ".npy"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, error %v, want %q", name, a, err, want)
		}
	}
	for _, c := range []struct {
		a    *Array
		want string
	}{
		{nil, "the array is nil"},
		{&Array{[]int{2}, []float32{1}}, "shape [2] is not that of 1 numbers"},
		{&Array{[]int{-1, -1}, []float32{1}}, "shape [-1 -1]"},
		{&Array{[]int{1}, []string{"a"}}, "is a []string, but must be"},
		{&Array{[]int{1}, nil}, "is a <nil>"},
	} {
		err := Encode(&bytes.Buffer{}, c.a)
		zerr := WriteZip(filepath.Join(t.TempDir(), "x"), map[string]*Array{"x": c.a})
		if !strings.Contains(fmt.Sprint(err), c.want) || !strings.Contains(fmt.Sprint(zerr), c.want) {
			t.Errorf("%v: errors %v and %v, want %q", c.a, err, zerr, c.want)
		}
	}
	if v, err := (&Array{[]int{1}, []float32{0.5}}).Ints(); err == nil {
		t.Errorf("½ became %v", v)
	}
}

func TestZipRefused(t *testing.T) {
	packed := func(names ...string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, n := range names {
			w, err := z.Create(n)
			if err == nil {
				_, err = w.Write(file("{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", 1, 2))
			}
			if err == nil && n == "long.npy" {
				_, err = w.Write([]byte("more"))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{[]byte("no zip"), "no npz file"},
		{packed("a.npy")[:60], "no npz file"},
		{packed("a.npy", "a.npy"), `"a" is there twice`},
		{packed("a.txt"), `holds "a.txt"`},
		{packed("long.npy"), "4 bytes follow the array (long.npy)"},
	} {
		if a, err := DecodeZip(bytes.NewReader(c.b), int64(len(c.b))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, error %v, want %q", a, err, c.want)
		}
	}
}

// A zip file whose array unpacks to more than is allowed is refused before it has
// filled the memory.
func TestZipBomb(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("a.npy")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	fmt.Fprintf(w, "%s", file(fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%d,)}", 8<<20)))
	for range 8 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r, n := bytes.NewReader(b.Bytes()), int64(b.Len())
	if a, err := decodeZip(r, n, 8<<20); err == nil || !strings.Contains(err.Error(), "larger than 8388608, the most that is unpacked") {
		t.Errorf("%v, error %v", a, err)
	}
	if _, err := DecodeZip(r, n); err != nil {
		t.Error(err)
	}
}

// What is decoded encodes to a file that says the same.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"fortran", "version2", "records"} {
		b, err := os.ReadFile("testdata/" + name + ".npy")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(file("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 1)}", 1, 2, 3, 4))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Decode(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := Encode(&out, a); err != nil {
			t.Fatal(err)
		}
		c, err := Decode(&out)
		if err != nil || c.String() != a.String() {
			t.Fatalf("%v came back as %v (%v)", a, c, err)
		}
	})
}

func FuzzDecodeZip(f *testing.F) {
	for _, name := range []string{"all", "packed"} {
		b, err := os.ReadFile("testdata/" + name + ".npz")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		arrays, err := DecodeZip(bytes.NewReader(b), int64(len(b)))
		for name, a := range arrays {
			if _, e := a.check(); e != nil && err == nil {
				t.Fatalf("%s: %v", name, e)
			}
		}
	})
}
