// This file works element by element, with broadcasting, and sums gradients
// back from it.

package nd

import "math"

// Add sets out = a + b. The shapes broadcast to that of out, which must not
// share its data with an operand that is repeated; so for all of these.
func Add[T Float](out, a, b Array[T]) {
	walk(out, a, b, loops[T]{
		vv: func(out, a, b []T) {
			a, b = a[:len(out)], b[:len(out)]
			for i := range out {
				out[i] = a[i] + b[i]
			}
		},
		vs: addNumber[T],
		sv: func(out []T, a T, b []T) { addNumber(out, b, a) },
	})
}

func addNumber[T Float](out, a []T, b T) {
	a = a[:len(out)]
	for i := range out {
		out[i] = a[i] + b
	}
}

// Sub sets out = a - b.
func Sub[T Float](out, a, b Array[T]) {
	walk(out, a, b, loops[T]{
		vv: func(out, a, b []T) {
			a, b = a[:len(out)], b[:len(out)]
			for i := range out {
				out[i] = a[i] - b[i]
			}
		},
		vs: func(out, a []T, b T) { addNumber(out, a, -b) },
		sv: func(out []T, a T, b []T) {
			b = b[:len(out)]
			for i := range out {
				out[i] = a - b[i]
			}
		},
	})
}

// Mul sets out = a · b.
func Mul[T Float](out, a, b Array[T]) {
	walk(out, a, b, loops[T]{
		vv: func(out, a, b []T) {
			a, b = a[:len(out)], b[:len(out)]
			for i := range out {
				out[i] = a[i] * b[i]
			}
		},
		vs: mulNumber[T],
		sv: func(out []T, a T, b []T) { mulNumber(out, b, a) },
	})
}

func mulNumber[T Float](out, a []T, b T) {
	a = a[:len(out)]
	for i := range out {
		out[i] = a[i] * b
	}
}

// Div sets out = a / b.
func Div[T Float](out, a, b Array[T]) {
	walk(out, a, b, loops[T]{
		vv: func(out, a, b []T) {
			a, b = a[:len(out)], b[:len(out)]
			for i := range out {
				out[i] = a[i] / b[i]
			}
		},
		vs: func(out, a []T, b T) {
			a = a[:len(out)]
			for i := range out {
				out[i] = a[i] / b
			}
		},
		sv: func(out []T, a T, b []T) {
			b = b[:len(out)]
			for i := range out {
				out[i] = a / b[i]
			}
		},
	})
}

// Maximum sets out = max(a, b); NaN if either is.
func Maximum[T Float](out, a, b Array[T]) { Zip(out, a, b, func(x, y T) T { return max(x, y) }) }

// Minimum sets out = min(a, b); NaN if either is.
func Minimum[T Float](out, a, b Array[T]) { Zip(out, a, b, func(x, y T) T { return min(x, y) }) }

// Zip sets out = f(a, b).
func Zip[T Float](out, a, b Array[T], f func(x, y T) T) {
	walk(out, a, b, loops[T]{
		vv: func(out, a, b []T) {
			a, b = a[:len(out)], b[:len(out)]
			for i := range out {
				out[i] = f(a[i], b[i])
			}
		},
		vs: func(out, a []T, b T) {
			a = a[:len(out)]
			for i := range out {
				out[i] = f(a[i], b)
			}
		},
		sv: func(out []T, a T, b []T) {
			b = b[:len(out)]
			for i := range out {
				out[i] = f(a, b[i])
			}
		},
	})
}

// loops are an operation on a run of numbers: vector with vector, vector with
// one number that is repeated, and the other way about.
type loops[T Float] struct {
	vv func(out, a, b []T)
	vs func(out, a []T, b T)
	sv func(out []T, a T, b []T)
}

