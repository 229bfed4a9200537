// This file makes tensors of numbers, rows, labels and seeds.

package tensor

import (
	"fmt"
	"math"
	"slices"

	"cajal/engine/internal/nd"
	"cajal/engine/internal/rng"
)

// Scalar returns a single number, a tensor without dimensions.
func Scalar(v float32) *Tensor { return &Tensor{Shape: []int{}, Data: []float32{v}} }

// Full returns a tensor in which every number is v; without a shape it is a
// single number.
func Full(v float32, shape ...int) *Tensor {
	t := sized("Full", shape)
	for i := range t.Data {
		t.Data[i] = v
	}
	return t
}

// Eye returns the identity matrix [n n].
func Eye(n int) *Tensor {
	t := sized("Eye", []int{n, n})
	for i := range n {
		t.Data[i*n+i] = 1
	}
	return t
}

// Linspace returns n numbers [n] at equal distances from lo to hi, both among
// them; a single one is lo.
func Linspace(lo, hi float64, n int) *Tensor {
	t := sized("Linspace", []int{n})
	for i := range t.Data {
		t.Data[i] = float32(lo)
		if n > 1 {
			t.Data[i] = float32(lo + (hi-lo)*float64(i)/float64(n-1))
		}
	}
	return t
}

// FromRows returns a matrix [len(rows) len(rows[0])], a copy. It fails when rows
// differ in length.
func FromRows(rows [][]float32) (*Tensor, error) {
	t := &Tensor{Shape: []int{len(rows), 0}}
	for i, r := range rows {
		if len(r) != len(rows[0]) {
			return nil, fmt.Errorf("tensor: row %d has %d numbers, but row 0 has %d; rows of a matrix have the same length", i, len(r), len(rows[0]))
		}
		t.Data = append(t.Data, r...)
		t.Shape[1] = len(r)
	}
	return t, nil
}

// OneHot returns a row [classes] for every label [n classes]: 1 at the label,
// else 0.
func OneHot(labels []int, classes int) *Tensor {
	t := sized("OneHot", []int{len(labels), classes})
	for i, l := range labels {
		if l < 0 || l >= classes {
			panic(&OpError{
				Op:   "tensor.OneHot",
				Text: fmt.Sprintf("label %d of example %d is not one of %d classes", l, i, classes),
				Fix:  fmt.Sprintf("labels are 0 to %d", classes-1),
			})
		}
		t.Data[i*classes+l] = 1
	}
	return t
}

// randomPurpose keeps these numbers apart from those that a training draws with
// the same seed.
const randomPurpose = 0x7e50

// Uniform returns numbers spread evenly over [lo, hi). The same seed and shape
// give the same numbers.
func Uniform(seed int64, lo, hi float64, shape ...int) *Tensor {
	t := sized("Uniform", shape)
	src := rng.New(uint64(seed), randomPurpose)
	for i := range t.Data {
		t.Data[i] = float32(lo + (hi-lo)*float64(src.Float32()))
	}
	return t
}

// Normal returns numbers of a normal distribution (Box and Muller 1958, Ann.
// Math. Stat. 29: 610). The same seed and shape give the same numbers.
func Normal(seed int64, mean, std float64, shape ...int) *Tensor {
	t := sized("Normal", shape)
	src := rng.New(uint64(seed), randomPurpose+1)
	for i := 0; i < len(t.Data); i += 2 {
		radius := math.Sqrt(-2 * math.Log(1-unit(&src)))
		sin, cos := math.Sincos(2 * math.Pi * unit(&src))
		t.Data[i] = float32(mean + std*radius*cos)
		if i+1 < len(t.Data) {
			t.Data[i+1] = float32(mean + std*radius*sin)
		}
	}
	return t
}

// unit returns a number in [0, 1) with 53 random bits.
func unit(src *rng.Source) float64 { return float64(src.Uint64()>>11) / (1 << 53) }

// sized returns zeros; unlike New it panics when there is no such shape.
func sized(op string, shape []int) *Tensor {
	n, ok := nd.Checked(shape)
	if !ok {
		panic(&OpError{Op: "tensor." + op, Text: fmt.Sprintf("there is no shape %v: a dimension is negative or the product too large", shape)})
	}
	return &Tensor{Shape: slices.Clone(shape), Data: make([]float32, n)}
}
