// This file draws what charts with two axes have in common.

package chart

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

const (
	titleSize = 14
	textSize  = canvas.BaseSize
	tickSize  = 11
	lineWidth = 2
)

// frame is a chart with two axes.
type frame struct {
	*settings
	x, y     axis
	plotters []plot.Plotter
	ends     []ending // names of lines, at their ends
	legend   []key    // or in a row above
	notes    []string
	upright  bool                   // the grid is of vertical lines
	bare     bool                   // no line along the axis: the plotter draws it at 0
	covered  bool                   // the plotters draw on all of the area: no grid
	left     vg.Length              // how far the data are from there, at least
	right    vg.Length              // room for beside
	beside   func(area draw.Canvas) // draws at the right
}

// ending is a name to be written at the height of a line's last value.
type ending struct {
	x, y  float64
	name  string
	color color.RGBA
}

// key says what a colour means.
type key struct {
	name  string
	color color.RGBA
	ring  bool
}

// ticksWide and ticksHigh are how many ticks there is room for.
func (s *settings) ticksWide() int { return max(s.width/60, 2) }
func (s *settings) ticksHigh() int { return max((s.height-80)/35, 2) }

// header writes what is above a chart and returns the area that is left.
func (s *settings) header(c draw.Canvas, legend []key, notes []string) draw.Canvas {
	c = draw.Crop(c, 2, -2, 2, -2)
	row := func(sty text.Style, s string, after vg.Length) {
		for _, l := range canvas.Wrap(sty, s, c.Max.X-c.Min.X) {
			c.FillText(sty, vg.Point{X: c.Min.X, Y: c.Max.Y}, l)
			c.Max.Y -= sty.Font.Size * 1.25
		}
		c.Max.Y -= after
	}
	if s.title != "" {
		row(canvas.Style(titleSize, true, canvas.Strong, text.XLeft, text.YTop), s.title, 3)
	}
	for _, n := range notes {
		row(canvas.Style(tickSize, false, canvas.Soft, text.XLeft, text.YTop), n, 1)
	}
	if len(legend) > 0 {
		c.Max.Y -= 2
		sty := canvas.Style(textSize, false, canvas.Strong, text.XLeft, text.YCenter)
		x, y := c.Min.X, c.Max.Y-7
		for _, k := range legend {
			w := sty.Width(k.name) + 30
			if x > c.Min.X && x+w > c.Max.X+16 {
				x, y = c.Min.X, y-18
			}
			if at := (vg.Point{X: x + 5, Y: y}); k.ring {
				c.SetLineStyle(draw.LineStyle{Color: k.color, Width: 2})
				c.Stroke(circle(at, 3.5))
			} else {
				disc(c, at, 4.5, k.color)
			}
			c.FillText(sty, vg.Point{X: x + 14, Y: y + 1}, k.name)
			x += w
		}
		c.Max.Y = y - 12
	}
	if s.ylabel != "" {
		if len(notes) > 0 {
			c.Max.Y -= 4
		}
		row(canvas.Style(textSize, false, canvas.Soft, text.XLeft, text.YTop), s.ylabel, 6)
	} else if s.title != "" || len(notes) > 0 || s.scaled && len(legend) == 0 {
		c.Max.Y -= 5
	}
	return c
}

// headerHeight is how high what is written above a chart is.
func (s *settings) headerHeight(notes []string, legend ...key) vg.Length {
	const high = 10_000
	return high - s.header(draw.New(canvas.New(vg.Length(s.width), high)), legend, notes).Max.Y
}

// narrowed returns the width of a figure whose content is so wide; what is
// written above keeps its lines.
func (s *settings) narrowed(content vg.Length, notes []string) int {
	w := content
	room := vg.Length(s.width) - 4
	for _, l := range canvas.Wrap(canvas.Style(titleSize, true, canvas.Strong, text.XLeft, text.YTop), s.title, room) {
		w = max(w, 1.06*canvas.Style(titleSize, true, canvas.Strong, text.XLeft, text.YTop).Width(l)+6)
	}
	sty := canvas.Style(tickSize, false, canvas.Soft, text.XLeft, text.YTop)
	for _, n := range notes {
		for _, l := range canvas.Wrap(sty, n, room) {
			w = max(w, 1.06*sty.Width(l)+6)
		}
	}
	return min(s.width, int(math.Ceil(float64(w))))
}

