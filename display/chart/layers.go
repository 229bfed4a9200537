// This file draws the layers of a network as boxes with their shapes.

package chart

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// Layers draws what each layer of a network gives, in the order of the
// computation: pictures as blocks of height, width and channels, rows of numbers
// as columns. Beneath stand the layer's kind, its shape, and the number of its
// weights and biases. It is given a model or sizes, as [Network] is.
func Layers(model any, options ...Option) *Figure {
	return build(layers, options, func(s *settings) (layout, error) {
		all, err := layersOf(model)
		if err != nil {
			return nil, err
		}
		if s.columns != nil && len(s.columns) != len(all) {
			return nil, fmt.Errorf("there are %d layers and %d names for them", len(all), len(s.columns))
		}
		return func(s *settings) drawing { return newChain(s, all) }, nil
	})
}

// chain is a network as blocks.
type chain struct {
	*settings
	layers []layerInfo
	notes  []string
	perRow int
	cell   vg.Length // width of a layer
	params bool      // some layer has weights
	side   float64   // the longest of a picture
	longer float64   // the longest row of numbers
}

const (
	blockHigh = vg.Length(116) // room for the block
	arrowLong = vg.Length(16)
	wordsHigh = vg.Length(52)
	cellMost  = vg.Length(112)
)

func newChain(s *settings, all []layerInfo) *chain {
	c := &chain{settings: s, layers: all}
	total := 0
	head, rest := c.styles()
	for i, l := range all {
		total += l.params
		if len(l.shape) > 1 {
			c.side = max(c.side, float64(l.shape[0]), float64(l.shape[1]))
		} else {
			c.longer = max(c.longer, float64(l.units()))
		}
		c.cell = max(c.cell, head.Width(c.head(i))*1.06+8)
		for _, line := range c.lines(l) {
			c.cell = max(c.cell, rest.Width(line)*1.06+8)
		}
	}
	if c.params = total > 0; c.params {
		c.notes = append(c.notes, c.say("shape of what a layer gives · its weights and biases, %s in all", grouped(fmt.Sprint(total))))
	}
	c.cell = min(max(c.cell, 72), cellMost)
	room := vg.Length(s.width) - 4 - arrowLong
	c.perRow = min(max(int(room/c.cell), 1), len(all))
	rows := (len(all) + c.perRow - 1) / c.perRow
	c.perRow = (len(all) + rows - 1) / rows // about equal ones
	s.height = int(math.Ceil(float64(s.headerHeight(c.notes) + vg.Length(rows)*(blockHigh+wordsHigh+10))))
	content := c.cell*vg.Length(c.perRow) + 4
	if rows > 1 {
		content += arrowLong // an arrow to the next row
	}
	s.width = s.narrowed(content, c.notes)
	return c
}

func (b *chain) styles() (head, rest text.Style) {
	return canvas.Style(textSize, true, canvas.Strong, text.XCenter, text.YTop), canvas.Style(tickSize, false, canvas.Soft, text.XCenter, text.YTop)
}

// head is the name of a layer.
func (b *chain) head(i int) string {
	switch l := b.layers[i]; {
	case b.columns != nil:
		return b.columns[i]
	case l.name != "":
		return l.name
	default:
		return b.say(l.kind)
	}
}

// lines is what is written beneath the name.
func (b *chain) lines(l layerInfo) []string {
	out := []string{l.size()}
	if l.activation != "" {
		out = append(out, l.activation)
	}
	if l.params > 0 {
		out = append(out, grouped(fmt.Sprint(l.params)))
	}
	return out
}

func (b *chain) draw(c draw.Canvas) {
	c = b.header(c, nil, b.notes)
	head, rest := b.styles()
	for i, l := range b.layers {
		left := c.Min.X + b.cell*vg.Length(i%b.perRow)
		top := c.Max.Y - vg.Length(i/b.perRow)*(blockHigh+wordsHigh+10)
		middle := vg.Point{X: left + b.cell/2, Y: top - blockHigh/2}
		half := b.block(c, middle, l)
		if i+1 < len(b.layers) { // the arrow to the next one
			from, to := middle.X+half+4, left+b.cell*1.5-b.half(b.layers[i+1])-4
			if i%b.perRow == b.perRow-1 {
				to = from + arrowLong
			}
			arrow(c, vg.Point{X: from, Y: middle.Y}, vg.Point{X: max(to, from+6), Y: middle.Y})
		}
		y := top - blockHigh - 2
		line := func(sty text.Style, s string) {
			c.FillText(sty, vg.Point{X: middle.X, Y: y}, fitted(sty, s, b.cell-4))
			y -= 14
		}
		line(head, b.head(i))
		for _, s := range b.lines(l) {
			line(rest, s)
		}
	}
}

