// This file draws a matrix as colours.

package chart

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// Heatmap draws a matrix, or a slice of rows of numbers, as colours, the first
// row at the top: from dark to light, or, if there are values on both sides of
// 0, from blue for what is below to red. A small one has its values written in
// it. The options Rows and Columns name them.
func Heatmap(rows any, options ...Option) *Figure {
	return build(heatmap, options, func(s *settings) (layout, error) {
		m, err := matrix("the data", rows)
		if err != nil {
			return nil, err
		}
		if len(m) == 0 || len(m[0]) == 0 {
			return nil, fmt.Errorf("the data has no values")
		}
		if s.rows != nil && len(s.rows) != len(m) {
			return nil, fmt.Errorf("there are %d rows and %d names for them", len(m), len(s.rows))
		}
		if s.columns != nil && len(s.columns) != len(m[0]) {
			return nil, fmt.Errorf("there are %d columns and %d names for them", len(m[0]), len(s.columns))
		}
		return func(s *settings) drawing { return newHeat(s, m) }, nil
	})
}

type heat struct {
	*settings
	grid
	values [][]float64
	lo, hi float64
	colors ramp
	notes  []string
}

// grid is where the cells of a matrix are.
type grid struct {
	rowNames, columnNames []string
	cellWidth, cellHeight vg.Length
	left, right, below    vg.Length // room for names at the sides
}

const barRoom = 70 // for the scale of colours

func newHeat(s *settings, m [][]float64) *heat {
	h := &heat{settings: s, values: m}
	lost := 0
	for _, row := range m {
		for _, v := range row {
			if !finite(v) {
				lost++
			}
		}
	}
	if lost > 0 {
		h.notes = append(h.notes, s.leftOut(lost, "value"))
	}
	h.colors, h.lo, h.hi = scaleOf(m)
	if s.yrange != nil {
		h.lo, h.hi = s.yrange[0], s.yrange[1]
	}
	h.grid = grid{rowNames: s.rows, columnNames: s.columns}
	if h.rowNames == nil {
		h.rowNames = indices(len(m))
	}
	if h.columnNames == nil {
		h.columnNames = indices(len(m[0]))
	}
	h.right, s.scaled = barRoom, true
	h.lay(s, len(m), len(m[0]), 64, h.notes)
	return h
}

// lay finds the size of the cells, square unless their number forbids it, and
// sets the size of the figure to what they need. Cells are at most so wide, or as wide as the
// names of the columns.
func (g *grid) lay(s *settings, rows, columns int, most vg.Length, notes []string) {
	sty := canvas.Style(tickSize, false, canvas.Soft, text.XLeft, text.YTop)
	for _, n := range g.rowNames {
		g.left = max(g.left, sty.Width(shortened(n, 28))+8)
	}
	for _, n := range g.columnNames {
		most = max(most, sty.Width(shortened(n, 16))+8)
	}
	g.left = min(g.left, vg.Length(s.width)/3)
	g.below = 22
	if s.xlabel != "" {
		g.below += 20
	}
	header := s.headerHeight(notes)
	room := vg.Length(s.width) - g.left - g.right - 4
	tall := 1.2 * max(vg.Length(s.height), 300)
	g.cellWidth = min(room/vg.Length(columns), most)
	g.cellHeight = min(g.cellWidth, 64, tall/vg.Length(rows))
	switch ratio := g.cellWidth * vg.Length(columns) / (g.cellHeight * vg.Length(rows)); {
	case ratio > 4 && rows < columns: // rather a band than a thread
		g.cellHeight = min(g.cellHeight*ratio/4, 64)
	case columns > 1 && g.cellHeight*vg.Length(columns) > 100 && most <= 64:
		g.cellWidth = g.cellHeight
	}
	if g.cellWidth > 6 && g.cellHeight > 6 {
		g.cellWidth, g.cellHeight = vg.Length(math.Floor(float64(g.cellWidth))), vg.Length(math.Floor(float64(g.cellHeight)))
	}
	s.height = int(math.Ceil(float64(header + g.cellHeight*vg.Length(rows) + g.below)))
	s.width = s.narrowed(g.left+g.cellWidth*vg.Length(columns)+g.right+4, notes)
}

// area returns the rectangle of the cells.
func (g *grid) area(c draw.Canvas, rows, columns int) vg.Rectangle {
	min := vg.Point{X: c.Min.X + g.left, Y: c.Max.Y - g.cellHeight*vg.Length(rows)}
	return vg.Rectangle{Min: min, Max: vg.Point{X: min.X + g.cellWidth*vg.Length(columns), Y: c.Max.Y}}
}

// cell returns the rectangle of a cell.
func (g *grid) cell(area vg.Rectangle, i, j int) vg.Rectangle {
	return vg.Rectangle{
		Min: vg.Point{X: area.Min.X + g.cellWidth*vg.Length(j), Y: area.Max.Y - g.cellHeight*vg.Length(i+1)},
		Max: vg.Point{X: area.Min.X + g.cellWidth*vg.Length(j+1), Y: area.Max.Y - g.cellHeight*vg.Length(i)},
	}
}

