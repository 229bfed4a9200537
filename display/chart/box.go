// This file draws how values are spread, by group.

package chart

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Box draws a box for each group of values, under its name: from the lower to the
// upper quartile, with a line at the median; whiskers reach to the farthest
// values within one and a half times the height of the box, and what is beyond
// are dots (Tukey, 1977). values is a slice of slices of numbers, or a matrix
// with a column for each group. Boxes with long names lie on their side.
func Box(labels, values any, options ...Option) *Figure {
	return build(boxes, options, func(s *settings) (layout, error) {
		texts, err := names("the names", labels)
		if err != nil {
			return nil, err
		}
		b := spreads{labels: texts}
		groups, err := groupsOf(values)
		if err != nil {
			return nil, err
		}
		if len(groups) != len(texts) {
			return nil, fmt.Errorf("there are %d names and %d groups of values", len(texts), len(groups))
		}
		for _, g := range groups {
			one, lost := spreadOf(g)
			b.all = append(b.all, one)
			b.lost += lost
		}
		return b.layout, nil
	})
}

// groupsOf reads a slice of slices, or the columns of a matrix.
func groupsOf(values any) ([][]float64, error) {
	switch values.(type) {
	case mat.Matrix, rower:
		rows, err := matrix("the values", values)
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		out := make([][]float64, len(rows[0]))
		for _, row := range rows {
			for j, v := range row {
				out[j] = append(out[j], v)
			}
		}
		return out, nil
	}
	v := reflect.ValueOf(values)
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("the values are %s; a slice of slices of numbers was expected", typeText(values))
	}
	out := make([][]float64, v.Len())
	for i := range out {
		g, err := flat(fmt.Sprintf("group %d", i), v.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		out[i] = g
	}
	return out, nil
}

// spread5 is what a box shows; n is how many values it stands for.
type spread5 struct {
	n                               int
	low, lower, median, upper, high float64
	outliers                        []float64
}

// spreadOf finds the quartiles, and how many
// values are not finite.
func spreadOf(values []float64) (s spread5, lost int) {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if finite(v) {
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	s.n = len(sorted)
	if s.n == 0 {
		return s, len(values)
	}
	s.lower = quantile(0.25, sorted)
	s.median = quantile(0.5, sorted)
	s.upper = quantile(0.75, sorted)
	reach := 1.5 * (s.upper - s.lower)
	s.low, s.high = math.Inf(1), math.Inf(-1)
	for _, v := range sorted {
		if v < s.lower-reach || v > s.upper+reach {
			s.outliers = append(s.outliers, v)
			continue
		}
		s.low, s.high = min(s.low, v), max(s.high, v)
	}
	return s, len(values) - s.n
}

// quantile interpolates between the values next to it.
func quantile(p float64, sorted []float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// spreads is a chart of boxes.
type spreads struct {
	frame
	labels []string
	all    []spread5
	lost   int
}

func (b spreads) layout(s *settings) drawing {
	b.frame = frame{settings: s, bare: true}
	var all [][]float64
	for _, one := range b.all {
		if one.n > 0 {
			all = append(all, []float64{one.low, one.high}, one.outliers)
		}
	}
	if len(all) == 0 {
		b.notes = append(b.notes, s.say("no values"))
	}
	if b.lost > 0 {
		b.notes = append(b.notes, s.leftOut(b.lost, "value"))
	}
	values, places := &b.y, &b.x
	b.upright = s.lying(b.labels)
	if b.upright {
		values, places = places, values
	}
	if note := values.fit(all, s.yrange, s.logY); note != "" {
		b.notes = append(b.notes, s.say(note))
	}
	if s.yrange == nil {
		values.pad(0.06, 0.06)
	}
	s.named(&b.frame, places, b.labels)
	b.plotters = append(b.plotters, &b)
	return &b
}

// Plot implements [plot.Plotter].
func (b *spreads) Plot(c draw.Canvas, p *plot.Plot) {
	n := float64(len(b.all) - 1)
	at := func(place, v float64) vg.Point {
		if b.upright {
			return vg.Point{X: c.X(p.X.Norm(v)), Y: c.Y(p.Y.Norm(n - place))}
		}
		return vg.Point{X: c.X(p.X.Norm(place)), Y: c.Y(p.Y.Norm(v))}
	}
	for i, s := range b.all {
		if s.n == 0 {
			continue
		}
		clr := colorOf(0)
		const half, tip = 0.26, 0.12
		line := draw.LineStyle{Color: clr, Width: 1.5}
		segment := func(style draw.LineStyle, from, to vg.Point) {
			c.StrokeLines(style, c.ClipLinesXY([]vg.Point{from, to})...)
		}
		x := float64(i)
		segment(line, at(x, s.low), at(x, s.lower))
		segment(line, at(x, s.upper), at(x, s.high))
		segment(line, at(x-tip, s.low), at(x+tip, s.low))
		segment(line, at(x-tip, s.high), at(x+tip, s.high))
		corners := []vg.Point{at(x-half, s.lower), at(x+half, s.lower), at(x+half, s.upper), at(x-half, s.upper)}
		c.FillPolygon(faded(clr, 0.25), c.ClipPolygonXY(corners))
		segment(line, corners[0], corners[1])
		segment(line, corners[1], corners[2])
		segment(line, corners[2], corners[3])
		segment(line, corners[3], corners[0])
		segment(draw.LineStyle{Color: clr, Width: 3}, at(x-half, s.median), at(x+half, s.median))
		for _, v := range s.outliers {
			if o := at(x, v); drawable(o) && c.Contains(o) {
				disc(c, o, 2.5, faded(clr, 0.7))
			}
		}
	}
}

func (b *spreads) describe() string {
	parts := make([]string, len(b.all))
	for i, s := range b.all {
		parts[i] = b.say("%s has no values", b.labels[i])
		if s.n > 0 {
			parts[i] = b.say("%s: median %s, quartiles %s and %s, %s", b.labels[i], numberText(s.median), numberText(s.lower), numberText(s.upper), b.count(s.n, "value"))
			if k := len(s.outliers); k > 0 {
				parts[i] += b.say(", ") + b.count(k, "outlier")
			}
		}
	}
	return b.say("box plot. %s", strings.Join(parts, b.say("; ")))
}

func (b *spreads) data() any {
	out := chartData{Kind: "box", Names: b.labels}
	for _, s := range b.all {
		row := jsonNums{}
		if s.n > 0 {
			row = append(jsonNums{s.low, s.lower, s.median, s.upper, s.high}, s.outliers...)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
