// This file checks Tensor: shapes, indices, and how it is shown.

package tensor

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func count(shape ...int) *Tensor {
	t := New(shape...)
	for i := range t.Data {
		t.Data[i] = float32(i)
	}
	return t
}

func TestShape(t *testing.T) {
	a := count(2, 3, 4)
	if a.Rank() != 3 || a.Size() != 24 || a.Len() != 2 || !slices.Equal(a.ExampleShape(), []int{3, 4}) || a.At(1, 2, 3) != 23 || a.At(0, 1, 2) != 6 {
		t.Errorf("tensor %v", a)
	}
	a.Set(-1, 1, 0, 0)
	r := a.Row(1)
	if r.At(0, 0) != -1 || !slices.Equal(r.Shape, []int{3, 4}) {
		t.Errorf("row %v", r)
	}
	r.Set(-2, 0, 0)
	if b := a.Reshape(6, -1); b.At(3, 0) != -2 {
		t.Errorf("a row and a reshaped tensor share values: %v", b)
	}
	c := a.Clone()
	c.Data[12], c.Shape[0] = 7, 9
	if a.Data[12] != -2 || a.Shape[0] != 2 {
		t.Error("a clone shares")
	}
	if v := count(3); v.Row(1).At(0) != 1 || !slices.Equal(v.ExampleShape(), []int{1}) {
		t.Errorf("row of a vector %v", v.Row(1))
	}
	if s := New(); s.Size() != 0 || s.Len() != 0 || s.Check() != nil {
		t.Errorf("rank 0: %v", s)
	}
	if z := New(3, 0, 2); z.Size() != 0 || z.Check() != nil || z.Len() != 3 {
		t.Errorf("no values: %v", z)
	}
	if n := New(2, -1); n.Size() != 0 || n.Check() != nil {
		t.Errorf("negative dimension: %v", n)
	}
}

func TestErrors(t *testing.T) {
	if _, err := FromSlice(make([]float32, 5), 2, 3); err == nil || err.Error() != "tensor: shape [2 3] has room for 6 values, found 5" {
		t.Errorf("from slice: %v", err)
	}
	if _, err := FromSlice(nil, math.MaxInt, math.MaxInt); err == nil {
		t.Error("a size that overflows was taken")
	}
	if v, err := FromSlice([]float32{1, 2}); err != nil || !slices.Equal(v.Shape, []int{2}) {
		t.Errorf("vector: %v, %v", v, err)
	}
}

func TestReadRows(t *testing.T) {
	a := count(5, 2)
	dst := make([]float32, 6)
	if n := a.ReadRows(dst, 1); n != 3 || !slices.Equal(dst, []float32{2, 3, 4, 5, 6, 7}) {
		t.Errorf("read %d rows: %v", n, dst)
	}
	if n := a.ReadRows(dst, 4); n != 1 || dst[0] != 8 {
		t.Errorf("read %d rows at the end", n)
	}
	for _, lo := range []int{-1, 5} {
		if n := a.ReadRows(dst, lo); n != 0 {
			t.Errorf("read %d rows from %d", n, lo)
		}
	}
	if n := New(3, 0).ReadRows(dst, 0); n != 0 {
		t.Errorf("read %d empty rows", n)
	}
}

func TestArgmax(t *testing.T) {
	a, _ := FromSlice([]float32{1, 3, 3, 9, 2, 2}, 2, 3)
	if got := a.Argmax(); !slices.Equal(got, []int{1, 0}) {
		t.Errorf("argmax %v", got)
	}
	if got := New().Argmax(); got != nil {
		t.Errorf("argmax of nothing %v", got)
	}
}

func TestStats(t *testing.T) {
	a, _ := FromSlice([]float32{1, -2, float32(math.NaN()), 4, float32(math.Inf(1))})
	if s := a.Stats(); s != (Stats{Min: -2, Max: 4, Mean: 1, Bad: 2}) {
		t.Errorf("stats %+v", s)
	}
	a.Data = []float32{float32(math.NaN())}
	if s := a.Stats(); s != (Stats{Bad: 1}) {
		t.Errorf("stats of NaN %+v", s)
	}
}

func TestString(t *testing.T) {
	third, _ := FromSlice([]float32{1.0 / 3, -20, 1e-9}, 1, 3)
	bad, _ := FromSlice([]float32{1, float32(math.NaN())})
	broken := &Tensor{Shape: []int{2}, Data: []float32{1}}
	for _, c := range []struct {
		name string
		t    *Tensor
		want string
	}{
		{"matrix", count(2, 3), "tensor [2 3] · min 0 max 5 mean 2.5\n0 1 2\n3 4 5"},
		{"vector", third, "tensor [1 3] · min -20 max 0.3333 mean -6.556\n0.3333    -20  1e-09"},
		{"NaN", bad, "tensor [2] · min 1 max 1 mean 1 · 1 NaN or infinite\n  1 NaN"},
		{"rank 3", count(3, 1, 2), "tensor [3 1 2] · min 0 max 5 mean 2.5\n[0 : :]\n0 1\n[1 : :]\n       2        3\n… 1 more"},
		{"empty", New(0, 3), "tensor [0 3] empty"},
		{"one number", Scalar(2.5), "tensor [] · min 2.5 max 2.5 mean 2.5\n2.5"},
		{"broken", broken, "tensor: shape [2] has room for 2 values, found 1"},
	} {
		if got := c.t.String(); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
		b := c.t.MIMEBundle()
		if b["text/plain"] != c.want || !strings.HasPrefix(b["text/html"].(string), `<div class="cajal-tensor">`) {
			t.Errorf("%s: bundle %v", c.name, b)
		}
	}
	large := count(100, 100).String()
	if lines := strings.Split(large, "\n"); len(lines) != 1+maxRows || !strings.Contains(lines[6], "⋮") || !strings.Contains(lines[6], "⋱") || !strings.Contains(lines[10], "9999") {
		t.Errorf("a large matrix is shown as\n%s", large)
	}
}
