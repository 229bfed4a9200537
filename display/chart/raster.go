// This file draws when neurons fire.

package chart

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"reflect"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// Raster draws a row for each neuron, with a stroke for each time that it fires:
// spikes is a slice of the times of each, [][]float64, or a matrix or tensor with
// a row for each neuron and a column for each step, which is not 0 where it
// fires. Groups colours the neurons; Rate draws beneath how often they fire.
func Raster(spikes any, options ...Option) *Figure {
	return build(raster, options, func(s *settings) (layout, error) {
		r := train{}
		if err := r.read(spikes); err != nil {
			return nil, err
		}
		if s.groups != nil && len(s.groups) != len(r.times) {
			return nil, fmt.Errorf("there are %d neurons and %d groups", len(r.times), len(s.groups))
		}
		for _, g := range s.groups {
			if !slices.Contains(r.groups, g) {
				r.groups = append(r.groups, g)
			}
		}
		slices.SortStableFunc(r.groups, byNumber)
		return r.layout, nil
	})
}

// Rate draws beneath a Raster how often a neuron fires in a unit of time, on the
// average, in ranges of time so wide.
func Rate(width float64) Option {
	return Option{"Rate", raster, func(s *settings) error {
		if !(width > 0) || !finite(width) {
			return fmt.Errorf("ranges of time %v wide: a number above 0 was expected", width)
		}
		s.rate = width
		return nil
	}}
}

// train is the spikes of some neurons.
type train struct {
	frame
	times  [][]float64 // of each neuron
	groups []string    // different ones
	end    float64     // of the time, if it is known; else 0
	total  int
	rate   *frame // the chart beneath, nil without
}

func (r *train) read(spikes any) error {
	switch spikes.(type) {
	case mat.Matrix, rower:
		m, err := matrix("the spikes", spikes)
		if err != nil {
			return err
		}
		for _, row := range m {
			var times []float64
			for t, v := range row {
				if v != 0 && finite(v) {
					times = append(times, float64(t))
				}
			}
			r.times = append(r.times, times)
			r.end = max(r.end, float64(len(row)))
		}
	default:
		v := reflect.ValueOf(spikes)
		if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
			return fmt.Errorf("the spikes are %s; a slice of the times of each neuron, or a matrix, was expected", typeText(spikes))
		}
		for i := range v.Len() {
			times, err := numbers(fmt.Sprintf("neuron %d", i), v.Index(i).Interface())
			if err != nil {
				return err
			}
			r.times = append(r.times, slices.DeleteFunc(times, func(t float64) bool { return !finite(t) }))
		}
	}
	if len(r.times) == 0 {
		return fmt.Errorf("there are no neurons")
	}
	for _, t := range r.times {
		r.total += len(t)
	}
	return nil
}

func (r train) layout(s *settings) drawing {
	r.frame = frame{settings: s}
	r.x.fit(r.times, s.xrange, false)
	if s.xrange == nil {
		if r.end > 0 {
			r.x.lo, r.x.hi = 0, r.end
		} else if r.x.lo >= 0 && r.x.lo < 0.2*(r.x.hi-r.x.lo) {
			r.x.lo = 0
		}
	}
	r.y.lo, r.y.hi = -0.6, float64(len(r.times))-0.4
	r.y.whole = true
	r.x.ticks, r.y.ticks = s.ticksWide(), s.ticksHigh()
	if s.xlabel == "" {
		s.xlabel = s.say("time")
	}
	if s.ylabel == "" {
		s.ylabel = s.say("neuron")
	}
	for i, g := range r.groups {
		r.legend = append(r.legend, key{name: shortened(g, 28), color: colorOf(i)})
	}
	if r.total == 0 {
		r.notes = append(r.notes, s.say("no neuron fires"))
	}
	r.plotters = append(r.plotters, &r)
	if s.rate > 0 {
		r.beneath(s)
	}
	return &r
}

// maxRates bounds the bars of the chart beneath.
const maxRates = 2000

// beneath makes the chart of the rates.
func (r *train) beneath(s *settings) {
	n := int(math.Ceil((r.x.hi-r.x.lo)/s.rate - 1e-9))
	if n < 1 || n > maxRates {
		r.notes = append(r.notes, s.say("no rates: ranges %s wide would be %s", numberText(s.rate), numberText(math.Ceil((r.x.hi-r.x.lo)/s.rate))))
		return
	}
	h := series{x: make([]float64, n), y: make([]float64, n)}
	for k := range h.x {
		h.x[k] = r.x.lo + float64(k)*s.rate
	}
	for _, times := range r.times {
		for _, t := range times {
			if k := int(math.Floor((t - r.x.lo) / s.rate)); t >= r.x.lo && t <= r.x.hi {
				h.y[min(k, n-1)] += 1 / s.rate / float64(len(r.times))
			}
		}
	}
	under := *s
	under.marks = slices.Clone(s.marks) // whose words are above
	for i := range under.marks {
		under.marks[i].text = ""
	}
	r.rate = &frame{settings: &under, x: r.x}
	r.rate.y.fit([][]float64{{0}, h.y}, nil, false)
	r.rate.y.pad(0, 0.05)
	r.rate.y.ticks = 3
	r.rate.plotters = []plot.Plotter{stair{h, s.rate, faded(colorOf(5), 1)}}
	r.x.names = []string{} // are beneath
	r.bare = true
}