// draw draws what is above the chart, and the chart.
func (f *frame) draw(c draw.Canvas) { f.body(f.header(c, f.legend, f.notes)) }

// plot returns the axes and the data.
func (f *frame) plot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.TextHandler = canvas.Handler
	for _, a := range []struct {
		axis *plot.Axis
		from *axis
		tick text.Style
	}{
		{&p.X, &f.x, canvas.Style(tickSize, false, canvas.Soft, text.XCenter, text.YTop)},
		{&p.Y, &f.y, canvas.Style(tickSize, false, canvas.Soft, text.XRight, text.YCenter)},
	} {
		a.axis.Min, a.axis.Max = a.from.lo, a.from.hi
		a.axis.Scale = a.from.scale
		a.axis.Tick.Marker = a.from
		a.axis.Tick.Label = a.tick
		a.axis.Tick.LineStyle = draw.LineStyle{Color: canvas.Soft, Width: 1}
		a.axis.Tick.Length = 0
		a.axis.LineStyle.Width = 0
		a.axis.Padding = 4
		a.axis.Label.TextStyle = canvas.Style(textSize, false, canvas.Soft, text.XCenter, text.YBottom)
	}
	p.X.Label.Text = f.xlabel
	p.X.Label.Padding = 5
	if !f.bare {
		p.X.LineStyle = draw.LineStyle{Color: canvas.Soft, Width: 1}
	}
	if f.upright {
		p.Y.Padding = 0
	} else {
		p.X.Padding = 0
	}
	p.X.Tick.Length = 4
	if f.bare { // a distance only
		p.X.Tick.LineStyle.Color = color.Transparent
	}
	grid := &plotter.Grid{}
	switch style := (draw.LineStyle{Color: canvas.Faint, Width: 1}); {
	case f.covered:
	case f.upright:
		grid.Vertical = style
	default:
		grid.Horizontal = style
	}
	p.Add(grid)
	p.Add(f.plotters...)
	return p
}

// margin is how far the area of the data is from the left.
func (f *frame) margin(c draw.Canvas) vg.Length { return f.plot().DataCanvas(c).Min.X - c.Min.X }

// body draws the axes, the data and the names.
func (f *frame) body(c draw.Canvas) {
	p := f.plot()
	right := max(f.right, 6)
	endStyle := canvas.Style(textSize, true, canvas.Strong, text.XLeft, text.YCenter)
	for _, e := range f.ends {
		right = max(right, endStyle.Width(e.name)+12)
	}
	right = min(right, (c.Max.X-c.Min.X)/2)
	inner := draw.Crop(c, 0, -right, 0, 0)
	if f.left > 0 {
		inner.Min.X += max(f.left-f.margin(inner), 0)
	}
	p.Draw(inner)
	area := p.DataCanvas(inner)
	f.drawMarks(area, p)
	f.drawEnds(area, p, endStyle)
	if f.beside != nil {
		f.beside(area)
	}
}

// drawEnds writes the names of lines beside the chart, at the height of their last
// values, moved up and down so that they do not cover each other.
func (f *frame) drawEnds(c draw.Canvas, p *plot.Plot, style text.Style) {
	type place struct {
		ending
		at vg.Point
	}
	var places []place
	last := c.Min.X // behind all of the lines
	for _, e := range f.ends {
		y := c.Y(p.Y.Norm(e.y))
		if math.IsNaN(float64(y)) {
			continue
		}
		if x := c.X(p.X.Norm(e.x)); x > last {
			last = min(x, c.Max.X)
		}
		places = append(places, place{e, vg.Point{Y: min(max(y, c.Min.Y), c.Max.Y)}})
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.at.Y, b.at.Y) })
	wanted := make([]float64, len(places))
	for i, pl := range places {
		wanted[i] = float64(pl.at.Y)
	}
	spread(wanted, float64(style.Font.Size)*1.2, float64(c.Min.Y), float64(c.Max.Y))
	for i, y := range wanted {
		places[i].at.Y = vg.Length(y)
	}
	for _, pl := range places {
		s := style
		s.Color = pl.color
		c.FillText(s, vg.Point{X: last + 7, Y: pl.at.Y + 1}, pl.name)
	}
}

