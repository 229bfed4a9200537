// This file draws where a model looks: heat over pictures.

package chart

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// Overlay draws pictures, as [Images] takes them, with heat over them: what a
// saliency map or Grad-CAM says of how much each place matters. The heat is a
// matrix for each picture, of any size: it is stretched over the picture, with
// values between interpolated. It is red where it is great and blue where it is
// below 0, each picture's as a share of its greatest.
func Overlay(pictures, heat any, options ...Option) *Figure {
	return build(overlay, options, func(s *settings) (layout, error) {
		o := &heated{pictureGrid: pictureGrid{settings: s}}
		if err := o.pictureGrid.read(pictures); err != nil {
			return nil, err
		}
		all, total, err := o.readHeat(heat)
		if err != nil {
			return nil, err
		}
		if total != o.total {
			return nil, fmt.Errorf("there are %d pictures and the heat of %d", o.total, total)
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("there are no pictures")
		}
		if o.labels != nil && len(o.labels) < len(all) || o.predicted != nil && len(o.predicted) < len(all) {
			return nil, fmt.Errorf("there are %d pictures, %d labels and %d predictions", o.total, len(o.labels), len(o.predicted))
		}
		for i, h := range all {
			b := o.pictures[i].Bounds()
			o.original.X, o.original.Y = max(o.original.X, b.Dx()), max(o.original.Y, b.Dy())
			o.pictures[i] = o.cover(o.pictures[i], h)
			o.heat = append(o.heat, h)
		}
		return o.layout, nil
	})
}

// heated are pictures with heat over them.
type heated struct {
	pictureGrid
	heat     []small
	original image.Point // the size of the largest picture
}

// readHeat reads a matrix for each picture that is drawn, and returns how many
// there are in all.
func (o *heated) readHeat(heat any) (all []small, total int, err error) {
	if heat == nil || isNil(heat) {
		return nil, 0, fmt.Errorf("the heat is nil")
	}
	r, ok := heat.(rower)
	if !ok {
		m := mapGrid{pictureGrid: pictureGrid{settings: &settings{}}}
		all, err = m.readSlice(heat)
		return all, m.total, err
	}
	shape := append([]int{r.Len()}, r.ExampleShape()...)
	given := slices.Clone(shape)
	for len(shape) > 2 && shape[len(shape)-1] == 1 { // a channel
		shape = shape[:len(shape)-1]
	}
	switch {
	case len(shape) == 2 && o.total == 1 && !(shape[0] == 1 && square(shape[1])):
		shape = append([]int{1}, shape...)
	case len(shape) == 2 && square(shape[1]):
		shape = []int{shape[0], isqrt(shape[1]), isqrt(shape[1])}
	}
	if len(shape) != 3 {
		return nil, 0, fmt.Errorf("the heat has the shape %v: a matrix for each picture was expected", given)
	}
	values, _, err := readRows(r, r.Len())
	if err != nil {
		return nil, 0, err
	}
	size := shape[1] * shape[2]
	for i := range min(shape[0], maxPictures) {
		all = append(all, small{shape[1], shape[2], widened(values[i*size : (i+1)*size])})
	}
	return all, shape[0], nil
}

// enough is how many pixels across a picture is drawn in, so that heat is smooth.
const enough = 168

// cover lays heat over a picture.
func (o *heated) cover(picture image.Image, heat small) image.Image {
	b := picture.Bounds()
	k := max(enough/max(b.Dx(), b.Dy(), 1), 1)
	most := 0.0
	for _, v := range heat.values {
		if finite(v) {
			most = max(most, math.Abs(v))
		}
	}
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx()*k, b.Dy()*k))
	f := field{nx: heat.w, ny: heat.h}
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			clr := color.NRGBAModel.Convert(picture.At(b.Min.X+x/k, b.Min.Y+y/k)).(color.NRGBA)
			v := f.between(heat.values, along(x, out.Rect.Dx(), heat.w), along(y, out.Rect.Dy(), heat.h))
			if finite(v) && most > 0 {
				over := canvas.Palette[1]
				if v < 0 {
					over = canvas.Palette[0]
				}
				share := math.Round(32*math.Abs(v)/most) / 32 * 0.85
				mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-share) + float64(b)*share)) }
				clr = color.NRGBA{mix(clr.R, over.R), mix(clr.G, over.G), mix(clr.B, over.B), clr.A}
			}
			out.SetNRGBA(x, y, clr)
		}
	}
	return out
}

// along is the place of pixel i of n between the middles of a number of cells,
// which reach from 0 to cells-1.
func along(i, n, cells int) float64 {
	return min(max((float64(i)+0.5)/float64(n)*float64(cells)-0.5, 0), float64(cells-1))
}

func (o *heated) layout(s *settings) drawing {
	p := *o
	p.pictureGrid = *o.pictureGrid.layout(s).(*pictureGrid)
	return &p
}

func (o *heated) draw(c draw.Canvas) { o.pictureGrid.draw(c) }

func (o *heated) describe() string {
	o2 := o.pictureGrid
	o2.size = o.original
	parts := make([]string, len(o.heat))
	for i, h := range o.heat {
		best := 0
		for k, v := range h.values {
			if v > h.values[best] || !finite(h.values[best]) {
				best = k
			}
		}
		parts[i] = o.say("%.0f%% across, %.0f%% down", 100*(float64(best%h.w)+0.5)/float64(h.w), 100*(float64(best/h.w)+0.5)/float64(h.h))
	}
	return o2.describe() + o.say("; heat is greatest at %s", strings.Join(parts, o.say("; ")))
}

func (o *heated) data() any {
	out := chartData{Kind: "overlay"}
	for _, h := range o.heat {
		for i := range h.h {
			if len(out.Rows) < maxData {
				out.Rows = append(out.Rows, h.values[i*h.w:(i+1)*h.w])
			}
		}
	}
	return out
}
