// This file draws bars and histograms.

package chart

import (
	"cmp"
	"fmt"
	"image/color"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// Bar draws a bar for each value, under its name; names is a slice of strings or
// numbers. The option Series puts further bars beside them. Bars with long names
// lie on their side.
func Bar(labels, values any, options ...Option) *Figure {
	return build(bar, options, func(s *settings) (layout, error) {
		texts, err := names("the names", labels)
		if err != nil {
			return nil, err
		}
		all, err := s.all("the values", values)
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			if len(s.y) != len(texts) {
				return nil, fmt.Errorf("there are %d names and %d values", len(texts), len(s.y))
			}
		}
		return func(s *settings) drawing { return newBars(s, texts, all) }, nil
	})
}

type bars struct {
	frame
	labels []string
	all    []series
	base   float64        // where bars begin
	digits int            // of the values that are written; 0 for those of numberText
	absent map[int]string // what is written, in red, where a bar is missing
}

func newBars(s *settings, labels []string, all []series) *bars {
	b := &bars{frame: frame{settings: s}, labels: labels, all: all}
	var ys [][]float64
	lost := 0
	for i, one := range all {
		if one.name != "" || len(all) > 1 {
			b.legend = append(b.legend, key{name: shortened(cmp.Or(one.name, s.say("series %d", i+1)), 28), color: colorOf(i)})
		}
		for _, v := range one.y {
			if !finite(v) {
				lost++
			}
		}
		ys = append(ys, one.y)
	}
	if _, _, ok := bounds(ys...); !ok {
		b.notes = append(b.notes, s.say("no values"))
	}
	if lost > 0 {
		b.notes = append(b.notes, s.leftOut(lost, "value"))
	}
	b.upright = s.lying(labels)
	values, places := &b.y, &b.x
	if b.upright {
		values, places = places, values
	}
	if note := values.fit(ys, s.yrange, s.logY); note != "" {
		b.notes = append(b.notes, s.say(note))
	}
	switch {
	case values.log && values.zero == 0: // from the power of ten below the least
		if s.yrange == nil {
			values.lo = math.Pow(10, math.Floor(math.Log10(values.lo)-0.2))
			values.pad(0, 0.12)
		}
		b.base = values.lo
	case s.yrange == nil:
		values.lo, values.hi = min(values.lo, 0), max(values.hi, 0)
		var below float64
		if values.lo < 0 {
			below = 0.08
		}
		above := 0.08
		if values.hi == 0 {
			above = 0
		}
		values.pad(below, above)
	}
	s.named(&b.frame, places, labels)
	b.bare = true
	b.plotters = append(b.plotters, barPlotter{b})
	return b
}

// nameWidths returns how wide the widest of the names under an axis is, and how
// much room there is for one.
func (s *settings) nameWidths(labels []string) (widest, room vg.Length) {
	sty := canvas.Style(tickSize, false, canvas.Soft, text.XCenter, text.YTop)
	for _, l := range labels {
		widest = max(widest, sty.Width(l)+8)
	}
	return widest, (vg.Length(s.width) - 60) / vg.Length(max(len(labels), 1))
}

// lying tells whether names are too long to stand under an axis, and short and
// few enough to stand beside one.
func (s *settings) lying(labels []string) bool {
	widest, room := s.nameWidths(labels)
	return widest > room && widest < vg.Length(s.width)/2 && len(labels) <= s.height/14
}

// named puts names along one axis of a frame and numbers along the other.
func (s *settings) named(f *frame, places *axis, labels []string) {
	places.lo, places.hi = -0.6, float64(len(labels))-0.4
	places.names = labels
	places.ticks = len(labels)
	if f.upright {
		f.x.ticks = s.ticksWide()
		// The first name stands at the top.
		places.names = slices.Clone(labels)
		slices.Reverse(places.names)
		return
	}
	f.y.ticks = s.ticksHigh()
	if widest, room := s.nameWidths(labels); widest > room {
		places.ticks = max(int((vg.Length(s.width)-60)/widest), 1)
	}
}

type barPlotter struct{ *bars }

// Plot implements [plot.Plotter].
func (b barPlotter) Plot(c draw.Canvas, p *plot.Plot) {
	n := len(b.all)
	width := 0.72 / float64(n)
	written := len(b.labels)*n <= 24
	for k, s := range b.all {
		for i, v := range s.y {
			if !finite(v) {
				continue
			}
			from := float64(i) - 0.36 + float64(k)*width
			gap := 0.0
			if n > 1 {
				gap = width * 0.04
			}
			r := b.rect(c, p, from+gap, from+width-gap, v)
			box(c, r, colorOf(k))
			if written {
				b.write(c, r, v, width)
			}
		}
	}
	for _, i := range slices.Sorted(maps.Keys(b.absent)) {
		at := b.rect(c, p, float64(i), float64(i), b.base).Min
		sty := canvas.Style(tickSize, true, canvas.Strong, text.XCenter, text.YBottom)
		sty.Color = canvas.Bad
		if at.Y += 5; b.upright {
			sty.XAlign, sty.YAlign = text.XLeft, text.YCenter
			at = at.Add(vg.Point{X: 5, Y: -4})
		}
		c.FillText(sty, at, b.absent[i])
	}
	zero := draw.LineStyle{Color: canvas.Soft, Width: 1}
	if x := c.X(p.X.Norm(b.base)); b.upright {
		c.StrokeLine2(zero, x, c.Min.Y, x, c.Max.Y)
	} else {
		y := c.Y(p.Y.Norm(b.base))
		c.StrokeLine2(zero, c.Min.X, y, c.Max.X, y)
	}
}