func (r *train) draw(c draw.Canvas) {
	if r.rate == nil {
		r.frame.draw(c)
		return
	}
	c = r.header(c, r.legend, r.notes)
	high := max((c.Max.Y-c.Min.Y)*0.38, 84)
	upper, lower := draw.Crop(c, 0, 0, high, 0), draw.Crop(c, 0, 0, 0, -(c.Max.Y-c.Min.Y-high))
	above, beneath := r.frame, *r.rate
	left := max(above.margin(upper), beneath.margin(lower))
	above.left, beneath.left = left, left
	under := *r.settings
	under.xlabel = ""
	above.settings = &under
	above.body(upper)
	const words = 20
	c.FillText(canvas.Style(tickSize, false, canvas.Soft, text.XLeft, text.YTop), vg.Point{X: lower.Min.X, Y: lower.Max.Y - 2}, r.say("firing rate"))
	beneath.body(draw.Crop(lower, 0, 0, 0, -words))
}

// maxStrokes is how many spikes are elements of their own; more are drawn as one
// picture.
const maxStrokes = 4000

// Plot implements [plot.Plotter].
func (r *train) Plot(c draw.Canvas, p *plot.Plot) {
	row := (c.Max.Y - c.Min.Y) / vg.Length(r.y.hi-r.y.lo)
	half := max(row*0.38, 0.4)
	colors := make([]color.RGBA, len(r.times))
	for i := range r.times {
		colors[i] = colorOf(0)
		if r.settings.groups != nil {
			colors[i] = colorOf(slices.Index(r.groups, r.settings.groups[i]))
		}
	}
	if r.total > maxStrokes {
		c.DrawImage(c.Rectangle, r.picture(c, p, half, colors))
		return
	}
	width := vg.Length(1.2)
	for i, times := range r.times {
		y := c.Y(p.Y.Norm(float64(i)))
		var path vg.Path
		for _, t := range times {
			if x := c.X(p.X.Norm(t)); t >= r.x.lo && t <= r.x.hi {
				path.Move(vg.Point{X: x, Y: y - half})
				path.Line(vg.Point{X: x, Y: y + half})
			}
		}
		if path != nil {
			c.SetLineStyle(draw.LineStyle{Color: colors[i], Width: width})
			c.Stroke(path)
		}
	}
}

// picture draws the strokes into pixels, two for each CSS pixel.
func (r *train) picture(c draw.Canvas, p *plot.Plot, half vg.Length, colors []color.RGBA) image.Image {
	w, h := max(int(2*(c.Max.X-c.Min.X)), 1), max(int(2*(c.Max.Y-c.Min.Y)), 1)
	palette := color.Palette{color.Transparent}
	for i := range max(min(len(r.groups), 8), 1) {
		palette = append(palette, colorOf(i))
	}
	img := image.NewPaletted(image.Rect(0, 0, w, h), palette)
	for i, times := range r.times {
		y := float64(h) * (1 - p.Y.Norm(float64(i)))
		from, to := min(max(int(math.Round(y-2*float64(half))), 0), h-1), min(int(math.Round(y+2*float64(half))), h-1)
		n := uint8(palette.Index(colors[i]))
		for _, t := range times {
			x := int(float64(w) * p.X.Norm(t))
			if t < r.x.lo || t > r.x.hi {
				continue
			}
			for k := from; k <= max(to, from); k++ {
				img.Pix[k*w+min(x, w-1)] = n
				img.Pix[k*w+min(x+1, w-1)] = n
			}
		}
	}
	return img
}

func (r *train) describe() string {
	s := r.say("spike raster of %s and %s", r.count(len(r.times), "neuron"), r.count(r.total, "spike"))
	if lo, hi, ok := bounds(r.times...); ok {
		s += r.say(", from %s to %s", numberText(lo), numberText(hi))
	}
	busiest, most := 0, 0
	for i, t := range r.times {
		if len(t) > most {
			busiest, most = i, len(t)
		}
	}
	if most > 0 {
		s += r.say("; neuron %d fires most often, %s", busiest, r.count(most, "time"))
	}
	return s
}

func (r *train) data() any {
	out := chartData{Kind: "raster"}
	for _, t := range r.times {
		row := jsonNums(t)
		if len(row) > maxData {
			row = row[:maxData]
		}
		if row == nil {
			row = jsonNums{}
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