// names writes the names of rows and columns, as many as there is room for.
func (g *grid) names(c draw.Canvas, area vg.Rectangle, xlabel string) {
	sty := canvas.Style(tickSize, false, canvas.Soft, text.XRight, text.YCenter)
	every := max(int(math.Ceil(13/float64(g.cellHeight))), 1)
	if every > 1 {
		every = int(niceStep(float64(every), true))
	}
	for i := 0; i < len(g.rowNames); i += every {
		r := g.cell(area, i, 0)
		c.FillText(sty, vg.Point{X: area.Min.X - 6, Y: (r.Min.Y+r.Max.Y)/2 + 1}, fitted(sty, shortened(g.rowNames[i], 28), g.left-8))
	}
	sty.XAlign, sty.YAlign = text.XCenter, text.YTop
	widest := vg.Length(0)
	for _, n := range g.columnNames {
		widest = max(widest, sty.Width(shortened(n, 16))+6)
	}
	if every = max(int(math.Ceil(float64(widest/g.cellWidth))), 1); every > 1 {
		every = int(niceStep(float64(every), true))
	}
	for j := 0; j < len(g.columnNames); j += every {
		r := g.cell(area, 0, j)
		c.FillText(sty, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: area.Min.Y - 4}, shortened(g.columnNames[j], 16))
	}
	if xlabel != "" {
		label := canvas.Style(textSize, false, canvas.Soft, text.XCenter, text.YTop)
		c.FillText(label, vg.Point{X: (area.Min.X + area.Max.X) / 2, Y: area.Min.Y - 23}, xlabel)
	}
}

func indices(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i)
	}
	return out
}

// at returns the colour of a value. Halves, since the range may be greater than
// the greatest number.
func (h *heat) at(v float64) color.RGBA {
	return h.colors.at((v/2 - h.lo/2) / (h.hi/2 - h.lo/2))
}

func (h *heat) draw(c draw.Canvas) {
	c = h.header(c, nil, h.notes)
	rows, columns := len(h.values), len(h.values[0])
	area := h.area(c, rows, columns)
	img := image.NewNRGBA(image.Rect(0, 0, columns, rows))
	for i, row := range h.values {
		for j, v := range row {
			if finite(v) {
				img.Set(j, i, h.at(v))
			}
		}
	}
	c.DrawImage(area, reduced(img, int(h.cellWidth*vg.Length(columns))*2, int(h.cellHeight*vg.Length(rows))*2))
	h.names(c, area, h.xlabel)
	if h.cellWidth >= 30 && h.cellHeight >= 15 {
		for i, row := range h.values {
			for j, v := range row {
				r := h.cell(area, i, j)
				sty := canvas.Style(tickSize, false, canvas.Strong, text.XCenter, text.YCenter)
				label := signed(strconv.FormatFloat(v, 'g', 3, 64))
				switch {
				case !finite(v):
					sty.Color = canvas.Bad
				case dark(h.at(v)):
					sty.Color = color.White
				default:
					sty.Color = color.Gray{0x22}
				}
				if sty.Width(label) <= h.cellWidth-2 {
					c.FillText(sty, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: (r.Min.Y+r.Max.Y)/2 + 1}, label)
				}
			}
		}
	}
	colorBar(draw.Canvas{Canvas: c.Canvas, Rectangle: area}, h.lo, h.hi, func(t float64) color.Color { return h.colors.at(t) })
}

// reduced takes every second, third, … pixel of a picture that is larger than
// anybody can see.
func reduced(img *image.NRGBA, width, height int) *image.NRGBA {
	b := img.Bounds()
	fx, fy := max(b.Dx()/max(width, 1), 1), max(b.Dy()/max(height, 1), 1)
	if fx == 1 && fy == 1 {
		return img
	}
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx()/fx, b.Dy()/fy))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.SetNRGBA(x, y, img.NRGBAAt(x*fx, y*fy))
		}
	}
	return out
}

// colorBar draws a scale of colours at the right of an area.
func colorBar(c draw.Canvas, lo, hi float64, at func(t float64) color.Color) {
	const steps = 64
	img := image.NewNRGBA(image.Rect(0, 0, 1, steps))
	for i := range steps {
		img.Set(0, i, at(1-float64(i)/(steps-1)))
	}
	r := vg.Rectangle{Min: vg.Point{X: c.Max.X + 14, Y: c.Min.Y}, Max: vg.Point{X: c.Max.X + 24, Y: c.Max.Y}}
	if tall := r.Max.Y - r.Min.Y; tall > 240 {
		r.Min.Y = r.Max.Y - 240
	}
	c.DrawImage(r, img)
	a := axis{lo: lo, hi: hi, ticks: max(int((r.Max.Y-r.Min.Y)/40), 2)}
	sty := canvas.Style(tickSize, false, canvas.Soft, text.XLeft, text.YCenter)
	for _, t := range a.Ticks(lo, hi) {
		y := r.Min.Y + (r.Max.Y-r.Min.Y)*vg.Length(a.Normalize(lo, hi, t.Value)) + 1
		c.FillText(sty, vg.Point{X: r.Max.X + 5, Y: y}, t.Label)
	}
}

func (h *heat) describe() string {
	s := h.say("heat map of %s and %s", h.count(len(h.values), "row"), h.count(len(h.values[0]), "column"))
	if lo, hi, ok := bounds(h.values...); ok {
		s += h.say(", values from %s to %s", numberText(lo), numberText(hi))
	}
	return s
}

func (h *heat) data() any {
	out := chartData{Kind: "heatmap"}
	if len(h.values)*len(h.values[0]) <= 4*maxData {
		for _, row := range h.values {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}
