// This file convolves images, forward and backward side by side.

package nd

import "cajal/engine/internal/f32"

// A Conv is a convolution of images [N H W C], channels last, with filters
// [KH KW C F], as neural networks have it: the filters are not turned over.
type Conv struct {
	N, H, W, C, KH, KW, F int
	Stride                int
	OH, OW                int // of the result [N OH OW F]
	top, left             int // zeros before the image
	ph, pw                int // of the image with its zeros
}

// NewConv returns a convolution of two shapes. With same the image is surrounded
// with zeros so that a stride of 1 keeps its size and a stride of s leaves H/s,
// rounded up; an odd zero is put at the end.
func NewConv(x, w []int, stride int, same bool) (*Conv, *Misfit) {
	switch {
	case len(x) != 4:
		return nil, misfit("images have rank %d, not 4: [batch height width channels]", len(x)).fixed("Reshape(n, h, w, 1) for images of one channel")
	case len(w) != 4:
		return nil, misfit("filters have rank %d, not 4: [height width channels filters]", len(w))
	case x[3] != w[2]:
		return nil, misfit("images have %d channels and filters %d", x[3], w[2]).fixed("images are [batch height width channels], filters [height width channels filters]")
	case w[0] < 1 || w[1] < 1:
		return nil, misfit("a filter of %dx%d has no numbers", w[0], w[1])
	case stride < 1:
		return nil, misfit("the stride is %d, but must be 1 or more", stride)
	}
	c := &Conv{N: x[0], H: x[1], W: x[2], C: x[3], KH: w[0], KW: w[1], F: w[3], Stride: stride}
	if same {
		c.OH, c.OW = (c.H+stride-1)/stride, (c.W+stride-1)/stride
		c.top = max((c.OH-1)*stride+c.KH-c.H, 0) / 2
		c.left = max((c.OW-1)*stride+c.KW-c.W, 0) / 2
	} else {
		if c.H >= c.KH {
			c.OH = (c.H-c.KH)/stride + 1
		}
		if c.W >= c.KW {
			c.OW = (c.W-c.KW)/stride + 1
		}
	}
	if c.OH < 1 || c.OW < 1 {
		return nil, misfit("a %dx%d filter does not fit on a %dx%d image", c.KH, c.KW, c.H, c.W).fixed("grad.Same puts zeros around the image")
	}
	c.ph, c.pw = (c.OH-1)*stride+c.KH, (c.OW-1)*stride+c.KW
	return c, nil
}

// Out returns the shape of the result.
func (c *Conv) Out() []int { return []int{c.N, c.OH, c.OW, c.F} }

// flops is the work of one image.
func (c *Conv) flops() float64 {
	return 2 * float64(c.OH*c.OW) * float64(c.KH*c.KW) * float64(c.C*c.F)
}

// images runs task for every image, on all processors when there is much to do.
func (c *Conv) images(task func(i int)) {
	if c.flops()*float64(c.N) < sharedFlops {
		for i := range c.N {
			task(i)
		}
		return
	}
	parallel(c.N, task)
}

// padded returns image i with its zeros, a cut of its end where the stride does
// not reach it.
func padded[T Float](c *Conv, x []T, i int) []T {
	img := x[i*c.H*c.W*c.C : (i+1)*c.H*c.W*c.C]
	if c.ph == c.H && c.pw == c.W {
		return img
	}
	p := make([]T, c.ph*c.pw*c.C)
	cols := min(c.W, c.pw-c.left)
	for y := range min(c.H, c.ph-c.top) {
		copy(p[((y+c.top)*c.pw+c.left)*c.C:], img[y*c.W*c.C:(y*c.W+cols)*c.C])
	}
	return p
}

// ld returns the padded number of filters or channels.
func ld[T Float](n int) int {
	if lanes[T](n) {
		return n
	}
	return f32.Pad(n)
}