// rect is the bar of a value between two places.
func (b barPlotter) rect(c draw.Canvas, p *plot.Plot, from, to, v float64) vg.Rectangle {
	if b.upright {
		n := float64(len(b.labels) - 1)
		lo, hi := max(min(b.base, v), b.x.lo), min(max(b.base, v), b.x.hi)
		return vg.Rectangle{
			Min: vg.Point{X: c.X(p.X.Norm(lo)), Y: c.Y(p.Y.Norm(n - to))},
			Max: vg.Point{X: c.X(p.X.Norm(hi)), Y: c.Y(p.Y.Norm(n - from))},
		}
	}
	lo, hi := max(min(b.base, v), b.y.lo), min(max(b.base, v), b.y.hi)
	return vg.Rectangle{
		Min: vg.Point{X: c.X(p.X.Norm(from)), Y: c.Y(p.Y.Norm(lo))},
		Max: vg.Point{X: c.X(p.X.Norm(to)), Y: c.Y(p.Y.Norm(hi))},
	}
}

// write writes the value at the end of its bar, if there is room.
func (b barPlotter) write(c draw.Canvas, r vg.Rectangle, v, width float64) {
	label := numberText(v)
	if b.digits > 0 {
		label = withExponent(v, b.digits)
	}
	sty := canvas.Style(tickSize, false, canvas.Strong, text.XCenter, text.YBottom)
	if b.upright {
		sty.XAlign, sty.YAlign = text.XLeft, text.YCenter
		at := vg.Point{X: r.Max.X + 5, Y: (r.Min.Y+r.Max.Y)/2 + 1}
		if v < 0 {
			sty.XAlign, at.X = text.XRight, r.Min.X-5
		}
		w := sty.Width(label)
		if over := at.X + w - c.Max.X - 6; v >= 0 && over > 0 { // no room beside the bar
			if w+10 > r.Max.X-r.Min.X {
				return
			}
			sty.XAlign, sty.Color, at.X = text.XRight, onColor, r.Max.X-5
		}
		if r.Max.Y-r.Min.Y >= 9 {
			c.FillText(sty, at, label)
		}
		return
	}
	room := (c.Max.X - c.Min.X) / vg.Length(b.x.hi-b.x.lo) * vg.Length(width)
	if sty.Width(label) > room+10 {
		return
	}
	at := vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: r.Max.Y + 5}
	if v < 0 {
		sty.YAlign, at.Y = text.YTop, r.Min.Y-3
	}
	c.FillText(sty, at, label)
}

func (b *bars) describe() string { return b.say("bar chart. %s", b.listed()) }

// listed has the values in words.
func (b *bars) listed() string {
	var parts []string
	for _, s := range b.all {
		var one []string
		for i, v := range s.y {
			if i == 12 {
				one = append(one, b.say("and %d more", len(s.y)-i))
				break
			}
			words := numberText(v)
			if w, ok := b.absent[i]; ok {
				words = w
			}
			one = append(one, b.labels[i]+" "+words)
		}
		words := strings.Join(one, b.say(", "))
		if s.name != "" {
			words = b.say("%s: %s", s.name, words)
		}
		parts = append(parts, words)
	}
	if len(b.labels) == 0 {
		return b.say("no values")
	}
	return strings.Join(parts, b.say("; "))
}

func (b *bars) data() any {
	return chartData{Kind: "bar", Series: jsonSeries(b.all), Names: b.labels}
}

// maxBins bounds the bars of a histogram.
const maxBins = 500

// Histogram counts how many of the values, a slice of numbers, are in each of
// some equal ranges, whose number is that of Freedman and Diaconis (1981) or the
// option Bins. The option Series lays others over it.
func Histogram(values any, options ...Option) *Figure {
	return build(histogram, options, func(s *settings) (layout, error) {
		all, err := s.all("the values", values)
		return func(s *settings) drawing { return newCounts(s, all) }, err
	})
}

// counts is a histogram.
type counts struct {
	frame
	all   []series // of counts; x has the left ends of the ranges
	width float64
	of    []series // what was counted
}

