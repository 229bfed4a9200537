// This file reads an image through an affine map.

package data

import "math"

// warp writes to dst the image whose pixels come from where m says, times scale.
func warp[T uint8 | float32](dst []float32, src []T, p *picture, m *affine, scale float32) {
	if m.whole(p) {
		move(dst, src, p, m, scale)
		return
	}
	h, w, ch := p.h, p.w, p.ch
	cx, cy := float64(w-1)/2, float64(h-1)/2
	for y := range h {
		// Where the row begins in the source, and how far apart its pixels are.
		ox := m.a*-cx + m.b*(float64(y)-cy) + m.e + cx
		oy := m.c*-cx + m.d*(float64(y)-cy) + m.f + cy
		out := dst[y*w*ch : (y+1)*w*ch]
		for x := range w {
			sx, sy := ox+m.a*float64(x), oy+m.c*float64(x)
			x0, y0 := floor(sx), floor(sy)
			tx, ty := float32(sx-float64(x0)), float32(sy-float64(y0))
			low, up := ty*scale, (1-ty)*scale
			w00, w01, w10, w11 := (1-tx)*up, tx*up, (1-tx)*low, tx*low
			if ch == 1 && x0 >= 0 && y0 >= 0 && x0+1 < w && y0+1 < h {
				p := src[y0*w+x0:]
				q := p[w : w+2]
				out[x] = w00*float32(p[0]) + w01*float32(p[1]) + w10*float32(q[0]) + w11*float32(q[1])
				continue
			}
			px := out[x*ch : (x+1)*ch]
			if x0 >= 0 && y0 >= 0 && x0+1 < w && y0+1 < h {
				i := (y0*w + x0) * ch
				p, q := src[i:i+2*ch], src[i+w*ch:i+(w+2)*ch]
				for c := range px {
					px[c] = w00*float32(p[c]) + w01*float32(p[ch+c]) + w10*float32(q[c]) + w11*float32(q[ch+c])
				}
				continue
			}
			i00, i01, i10, i11 := p.index(x0, y0), p.index(x0+1, y0), p.index(x0, y0+1), p.index(x0+1, y0+1)
			for c := range px {
				px[c] = w00*at(src, i00, c) + w01*at(src, i01, c) + w10*at(src, i10, c) + w11*at(src, i11, c)
			}
		}
	}
}

func floor(v float64) int {
	i := int(v)
	if float64(i) > v {
		i--
	}
	return i
}

// whole reports whether m takes pixels to pixels without turning the image.
func (m *affine) whole(p *picture) bool {
	return m.b == 0 && m.c == 0 && (m.a == 1 || m.a == -1) && (m.d == 1 || m.d == -1) && m.e == math.Trunc(m.e) && m.f == math.Trunc(m.f)
}

// move is warp for such a map.
func move[T uint8 | float32](dst []float32, src []T, p *picture, m *affine, scale float32) {
	h, w, ch := p.h, p.w, p.ch
	e, f := int(m.e), int(m.f)
	for y := range h {
		sy := y + f
		if m.d < 0 {
			sy = h - 1 - y + f
		}
		out := dst[y*w*ch : (y+1)*w*ch]
		if m.a > 0 && sy >= 0 && sy < h && p.edge == EdgeZero {
			// The part of the row that is there is one piece.
			lo, hi := min(max(-e, 0), w), max(min(w-e, w), 0)
			clear(out[:lo*ch])
			if lo < hi {
				for k, v := range src[(sy*w+lo+e)*ch : (sy*w+hi+e)*ch] {
					out[lo*ch+k] = float32(v) * scale
				}
			}
			clear(out[max(lo, hi)*ch:])
			continue
		}
		for x := range w {
			sx := x + e
			if m.a < 0 {
				sx = w - 1 - x + e
			}
			i := p.index(sx, sy)
			for c := range ch {
				out[x*ch+c] = at(src, i, c) * scale
			}
		}
	}
}

// index returns where a pixel begins, also of one outside; -1 means zeros.
func (p *picture) index(x, y int) int {
	if x < 0 || y < 0 || x >= p.w || y >= p.h {
		switch p.edge {
		case EdgeZero:
			return -1
		case EdgeNearest:
			x, y = min(max(x, 0), p.w-1), min(max(y, 0), p.h-1)
		case EdgeReflect:
			x, y = mirror(x, p.w), mirror(y, p.h)
		}
	}
	return (y*p.w + x) * p.ch
}

// mirror brings i into 0..n-1; the pixel at the edge is doubled.
func mirror(i, n int) int {
	if i %= 2 * n; i < 0 {
		i += 2 * n
	}
	if i >= n {
		i = 2*n - 1 - i
	}
	return i
}

func at[T uint8 | float32](src []T, i, c int) float32 {
	if i < 0 {
		return 0
	}
	return float32(src[i+c])
}
