// This file draws lines.

package chart

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// maxMarked is up to how many values of a line have dots.
const maxMarked = 20

// Line draws y, a slice of numbers, as a line, at 0, 1, … or where the option X
// says; the options Series and SeriesXY add lines.
func Line(y any, options ...Option) *Figure {
	return build(line, options, func(s *settings) (layout, error) {
		all, err := s.all("y", y)
		return func(s *settings) drawing { return newLines(s, all) }, err
	})
}

// all returns the first series and the further ones.
func (s *settings) all(what string, y any) ([]series, error) {
	v, err := numbers(what, y)
	if err != nil {
		return nil, err
	}
	if s.x != nil && len(s.x) != len(v) {
		return nil, fmt.Errorf("there are %d x and %d y", len(s.x), len(v))
	}
	return append([]series{{s.name, s.x, v}}, s.series...), nil
}

// lines is a chart of lines.
type lines struct {
	frame
	curves []curve
}

// curve is one line with the way it is drawn.
type curve struct {
	series
	color  color.RGBA
	dashes []vg.Length
	smooth []float64 // nil, or what is drawn over y
	dots   bool
}

func newLines(s *settings, all []series) *lines {
	l := &lines{frame: frame{settings: s}}
	var xs, ys [][]float64
	named, counted := len(all) > 1, false
	for i, one := range all {
		if one.x == nil {
			one.x, counted = counting(len(one.y)), true
		}
		if one.name == "" && named {
			one.name = s.say("series %d", i+1)
		}
		c := curve{series: one, color: colorOf(i)}
		if i >= len(canvas.Palette) {
			c.dashes = [][]vg.Length{{6, 3}, {2, 2}}[i/len(canvas.Palette)%2]
		}
		seen := 0
		for _, v := range one.y {
			if finite(v) {
				seen++
			}
		}
		c.dots = s.markers || seen <= maxMarked
		show := one.y
		if i == 0 && s.smooth > 1 && seen > maxMarked {
			c.smooth, c.dots = smoothed(one.y, s.smooth), false
			show = within(one.y, c.smooth)
		}
		xs, ys = append(xs, one.x), append(ys, show)
		l.curves = append(l.curves, c)
	}
	if _, _, ok := bounds(ys...); !ok && s.yrange == nil {
		l.notes = append(l.notes, s.say("no values"))
	}
	l.faults()
	for _, n := range []string{l.x.fit(xs, s.xrange, s.logX), l.y.fit(ys, s.yrange, s.logY)} {
		if n = s.say(n); n != "" && !slices.Contains(l.notes, n) {
			l.notes = append(l.notes, n)
		}
	}
	if s.yrange == nil {
		below := 0.05
		if !l.y.log && l.y.lo >= 0 && l.y.lo < 0.4*(l.y.hi-l.y.lo) {
			l.y.lo, below = 0, 0
		}
		l.y.pad(below, 0.05)
	}
	l.x.ticks, l.y.ticks = s.ticksWide(), s.ticksHigh()
	l.x.whole = wholeNumbers(xs) && (counted || l.x.hi-l.x.lo >= 2)
	for _, c := range l.curves {
		l.plotters = append(l.plotters, c)
		if c.name != "" {
			if x, y, ok := c.end(l.x, l.y); ok {
				l.ends = append(l.ends, ending{x, y, shortened(c.name, 28), c.color})
			}
		}
	}
	return l
}

// end returns the last place of a curve that can be drawn.
func (c curve) end(x, y axis) (atX, atY float64, ok bool) {
	values := c.y
	if c.smooth != nil {
		values = c.smooth
	}
	for i := len(values) - 1; i >= 0; i-- {
		if finite(x.warp(c.x[i])) && finite(y.warp(values[i])) && c.x[i] >= x.lo && c.x[i] <= x.hi {
			return c.x[i], values[i], true
		}
	}
	return 0, 0, false
}

// faults marks where values are not numbers.
func (l *lines) faults() {
	if slices.ContainsFunc(l.marks, func(m mark) bool { return m.bad }) {
		return // the caller says it in better words
	}
	runs := 0
	var first mark
	for _, c := range l.curves {
		for i, v := range c.y {
			if finite(v) || i > 0 && !finite(c.y[i-1]) || !finite(c.x[i]) {
				continue
			}
			if runs++; runs == 1 {
				text := l.say("%s at %s", numberText(v), numberText(c.x[i]))
				if c.name != "" {
					text = l.say("%s: %s", c.name, text)
				}
				first = mark{c.x[i], text, true}
			}
		}
	}
	switch {
	case runs == 1:
		l.marks = append(l.marks, first)
	case runs > 1:
		first.text += l.say(", and %s", l.count(runs-1, "more gap"))
		l.marks = append(l.marks, first)
	}
}

// Plot implements [plot.Plotter].
func (c curve) Plot(dc draw.Canvas, p *plot.Plot) {
	style := draw.LineStyle{Color: c.color, Width: lineWidth, Dashes: c.dashes}
	if c.smooth != nil {
		faint := draw.LineStyle{Color: faded(c.color, 0.22), Width: 1}
		c.stroke(dc, p, c.y, faint)
		c.stroke(dc, p, c.smooth, style)
		return
	}
	c.stroke(dc, p, c.y, style)
	if !c.dots {
		return
	}
	for i := range c.y {
		at := vg.Point{X: dc.X(p.X.Norm(c.x[i])), Y: dc.Y(p.Y.Norm(c.y[i]))}
		if drawable(at) && dc.Contains(at) {
			disc(dc, at, 3, c.color)
		}
	}
}

