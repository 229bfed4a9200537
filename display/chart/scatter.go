// This file draws scattered points.

package chart

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// Scatter draws a point for each pair of x and y, slices of numbers; the option
// Groups colours them, Labels names them, Series and SeriesXY add more. Named points
// at whole numbers of four digits below 3000 stand at years. A nil y is for what
// happened at x, such as years: the points stand one beneath the other.
func Scatter(x, y any, options ...Option) *Figure {
	return build(scatter, options, func(s *settings) (layout, error) {
		xs, err := numbers("x", x)
		if err != nil {
			return nil, err
		}
		s.x = xs
		if s.dated = y == nil; s.dated {
			y = countdown(len(xs))
		}
		all, err := s.all("y", y)
		if err != nil {
			return nil, err
		}
		if s.labels != nil && len(s.labels) != len(xs) {
			return nil, fmt.Errorf("there are %d points and %d labels", len(xs), len(s.labels))
		}
		first := all[0]
		if s.groups != nil {
			if len(s.groups) != len(xs) {
				return nil, fmt.Errorf("there are %d points and %d groups", len(xs), len(s.groups))
			}
			all = append(grouping(all[0], s.groups), all[1:]...)
		}
		return func(s *settings) drawing { return newPoints(s, all, first) }, nil
	})
}

// yearly tells whether labelled points stand at years, which want no commas.
func yearly(xs []float64) bool {
	return !slices.ContainsFunc(xs, func(x float64) bool { return x != math.Trunc(x) || x < 1000 || x > 2999 })
}

// countdown returns the heights of points that stand one beneath the other.
func countdown(n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = float64(n - 1 - i)
	}
	return y
}

// grouping makes a series of each group, in the order of their names if these
// are numbers, else as they come.
func grouping(s series, groups []string) []series {
	at := map[string]int{}
	var out []series
	for i, g := range groups {
		k, ok := at[g]
		if !ok {
			k = len(out)
			at[g] = k
			out = append(out, series{name: g})
		}
		out[k].x = append(out[k].x, s.x[i])
		out[k].y = append(out[k].y, s.y[i])
	}
	slices.SortStableFunc(out, func(a, b series) int { return byNumber(a.name, b.name) })
	return out
}

type points struct {
	frame
	all    []series
	radius vg.Length
	alpha  float64
}

// newPoints lays out the points; first is the series that has labels, before
// it was grouped.
func newPoints(s *settings, all []series, first series) *points {
	p := &points{frame: frame{settings: s}, all: all}
	var xs, ys [][]float64
	n, lost := 0, 0
	for i := range all {
		if all[i].x == nil {
			all[i].x = counting(len(all[i].y))
		}
		if all[i].name == "" && len(all) > 1 {
			all[i].name = s.say("series %d", i+1)
		}
		xs, ys = append(xs, all[i].x), append(ys, all[i].y)
		for k, v := range all[i].y {
			if n++; !finite(v) || !finite(all[i].x[k]) {
				lost++
			}
		}
		if all[i].name != "" {
			p.legend = append(p.legend, key{name: shortened(all[i].name, 28), color: colorOf(i), ring: ringed(i)})
		}
	}
	if n == lost {
		p.notes = append(p.notes, s.say("no values"))
	}
	if lost > 0 {
		p.notes = append(p.notes, s.leftOut(lost, "point"))
	}
	switch {
	case n <= 200:
		p.radius, p.alpha = 3.5, 0.8
	case n <= 2000:
		p.radius, p.alpha = 2.5, 0.7
	default:
		p.radius, p.alpha = 1.6, 0.55
	}
	for _, note := range []string{p.x.fit(xs, s.xrange, s.logX), p.y.fit(ys, s.yrange, s.logY)} {
		if note = s.say(note); note != "" && !slices.Contains(p.notes, note) {
			p.notes = append(p.notes, note)
		}
	}
	if s.xrange == nil {
		p.x.pad(0.03, 0.03)
	}
	if s.yrange == nil {
		p.y.pad(0.05, 0.05)
	}
	p.x.ticks, p.y.ticks = s.ticksWide(), s.ticksHigh()
	p.x.years = s.dated || s.labels != nil && yearly(first.x)
	if s.dated {
		p.y.names, p.upright = []string{}, true
	}
	for i, one := range all {
		p.plotters = append(p.plotters, cloud{one, colorOf(i), p.radius, p.alpha, ringed(i)})
	}
	if s.labels != nil {
		p.plotters = append(p.plotters, captions{first, s.labels, p.radius})
	}
	return p
}

// captions are words beside points: to the right, or, where there is no room, to
// the left, above or below; to the right if there is none anywhere.
type captions struct {
	series
	texts  []string
	radius vg.Length
}