func newCounts(s *settings, all []series) *counts {
	h := &counts{frame: frame{settings: s}, of: all}
	var ys [][]float64
	lost := 0
	for _, one := range all {
		ys = append(ys, one.y)
		for _, v := range one.y {
			if !finite(v) {
				lost++
			}
		}
	}
	if _, _, ok := bounds(ys...); !ok {
		h.notes = append(h.notes, s.say("no values"))
	}
	if lost > 0 {
		h.notes = append(h.notes, s.leftOut(lost, "value"))
	}
	h.x.fit(ys, s.xrange, false)
	lo, hi := h.x.lo, h.x.hi
	n := s.bins
	if n == 0 {
		n = binsFor(ys, lo, hi)
	}
	h.width = (hi - lo) / float64(n)
	if s.bins == 0 && s.xrange == nil { // round limits, which the axis can show
		h.width = niceStep(h.width, wholeNumbers(ys))
		lo = math.Floor(lo/h.width+1e-9) * h.width
		n = min(int(math.Floor((hi-lo)/h.width+1e-9))+1, maxBins)
	}
	h.x.lo, h.x.hi = lo, lo+float64(n)*h.width
	top := 0.0
	for i, one := range all {
		c := series{name: one.name, x: make([]float64, n), y: make([]float64, n)}
		for k := range c.x {
			c.x[k] = lo + float64(k)*h.width
		}
		for _, v := range one.y {
			k := int(math.Floor((v-lo)/h.width + 1e-9))
			if v == h.x.hi {
				k = n - 1
			}
			if finite(v) && k >= 0 && k < n {
				c.y[k]++
				top = max(top, c.y[k])
			}
		}
		if len(all) > 1 || one.name != "" {
			h.legend = append(h.legend, key{name: shortened(cmp.Or(one.name, s.say("series %d", i+1)), 28), color: colorOf(i)})
		}
		h.all = append(h.all, c)
	}
	h.y.fit([][]float64{{0, max(top, 1)}}, s.yrange, false)
	if s.yrange == nil {
		h.y.pad(0, 0.05)
	}
	h.y.whole = true
	h.x.ticks, h.y.ticks = s.ticksWide(), s.ticksHigh()
	if s.ylabel == "" {
		s.ylabel = s.say("count")
	}
	for i, c := range h.all {
		opacity := 1.0
		if len(all) > 1 {
			opacity = 0.6
		}
		h.plotters = append(h.plotters, stair{c, h.width, faded(colorOf(i), opacity)})
	}
	return h
}

// binsFor is the number of ranges by Freedman and Diaconis: 2·IQR/∛n wide; by
// Sturges' rule where half of the values are equal.
func binsFor(data [][]float64, lo, hi float64) int {
	var all []float64
	for _, vs := range data {
		for _, v := range vs {
			if finite(v) {
				all = append(all, v)
			}
		}
	}
	if len(all) == 0 {
		return 1
	}
	slices.Sort(all)
	iqr := all[len(all)*3/4] - all[len(all)/4]
	if iqr > 0 {
		if n := (hi - lo) / (2 * iqr / math.Cbrt(float64(len(all)))); n < 100 {
			return max(int(math.Ceil(n)), 1)
		}
		return 100
	}
	return int(math.Ceil(math.Log2(float64(len(all))))) + 1
}

// stair draws the bars of a histogram.
type stair struct {
	series
	width float64
	color color.NRGBA
}

// Plot implements [plot.Plotter].
func (s stair) Plot(c draw.Canvas, p *plot.Plot) {
	for i, n := range s.y {
		if n == 0 {
			continue
		}
		r := vg.Rectangle{
			Min: vg.Point{X: c.X(p.X.Norm(s.x[i])), Y: c.Y(p.Y.Norm(0))},
			Max: vg.Point{X: c.X(p.X.Norm(s.x[i] + s.width)), Y: min(c.Y(p.Y.Norm(n)), c.Max.Y)},
		}
		if gap := (r.Max.X - r.Min.X) / 10; gap > 0.25 { // between the bars
			r.Max.X -= min(gap, 1)
		}
		box(c, r, s.color)
	}
}

func (h *counts) describe() string {
	parts := make([]string, len(h.of))
	for i, s := range h.of {
		most := 0
		for k, n := range h.all[i].y {
			if n > h.all[i].y[most] {
				most = k
			}
		}
		parts[i] = h.series(s)
		if h.all[i].y[most] > 0 {
			lo := h.all[i].x[most]
			parts[i] += h.say(", most often between %s and %s (%s times)", numberText(lo), numberText(lo+h.width), numberText(h.all[i].y[most]))
		}
	}
	return h.say("histogram. %s", strings.Join(parts, h.say("; ")))
}

func (h *counts) data() any { return chartData{Kind: "histogram", Series: jsonSeries(h.all)} }

// byNumber orders names that are numbers by these; others stay as they are.
func byNumber(a, b string) int {
	x, err := strconv.ParseFloat(a, 64)
	if err != nil {
		return 0
	}
	y, err := strconv.ParseFloat(b, 64)
	if err != nil {
		return 0
	}
	return cmp.Compare(x, y)
}
