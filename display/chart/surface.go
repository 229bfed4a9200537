// This file draws a function of two variables, and paths over it.

package chart

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// Surface draws f, a function of x and y of type float64, such as a loss over two
// weights, as colours and lines of equal height. It may also take all places at
// once, as [Boundary]'s does. SeriesXY draws a path over it, such as that of a
// gradient descent, from a ring to a disc. XRange and YRange say which part of the
// plane is shown, from −1 to 1 or as much as the paths need without them;
// Resolution at how many places f is asked.
//
// Lines are as far apart as the roots of their heights above the lowest place:
// over a bowl of second degree they are evenly spaced.
func Surface(f any, options ...Option) *Figure {
	return build(surface, options, func(s *settings) (layout, error) {
		if f == nil || !isFunc(f) {
			return nil, fmt.Errorf("f is %s; a function was expected", typeText(f))
		}
		var xs, ys [][]float64
		for _, one := range s.series {
			xs, ys = append(xs, one.x), append(ys, one.y)
		}
		x, y := padded(0.25, xs...), padded(0.25, ys...)
		if s.xrange != nil {
			x = *s.xrange
		}
		if s.yrange != nil {
			y = *s.yrange
		}
		r := relief{field: s.newField(x, y)}
		if _, _, err := r.fill("f", f, nil, nil); err != nil {
			return nil, err
		}
		if len(r.values) != 1 {
			return nil, fmt.Errorf("f returned %d numbers for a place: 1 was expected", len(r.values))
		}
		return r.layout, nil
	})
}

// relief is a surface seen from above.
type relief struct {
	frame
	*field
	lo, hi float64
	low    place // where the lowest of the corners is
}

// levels is how many lines are drawn.
const levels = 12

func (r relief) layout(s *settings) drawing {
	s.scaled = true
	r.frame = frame{settings: s, covered: true, right: barRoom}
	r.x.lo, r.x.hi, r.y.lo, r.y.hi = r.x0, r.x1, r.y0, r.y1
	r.x.ticks, r.y.ticks = s.ticksWide(), s.ticksHigh()
	values := r.values[0]
	var ok bool
	if r.lo, r.hi, ok = bounds(values); !ok {
		r.notes = append(r.notes, s.say("no values"))
		r.lo, r.hi = 0, 1
	}
	if r.lo == r.hi {
		r.hi = r.lo + 1
	}
	lost := 0
	for k, v := range values {
		switch {
		case !finite(v):
			lost++
		case v == r.lo:
			r.low = place{float64(k % r.nx), float64(k / r.nx)}
		}
	}
	if lost > 0 && ok {
		r.notes = append(r.notes, s.leftOut(lost, "place"))
	}
	for i, one := range s.series {
		if one.name != "" {
			r.legend = append(r.legend, key{name: shortened(one.name, 28), color: pathColor(i)})
		}
	}
	r.beside = func(c draw.Canvas) {
		colorBar(c, r.lo, r.hi, func(t float64) color.Color { return shade(math.Sqrt(t)) })
	}
	r.plotters = append(r.plotters, &r)
	return &r
}

// pathColor leaves out the blue of the surface.
func pathColor(i int) color.RGBA { return colorOf(i + 1) }

// shade is the colour of a share of the height.
func shade(t float64) color.NRGBA {
	return faded(canvas.Palette[0], 0.04+0.8*math.Round(t*(shadeSteps-1))/(shadeSteps-1))
}

const shadeSteps = 48

// share is how high a value is, from 0 to 1. Halves, since the range may be
// greater than the greatest number.
func (r *relief) share(v float64) float64 {
	return math.Sqrt(min(max((v/2-r.lo/2)/(r.hi/2-r.lo/2), 0), 1))
}

// Plot implements [plot.Plotter].
func (r *relief) Plot(c draw.Canvas, p *plot.Plot) {
	w, h := max(int(c.Max.X-c.Min.X), 1), max(int(c.Max.Y-c.Min.Y), 1)
	colors := color.Palette{color.Transparent}
	for n := range shadeSteps {
		colors = append(colors, shade(float64(n)/(shadeSteps-1)))
	}
	img := image.NewPaletted(image.Rect(0, 0, w, h), colors)
	for j := range h {
		for i := range w {
			v := r.between(r.values[0], (float64(i)+0.5)/float64(w)*float64(r.nx-1), (1-(float64(j)+0.5)/float64(h))*float64(r.ny-1))
			if finite(v) {
				img.Pix[j*w+i] = uint8(1 + math.Round(r.share(v)*(shadeSteps-1)))
			}
		}
	}
	c.DrawImage(c.Rectangle, img)
	for n := 1; n < levels; n++ {
		t := float64(n) / levels
		r.lines(c, r.values[0], r.lo+(r.hi-r.lo)*t*t, draw.LineStyle{Color: canvas.Soft, Width: 0.7})
	}
	for i, one := range r.settings.series {
		path := curve{series: one, color: pathColor(i)}
		path.stroke(c, p, one.y, draw.LineStyle{Color: path.color, Width: lineWidth})
		first := true
		last := vg.Point{X: vg.Length(math.NaN())}
		for k := range one.y {
			at := vg.Point{X: c.X(p.X.Norm(one.x[k])), Y: c.Y(p.Y.Norm(one.y[k]))}
			if !drawable(at) || !c.Contains(at) {
				continue
			}
			switch {
			case first:
				c.SetLineStyle(draw.LineStyle{Color: path.color, Width: lineWidth})
				c.Stroke(circle(at, 5))
				first = false
			case len(one.y) <= 100:
				disc(c, at, 2.5, path.color)
			}
			last = at
		}
		if drawable(last) {
			disc(c, last, 5, path.color)
		}
	}
}

func (r *relief) describe() string {
	x, y := r.at(int(r.low.u), int(r.low.v))
	lo, hi, _ := bounds(r.values[0])
	s := r.say("surface with heights from %s to %s, lowest near x %s, y %s", numberText(lo), numberText(hi), numberText(x), numberText(y))
	for _, one := range r.settings.series {
		if n := len(one.x); n > 0 {
			s += r.say("; path %s of %s from (%s, %s) to (%s, %s)", one.name, r.count(n, "place"), numberText(one.x[0]), numberText(one.y[0]), numberText(one.x[n-1]), numberText(one.y[n-1]))
		}
	}
	return s
}

func (r *relief) data() any {
	out := chartData{Kind: "surface", Series: jsonSeries(r.settings.series)}
	every := max(r.nx/20, 1)
	for j := 0; j < r.ny; j += every {
		var row jsonNums
		for i := 0; i < r.nx; i += every {
			row = append(row, r.values[0][j*r.nx+i])
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
