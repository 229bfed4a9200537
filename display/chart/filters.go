// This file draws filters and activations as small heat maps of one scale.

package chart

import (
	"fmt"
	"image"
	"image/color"
	"reflect"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Filters draws many small matrices side by side, in the colours of one scale:
// blue below 0 and red above, or, if none is below 0, from dark to light. It is
// given a tensor of one of these shapes, or a slice of matrices:
//
//	[h w in out]   filters of a convolution; a row for each if there are several inputs
//	[n h w]        n matrices
//	[h w n]        n activations, if h and w are equal and n is another number
//	[1 h w n]      the same, as a model gives them for one example
//	[h·w n]        weights of a dense layer that sees square pictures
//	[n h·w]        n square pictures
//
// Labels are written beneath; PerRow says how many stand side by side.
func Filters(tensor any, options ...Option) *Figure {
	return build(filters, options, func(s *settings) (layout, error) {
		m := mapGrid{pictureGrid: pictureGrid{settings: s}}
		all, err := m.read(tensor)
		if err != nil {
			return nil, err
		}
		if m.labels != nil && len(m.labels) < len(all) {
			return nil, fmt.Errorf("there are %d matrices and %d labels", m.total, len(m.labels))
		}
		m.color(all)
		return m.layout, nil
	})
}

// mapGrid is a grid of small heat maps.
type mapGrid struct {
	pictureGrid
	lo, hi float64
	colors ramp
	first  [][][]float64 // as many as are drawn
}

// fine is how many pixels across a matrix is drawn in at least: the distances
// between them are a number of pixels, too.
const fine = 40

// small is one matrix, row by row.
type small struct {
	h, w   int
	values []float64
}

// maxInputs is how many inputs of how many filters are drawn.
const maxInputs = 10

// read finds the matrices in data.
func (m *mapGrid) read(data any) ([]small, error) {
	if data == nil || isNil(data) {
		return nil, fmt.Errorf("the matrices are nil")
	}
	r, ok := data.(rower)
	if !ok {
		return m.readSlice(data)
	}
	values, shape, err := readRows(r, r.Len())
	if err != nil {
		return nil, err
	}
	shape = append([]int{r.Len()}, shape...)
	for _, d := range shape {
		if d < 1 {
			return nil, fmt.Errorf("the shape %v has no numbers", shape)
		}
	}
	// From here on: count matrices of h × w, the number k at i, j being at
	// base(k) + i·down + j·across.
	var count, h, w, down, across int
	base := func(k int) int { return k }
	channels := func(height, width, n int) {
		count, h, w, down, across = n, height, width, width*n, n
	}
	switch d := shape; {
	case len(d) == 4 && d[0] == 1 && d[1] > 1 && d[2] > 1:
		channels(d[1], d[2], d[3])
	case len(d) == 4:
		in, out := d[2], d[3]
		count, h, w, down, across = in*out, d[0], d[1], d[1]*in*out, in*out
		if in > 1 { // in the order of the filters, not of their inputs
			rows, columns := min(out, maxInputs), min(in, maxInputs)
			count = rows * columns
			base = func(k int) int { return k%columns*out + k/columns }
			m.settings.perRow = columns
			m.notes = append(m.notes, m.settings.say("a row for each filter, a column for each of its inputs"))
			if rows < out || columns < in {
				m.notes = append(m.notes, m.settings.say("the first %d of %d filters and %d of %d inputs", rows, out, columns, in))
			}
		}
	case len(d) == 3 && d[0] == d[1] && d[1] != d[2]:
		channels(d[0], d[1], d[2])
	case len(d) == 3:
		count, h, w, down, across = d[0], d[1], d[2], d[2], 1
		base = func(k int) int { return k * h * w }
	case len(d) == 2 && square(d[0]) && d[0] > d[1]:
		side := isqrt(d[0])
		channels(side, side, d[1])
	case len(d) == 2 && square(d[1]) && d[1] > 1:
		side := isqrt(d[1])
		count, h, w, down, across = d[0], side, side, side, 1
		base = func(k int) int { return k * h * w }
	default:
		return nil, fmt.Errorf("the shape %v is none of [h w in out], [n h w], [h w n], [1 h w n], [h·w n] and [n h·w]", shape)
	}
	m.total = count
	var out []small
	for k := range min(count, maxPictures) {
		one := small{h: h, w: w}
		for i := range h {
			for j := range w {
				one.values = append(one.values, float64(values[base(k)+i*down+j*across]))
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// readSlice reads a slice of matrices, or one.
func (m *mapGrid) readSlice(data any) ([]small, error) {
	one := func(what string, v any) (small, error) {
		rows, err := matrix(what, v)
		if err != nil {
			return small{}, err
		}
		if len(rows) == 0 || len(rows[0]) == 0 {
			return small{}, fmt.Errorf("%s has no numbers", what)
		}
		s := small{h: len(rows), w: len(rows[0])}
		for _, row := range rows {
			s.values = append(s.values, row...)
		}
		return s, nil
	}
	v := reflect.Indirect(reflect.ValueOf(data))
	if !ofMatrices(v) {
		if s, err := one("the matrix", data); err == nil {
			m.total = 1
			return []small{s}, nil
		}
	}
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("the matrices are %s; a tensor or a slice of matrices was expected", typeText(data))
	}
	if m.total = v.Len(); m.total == 0 {
		return nil, fmt.Errorf("there are no matrices")
	}
	var out []small
	for i := range min(v.Len(), maxPictures) {
		s, err := one(fmt.Sprintf("matrix %d", i), v.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// ofMatrices tells whether a slice is of tensors or matrices: one of tensors of one
// dimension is one matrix.
func ofMatrices(v reflect.Value) bool {
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array || v.Len() == 0 || !v.Index(0).CanInterface() {
		return false
	}
	switch first := v.Index(0).Interface().(type) {
	case rower:
		return !isNil(first) && len(first.ExampleShape()) > 0
	case mat.Vector:
		return false
	case mat.Matrix:
		return true
	}
	return false
}

// color makes pictures of the matrices, in one scale.
func (m *mapGrid) color(all []small) {
	var values [][]float64
	lost := 0
	for _, one := range all {
		values = append(values, one.values)
		for _, v := range one.values {
			if !finite(v) {
				lost++
			}
		}
	}
	m.colors, m.lo, m.hi = scaleOf(values)
	if lost > 0 {
		m.notes = append(m.notes, m.settings.leftOut(lost, "value"))
	}
	for _, one := range all {
		k := max(fine/max(one.w, one.h), 1)
		img := image.NewNRGBA(image.Rect(0, 0, one.w*k, one.h*k))
		for p, v := range one.values {
			if !finite(v) {
				continue
			}
			clr := m.colors.at((v/2 - m.lo/2) / (m.hi/2 - m.lo/2))
			for q := range k * k {
				img.SetNRGBA(p%one.w*k+q%k, p/one.w*k+q/k, color.NRGBA(clr))
			}
		}
		m.pictures = append(m.pictures, img)
		var rows [][]float64
		for i := range one.h {
			rows = append(rows, one.values[i*one.w:(i+1)*one.w])
		}
		m.first = append(m.first, rows)
	}
	if n := len(all); m.settings.perRow == 0 && n > 10 {
		m.settings.perRow = 10
		for _, k := range []int{10, 9, 8, 7, 6} { // rather without a rest
			if n%k == 0 {
				m.settings.perRow = k
				break
			}
		}
	}
	m.beside = barRoom
}

// scaleOf returns the colours and the range of a scale for values: around 0 if
// there are some on both sides.
func scaleOf(values [][]float64) (colors ramp, lo, hi float64) {
	colors = sequential
	lo, hi, ok := bounds(values...)
	if !ok {
		lo, hi = 0, 1
	}
	if lo < 0 && hi > 0 {
		colors = diverging
		hi = max(hi, -lo)
		lo = -hi
	}
	if lo == hi {
		lo, hi = lo-0.5, hi+0.5
	}
	return colors, lo, hi
}

func (m mapGrid) layout(s *settings) drawing {
	s.perRow, s.scaled = m.settings.perRow, true
	m.pictureGrid = *m.pictureGrid.layout(s).(*pictureGrid)
	return &m
}

func (m *mapGrid) draw(c draw.Canvas) {
	c = m.header(c, nil, m.notes)
	area := m.paint(c)
	if low := vg.Length(50); area.Max.Y-area.Min.Y < low { // room for two ticks
		area.Min.Y = area.Max.Y - low
	}
	colorBar(draw.Canvas{Canvas: c.Canvas, Rectangle: area}, m.lo, m.hi, func(t float64) color.Color { return m.colors.at(t) })
}

func (m *mapGrid) describe() string {
	return m.say("heat maps of %s of %d × %d, values from %s to %s", m.count(m.total, "matrix"), len(m.first[0]), len(m.first[0][0]), numberText(m.lo), numberText(m.hi))
}

func (m *mapGrid) data() any {
	out := chartData{Kind: "filters"}
	for _, one := range m.first {
		for _, row := range one {
			if len(out.Rows) == maxData {
				return out
			}
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}
