// This file has convolution and pooling of images.

package grad

import (
	"fmt"

	"cajal/engine/internal/nd"
)

// A ConvOption changes how [Var.Conv2D] and its like move over an image.
type ConvOption interface{ conv(*convSettings) }

type convSettings struct {
	stride int
	same   bool
}

// Stride is how many pixels a filter or window moves on; without it, filters move by 1.
type Stride int

func (s Stride) conv(c *convSettings) { c.stride = int(s) }

type same struct{}

func (same) conv(c *convSettings) { c.same = true }

// Same puts zeros around the image, so that with stride 1 it keeps its size.
// Without it filters stay inside the image.
var Same ConvOption = same{}

func settings(options []ConvOption) convSettings {
	s := convSettings{stride: 1}
	for _, o := range options {
		if o != nil {
			o.conv(&s)
		}
	}
	return s
}

// Conv2D slides filters w [height width channels filters] over images x [n height
// width channels]: [n h w filters], as nn.Conv2D does without bias and
// activation.
func (x *Var) Conv2D(w *Var, options ...ConvOption) *Var {
	s := settings(options)
	vs := meet("Conv2D", x, w)
	c, bad := nd.NewConv(x.shape, w.shape, s.stride, s.same)
	if bad != nil {
		fail("Conv2D", bad, x, w)
	}
	if vs[0].isExact() {
		return conv[float64](c, vs[0], vs[1])
	}
	return conv[float32](c, vs[0], vs[1])
}

func conv[T nd.Float](c *nd.Conv, x, w *Var) *Var {
	return slid("Conv2D", c, c.Out(), x, w, nd.ConvForward[T], nd.ConvBackInput[T], nd.ConvBackFilter[T])
}

// slid records images x under filters w, with the primitives of a convolution c.
func slid[T nd.Float, C any](op string, c C, out []int, x, w *Var, forward, backInput, backFilter func(c C, dst, a, b []T)) *Var {
	y := record[T](op, out, []string{"{g} convolved with {b} turned", "{a} correlated with {g}"}, x, w)
	forward(c, val[T](y).Data, val[T](x).Data, val[T](w).Data)
	y.back = func() {
		g := slope[T](y).Data
		if x.needs {
			backInput(c, slope[T](x).Data, g, val[T](w).Data)
		}
		if w.needs {
			backFilter(c, slope[T](w).Data, g, val[T](x).Data)
		}
	}
	return y
}

// DepthwiseConv2D slides filters w [height width channels m] over images x [n height
// width channels], each over its own channel: [n h w channels·m], as
// nn.DepthwiseConv2D does without bias and activation.
func (x *Var) DepthwiseConv2D(w *Var, options ...ConvOption) *Var {
	s := settings(options)
	vs := meet("DepthwiseConv2D", x, w)
	c, bad := nd.NewDepthwise(x.shape, w.shape, s.stride, s.same)
	if bad != nil {
		fail("DepthwiseConv2D", bad, x, w)
	}
	if vs[0].isExact() {
		return depthwise[float64](c, vs[0], vs[1])
	}
	return depthwise[float32](c, vs[0], vs[1])
}

func depthwise[T nd.Float](c *nd.Depthwise, x, w *Var) *Var {
	return slid("DepthwiseConv2D", c, c.Out(), x, w, nd.DepthwiseForward[T], nd.DepthwiseBackInput[T], nd.DepthwiseBackFilter[T])
}

// Conv2DTranspose spreads every pixel of images x [n height width channels] with
// filters w [height width filters channels], [Stride] apart, and adds up where they
// overlap: [n h w filters], as nn.Conv2DTranspose does without bias and activation.
func (x *Var) Conv2DTranspose(w *Var, options ...ConvOption) *Var {
	s := settings(options)
	vs := meet("Conv2DTranspose", x, w)
	c, bad := nd.NewTransposed(x.shape, w.shape, s.stride, s.same)
	if bad != nil {
		fail("Conv2DTranspose", bad, x, w)
	}
	if vs[0].isExact() {
		return transposed[float64](c, vs[0], vs[1])
	}
	return transposed[float32](c, vs[0], vs[1])
}

