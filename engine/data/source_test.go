// This file checks datasets from iterators, sources and spooled files, and batches.

package data

import (
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cajal/engine/tensor"
)

// pairs is an iterator over the entries of two slices.
func pairs(x, y []any) iter.Seq2[any, any] {
	return func(yield func(x, y any) bool) {
		for i := range x {
			var truth any
			if i < len(y) {
				truth = y[i]
			}
			if !yield(x[i], truth) {
				return
			}
		}
	}
}

// makers are the two ways from an iterator to a dataset.
func makers(t *testing.T) map[string]func(iter.Seq2[any, any]) (*Dataset, error) {
	return map[string]func(iter.Seq2[any, any]) (*Dataset, error){
		"Collect":        Collect,
		"Spool":          func(s iter.Seq2[any, any]) (*Dataset, error) { return Spool(filepath.Join(t.TempDir(), "x"), s) },
		"Spool, no path": func(s iter.Seq2[any, any]) (*Dataset, error) { return Spool("", s) },
	}
}

func TestFromIterator(t *testing.T) {
	tn, err := tensor.FromSlice([]float32{7, 8}, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		x, y []any
		same *Dataset // made by Arrays
	}{
		{"rows and classes", []any{[]float32{1, 2}, []float32{3, 4}}, []any{1, 0}, arrays(t, [][]float32{{1, 2}, {3, 4}}, []int{1, 0})},
		{"bytes and targets", []any{[]uint8{1, 255}, []uint8{3, 4}}, []any{1.5, 0.0}, arrays(t, [][]uint8{{1, 255}, {3, 4}}, []float32{1.5, 0})},
		{"images without truth", []any{[][]float64{{1, 2}}, [][]float64{{3, 4}}}, nil, arrays(t, [][][]float32{{{1, 2}}, {{3, 4}}}, nil)},
		{"numbers and rows", []any{1, 2, 3}, []any{[]int{1, 0}, []int{0, 1}, []int{1, 1}}, arrays(t, []float32{1, 2, 3}, [][]float32{{1, 0}, {0, 1}, {1, 1}})},
		{"tensors, bools", []any{tn, tn}, []any{true, false}, arrays(t, [][][]float32{{{7, 8}}, {{7, 8}}}, []int{1, 0})},
	} {
		for name, f := range makers(t) {
			d, err := f(pairs(c.x, c.y))
			if err != nil {
				t.Errorf("%s, %s: %v", name, c.name, err)
				continue
			}
			if !slices.Equal(d.ExampleShape(), c.same.ExampleShape()) || !slices.Equal(inputs(d), inputs(c.same)) || !slices.Equal(d.Labels(), c.same.Labels()) {
				t.Errorf("%s, %s: %v, %v, %v", name, c.name, d, inputs(d), d.Labels())
			}
			if d.HasTargets() != c.same.HasTargets() || d.HasTargets() && !slices.Equal(d.Targets().Data, c.same.Targets().Data) {
				t.Errorf("%s, %s: targets %v", name, c.name, d.Targets())
			}
			// It is a dataset like any other.
			a, b, err := d.Split(0.5, 1)
			if err != nil || len(inputs(a))+len(inputs(b)) != len(inputs(d)) {
				t.Errorf("%s, %s: split %v and %v, %v", name, c.name, a, b, err)
			}
			if s := d.Scale(2).Stats(); s.Max != 2*c.same.Stats().Max {
				t.Errorf("%s, %s: scaled by 2 it reaches to %v", name, c.name, s.Max)
			}
		}
	}
}

func TestIteratorRefused(t *testing.T) {
	for _, c := range []struct {
		seq  iter.Seq2[any, any]
		want string
	}{
		{nil, "the iterator is nil"},
		{pairs(nil, nil), "the iterator gave no examples"},
		{pairs([]any{"a"}, nil), "x of example 0: has type string"},
		{pairs([]any{nil}, nil), "x of example 0: is nil"},
		{pairs([]any{[]float32{}}, nil), "x of example 0: has shape [0] and no numbers"},
		{pairs([]any{[]float32{1}, []float32{1, 2}}, nil), "x of example 1 is numbers of [2], but that of the first is numbers of [1]"},
		{pairs([]any{[]uint8{1}, []float32{1}}, nil), "x of example 1 is numbers of [1], but that of the first is bytes of [1]"},
		{pairs([]any{1, 2}, []any{1, 0.5}), "y of example 1 is a target, but that of the first is a class"},
		{pairs([]any{1, 2}, []any{1}), "y of example 1 is a nothing, but that of the first is a class"},
		{pairs([]any{1, 2}, []any{[]float32{1}, []float32{1, 2}}), "y of example 1 has shape [2], but that of the first [1]"},
		{pairs([]any{1}, []any{1 << 40}), "label 1099511627776 of example 0 is too large"},
		{pairs([]any{1}, []any{"a"}), "y of example 0: has type string"},
	} {
		for name, f := range makers(t) {
			_, err := f(c.seq)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
		}
	}
}

func TestSpoolLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	path := filepath.Join(dir, "x")
	if _, err := Spool(path, pairs([]any{1, "a"}, nil)); err == nil {
		t.Fatal("no error")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("the folder has %v", left)
	}
	if _, err := Spool(filepath.Join(dir, "none", "x"), pairs([]any{1}, nil)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v for a folder that is not there", err)
	}
	d, err := Spool(path, pairs([]any{[]float32{1, 2}, []float32{3, 4}}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 12); err != nil {
		t.Skip(err)
	}
	d.Inputs()
	wantError(t, d.Err(), "example 1 of the source", path, "unexpected EOF")
	if !strings.Contains(d.String(), "unexpected EOF") {
		t.Errorf("it does not tell: %v", d)
	}
}

// squares is a source.
type squares struct{ n, w int }

func (s squares) Len() int            { return s.n }
func (s squares) ExampleShape() []int { return []int{s.w} }
func (s squares) Read(dst []float32, i int) error {
	for k := range dst {
		dst[k] = float32(i*i + k)
	}
	return nil
}

func TestFromSource(t *testing.T) {
	d, err := From(squares{2000, 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Slice(1500, 1501).Scale(2).Example(0).Data; !slices.Equal(got, []float32{2 * 1500 * 1500, 2*1500*1500 + 2}) {
		t.Errorf("example 1500: %v", got)
	}
	if s := d.String(); !strings.Contains(s, "read when wanted, from 0 to 9.98e+05 in the first 1000") {
		t.Errorf("it tells %s", s)
	}
	for _, c := range []struct {
		s    Source
		y    any
		want string
	}{
		{nil, nil, "it is nil"},
		{squares{0, 1}, nil, "has 0 examples"},
		{squares{1, 0}, nil, "shape [0] and no numbers"},
		{squares{2, 1}, []int{1}, "x has 2 examples, but y has 1"},
	} {
		_, err := From(c.s, c.y)
		wantError(t, err, c.want)
	}
}

func TestBatches(t *testing.T) {
	d := ten(t)
	var sizes []int
	var seen []float32
	for b := range d.Batches(4) {
		sizes = append(sizes, b.Len())
		seen = append(seen, b.X.Data...)
		for k, i := range b.Index {
			if b.Labels[k] != d.Label(i) || b.X.At(k, 0) != float32(i) {
				t.Errorf("example %d: label %d, x %v", i, b.Labels[k], b.X.At(k, 0))
			}
		}
		if b.Y != nil {
			t.Error("targets where there are none")
		}
	}
	if !slices.Equal(sizes, []int{4, 4, 2}) || !slices.Equal(seen, inputs(d)) {
		t.Errorf("batches of %v with %v", sizes, seen)
	}
	for b := range arrays(t, []float32{1, 2, 3}, []float32{4, 5, 6}).Batches(0) {
		if !slices.Equal(b.Y.Data, []float32{4, 5, 6}) || b.Labels != nil {
			t.Errorf("targets %v, labels %v", b.Y, b.Labels)
		}
	}
	for range d.Batches(1) {
		break // no more is asked for
	}
	a, b, c, e := inputs(d.Epoch(1, 1)), inputs(d.Epoch(1, 1)), inputs(d.Epoch(1, 2)), inputs(d.Epoch(2, 1))
	if !slices.Equal(a, b) || slices.Equal(a, c) || slices.Equal(a, e) || !slices.Equal(slices.Sorted(slices.Values(a)), inputs(d)) {
		t.Errorf("epochs %v %v %v %v", a, b, c, e)
	}
}
