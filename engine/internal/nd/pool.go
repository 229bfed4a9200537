// This file pools images: the largest or the mean of every window.

package nd

// A Pool cuts images [N H W C] into windows of KH by KW, SH and SW apart; what is left
// at the right and lower border is dropped.
type Pool struct{ N, H, W, C, KH, KW, SH, SW, OH, OW int }

// NewPool returns the pooling of a shape by windows k, [height width], that are step
// apart.
func NewPool(x []int, k, step [2]int) (*Pool, *Misfit) {
	switch {
	case len(x) != 4:
		return nil, misfit("images have rank %d, not 4: [batch height width channels]", len(x)).fixed("Reshape(n, h, w, 1) for images of one channel")
	case k[0] < 1 || k[1] < 1:
		return nil, misfit("a window of %d is too small; it must be 1 or more", min(k[0], k[1]))
	case step[0] < 1 || step[1] < 1:
		return nil, misfit("the stride is %d, but must be 1 or more", min(step[0], step[1]))
	case x[1] < k[0] || x[2] < k[1]:
		return nil, misfit("a %dx%d window does not fit on a %dx%d image", k[0], k[1], x[1], x[2])
	}
	return &Pool{
		N: x[0], H: x[1], W: x[2], C: x[3], KH: k[0], KW: k[1], SH: step[0], SW: step[1],
		OH: (x[1]-k[0])/step[0] + 1, OW: (x[2]-k[1])/step[1] + 1,
	}, nil
}

// Out returns the shape of the result.
func (p *Pool) Out() []int { return []int{p.N, p.OH, p.OW, p.C} }

// windows calls f for every window with the position of its first channel in the
// result and of its first pixel in the images.
func (p *Pool) windows(f func(out, in int)) {
	for i := range p.N {
		for y := range p.OH {
			for x := range p.OW {
				f(((i*p.OH+y)*p.OW+x)*p.C, ((i*p.H+y*p.SH)*p.W+x*p.SW)*p.C)
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
		for r := range p.KH {
			for k := range p.KW {
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
	each := 1 / T(p.KH*p.KW)
	p.windows(func(out, in int) {
		mean := y[out : out+p.C]
		clear(mean)
		for r := range p.KH {
			for k := range p.KW {
				at := in + (r*p.W+k)*p.C
				Accumulate(mean, x[at:at+p.C])
			}
		}
		Scale(mean, each, mean)
	})
}

// MeanPoolBack adds to dx the gradient of the images.
func MeanPoolBack[T Float](p *Pool, dx, g []T) {
	each := 1 / T(p.KH*p.KW)
	p.windows(func(out, in int) {
		for r := range p.KH {
			for k := range p.KW {
				at := in + (r*p.W+k)*p.C
				AddScaled(dx[at:at+p.C], each, g[out:out+p.C])
			}
		}
	})
}
