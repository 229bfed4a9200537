// This file pools images: the largest or the mean of every window.

package nd

// A Pool cuts images [N H W C] into windows of Size by Size, side by side; what
// is left at the right and lower border is dropped.
type Pool struct{ N, H, W, C, Size, OH, OW int }

// NewPool returns the pooling of a shape.
func NewPool(x []int, size int) (*Pool, *Misfit) {
	switch {
	case len(x) != 4:
		return nil, misfit("images have rank %d, not 4: [batch height width channels]", len(x)).fixed("Reshape(n, h, w, 1) for images of one channel")
	case size < 1:
		return nil, misfit("a window of %d is too small; it must be 1 or more", size)
	case x[1] < size || x[2] < size:
		return nil, misfit("a %dx%d window does not fit on a %dx%d image", size, size, x[1], x[2])
	}
	return &Pool{N: x[0], H: x[1], W: x[2], C: x[3], Size: size, OH: x[1] / size, OW: x[2] / size}, nil
}

// Out returns the shape of the result.
func (p *Pool) Out() []int { return []int{p.N, p.OH, p.OW, p.C} }

// windows calls f for every window with the position of its first channel in the
// result and of its first pixel in the images.
func (p *Pool) windows(f func(out, in int)) {
	for i := range p.N {
		for y := range p.OH {
			for x := range p.OW {
				f(((i*p.OH+y)*p.OW+x)*p.C, ((i*p.H+y*p.Size)*p.W+x*p.Size)*p.C)
			}
		}
	}
}

// MaxPool sets y to the largest of every window and won to where it stands in x,
// the first of equals.
func MaxPool[T Float](p *Pool, y []T, won []int32, x []T) {
	p.windows(func(out, in int) {
		top, from := y[out:out+p.C], won[out:out+p.C]
		copy(top, x[in:in+p.C])
		for c := range from {
			from[c] = int32(in + c)
		}
		for r := range p.Size {
			for k := range p.Size {
				at := in + (r*p.W+k)*p.C
				for c, v := range x[at : at+p.C] {
					if !(v <= top[c]) && top[c] == top[c] { // larger, or the first NaN
						top[c], from[c] = v, int32(at+c)
					}
				}
			}
		}
	})
}

// AddWon adds every number of g to where its maximum stood.
func AddWon[T Float](dx, g []T, won []int32) {
	for k, v := range g {
		dx[won[k]] += v
	}
}

// MeanPool sets y to the mean of every window.
func MeanPool[T Float](p *Pool, y, x []T) {
	each := 1 / T(p.Size*p.Size)
	p.windows(func(out, in int) {
		mean := y[out : out+p.C]
		clear(mean)
		for r := range p.Size {
			for k := range p.Size {
				at := in + (r*p.W+k)*p.C
				Accumulate(mean, x[at:at+p.C])
			}
		}
		Scale(mean, each, mean)
	})
}

// MeanPoolBack adds to dx the gradient of the images.
func MeanPoolBack[T Float](p *Pool, dx, g []T) {
	each := 1 / T(p.Size*p.Size)
	p.windows(func(out, in int) {
		for r := range p.Size {
			for k := range p.Size {
				at := in + (r*p.W+k)*p.C
				AddScaled(dx[at:at+p.C], each, g[out:out+p.C])
			}
		}
	})
}