// ConvForward sets y to the convolution of x with w. A row of the result is one
// product: what a row of a filter covers lies together in the image.
func ConvForward[T Float](c *Conv, y, x, w []T) {
	f := ld[T](c.F)
	if f != c.F {
		wide := make([]T, c.KH*c.KW*c.C*f)
		widen(wide, f, w, c.F, c.KH*c.KW*c.C)
		w = wide
	}
	line := c.KW * c.C
	p := f32.Product{
		M: c.OW, N: f, K: line, L: c.KH,
		ARow: c.Stride * c.C, ACol: 1, ASeg: c.pw * c.C,
		BRow: f, BSeg: line * f, CRow: f,
	}
	c.images(func(i int) {
		img := padded(c, x, i)
		out := y[i*c.OH*c.OW*c.F : (i+1)*c.OH*c.OW*c.F]
		var row []T
		if f != c.F {
			row = make([]T, c.OW*f)
		}
		for r := range c.OH {
			at := img[r*c.Stride*c.pw*c.C:]
			if row == nil {
				multiply(p, at, w, out[r*c.OW*c.F:(r+1)*c.OW*c.F])
				continue
			}
			multiply(p, at, w, row)
			for k := range c.OW {
				copy(out[(r*c.OW+k)*c.F:(r*c.OW+k+1)*c.F], row[k*f:])
			}
		}
	})
}

// ConvBackFilter adds to dw the gradient of the filters, from that of the result.
func ConvBackFilter[T Float](c *Conv, dw, g, x []T) {
	f := ld[T](c.F)
	line := c.KW * c.C
	sum := dw
	if f != c.F {
		sum = make([]T, c.KH*line*f)
		widen(sum, f, dw, c.F, c.KH*line)
	}
	// The whole result is a sum over images, so images are not shared out: rows of
	// the filters are.
	images := make([][]T, c.N)
	grads := make([][]T, c.N)
	size := c.OH * c.OW
	for i := range images {
		images[i] = padded(c, x, i)
		grads[i] = g[i*size*c.F : (i+1)*size*c.F]
		if f != c.F {
			wide := make([]T, size*f)
			widen(wide, f, grads[i], c.F, size)
			grads[i] = wide
		}
	}
	p := f32.Product{
		M: line, N: f, K: c.OW, L: c.OH,
		ARow: 1, ACol: c.Stride * c.C, ASeg: c.Stride * c.pw * c.C,
		BRow: f, BSeg: c.OW * f, CRow: f, Acc: true,
	}
	rows := func(l int) {
		for i := range images {
			multiply(p, images[i][l*c.pw*c.C:], grads[i], sum[l*line*f:(l+1)*line*f])
		}
	}
	if c.flops()*float64(c.N) < sharedFlops {
		for l := range c.KH {
			rows(l)
		}
	} else {
		parallel(c.KH, rows)
	}
	if f != c.F {
		for k := range c.KH * line {
			copy(dw[k*c.F:(k+1)*c.F], sum[k*f:])
		}
	}
}

// ConvBackInput adds to dx the gradient of the images, from that of the result:
// the result's gradient, with stride-1 zeros between its pixels and zeros around,
// convolved with the filters turned by half a turn.
func ConvBackInput[T Float](c *Conv, dx, g, w []T) {
	ch := ld[T](c.C)
	turned := make([]T, c.KH*c.KW*c.F*ch)
	for cell := range c.KH * c.KW {
		to := turned[(c.KH*c.KW-1-cell)*c.F*ch:]
		for i := range c.C {
			for o := range c.F {
				to[o*ch+i] = w[(cell*c.C+i)*c.F+o]
			}
		}
	}
	gh, gw := c.ph+c.KH-1, c.pw+c.KW-1
	p := f32.Product{
		M: c.pw, N: ch, K: c.KW * c.F, L: c.KH,
		ARow: c.F, ACol: 1, ASeg: gw * c.F,
		BRow: ch, BSeg: c.KW * c.F * ch, CRow: ch,
	}
	c.images(func(i int) {
		spread := make([]T, gh*gw*c.F)
		for y := range c.OH {
			for x := range c.OW {
				at := ((c.KH-1+y*c.Stride)*gw + c.KW - 1 + x*c.Stride) * c.F
				from := ((i*c.OH+y)*c.OW + x) * c.F
				copy(spread[at:at+c.F], g[from:from+c.F])
			}
		}
		img := dx[i*c.H*c.W*c.C : (i+1)*c.H*c.W*c.C]
		row := make([]T, c.pw*ch)
		for y := range min(c.H, c.ph-c.top) {
			multiply(p, spread[(y+c.top)*gw*c.F:], turned, row)
			for x := range min(c.W, c.pw-c.left) {
				Accumulate(img[(y*c.W+x)*c.C:(y*c.W+x+1)*c.C], row[(x+c.left)*ch:])
			}
		}
	})
}