// arrow draws an arrow.
func arrow(c draw.Canvas, from, to vg.Point) {
	c.StrokeLine2(draw.LineStyle{Color: canvas.Soft, Width: 1}, from.X, from.Y, to.X-3, to.Y)
	c.SetColor(canvas.Soft)
	var p vg.Path
	p.Move(to)
	p.Line(vg.Point{X: to.X - 6, Y: to.Y + 3})
	p.Line(vg.Point{X: to.X - 6, Y: to.Y - 3})
	p.Close()
	c.Fill(p)
}

// kindColor is the colour of a kind of layers.
func kindColor(kind string) color.RGBA {
	has := func(part string) bool { return strings.Contains(strings.ToLower(kind), part) }
	switch {
	case has("input"):
		return canvas.Palette[5]
	case has("conv"):
		return canvas.Palette[0]
	case has("pool"):
		return canvas.Palette[7]
	case has("flatten"), has("reshape"):
		return canvas.Palette[4]
	case has("dense"), has("hidden"), has("output"), has("linear"):
		return canvas.Palette[1]
	case has("drop"), has("norm"):
		return canvas.Palette[3]
	}
	return canvas.Palette[2]
}

// half is half the width of a layer's block.
func (b *chain) half(l layerInfo) vg.Length {
	w, _, depth := b.sizes(l)
	return (w + depth) / 2
}

// sizes returns the width and height of a block's front, and how far its back is
// to the right and above. Lengths are as the root of the numbers, which are
// mostly halved from layer to layer.
func (b *chain) sizes(l layerInfo) (w, h, depth vg.Length) {
	if len(l.shape) < 2 {
		share := 1.0
		if b.longer > 1 {
			share = math.Log(float64(l.units())+1) / math.Log(b.longer+1)
		}
		return 12, vg.Length(20 + (float64(blockHigh)-30)*share), 0
	}
	of := func(n int) vg.Length { return vg.Length(max(54*math.Sqrt(float64(n)/b.side), 5)) }
	h, w = of(l.shape[0]), of(l.shape[1])
	if len(l.shape) > 2 {
		depth = vg.Length(2 + 3*math.Log2(float64(l.shape[2])+1))
	}
	return w, h, depth
}

// block draws a layer around a place and returns half of its width.
func (b *chain) block(c draw.Canvas, at vg.Point, l layerInfo) vg.Length {
	w, h, depth := b.sizes(l)
	clr := kindColor(l.kind)
	corner := vg.Point{X: at.X - (w+depth)/2, Y: at.Y - (h+depth)/2}
	face := func(opacity float64, pts ...vg.Point) {
		var p vg.Path
		for i, q := range pts {
			q = q.Add(corner)
			if i == 0 {
				p.Move(q)
			} else {
				p.Line(q)
			}
		}
		p.Close()
		c.SetColor(faded(clr, opacity))
		c.Fill(p)
	}
	pt := func(x, y vg.Length) vg.Point { return vg.Point{X: x, Y: y} }
	if n := l.units(); len(l.shape) < 2 && n <= 16 { // each unit is seen
		step := h / vg.Length(n)
		for i := range n {
			y := step * vg.Length(i)
			face(1, pt(0, y), pt(w, y), pt(w, y+step-1), pt(0, y+step-1))
		}
		return w / 2
	}
	face(1, pt(0, 0), pt(w, 0), pt(w, h), pt(0, h))
	if depth > 0 {
		const gap = 0.8
		face(0.55, pt(0, h+gap), pt(w, h+gap), pt(w+depth, h+depth), pt(depth, h+depth))
		face(0.75, pt(w+gap, 0), pt(w+depth, depth), pt(w+depth, h+depth), pt(w+gap, h+gap))
	}
	return (w + depth) / 2
}

func (b *chain) describe() string {
	parts := make([]string, len(b.layers))
	for i := range b.layers {
		parts[i] = b.head(i) + " " + strings.Join(b.lines(b.layers[i]), " ")
	}
	return b.say("%s of a network: %s", b.count(len(b.layers), "layer"), strings.Join(parts, b.say(", ")))
}

func (b *chain) data() any {
	out := chartData{Kind: "layers"}
	for i, l := range b.layers {
		out.Names = append(out.Names, b.head(i)+" "+strings.Join(b.lines(l), " "))
	}
	return out
}
