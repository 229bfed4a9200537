// This file convolves every channel of images by itself, forward and backward side by
// side.

package nd

// A Depthwise convolution is one of images [N H W C] with filters [KH KW C M]: channel
// c gives channels c·M to c·M+M-1 of the result.
type Depthwise struct {
	Conv
	M int
}

// NewDepthwise returns one of two shapes; see [NewConv].
func NewDepthwise(x, w []int, stride int, same bool) (*Depthwise, *Misfit) {
	if len(w) == 4 && w[3] < 1 {
		return nil, misfit("filters %v have no numbers", w)
	}
	c, bad := NewConv(x, w, stride, same)
	if bad != nil {
		return nil, bad
	}
	return &Depthwise{*c, c.F}, nil
}

// Out returns the shape of the result.
func (d *Depthwise) Out() []int { return []int{d.N, d.OH, d.OW, d.C * d.M} }

// places calls f for every cell of the filters at every place where it is on the image:
// with the positions of the first channel in the result, in the images and in the
// filters.
func (d *Depthwise) places(f func(out, in, cell int)) {
	for i := range d.N {
		for y := range d.OH {
			for x := range d.OW {
				out := ((i*d.OH+y)*d.OW + x) * d.C * d.M
				for r := range d.KH {
					for k := range d.KW {
						iy, ix := y*d.Stride+r-d.top, x*d.Stride+k-d.left
						if iy >= 0 && ix >= 0 && iy < d.H && ix < d.W {
							f(out, ((i*d.H+iy)*d.W+ix)*d.C, (r*d.KW+k)*d.C*d.M)
						}
					}
				}
			}
		}
	}
}

// DepthwiseForward sets y to the convolution of x with w.
func DepthwiseForward[T Float](d *Depthwise, y, x, w []T) {
	clear(y)
	d.places(func(out, in, cell int) {
		for c, v := range x[in : in+d.C] {
			to, by := y[out+c*d.M:][:d.M], w[cell+c*d.M:][:d.M]
			for m, f := range by {
				to[m] += v * f
			}
		}
	})
}

// DepthwiseBackInput adds to dx the gradient of the images, from that of the result.
func DepthwiseBackInput[T Float](d *Depthwise, dx, g, w []T) {
	d.places(func(out, in, cell int) {
		for c := range d.C {
			from, by := g[out+c*d.M:][:d.M], w[cell+c*d.M:][:d.M]
			sum := T(0)
			for m, f := range by {
				sum += from[m] * f
			}
			dx[in+c] += sum
		}
	})
}

// DepthwiseBackFilter adds to dw the gradient of the filters, from that of the result.
func DepthwiseBackFilter[T Float](d *Depthwise, dw, g, x []T) {
	d.places(func(out, in, cell int) {
		for c, v := range x[in : in+d.C] {
			to, from := dw[cell+c*d.M:][:d.M], g[out+c*d.M:][:d.M]
			for m, f := range from {
				to[m] += v * f
			}
		}
	})
}

// NewTransposed returns the convolution that goes the other way: whose result has the
// shape x, [N H W F], and whose images have the shape of what a transposed convolution
// with filters w, [KH KW C F], makes of x. Its BackInput is that, its Forward and
// BackFilter are the gradients of that. With same the images are stride times as large
// as x; without, they gain what filters reach beyond.
func NewTransposed(x, w []int, stride int, same bool) (*Conv, *Misfit) {
	switch {
	case len(x) != 4:
		return nil, misfit("images have rank %d, not 4: [batch height width channels]", len(x)).fixed("Reshape(n, h, w, 1) for images of one channel")
	case len(w) != 4:
		return nil, misfit("filters have rank %d, not 4: [height width filters channels]", len(w))
	case x[3] != w[3]:
		return nil, misfit("images have %d channels and filters %d", x[3], w[3]).fixed("images are [batch height width channels], filters [height width filters channels]")
	case stride < 1:
		return nil, misfit("the stride is %d, but must be 1 or more", stride)
	case x[1] < 1 || x[2] < 1:
		return nil, misfit("an image of %dx%d has no pixels", x[1], x[2])
	}
	out := []int{x[0], x[1] * stride, x[2] * stride, w[2]}
	if !same {
		out[1] += max(w[0]-stride, 0)
		out[2] += max(w[1]-stride, 0)
	}
	return NewConv(out, w, stride, same)
}
