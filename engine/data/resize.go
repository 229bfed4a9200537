// This file changes the size of images.

package data

import (
	"fmt"
	"math"
	"slices"
)

// taps are the source pixels that make one pixel of a row or column, and their shares.
type taps struct {
	from   int
	weight []float32
}

// makeTaps gives the taps of each of out pixels that are made of in ones: a triangle
// as wide as two pixels of the larger grid, which is bilinear interpolation when the
// image grows, and a mean over the area when it shrinks.
func makeTaps(in, out int) []taps {
	scale := float64(in) / float64(out)
	radius := max(scale, 1)
	ts := make([]taps, out)
	for i := range ts {
		middle := (float64(i) + 0.5) * scale
		lo := max(int(math.Floor(middle-radius)), 0)
		hi := min(int(math.Ceil(middle+radius)), in)
		var w []float64
		sum := 0.0
		for k := lo; k < hi; k++ {
			v := max(1-math.Abs(float64(k)+0.5-middle)/radius, 0)
			w = append(w, v)
			sum += v
		}
		ts[i].from = lo
		for _, v := range w {
			ts[i].weight = append(ts[i].weight, float32(v/sum))
		}
	}
	return ts
}

// A resizer brings images of one size, [h w ch], to another. It is for one goroutine.
type resizer struct {
	h, w, ch     int
	toH, toW     int
	rows, cols   []taps
	intermediate []float32
}

func newResizer(h, w, ch, toH, toW int) *resizer {
	return &resizer{h: h, w: w, ch: ch, toH: toH, toW: toW, rows: makeTaps(h, toH), cols: makeTaps(w, toW), intermediate: make([]float32, h*toW*ch)}
}

// resize writes the image src to dst: first each row, then each column.
func (r *resizer) resize(dst, src []float32) {
	ch := r.ch
	for y := range r.h {
		row := src[y*r.w*ch : (y+1)*r.w*ch]
		out := r.intermediate[y*r.toW*ch : (y+1)*r.toW*ch]
		for x, t := range r.cols {
			for c := range ch {
				sum := float32(0)
				for k, v := range t.weight {
					sum += v * row[(t.from+k)*ch+c]
				}
				out[x*ch+c] = sum
			}
		}
	}
	n := r.toW * ch
	for y, t := range r.rows {
		out := dst[y*n : (y+1)*n]
		clear(out)
		for k, v := range t.weight {
			for i, s := range r.intermediate[(t.from+k)*n : (t.from+k+1)*n] {
				out[i] += v * s
			}
		}
	}
}

// imageShape returns the shape of examples that are images.
func (d *Dataset) imageShape(what string) (h, w, ch int, err error) {
	switch len(d.shape) {
	case 2:
		return d.shape[0], d.shape[1], 1, nil
	case 3:
		return d.shape[0], d.shape[1], d.shape[2], nil
	}
	return 0, 0, 0, fmt.Errorf("data: %s wants images, [height width channels], but the examples are %v\nhint: Reshape(28, 28, 1) or the like before it", what, d.shape)
}

// Resize returns the dataset with images of another height and width, made by bilinear
// interpolation, which takes means when the image shrinks. It fails unless examples are
// [height width] or [height width channels].
func (d *Dataset) Resize(height, width int) (*Dataset, error) {
	h, w, ch, err := d.imageShape("Resize")
	if err != nil {
		return nil, err
	}
	if err := checkSize("Resize", height, width); err != nil {
		return nil, err
	}
	r := newResizer(h, w, ch, height, width)
	return d.remade(resized(d.shape, height, width), func(dst, src []float32) { r.resize(dst, src) })
}

// Crop returns the dataset with the middle of each image, of the given height and width;
// where these are larger than the image, zeros are put around it.
func (d *Dataset) Crop(height, width int) (*Dataset, error) {
	h, w, ch, err := d.imageShape("Crop")
	if err != nil {
		return nil, err
	}
	if err := checkSize("Crop", height, width); err != nil {
		return nil, err
	}
	top, left := (h-height)/2, (w-width)/2 // negative where zeros are needed
	return d.remade(resized(d.shape, height, width), func(dst, src []float32) {
		for y := range height {
			out := dst[y*width*ch : (y+1)*width*ch]
			clear(out)
			if y+top < 0 || y+top >= h {
				continue
			}
			lo, hi := max(-left, 0), min(w-left, width)
			copy(out[lo*ch:hi*ch], src[((y+top)*w+lo+left)*ch:])
		}
	})
}

func checkSize(what string, height, width int) error {
	if height < 1 || width < 1 || height > maxSide || width > maxSide {
		return fmt.Errorf("data: %s(%d, %d): height and width must be from 1 to %d", what, height, width, maxSide)
	}
	return nil
}

// maxSide bounds height and width of images.
const maxSide = 1 << 15

func resized(shape []int, h, w int) []int {
	s := slices.Clone(shape)
	s[0], s[1] = h, w
	return s
}