// transposed is a convolution backwards: so its gradient is a convolution.
func transposed[T nd.Float](c *nd.Conv, x, w *Var) *Var {
	y := record[T]("Conv2DTranspose", []int{c.N, c.H, c.W, c.C}, []string{"{g} convolved with {b}", "{g} correlated with {a}"}, x, w)
	nd.ConvBackInput(c, val[T](y).Data, val[T](x).Data, val[T](w).Data)
	y.back = func() {
		g := slope[T](y).Data
		if x.needs {
			d := make([]T, nd.Size(x.shape))
			nd.ConvForward(c, d, g, val[T](w).Data)
			nd.Accumulate(slope[T](x).Data, d)
		}
		if w.needs {
			nd.ConvBackFilter(c, slope[T](w).Data, val[T](x).Data, g)
		}
	}
	return y
}

// A PoolOption changes how windows move: [Stride], which is their size without.
type PoolOption interface{ pool(*poolSettings) }

type poolSettings struct{ stride int }

func (s Stride) pool(p *poolSettings) { p.stride = int(s) }

// MaxPool2D keeps the largest number of every size by size window of images [n
// height width channels]. Windows lie side by side, or [Stride] apart; what is left at
// the right and lower border is dropped. Of equals the first gets the gradient.
func (x *Var) MaxPool2D(size int, options ...PoolOption) *Var {
	return x.pooled("MaxPool2D", size, options, maxPool[float32], maxPool[float64])
}

// MaxPool1D keeps the largest number of every size steps of sequences [n steps
// channels]; see [Var.MaxPool2D].
func (x *Var) MaxPool1D(size int, options ...PoolOption) *Var {
	return x.pooled("MaxPool1D", size, options, maxPool[float32], maxPool[float64])
}

func maxPool[T nd.Float](op string, p *nd.Pool, out []int, x *Var) *Var {
	y := record[T](op, out, []string{"{g} where {a} is largest of its window"}, x)
	won := make([]int32, nd.Size(y.shape))
	nd.MaxPool(p, val[T](y).Data, won, val[T](x).Data)
	y.back = func() { nd.AddWon(slope[T](x).Data, slope[T](y).Data, won) }
	return y
}

// AvgPool2D takes the mean of every size by size window, laid out as in
// [Var.MaxPool2D]. The mean of whole images is Mean(1, 2).
func (x *Var) AvgPool2D(size int, options ...PoolOption) *Var {
	return x.pooled("AvgPool2D", size, options, meanPool[float32], meanPool[float64])
}

// AvgPool1D takes the mean of every size steps of sequences [n steps channels]; see
// [Var.MaxPool2D].
func (x *Var) AvgPool1D(size int, options ...PoolOption) *Var {
	return x.pooled("AvgPool1D", size, options, meanPool[float32], meanPool[float64])
}

func meanPool[T nd.Float](op string, p *nd.Pool, out []int, x *Var) *Var {
	y := record[T](op, out, []string{"{g}/" + short(float64(p.KH*p.KW)) + " over its window"}, x)
	nd.MeanPool(p, val[T](y).Data, val[T](x).Data)
	y.back = func() { nd.MeanPoolBack(p, slope[T](x).Data, slope[T](y).Data) }
	return y
}

// pooled pools images, or sequences as images of height 1.
func (x *Var) pooled(op string, size int, options []PoolOption, single, double func(op string, p *nd.Pool, out []int, x *Var) *Var) *Var {
	s := poolSettings{stride: size}
	for _, o := range options {
		if o != nil {
			o.pool(&s)
		}
	}
	shape, k, step := x.shape, [2]int{size, size}, [2]int{s.stride, s.stride}
	line := op[len(op)-2:] == "1D"
	if line {
		if len(shape) != 3 {
			fail(op, &nd.Misfit{Text: fmt.Sprintf("sequences have rank %d, not 3: [batch steps channels]", len(shape))}, x)
		}
		shape, k[0], step[0] = []int{shape[0], 1, shape[1], shape[2]}, 1, 1
	}
	p, bad := nd.NewPool(shape, k, step)
	if bad != nil {
		fail(op, bad, x)
	}
	out := p.Out()
	if line {
		out = []int{p.N, p.OW, p.C}
	}
	if x.isExact() {
		return double(op, p, out, x)
	}
	return single(op, p, out, x)
}