// Plot implements [plot.Plotter].
func (g captions) Plot(c draw.Canvas, p *plot.Plot) {
	places := make([]vg.Point, len(g.texts))
	var taken []vg.Rectangle // by points and words
	for i := range g.texts {
		at := vg.Point{X: c.X(p.X.Norm(g.x[i])), Y: c.Y(p.Y.Norm(g.y[i]))}
		places[i] = at
		taken = append(taken, around(at, g.radius, g.radius))
	}
	for i, words := range g.texts {
		at := places[i]
		if !drawable(at) || !c.Contains(at) || words == "" {
			continue
		}
		sty := canvas.Style(textSize, false, canvas.Strong, text.XLeft, text.YCenter)
		w, beside := sty.Width(words), g.radius+5
		free := func(r vg.Rectangle) bool {
			if r.Min.X < c.Min.X || r.Max.X > c.Max.X {
				return false
			}
			return !slices.ContainsFunc(taken, func(other vg.Rectangle) bool {
				return r.Min.X < other.Max.X && other.Min.X < r.Max.X && r.Min.Y < other.Max.Y && other.Min.Y < r.Max.Y
			})
		}
		const half = vg.Length(textSize) / 2
		middles := []vg.Point{
			{X: at.X + beside + w/2, Y: at.Y},
			{X: at.X - beside - w/2, Y: at.Y},
			{X: at.X, Y: at.Y + beside + half},
			{X: at.X, Y: at.Y - beside - half},
		}
		k := slices.IndexFunc(middles, func(m vg.Point) bool { return free(around(m, w/2, half)) })
		place := middles[max(k, 0)]
		if k < 0 && place.X+w/2 > c.Max.X && at.X-beside-w >= c.Min.X {
			place = middles[1]
		}
		taken = append(taken, around(place, w/2, half))
		switch {
		case place.X > at.X:
			place.X -= w / 2
		case place.X < at.X:
			place.X += w / 2
			sty.XAlign = text.XRight
		default:
			sty.XAlign = text.XCenter
		}
		place.Y++
		c.FillText(sty, place, words)
	}
}

// around is a rectangle by its middle.
func around(at vg.Point, halfWidth, halfHeight vg.Length) vg.Rectangle {
	d := vg.Point{X: halfWidth, Y: halfHeight}
	return vg.Rectangle{Min: at.Sub(d), Max: at.Add(d)}
}

// cloud is one group of points.
type cloud struct {
	series
	color  color.RGBA
	radius vg.Length
	alpha  float64
	ring   bool
}

// maxDiscs is how many points of a group are elements of their own; more are
// drawn as one picture.
const maxDiscs = 1500

// Plot implements [plot.Plotter].
func (g cloud) Plot(c draw.Canvas, p *plot.Plot) {
	var places []vg.Point
	for i := range g.y {
		at := vg.Point{X: c.X(p.X.Norm(g.x[i])), Y: c.Y(p.Y.Norm(g.y[i]))}
		if drawable(at) && c.Contains(at) {
			places = append(places, at)
		}
	}
	if len(places) > maxDiscs {
		area := vg.Rectangle{Min: vg.Point{X: c.Min.X - 4, Y: c.Min.Y - 4}, Max: vg.Point{X: c.Max.X + 4, Y: c.Max.Y + 4}}
		c.DrawImage(area, g.picture(area, places))
		return
	}
	for _, at := range places {
		if g.ring {
			c.SetLineStyle(draw.LineStyle{Color: faded(g.color, g.alpha), Width: g.radius / 2})
			c.Stroke(circle(at, g.radius*0.75))
			continue
		}
		disc(c, at, g.radius, faded(g.color, g.alpha))
	}
}

// picture draws the points into pixels, two for each CSS pixel.
func (g cloud) picture(area vg.Rectangle, places []vg.Point) image.Image {
	w, h := int(area.Max.X-area.Min.X)*canvas.Scale, int(area.Max.Y-area.Min.Y)*canvas.Scale
	fx, fy := float64(w)/float64(area.Max.X-area.Min.X), float64(h)/float64(area.Max.Y-area.Min.Y)
	clear := make([]float64, w*h) // how much of the paper is seen
	for i := range clear {
		clear[i] = 1
	}
	r := float64(g.radius) * canvas.Scale
	for _, p := range places {
		x, y := float64(p.X-area.Min.X)*fx, float64(area.Max.Y-p.Y)*fy
		for j := max(int(y-r-1), 0); j <= min(int(y+r+1), h-1); j++ {
			for i := max(int(x-r-1), 0); i <= min(int(x+r+1), w-1); i++ {
				d := math.Hypot(float64(i)+0.5-x, float64(j)+0.5-y)
				covered := min(max(r+0.5-d, 0), 1)
				if g.ring {
					covered -= min(max(r/2+0.5-d, 0), 1)
				}
				clear[j*w+i] *= 1 - g.alpha*covered
			}
		}
	}
	// A palette of 32 opacities, which makes a small file.
	colors := make(color.Palette, 32)
	for i := range colors {
		colors[i] = faded(g.color, float64(i)/31)
	}
	img := image.NewPaletted(image.Rect(0, 0, w, h), colors)
	for i, v := range clear {
		img.Pix[i] = uint8(math.Round((1 - v) * 31))
	}
	return img
}

func (p *points) describe() string {
	if p.dated && p.labels != nil {
		parts := make([]string, len(p.labels))
		for i, words := range p.labels {
			parts[i] = strings.ReplaceAll(numberText(p.settings.x[i]), ",", "") + " " + words
		}
		return p.say("events in the order of time: %s", strings.Join(parts, p.say("; ")))
	}
	parts := make([]string, len(p.all))
	for i, s := range p.all {
		lo, hi, ok := bounds(s.x)
		x := p.say("nowhere")
		if ok {
			x = p.say("x from %s to %s", numberText(lo), numberText(hi))
		}
		parts[i] = p.series(s) + p.say(", ") + x
	}
	return p.say("scattered points. %s", strings.Join(parts, p.say("; ")))
}

func (p *points) data() any {
	return chartData{Kind: "scatter", Series: jsonSeries(p.all), Names: p.labels}
}
