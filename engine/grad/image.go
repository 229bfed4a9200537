// This file has convolution and pooling of images.

package grad

import "cajal/engine/internal/nd"

// A ConvOption changes how [Var.Conv2D] moves over an image.
type ConvOption interface{ conv(*convSettings) }

type convSettings struct {
	stride int
	same   bool
}

// Stride is how many pixels a filter moves on; without it, 1.
type Stride int

func (s Stride) conv(c *convSettings) { c.stride = int(s) }

type same struct{}

func (same) conv(c *convSettings) { c.same = true }

// Same puts zeros around the image, so that with stride 1 it keeps its size.
// Without it filters stay inside the image.
var Same ConvOption = same{}

// Conv2D slides filters w [height width channels filters] over images x [n height
// width channels]: [n h w filters], as nn.Conv2D does without bias and
// activation.
func (x *Var) Conv2D(w *Var, options ...ConvOption) *Var {
	s := convSettings{stride: 1}
	for _, o := range options {
		if o != nil {
			o.conv(&s)
		}
	}
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
	y := record[T]("Conv2D", c.Out(), []string{"{g} convolved with {b} turned", "{a} correlated with {g}"}, x, w)
	nd.ConvForward(c, val[T](y).Data, val[T](x).Data, val[T](w).Data)
	y.back = func() {
		g := slope[T](y).Data
		if x.needs {
			nd.ConvBackInput(c, slope[T](x).Data, g, val[T](w).Data)
		}
		if w.needs {
			nd.ConvBackFilter(c, slope[T](w).Data, g, val[T](x).Data)
		}
	}
	return y
}

// MaxPool2D keeps the largest number of every size by size window of images [n
// height width channels]. Windows do not overlap; what is left at the right and
// lower border is dropped. Of equals the first gets the gradient.
func (x *Var) MaxPool2D(size int) *Var {
	return x.pooled("MaxPool2D", size, maxPool[float32], maxPool[float64])
}

func maxPool[T nd.Float](op string, p *nd.Pool, x *Var) *Var {
	y := record[T](op, p.Out(), []string{"{g} where {a} is largest of its window"}, x)
	won := make([]int32, nd.Size(y.shape))
	nd.MaxPool(p, val[T](y).Data, won, val[T](x).Data)
	y.back = func() { nd.AddWon(slope[T](x).Data, slope[T](y).Data, won) }
	return y
}

// AvgPool2D takes the mean of every size by size window, laid out as in
// [Var.MaxPool2D]. The mean of whole images is Mean(1, 2).
func (x *Var) AvgPool2D(size int) *Var {
	return x.pooled("AvgPool2D", size, meanPool[float32], meanPool[float64])
}

func meanPool[T nd.Float](op string, p *nd.Pool, x *Var) *Var {
	y := record[T](op, p.Out(), []string{"{g}/" + short(float64(p.Size*p.Size)) + " over its window"}, x)
	nd.MeanPool(p, val[T](y).Data, val[T](x).Data)
	y.back = func() { nd.MeanPoolBack(p, slope[T](x).Data, slope[T](y).Data) }
	return y
}

func (x *Var) pooled(op string, size int, single, double func(op string, p *nd.Pool, x *Var) *Var) *Var {
	p, bad := nd.NewPool(x.shape, size)
	if bad != nil {
		fail(op, bad, x)
	}
	if x.isExact() {
		return double(op, p, x)
	}
	return single(op, p, x)
}