// spread moves places, in ascending order, so that they are a distance apart and
// between lo and hi if there is room: those that are too close move away from
// their common middle.
func spread(places []float64, apart, lo, hi float64) {
	type block struct {
		sum float64 // of the wanted places, each less its distance from the first
		n   int
	}
	first := func(b block) float64 {
		top := hi - float64(b.n-1)*apart
		return max(min(b.sum/float64(b.n), top), lo)
	}
	var blocks []block
	for _, y := range places {
		blocks = append(blocks, block{y, 1})
		for k := len(blocks) - 1; k > 0; k-- {
			a, b := blocks[k-1], blocks[k]
			if first(a)+float64(a.n)*apart <= first(b) {
				break
			}
			blocks = append(blocks[:k-1], block{a.sum + b.sum - float64(a.n*b.n)*apart, a.n + b.n})
		}
	}
	i := 0
	for _, b := range blocks {
		for k := range b.n {
			places[i] = first(b) + float64(k)*apart
			i++
		}
	}
}

// drawMarks draws the marked places, their words where there is room.
func (f *frame) drawMarks(c draw.Canvas, p *plot.Plot) {
	y := c.Max.Y
	for _, m := range f.marks {
		x := c.X(p.X.Norm(m.x))
		if math.IsNaN(float64(x)) || x < c.Min.X-1 || x > c.Max.X+1 {
			continue
		}
		sty := canvas.Style(tickSize, m.bad, canvas.Soft, text.XLeft, text.YTop)
		var clr color.Color = canvas.Soft
		if m.bad {
			clr = canvas.Bad
		}
		sty.Color = clr
		c.StrokeLine2(draw.LineStyle{Color: clr, Width: 1, Dashes: []vg.Length{4, 3}}, x, c.Min.Y, x, c.Max.Y)
		at := vg.Point{X: x + 5, Y: y}
		room := c.Max.X - at.X
		if left := x - 5 - c.Min.X; sty.Width(m.text) > room && left > room {
			at.X, sty.XAlign, room = x-5, text.XRight, left
		}
		if m.text == "" {
			continue
		}
		for _, l := range canvas.Wrap(sty, m.text, room) {
			at.Y = y
			c.FillText(sty, at, l)
			y -= tickSize * 1.3
		}
	}
}

// disc draws a filled circle.
func disc(c draw.Canvas, at vg.Point, r vg.Length, clr color.Color) {
	c.SetColor(clr)
	c.Fill(circle(at, r))
}

func circle(at vg.Point, r vg.Length) vg.Path {
	var p vg.Path
	p.Move(vg.Point{X: at.X + r, Y: at.Y})
	p.Arc(at, r, 0, 2*math.Pi)
	p.Close()
	return p
}

// pill is a rectangle with round ends.
func pill(r vg.Rectangle) vg.Path {
	radius := (r.Max.Y - r.Min.Y) / 2
	y := r.Min.Y + radius
	var p vg.Path
	p.Move(vg.Point{X: r.Min.X + radius, Y: r.Min.Y})
	p.Line(vg.Point{X: r.Max.X - radius, Y: r.Min.Y})
	p.Arc(vg.Point{X: r.Max.X - radius, Y: y}, radius, -math.Pi/2, math.Pi)
	p.Line(vg.Point{X: r.Min.X + radius, Y: r.Max.Y})
	p.Arc(vg.Point{X: r.Min.X + radius, Y: y}, radius, math.Pi/2, math.Pi)
	p.Close()
	return p
}

// box draws a filled rectangle.
func box(c draw.Canvas, r vg.Rectangle, clr color.Color) {
	c.SetColor(clr)
	c.Fill(r.Path())
}

// fitted cuts a name until it has room.
func fitted(sty text.Style, name string, room vg.Length) string {
	for n := len([]rune(name)); sty.Width(name) > room && n > 3; n-- {
		name = shortened(name, n)
	}
	return name
}

// shortened cuts a name that would take too much room.
func shortened(name string, n int) string {
	if r := []rune(name); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return name
}