// stroke draws the parts of a line between its gaps.
func (c curve) stroke(dc draw.Canvas, p *plot.Plot, values []float64, style draw.LineStyle) {
	var part []vg.Point
	flush := func() {
		switch {
		case len(part) == 1 && dc.Contains(part[0]):
			disc(dc, part[0], style.Width, style.Color) // a value between two gaps
		case len(part) > 1:
			dc.StrokeLines(style, dc.ClipLinesXY(thinned(part))...)
		}
		part = nil
	}
	for i, v := range values {
		at := vg.Point{X: dc.X(p.X.Norm(c.x[i])), Y: dc.Y(p.Y.Norm(v))}
		if !drawable(at) {
			flush()
			continue
		}
		part = append(part, at)
	}
	flush()
}

func drawable(p vg.Point) bool { return finite(float64(p.X)) && finite(float64(p.Y)) }

// thinned leaves out points that no screen can show. Of a line that goes to the
// right it keeps, in each column of pixels, the first, the lowest, the highest
// and the last; of any other, points half a pixel apart.
func thinned(pts []vg.Point) []vg.Point {
	if len(pts) < 3 {
		return pts
	}
	if !slices.IsSortedFunc(pts, func(a, b vg.Point) int {
		if a.X < b.X {
			return -1
		}
		if a.X > b.X {
			return 1
		}
		return 0
	}) {
		out := pts[:1:1]
		for _, p := range pts[1:] {
			last := out[len(out)-1]
			if math.Hypot(float64(p.X-last.X), float64(p.Y-last.Y)) >= 0.5 {
				out = append(out, p)
			}
		}
		return out
	}
	var out []vg.Point
	for i := 0; i < len(pts); {
		column := math.Floor(float64(pts[i].X))
		j, lo, hi := i, i, i
		for ; j < len(pts) && math.Floor(float64(pts[j].X)) == column; j++ {
			if pts[j].Y < pts[lo].Y {
				lo = j
			}
			if pts[j].Y > pts[hi].Y {
				hi = j
			}
		}
		keep := []int{i, min(lo, hi), max(lo, hi), j - 1}
		for k, n := range keep {
			if k == 0 || n != keep[k-1] {
				out = append(out, pts[n])
			}
		}
		i = j
	}
	return out
}

// smoothed is a mean around each value that falls off exponentially to both
// sides, n values wide in all. Gaps stay gaps.
func smoothed(values []float64, n int) []float64 {
	decay := 1 - 4/(float64(n)+2)
	out := make([]float64, len(values))
	weights := make([]float64, len(values))
	pass := func(at func(int) int) {
		sum, weight := 0.0, 0.0
		for i := range values {
			k := at(i)
			out[k] += sum
			weights[k] += weight
			if v := values[k]; finite(v) {
				sum, weight = sum+v, weight+1
			}
			sum, weight = sum*decay, weight*decay
		}
	}
	pass(func(i int) int { return i })
	pass(func(i int) int { return len(values) - 1 - i })
	for i, v := range values {
		out[i] = (out[i] + v) / (weights[i] + 1)
		if !finite(v) {
			out[i] = math.NaN()
		}
	}
	return out
}

// within returns the values that decide on the range of a smoothed line: all of
// the mean, and of the values those that are not far outliers.
func within(values, mean []float64) []float64 {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if finite(v) {
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	n := len(sorted)
	lo, hi := sorted[n/100], sorted[n-1-n/100]
	out := slices.Clone(mean)
	for _, v := range sorted {
		if v >= lo-(hi-lo)/2 && v <= hi+(hi-lo)/2 {
			out = append(out, v)
		}
	}
	return out
}

func counting(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

func wholeNumbers(data [][]float64) bool {
	for _, vs := range data {
		for _, v := range vs {
			if v != math.Trunc(v) {
				return false
			}
		}
	}
	return true
}

func (l *lines) describe() string {
	parts := make([]string, len(l.curves))
	for i, c := range l.curves {
		parts[i] = l.series(c.series)
	}
	return l.say("line chart. %s", strings.Join(parts, l.say("; ")))
}

// series describes one.
func (f *frame) series(s series) string {
	text := f.say("no values")
	if lo, hi, ok := bounds(s.y); ok {
		text = f.say("%s from %s to %s", f.count(len(s.y), "value"), numberText(lo), numberText(hi))
		if first, last := s.y[0], s.y[len(s.y)-1]; finite(first) && finite(last) && len(s.y) > 1 {
			text += f.say(", first %s, last %s", numberText(first), numberText(last))
		}
	}
	if s.name != "" {
		text = s.name + f.say(", ") + text
	}
	return text
}

func (l *lines) data() any {
	out := make([]series, len(l.curves))
	for i, c := range l.curves {
		out[i] = c.series
	}
	return chartData{Kind: "line", Series: jsonSeries(out)}
}
