package safetensors

import (
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

// The file was written by the format's own library: testdata/python.py.
func TestReadPython(t *testing.T) {
	f, err := Read("testdata/python.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"made by": "numpy"}; !reflect.DeepEqual(f.Metadata, want) {
		t.Errorf("metadata %v, want %v", f.Metadata, want)
	}
	if len(f.Tensors) != len(dtypes)+2 {
		t.Errorf("%d tensors, want one of each of %d types and two more", len(f.Tensors), len(dtypes))
	}
	seen := map[string]bool{}
	for _, e := range f.Tensors {
		v, err := e.Float32()
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		seen[e.DType] = true
		switch e.Name {
		case "one":
			if len(v.Shape) != 0 || v.Item() != -2.5 {
				t.Errorf("one is %v of shape %v, want -2.5 of no shape", v.Data, v.Shape)
			}
		case "none":
			if !slices.Equal(v.Shape, []int{3, 0}) || len(v.Data) != 0 {
				t.Errorf("none has shape %v, want [3 0]", v.Shape)
			}
		default:
			want := []float32{0, 1, 2, 5}
			if e.DType == "BOOL" {
				want = []float32{0, 1, 1, 1}
			}
			ints, err := e.Int64s()
			if err != nil || !slices.Equal(v.Shape, []int{2, 2}) || !slices.Equal(v.Data, want) {
				t.Errorf("%s: %v of shape %v (%v), want %v", e.Name, v.Data, v.Shape, err, want)
			}
			for i, n := range ints {
				if float32(n) != want[i] {
					t.Errorf("%s: integer %d is %d, want %v", e.Name, i, n, want[i])
				}
			}
		}
	}
	for d := range dtypes {
		if !seen[d] {
			t.Errorf("no tensor of type %s", d)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	w, err := tensor.FromSlice([]float32{1, float32(math.Inf(1)), float32(math.Copysign(0, -1)), 1e-45, 5, 6}, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	f := &File{
		Metadata: map[string]string{"a": "<b> \"ü\"", "": "empty"},
		Tensors: []Tensor{
			{Name: "bytes", DType: "U8", Shape: []int{3}, Data: []byte{1, 2, 3}},
			FromFloat32("w", w),
			FromFloat32("one", tensor.Scalar(7)),
			FromInt64s("ids", []int64{-1, math.MaxInt64}),
			FromFloat32("dense/kernel:0", tensor.New(3, 0)),
		},
	}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	for range 2 { // the second replaces the first
		if err := f.Write(path); err != nil {
			t.Fatal(err)
		}
	}
	g, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g.Metadata, f.Metadata) {
		t.Errorf("metadata %q, want %q", g.Metadata, f.Metadata)
	}
	if len(g.Tensors) != len(f.Tensors) {
		t.Fatalf("%d tensors, want %d", len(g.Tensors), len(f.Tensors))
	}
	for _, want := range f.Tensors {
		got := g.Lookup(want.Name)
		if got == nil || got.DType != want.DType || !slices.Equal(got.Shape, want.Shape) || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("%s came back as %+v, want %+v", want.Name, got, want)
		}
	}
	if g.Tensors[0].Name != "ids" {
		t.Errorf("%s comes first, want the largest type, ids", g.Tensors[0].Name)
	}
	if g.Lookup("x") != nil {
		t.Error("Lookup found what is not there")
	}
	b, _ := os.ReadFile(path)
	if n := binary.LittleEndian.Uint64(b); n%8 != 0 {
		t.Errorf("a header of %d bytes does not align what follows", n)
	}
}

func TestEncodeRefuses(t *testing.T) {
	one := FromFloat32("a", tensor.Scalar(1))
	for name, f := range map[string]*File{
		"cannot be called":          {Tensors: []Tensor{FromFloat32("", tensor.Scalar(1))}},
		"there once":                {Tensors: []Tensor{one, one}},
		`not "__metadata__"`:        {Tensors: []Tensor{FromFloat32("__metadata__", tensor.Scalar(1))}},
		"is not read here":          {Tensors: []Tensor{{Name: "a", DType: "F8_E4M3", Shape: []int{1}, Data: []byte{1}}}},
		"which are not shape [2]":   {Tensors: []Tensor{{Name: "a", DType: "F32", Shape: []int{2}, Data: []byte{1}}}},
		`cannot be called "\xff"`:   {Tensors: []Tensor{FromFloat32("\xff", tensor.Scalar(1))}},
		"which are not shape [0 5]": {Tensors: []Tensor{{Name: "a", DType: "U8", Shape: []int{0, 5}, Data: []byte{1}}}},
	} {
		if err := f.Encode(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want %q", err, name)
		}
	}
}

// file is a header and what follows it.
func file(head, body string) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...), body...)
}

