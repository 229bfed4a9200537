// This file has the shape rules: what fits, and what comes out.

package nd

import (
	"fmt"
	"math"
	"slices"
)

// A Misfit says why an operation cannot be done with what it was given, and how
// to mend that, as far as it can be told ("" where not).
type Misfit struct{ Text, Fix string }

func misfit(format string, args ...any) *Misfit { return &Misfit{Text: fmt.Sprintf(format, args...)} }

func (m *Misfit) fixed(format string, args ...any) *Misfit {
	m.Fix = fmt.Sprintf(format, args...)
	return m
}

// Size returns the product of a shape: 1 without dimensions.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// Checked returns the product of a shape, and false when a dimension is negative
// or the product is too large to be the size of anything.
func Checked(shape []int) (int, bool) {
	n, zero := 1, false
	for _, d := range shape {
		switch {
		case d < 0:
			return 0, false
		case d == 0:
			zero = true
		case n > math.MaxInt/8/d:
			return 0, false
		default:
			n *= d
		}
	}
	if zero {
		return 0, true
	}
	return n, true
}

// Strides returns how far apart neighbours are in every dimension.
func Strides(shape []int) []int {
	s := make([]int, len(shape))
	n := 1
	for d := len(shape) - 1; d >= 0; d-- {
		s[d] = n
		n *= shape[d]
	}
	return s
}

// Broadcast returns the shape that two shapes have in common by NumPy's rule:
// they are aligned at the last dimension, and where they differ one of them must
// be 1 or missing.
func Broadcast(a, b []int) ([]int, *Misfit) {
	out := make([]int, max(len(a), len(b)))
	for d := 1; d <= len(out); d++ {
		x, y := 1, 1
		if d <= len(a) {
			x = a[len(a)-d]
		}
		if d <= len(b) {
			y = b[len(b)-d]
		}
		switch {
		case x == y || y == 1:
			out[len(out)-d] = x
		case x == 1:
			out[len(out)-d] = y
		default:
			m := misfit("dimension %d from the right is %d on the left side and %d on the right; one must be 1 or both the same", d, x, y)
			return nil, m.fixed("%s", alignFix(a, b))
		}
	}
	return out, nil
}

// alignFix suggests how two shapes that do not broadcast could be made to.
func alignFix(a, b []int) string {
	switch {
	case len(a) > len(b) && len(b) == 1 && a[0] == b[0]:
		return "ExpandDims(-1) on the right side makes it a column, one number a row"
	case len(b) > len(a) && len(a) == 1 && b[0] == a[0]:
		return "ExpandDims(-1) on the left side makes it a column, one number a row"
	case len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]:
		return "T() transposes one of them"
	}
	return "Reshape or ExpandDims gives a dimension of 1 where values are to be repeated"
}

// Axis returns an axis that counts from the front; a negative one counts from
// the end, -1 being the last.
func Axis(axis, rank int) (int, *Misfit) {
	a := axis
	if a < 0 {
		a += rank
	}
	if a < 0 || a >= rank {
		if rank == 0 {
			return 0, misfit("there is no axis %d: a single number has none", axis)
		}
		return 0, misfit("there is no axis %d", axis).fixed("axes are 0 to %d, or -1 for the last", rank-1)
	}
	return a, nil
}

// Axes returns axes in rising order; none means all.
func Axes(axes []int, rank int) ([]int, *Misfit) {
	var out []int
	if len(axes) == 0 {
		for a := range rank {
			out = append(out, a)
		}
		return out, nil
	}
	for _, axis := range axes {
		a, m := Axis(axis, rank)
		if m != nil {
			return nil, m
		}
		if slices.Contains(out, a) {
			return nil, misfit("axis %d is named twice in %v", axis, axes)
		}
		out = append(out, a)
	}
	slices.Sort(out)
	return out, nil
}

// Drop returns a shape without some axes, which rise.
func Drop(shape, axes []int) []int {
	out := make([]int, 0, len(shape))
	for d, n := range shape {
		if !slices.Contains(axes, d) {
			out = append(out, n)
		}
	}
	return out
}

// Count returns how many numbers a reduction over axes takes together.
func Count(shape, axes []int) int {
	n := 1
	for _, a := range axes {
		n *= shape[a]
	}
	return n
}

// Reshape returns the shape to, with a -1 in it replaced by what is left over.
func Reshape(from, to []int) ([]int, *Misfit) {
	n := Size(from)
	out := slices.Clone(to)
	free, rest := -1, 1
	for d, s := range to {
		switch {
		case s == -1 && free < 0:
			free = d
		case s == -1:
			return nil, misfit("shape %v has more than one -1, so sizes cannot be told", to)
		case s < 0:
			return nil, misfit("shape %v has a negative dimension", to)
		}
	}
	if free >= 0 {
		out[free] = 1
	}
	rest, ok := Checked(out)
	switch {
	case !ok:
		return nil, misfit("shape %v is too large", to)
	case free >= 0 && (rest == 0 || n%rest != 0):
		return nil, misfit("%d values cannot be cut into %v", n, to)
	case free >= 0:
		out[free] = n / rest
	case rest != n:
		return nil, misfit("there are %d values, and %v has room for %d", n, to, rest).fixed("-1 in place of one dimension lets it be worked out")
	}
	return out, nil
}

