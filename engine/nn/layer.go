// This file defines what a layer is, and the two layers without numbers:
// Input and Flatten.

package nn

import (
	"fmt"
	"slices"

	"cajal/engine/grad"
)

// A Layer makes a value of a graph out of another: h := nn.Dense(10, nn.ReLU)(x).
// [Sequential] does that for a chain of them. Every use of a layer gets weights of
// its own, which belong to the model.
//
// A function of your own is a Layer too, and may use as many of them as it likes:
//
//	residual := func(x *nn.Value) *nn.Value {
//		return nn.Add(x, nn.Conv2D(32, 3, 3, nn.ReLU, nn.Same)(x))
//	}
type Layer func(x *Value) *Value

// A layer is the plain description of one, made by [Dense], [Conv2D] and the like.
type layer interface {
	// Kind returns what the layer is, such as "Dense".
	Kind() string
	common() *layerCommon
	// infer returns the shape of an example behind the layer. A mistake comes
	// back as a fault: text for after the layer's name, and a fix.
	infer(in []int) ([]int, *fault)
	// weights returns the layer's parameters, nil without. raw says that the
	// channels it reads come as the user gave them, without padding.
	weights(in []int, raw bool) []paramSpec
	// flops estimates multiplications and additions an example, going forward.
	flops(in, out []int) float64
	// op makes the operation of a plan.
	op(b *opBuilder) op
	// onTape computes, of examples [n …], what comes out of the layer before its
	// activation. w are its parameters.
	onTape(x, w []*grad.Var, train bool) *grad.Var
}

// layerCommon is what all layers have.
type layerCommon struct {
	name string
	at   string // where it was made, "" when unknown
}

func (c *layerCommon) common() *layerCommon { return c }

// A plain layer has no parameters, and its work is not worth counting.
type plain struct{ layerCommon }

func (plain) weights([]int, bool) []paramSpec { return nil }
func (plain) flops(in, out []int) float64     { return 0 }

type inputLayer struct {
	plain
	shape []int
}

// Input says what one example looks like: Input(784) is a row of numbers,
// Input(28, 28, 1) an image of height, width and channels. It is the first layer
// of every model.
func Input(shape ...int) Layer {
	return of(&inputLayer{plain{layerCommon{at: caller()}}, slices.Clone(shape)})
}

func (l *inputLayer) Kind() string     { return "Input" }
func (l *inputLayer) op(*opBuilder) op { return nil }
func (l *inputLayer) infer([]int) ([]int, *fault) {
	if len(l.shape) == 0 {
		return nil, &fault{text: "has no shape", fix: "nn.Input(784) for rows of 784 numbers, nn.Input(28, 28, 1) for images"}
	}
	for _, s := range l.shape {
		if s < 1 {
			return nil, &fault{text: fmt.Sprintf("has shape %v, where every number must be above 0", l.shape)}
		}
	}
	return l.shape, nil
}

type flattenLayer struct{ plain }

// Flatten writes an image as one row of numbers: height, then width, then
// channels, the last fastest.
func Flatten() Layer { return of(&flattenLayer{plain{layerCommon{at: caller()}}}) }

func (l *flattenLayer) Kind() string                   { return "Flatten" }
func (l *flattenLayer) infer(in []int) ([]int, *fault) { return []int{product(in)}, nil }

func (l *flattenLayer) op(b *opBuilder) op {
	in := b.in
	if in.rank() == 1 {
		b.emit(in)
		return nil
	}
	if in.ch == in.ldch {
		// The numbers lie as they should: the buffers are shared.
		b.share(in)
		return nil
	}
	f := &flattenOp{in: in, out: b.vector(product(in.shape))}
	b.emit(f.out)
	return f
}

// flattenOp leaves out the padding behind an image's channels.
type flattenOp struct{ in, out *buffer }

func (o *flattenOp) forward(lo, hi, _ int) {
	ch, ldch := o.in.ch, o.in.ldch
	pixels := o.in.ld / ldch
	for i := lo; i < hi; i++ {
		src, dst := o.in.row(i), o.out.row(i)
		for p := range pixels {
			copy(dst[p*ch:(p+1)*ch], src[p*ldch:])
		}
	}
}

func (o *flattenOp) backward(lo, hi, _ int) {
	if o.in.grad == nil {
		return
	}
	ch, ldch := o.in.ch, o.in.ldch
	pixels := o.in.ld / ldch
	for i := lo; i < hi; i++ {
		src, dst := o.out.gradRow(i), o.in.gradRow(i)
		for p := range pixels {
			copy(dst[p*ldch:(p*ldch)+ch], src[p*ch:(p+1)*ch])
		}
	}
}

func product(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}