func TestDecodeRefuses(t *testing.T) {
	entry := func(dtype, shape string, lo, hi int) string {
		return fmt.Sprintf(`{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, dtype, shape, lo, hi)
	}
	a := entry("U8", "[4]", 0, 4)
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{nil, "0 bytes are too few"},
		{[]byte("PK\x03\x04 a zip file"), "cut off, or another format"},
		{file("{}", "")[:9], "cut off, or another format"},
		{file("", ""), "does not begin with {"},
		{file("[]", ""), "does not begin with {"},
		{file("{", ""), "header:"},
		{file("{}{}", ""), "more than one value"},
		{file(`{"a":`+a+`,"a":`+a+`}`, "1234"), `"a" is there twice`},
		{file(`{"__metadata__":{"a":1}}`, ""), "__metadata__"},
		{file(`{"a":3}`, ""), `"a":`},
		{file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}`, "1"), "1 data_offsets"},
		{file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}`, "1"), `"a":`},
		{file(`{"a":`+a+`}`, "123"), "should begin at 0 and end by 3"},
		{file(`{"a":`+a+`}`, "12345"), "end at byte 4, but the file has 5"},
		{file(`{"a":`+a+`,"b":`+entry("U8", "[2]", 3, 5)+`}`, "12345"), `"b" lies at bytes 3 to 5, but should begin at 4`},
		{file(`{"a":`+a+`,"b":`+entry("U8", "[1]", 5, 6)+`}`, "123456"), `"b" lies at bytes 5 to 6, but should begin at 4`},
		{file(`{"a":`+entry("U8", "[4]", 4, 0)+`}`, "1234"), "should begin at 0"},
		{file(`{"a":`+entry("U8", "[4]", 0, 1<<62)+`}`, "1234"), "end by 4"},
		{file(`{"a":`+entry("F32", "[4]", 0, 4)+`}`, "1234"), "4 bytes, which are not shape [4] of F32"},
		{file(`{"a":`+entry("F32", "[4611686018427387904,4]", 0, 4)+`}`, "1234"), "which are not shape"},
		{file(`{"a":`+entry("F32", "[-1,-1]", 0, 4)+`}`, "1234"), "which are not shape"},
		{file(`{"a":`+entry("C64", "[1]", 0, 4)+`}`, "1234"), `type "C64", which is not read here`},
		{file(`{"a":`+strings.Repeat("[", 100000), ""), "header:"},
	} {
		if f, err := Decode(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80q: %v, error %v, want %q", c.b, f, err, c.want)
		}
	}
	if _, err := Decode(file(`{"a":`+a+`}   `, "1234")); err != nil {
		t.Errorf("spaces behind the header: %v", err)
	}
	if _, err := Read("testdata/none"); !os.IsNotExist(err) && !strings.Contains(fmt.Sprint(err), "safetensors: open") {
		t.Errorf("missing file: %v", err)
	}
}

// What is decoded encodes to a file that says the same.
func FuzzDecode(f *testing.F) {
	b, err := os.ReadFile("testdata/python.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Add(file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, "1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode(b)
		if err != nil {
			return
		}
		for i := range v.Tensors {
			if _, err := v.Tensors[i].Float32(); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		if err := v.Encode(&out); err != nil {
			if v.Lookup("") != nil {
				return // may be read, but not written
			}
			t.Fatal(err)
		}
		w, err := Decode(out.Bytes())
		if err != nil || len(w.Tensors) != len(v.Tensors) {
			t.Fatalf("came back as %v (%v)", w, err)
		}
	})
}
