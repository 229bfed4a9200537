// This file has the layers that make one value of several: Add, Multiply and Concat.

package nn

import (
	"fmt"
	"slices"

	"cajal/engine/internal/f32"
)

// A joint layer reads several values.
type joint interface {
	layer
	inferAll(in [][]int) ([]int, *fault)
}

// A weighted joint layer has parameters.
type weightedJoint interface {
	joint
	weightsAll(in [][]int) []paramSpec
}

func equalShapes(a, b []int) bool { return slices.Equal(a, b) }

type mergeLayer struct {
	plain
	product bool
}

// Add is the sum of values of one shape, number by number.
func Add(values ...*Value) *Value {
	return &Value{layer: &mergeLayer{plain{layerCommon{at: caller()}}, false}, in: slices.Clone(values)}
}

// Multiply is the product of values of one shape, number by number.
func Multiply(values ...*Value) *Value {
	return &Value{layer: &mergeLayer{plain{layerCommon{at: caller()}}, true}, in: slices.Clone(values)}
}

func (l *mergeLayer) Kind() string {
	if l.product {
		return "Multiply"
	}
	return "Add"
}

func (l *mergeLayer) infer(in []int) ([]int, *fault) { return l.inferAll([][]int{in}) }

func (l *mergeLayer) inferAll(in [][]int) ([]int, *fault) {
	for i, s := range in {
		if !equalShapes(s, in[0]) {
			return nil, &fault{
				text: "wants values of one shape",
				got:  fmt.Sprintf("%v and, as value %d, %v", in[0], i, s),
				fix:  "nn.Same keeps the size of an image, and a filter of 1x1 changes its channels; or nn.Concat",
			}
		}
	}
	return in[0], nil
}

func (l *mergeLayer) op(b *opBuilder) op {
	o := &mergeOp{in: b.ins, out: b.shaped(b.ins[0].shape), product: l.product}
	b.emit(o.out)
	return o
}

// mergeOp adds or multiplies. Its inputs may have padding or not.
type mergeOp struct {
	in      []*buffer
	out     *buffer
	product bool
}

// pixels calls f with every run of channels of an example, in an input and in the
// output.
func (o *mergeOp) pixels(i int, in *buffer, f func(in, out []float32, at int)) {
	ch, out := o.out.ch, o.out.row(i)
	src := in.row(i)
	for p := range o.out.ld / o.out.ldch {
		f(src[p*in.ldch:p*in.ldch+ch], out[p*o.out.ldch:p*o.out.ldch+ch], p)
	}
}

func (o *mergeOp) forward(lo, hi, _ int) {
	for i := lo; i < hi; i++ {
		for k, in := range o.in {
			o.pixels(i, in, func(in, out []float32, _ int) {
				switch {
				case k == 0:
					copy(out, in)
				case o.product:
					for c, v := range in {
						out[c] *= v
					}
				default:
					f32.Bias(out, in)
				}
			})
		}
	}
}

func (o *mergeOp) backward(lo, hi, _ int) {
	if o.out.grad == nil { // nothing before has weights
		return
	}
	for i := lo; i < hi; i++ {
		dout := o.out.gradRow(i)
		for k, in := range o.in {
			if in.grad == nil {
				continue
			}
			din := in.gradRow(i)
			o.pixels(i, in, func(_, _ []float32, p int) {
				d := din[p*in.ldch : p*in.ldch+o.out.ch]
				copy(d, dout[p*o.out.ldch:])
				if !o.product {
					return
				}
				for j, other := range o.in {
					if j == k {
						continue
					}
					for c, v := range other.row(i)[p*other.ldch : p*other.ldch+o.out.ch] {
						d[c] *= v
					}
				}
			})
		}
	}
}

type concatLayer struct{ plain }

// Concat puts values side by side: [4 4 8] and [4 4 3] become [4 4 11]. They must
// agree in all dimensions but the last.
func Concat(values ...*Value) *Value {
	return &Value{layer: &concatLayer{plain{layerCommon{at: caller()}}}, in: slices.Clone(values)}
}

func (l *concatLayer) Kind() string { return "Concat" }

func (l *concatLayer) infer(in []int) ([]int, *fault) { return l.inferAll([][]int{in}) }

func (l *concatLayer) inferAll(in [][]int) ([]int, *fault) {
	out := slices.Clone(in[0])
	n := len(out) - 1
	for i, s := range in[1:] {
		if len(s) != len(out) || !equalShapes(s[:n], out[:n]) {
			return nil, &fault{
				text: "wants values that differ in their last dimension only",
				got:  fmt.Sprintf("%v and, as value %d, %v", in[0], i+1, s),
				fix:  "nn.Same keeps the size of an image; nn.Flatten() makes rows of both",
			}
		}
		out[n] += s[n]
	}
	return out, nil
}

func (l *concatLayer) op(b *opBuilder) op {
	shape := slices.Clone(b.ins[0].shape)
	for _, in := range b.ins[1:] {
		shape[len(shape)-1] += in.ch
	}
	o := &concatOp{in: b.ins, out: b.shaped(shape)}
	b.emit(o.out)
	return o
}

type concatOp struct {
	in  []*buffer
	out *buffer
}

func (o *concatOp) forward(lo, hi, _ int) {
	for i := lo; i < hi; i++ {
		out, at := o.out.row(i), 0
		for _, in := range o.in {
			src := in.row(i)
			for p := range in.ld / in.ldch {
				copy(out[p*o.out.ldch+at:], src[p*in.ldch:p*in.ldch+in.ch])
			}
			at += in.ch
		}
	}
}

func (o *concatOp) backward(lo, hi, _ int) {
	if o.out.grad == nil {
		return
	}
	for i := lo; i < hi; i++ {
		dout, at := o.out.gradRow(i), 0
		for _, in := range o.in {
			if in.grad != nil {
				din := in.gradRow(i)
				for p := range in.ld / in.ldch {
					copy(din[p*in.ldch:p*in.ldch+in.ch], dout[p*o.out.ldch+at:])
				}
			}
			at += in.ch
		}
	}
}
