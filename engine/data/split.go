// This file makes datasets out of datasets: parts, orders, scales and shapes.

package data

import (
	"fmt"
	"slices"

	"cajal/engine/internal/rng"
)

// Purposes of random streams, apart from those of engine/nn.
const (
	purposeShuffle = 1 << 32
	purposeSplit   = 2 << 32
)

// pick returns the dataset of the examples that idx numbers.
func (d *Dataset) pick(idx []int32) *Dataset {
	e := d.derive()
	e.order = make([]int32, len(idx))
	for k, i := range idx {
		e.order[k] = int32(d.at(int(i)))
	}
	e.n = len(idx)
	return e
}

func (d *Dataset) all() []int32 {
	idx := make([]int32, d.n)
	for i := range idx {
		idx[i] = int32(i)
	}
	return idx
}

// Shuffle returns the examples in a random order that depends on seed only.
// Fit shuffles for itself, every epoch anew; this is for looking and splitting.
func (d *Dataset) Shuffle(seed int64) *Dataset {
	idx := d.all()
	src := rng.New(uint64(seed), purposeShuffle)
	src.Shuffle(idx)
	return d.pick(idx)
}

// Split returns two datasets: a random fraction of the examples, rounded to a
// whole number, and the others, each in the order of d. The choice depends on
// seed only. It fails unless 0 < fraction < 1 and both parts have examples.
func (d *Dataset) Split(fraction float64, seed int64) (part, rest *Dataset, err error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, nil, fmt.Errorf("data: split by %v, but the fraction must be between 0 and 1", fraction)
	}
	k := int(fraction*float64(d.n) + 0.5)
	if k == 0 || k == d.n {
		return nil, nil, fmt.Errorf("data: split by %v leaves no example on one side of %d", fraction, d.n)
	}
	idx := d.all()
	src := rng.New(uint64(seed), purposeSplit)
	src.Shuffle(idx)
	a, b := idx[:k], idx[k:]
	slices.Sort(a)
	slices.Sort(b)
	return d.pick(a), d.pick(b), nil
}

// Take returns the first n examples, or all when there are fewer.
func (d *Dataset) Take(n int) *Dataset { return d.Slice(0, n) }

// Skip returns all but the first n examples.
func (d *Dataset) Skip(n int) *Dataset { return d.Slice(n, d.n) }

// Slice returns examples lo to hi-1; bounds beyond the dataset are cut to it.
func (d *Dataset) Slice(lo, hi int) *Dataset {
	lo = min(max(lo, 0), d.n)
	hi = min(max(hi, lo), d.n)
	return d.pick(d.all()[lo:hi])
}

// Pick returns the examples with the given numbers, in that order. It fails
// when there is no such example.
func (d *Dataset) Pick(index ...int) (*Dataset, error) {
	idx := make([]int32, len(index))
	for k, i := range index {
		if i < 0 || i >= d.n {
			return nil, fmt.Errorf("data: no example %d: the dataset has %d, from 0", i, d.n)
		}
		idx[k] = int32(i)
	}
	return d.pick(idx), nil
}

// Where returns the examples of one class. Without labels it is empty.
func (d *Dataset) Where(label int) *Dataset {
	var idx []int32
	for i := range d.n {
		if d.labels != nil && d.Label(i) == label {
			idx = append(idx, int32(i))
		}
	}
	return d.pick(idx)
}

// Scale returns the dataset with every input multiplied by factor: Scale(1/255.0)
// for pixels of 0 to 255. Bytes stay bytes and are multiplied as they are read.
func (d *Dataset) Scale(factor float64) *Dataset {
	e := d.derive()
	if d.bytes != nil {
		e.scale = float32(float64(d.scale) * factor)
		// 1/255 back to whole pixels: 255·(1/255) is not 1 in float32.
		if r := float32(int(e.scale + 0.5)); e.scale-r < 1e-6 && r-e.scale < 1e-6 && r != 0 {
			e.scale = r
		}
		return e
	}
	if d.source != nil {
		e.scale = float32(float64(d.scale) * factor)
		return e
	}
	e.floats = make([]float32, len(d.floats))
	for i, v := range d.floats {
		e.floats[i] = v * float32(factor)
	}
	return e
}

// Reshape returns the dataset with examples of another shape, whose product
// must be the same. The numbers are shared.
func (d *Dataset) Reshape(shape ...int) (*Dataset, error) {
	n := 1
	for _, s := range shape {
		if s < 1 {
			return nil, fmt.Errorf("data: cannot reshape examples to %v: %d is not above 0", shape, s)
		}
		n *= s
	}
	if n != d.ExampleSize() {
		return nil, fmt.Errorf("data: cannot reshape examples of %v (%d numbers) to %v (%d numbers)", d.shape, d.ExampleSize(), shape, n)
	}
	e := d.derive()
	e.shape = slices.Clone(shape)
	e.either = false
	return e, nil
}

// Flatten returns the dataset with every example as one row of numbers.
func (d *Dataset) Flatten() *Dataset {
	e := d.derive()
	e.shape = []int{d.ExampleSize()}
	e.either = false
	return e
}

// OneHot returns the dataset with targets of n numbers instead of labels: a 1
// at the label, 0 elsewhere. It fails without labels, and when one is outside
// 0..n-1.
func (d *Dataset) OneHot(n int) (*Dataset, error) {
	if d.labels == nil {
		return nil, fmt.Errorf("data: no labels to write as one-hot targets")
	}
	if n < 1 || n > 1<<16 {
		return nil, fmt.Errorf("data: one-hot targets of %d numbers: the number of classes must be from 1 to %d", n, 1<<16)
	}
	e := d.derive()
	e.labels, e.tshape = nil, []int{n}
	e.targets = make([]float32, len(d.labels)*n)
	for i := range d.n {
		l := d.Label(i)
		if l < 0 || l >= n {
			return nil, fmt.Errorf("data: example %d has label %d, but one-hot of %d has room for 0..%d", i, l, n, n-1)
		}
		e.targets[d.at(i)*n+l] = 1
	}
	return e, nil
}