// Permutation returns the order of axes for a transpose; none means reversed.
func Permutation(axes []int, rank int) ([]int, *Misfit) {
	perm := make([]int, rank)
	if len(axes) == 0 {
		for d := range perm {
			perm[d] = rank - 1 - d
		}
		return perm, nil
	}
	if len(axes) != rank {
		return nil, misfit("%d axes were named, but there are %d", len(axes), rank).fixed("name every axis once, or none to reverse them")
	}
	seen := make([]bool, rank)
	for d, axis := range axes {
		a, m := Axis(axis, rank)
		if m != nil {
			return nil, m
		}
		if seen[a] {
			return nil, misfit("axis %d is named twice in %v", axis, axes)
		}
		seen[a], perm[d] = true, a
	}
	return perm, nil
}

// Permuted returns a shape in another order.
func Permuted(shape, perm []int) []int {
	out := make([]int, len(perm))
	for d, p := range perm {
		out[d] = shape[p]
	}
	return out
}

// Expanded returns a shape with a dimension of 1 put in, so that it is axis of
// the result.
func Expanded(shape []int, axis int) ([]int, int, *Misfit) {
	a, m := Axis(axis, len(shape)+1)
	if m != nil {
		return nil, 0, m
	}
	return slices.Insert(slices.Clone(shape), a, 1), a, nil
}

// Squeezed returns a shape without dimensions of 1: those named, or all.
func Squeezed(shape, axes []int) ([]int, *Misfit) {
	if len(axes) == 0 {
		return slices.DeleteFunc(slices.Clone(shape), func(n int) bool { return n == 1 }), nil
	}
	as, m := Axes(axes, len(shape))
	if m != nil {
		return nil, m
	}
	for _, a := range as {
		if shape[a] != 1 {
			return nil, misfit("axis %d has size %d, and only a 1 can be taken out", a, shape[a])
		}
	}
	return Drop(shape, as), nil
}

// Sliced checks that from lo up to hi of an axis can be taken, negative numbers
// counting from its end, and returns them counted from the front.
func Sliced(shape []int, axis, lo, hi int) (a, from, to int, m *Misfit) {
	if a, m = Axis(axis, len(shape)); m != nil {
		return
	}
	n := shape[a]
	from, to = lo, hi
	if from < 0 {
		from += n
	}
	if to < 0 {
		to += n
	}
	if from < 0 || to > n || from > to {
		m = misfit("%d up to %d cannot be taken of axis %d, whose size is %d", lo, hi, a, n).fixed("0 <= lo <= hi <= %d; negative numbers count from the end", n)
	}
	return
}

// Taken checks indices into an axis.
func Taken(shape []int, axis int, index []int) (int, *Misfit) {
	a, m := Axis(axis, len(shape))
	if m != nil {
		return 0, m
	}
	for k, i := range index {
		if i < 0 || i >= shape[a] {
			return 0, misfit("index %d (number %d of %d) is not in axis %d, whose size is %d", i, k, len(index), a, shape[a])
		}
	}
	return a, nil
}

// Joined returns the shape of arrays one after another along an axis: they must
// agree in every other.
func Joined(axis int, shapes [][]int) ([]int, int, *Misfit) {
	if len(shapes) == 0 {
		return nil, 0, misfit("there is nothing to join")
	}
	first := shapes[0]
	a, m := Axis(axis, len(first))
	if m != nil {
		return nil, 0, m
	}
	out := slices.Clone(first)
	for k, s := range shapes[1:] {
		same := len(s) == len(first)
		for d := 0; same && d < len(s); d++ {
			same = d == a || s[d] == first[d]
		}
		if !same {
			return nil, 0, misfit("operand %d does not have the shape of the first but for axis %d", k+1, a)
		}
		out[a] += s[a]
	}
	return out, a, nil
}

// Piled returns the shape of arrays of one shape side by side along a new axis.
func Piled(axis int, shapes [][]int) ([]int, int, *Misfit) {
	if len(shapes) == 0 {
		return nil, 0, misfit("there is nothing to stack")
	}
	for k, s := range shapes[1:] {
		if !slices.Equal(s, shapes[0]) {
			return nil, 0, misfit("operand %d does not have the shape of the first", k+1)
		}
	}
	out, a, m := Expanded(shapes[0], axis)
	if m != nil {
		return nil, 0, m
	}
	out[a] = len(shapes)
	return out, a, nil
}