// walk cuts out into the longest runs in which each operand either moves on with
// out or stands still, and calls the loop for it.
func walk[T Float](out, a, b Array[T], f loops[T]) {
	if len(out.Data) == 0 {
		return
	}
	dims := common(out.Shape, a.Shape, b.Shape)
	if len(dims) == 0 {
		f.vv(out.Data[:1], a.Data[:1], b.Data[:1])
		return
	}
	last := dims[len(dims)-1]
	dims = dims[:len(dims)-1]
	index := make([]int, len(dims))
	pa, pb := 0, 0
	for o := 0; o < len(out.Data); o += last.n {
		run := out.Data[o : o+last.n]
		switch {
		case last.a == 0:
			f.sv(run, a.Data[pa], b.Data[pb:pb+last.n])
		case last.b == 0:
			f.vs(run, a.Data[pa:pa+last.n], b.Data[pb])
		default:
			f.vv(run, a.Data[pa:pa+last.n], b.Data[pb:pb+last.n])
		}
		for d := len(dims) - 1; d >= 0; d-- {
			pa, pb = pa+dims[d].a, pb+dims[d].b
			if index[d]++; index[d] < dims[d].n {
				break
			}
			pa, pb = pa-dims[d].n*dims[d].a, pb-dims[d].n*dims[d].b
			index[d] = 0
		}
	}
}

// dim is a dimension of a result and how far each operand moves along it.
type dim struct{ n, a, b int }

// common returns the dimensions of out with those of 1 left out and neighbours
// joined where both operands lie as if they were one. In the last, an operand
// moves by 1 or stands still.
func common(out, a, b []int) []dim {
	sa, sb := repeated(out, a), repeated(out, b)
	var dims []dim
	for d := len(out) - 1; d >= 0; d-- {
		next := dim{out[d], sa[d], sb[d]}
		if next.n == 1 {
			continue
		}
		if k := len(dims) - 1; k >= 0 && next.a == dims[k].a*dims[k].n && next.b == dims[k].b*dims[k].n {
			dims[k].n *= next.n
			continue
		}
		dims = append(dims, next)
	}
	for i, j := 0, len(dims)-1; i < j; i, j = i+1, j-1 {
		dims[i], dims[j] = dims[j], dims[i]
	}
	return dims
}

// repeated returns the strides of an operand along the dimensions of out, 0
// where it is repeated.
func repeated(out, shape []int) []int {
	s := make([]int, len(out))
	n := 1
	for d := 1; d <= len(shape); d++ {
		if size := shape[len(shape)-d]; size != 1 {
			s[len(out)-d] = n
			n *= size
		}
	}
	return s
}

// Expand copies src into the larger shape of out, repeating it.
func Expand[T Float](out, src Array[T]) {
	if len(out.Data) == 0 {
		return
	}
	strided(out.Data, out.Shape, src.Data, repeated(out.Shape, src.Shape))
}

// AddTo adds g to sum, whose shape was broadcast to that of g: what was repeated
// is summed.
func AddTo[T Float](sum, g Array[T]) {
	lead := len(g.Shape) - len(sum.Shape)
	var axes []int
	for d, n := range g.Shape {
		if d < lead || sum.Shape[d-lead] == 1 && n != 1 {
			axes = append(axes, d)
		}
	}
	if len(axes) == 0 {
		Accumulate(sum.Data, g.Data)
		return
	}
	part := make([]T, len(sum.Data))
	Sum(part, g, axes)
	Accumulate(sum.Data, part)
}

// Accumulate adds src to dst, number by number.
func Accumulate[T Float](dst, src []T) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] += src[i]
	}
}

// AddScaled adds c·src to dst.
func AddScaled[T Float](dst []T, c T, src []T) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] += c * src[i]
	}
}

// Scale sets dst = c·src.
func Scale[T Float](dst []T, c T, src []T) { mulNumber(dst, src, c) }

// Map sets dst = f(src), computed in float64.
func Map[T Float](dst, src []T, f func(float64) float64) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] = T(f(float64(src[i])))
	}
}

// Convert copies numbers from one type to another.
func Convert[T, U Float](dst []T, src []U) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] = T(src[i])
	}
}

// Sigmoid returns 1/(1+e⁻ˣ).
func Sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Softplus returns log(1+eˣ) without overflow.
func Softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
