// This file defines what a layer is, and the two layers without numbers:
// Input and Flatten.

package nn

import "fmt"

// A Layer is a plain description, made by [Input], [Dense], [Conv2D],
// [MaxPool2D] or [Flatten]. Weights belong to the model that it becomes part
// of, so one description may be used in several models. The layers of this
// package are all there are.
type Layer interface {
	// Kind returns what the layer is, such as "Dense".
	Kind() string
	common() *layerCommon
	// infer returns the shape of an example behind the layer. A mistake comes
	// back as a fault: text for after the layer's name, and a fix.
	infer(in []int) ([]int, *fault)
	// weights returns the sizes of the layer's parameters, nil without. raw says
	// that the channels it reads come as the user gave them, without padding.
	weights(in []int, raw bool) *weightSpec
	// flops estimates multiplications and additions an example, going forward.
	flops(in, out []int) float64
	// op makes the operation of a plan.
	op(b *opBuilder) op
}

// layerCommon is what all layers have.
type layerCommon struct {
	name string
	at   string // where it was made, "" when unknown
}

func (c *layerCommon) common() *layerCommon { return c }

// weightSpec is the size of a layer's parameters: a matrix with a bias for
// every column. blocks is the number of inner matrices of rows/blocks rows each;
// a convolution has one for every cell of its filter. Rows beyond inRows of a
// block, and columns beyond cols, are padding and stay zero.
type weightSpec struct {
	shape         []int // as the user sees it
	blocks        int
	inRows, ldRow int
	cols, ldCol   int
	fanIn, fanOut int
	l2            float64
}

func (s *weightSpec) count() int { return s.blocks*s.inRows*s.cols + s.cols }

type inputLayer struct {
	layerCommon
	shape []int
}

// Input says what one example looks like: Input(784) is a row of numbers,
// Input(28, 28, 1) an image of height, width and channels. It is the first layer
// of every model.
func Input(shape ...int) Layer {
	return &inputLayer{layerCommon{at: caller()}, append([]int(nil), shape...)}
}

func (l *inputLayer) Kind() string                    { return "Input" }
func (l *inputLayer) weights([]int, bool) *weightSpec { return nil }
func (l *inputLayer) flops(in, out []int) float64     { return 0 }
func (l *inputLayer) op(*opBuilder) op                { return nil }
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

type flattenLayer struct{ layerCommon }

// Flatten writes an image as one row of numbers: height, then width, then
// channels, the last fastest.
func Flatten() Layer { return &flattenLayer{layerCommon{at: caller()}} }

func (l *flattenLayer) Kind() string                    { return "Flatten" }
func (l *flattenLayer) weights([]int, bool) *weightSpec { return nil }
func (l *flattenLayer) flops(in, out []int) float64     { return 0 }
func (l *flattenLayer) infer(in []int) ([]int, *fault)  { return []int{product(in)}, nil }

func (l *flattenLayer) op(b *opBuilder) op {
	in := b.in
	if in.ch == in.ldch || in.rank() == 1 {
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
