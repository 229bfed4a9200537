// This file draws a network as columns of units.

package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// Network draws the units of a network in columns, one for each layer, and the
// edges between them. It is given the sizes, such as []int{784, 10, 10}, or a
// model: anything with a method Layers that returns structs with a field Out, the
// shape of a layer, and, if they like, Name, Kind and Activation.
//
// Of a layer with many units the first and last are drawn, as many as the option
// Units says. Squares are the channels of a picture. The option Weights colours
// the edges, Activations the units; Rows names the first units, Classes the last,
// Columns the layers.
func Network(model any, options ...Option) *Figure {
	return build(network, options, func(s *settings) (layout, error) {
		all, err := layersOf(model)
		if err != nil {
			return nil, err
		}
		w := web{layers: all}
		if s.weights != nil {
			if w.weights, err = weightsOf(s.weights, len(all)); err != nil {
				return nil, err
			}
		} else {
			w.weights = make([][][]float64, len(all)-1)
		}
		if s.activations != nil && len(s.activations) != len(all) {
			return nil, fmt.Errorf("there are %d layers and the activations of %d", len(all), len(s.activations))
		}
		for i, a := range s.activations {
			if a == nil {
				w.values = append(w.values, nil)
				continue
			}
			v, err := flat(fmt.Sprintf("activations of layer %d", i), a)
			if err == nil && len(v) != all[i].units() {
				err = fmt.Errorf("layer %d has %d units and %d activations", i, all[i].units(), len(v))
			}
			if err != nil {
				return nil, err
			}
			w.values = append(w.values, v)
		}
		for _, n := range []struct {
			names []string
			layer layerInfo
		}{{s.rows, all[0]}, {s.classes, all[len(all)-1]}} {
			if n.names != nil && len(n.names) != n.layer.count() {
				return nil, fmt.Errorf("a layer has %d units and %d names for them", n.layer.count(), len(n.names))
			}
		}
		w.dropFlatten()
		if s.columns != nil && len(s.columns) != len(w.layers) {
			return nil, fmt.Errorf("%d layers are drawn and there are %d names for them", len(w.layers), len(s.columns))
		}
		for i, m := range w.weights {
			if m != nil && (len(m) != w.layers[i].units() || len(m[0]) != w.layers[i+1].units()) {
				return nil, fmt.Errorf("the weights between layers of %d and %d units are a %d × %d matrix", w.layers[i].units(), w.layers[i+1].units(), len(m), len(m[0]))
			}
		}
		return w.layout, nil
	})
}

// Weights has the matrices between the layers of a Network, each with a row for
// each unit before and a column for each behind; or a model, whose method
// Weights(i) returns that of layer i.
func Weights(matrices ...any) Option {
	return option("Weights", network, func(s *settings) { s.weights = append([]any{}, matrices...) })
}

// Activations has what the units of each layer give, the first layer's too: slices
// of numbers, or tensors of one example. A layer's nil leaves it out.
func Activations(layers ...any) Option {
	return option("Activations", network, func(s *settings) { s.activations = append([]any{}, layers...) })
}

// Units is up to how many units of a layer are drawn; 10 without it.
func Units(n int) Option {
	return Option{"Units", network, func(s *settings) error {
		if n < 2 || n > 100 {
			return fmt.Errorf("%d units: from 2 to 100 were expected", n)
		}
		s.units = n
		return nil
	}}
}

// count is how many things are drawn of a layer at most: its units, or the
// channels of a picture.
func (l layerInfo) count() int {
	if len(l.shape) == 0 {
		return 1
	}
	return l.shape[len(l.shape)-1]
}

// web is a network with units.
type web struct {
	*settings
	layers  []layerInfo
	weights [][][]float64 // between each two layers, nil if they are not known
	values  [][]float64   // of each layer, nil if they are not known
	columns []column
	slots   int // units of the longest column
}

// dropFlatten leaves out the layers that only write the numbers of a picture in a
// row: they would be drawn twice.
func (w *web) dropFlatten() {
	for i := len(w.layers) - 2; i > 0; i-- {
		if w.layers[i].kind != "Flatten" {
			continue
		}
		w.layers = slices.Delete(slices.Clone(w.layers), i, i+1)
		w.weights = slices.Delete(w.weights, i-1, i)
		if w.values != nil {
			w.values = slices.Delete(w.values, i, i+1)
		}
	}
}

// layout makes the figure as high as its longest column needs.
func (w web) layout(s *settings) drawing {
	w.settings = s
	w.columnsOf()
	if need := s.headerHeight(nil, w.legend()...) + vg.Length(w.slots)*maxStep + under + 8; !s.sized {
		s.height = min(s.height, int(need))
	}
	return &w
}

const (
	maxStep = vg.Length(44) // from unit to unit
	under   = vg.Length(40) // for the words beneath
)

// columnsOf finds which units are drawn.
func (w *web) columnsOf() {
	most := cmp.Or(w.units, 10)
	w.columns = make([]column, len(w.layers))
	for i, l := range w.layers {
		w.columns[i] = column{layerInfo: l, units: shown(l.count(), most)}
		w.slots = max(w.slots, len(w.columns[i].units))
	}
}

// legend says what the colours mean.
func (w *web) legend() []key {
	var out []key
	if slices.ContainsFunc(w.weights, func(m [][]float64) bool { return m != nil }) {
		out = []key{{name: w.say("weight above 0"), color: canvas.Palette[1]}, {name: w.say("below 0"), color: canvas.Palette[0]}}
	}
	if w.values != nil {
		lo, _, _ := bounds(w.values...)
		out = append(out, key{name: w.say("activation"), color: canvas.Palette[2]})
		if lo < 0 {
			out = append(out, key{name: w.say("below 0"), color: canvas.Palette[0]})
		}
	}
	return out
}

// shown returns which of n units are drawn, -1 where some are left out.
func shown(n, most int) []int {
	var out []int
	for i := range n {
		switch half := most / 2; {
		case n <= most || i < half || i >= n-(most-half):
			out = append(out, i)
		case i == half:
			out = append(out, -1)
		}
	}
	return out
}

// column is one layer with the places of its units.
type column struct {
	layerInfo
	x      vg.Length
	units  []int
	places []vg.Length // of the units, from above
}

const maxNames = vg.Length(120) // room for the names of units, at each side

func (w *web) draw(c draw.Canvas) {
	c = w.header(c, w.legend(), nil)
	names := canvas.Style(tickSize, false, canvas.Soft, text.XRight, text.YCenter)
	room := func(texts []string) vg.Length { return min(max(widest(names, texts)*1.06+24, 40), maxNames) }
	area := vg.Rectangle{
		Min: vg.Point{X: c.Min.X + room(w.rows), Y: c.Min.Y + under},
		Max: vg.Point{X: c.Max.X - room(w.settings.classes), Y: c.Max.Y - 4},
	}
	step := min((area.Max.Y-area.Min.Y)/vg.Length(w.slots), maxStep)
	radius := min(max(step*0.34, 2), 12)
	columns := slices.Clone(w.columns)
	apart := c.Max.X - c.Min.X
	if len(columns) > 1 {
		apart = (area.Max.X - area.Min.X) / vg.Length(len(columns)-1)
	}
	for i := range columns {
		col := &columns[i]
		col.x = area.Min.X + apart*vg.Length(i)
		if len(columns) == 1 {
			col.x = (area.Min.X + area.Max.X) / 2
		}
		top := (area.Min.Y+area.Max.Y)/2 + step*vg.Length(len(col.units)-1)/2
		for k := range col.units {
			col.places = append(col.places, top-step*vg.Length(k))
		}
	}
	for i, m := range w.weights {
		w.edges(c, columns[i], columns[i+1], m, radius)
	}
	for i, col := range columns {
		w.drawUnits(c, i, col, radius)
		w.words(c, i, col, c.Min.Y+under-10, apart)
	}
	w.names(c, columns[0], w.rows, names, -radius-7)
	names.XAlign = text.XLeft
	w.names(c, columns[len(columns)-1], w.settings.classes, names, radius+7)
}

// widest is the width of the longest of some names.
func widest(sty text.Style, names []string) vg.Length {
	w := vg.Length(0)
	for _, n := range names {
		w = max(w, sty.Width(shortened(n, 16)))
	}
	return w
}

// names writes the names of a column's units beside it.
func (w *web) names(c draw.Canvas, col column, names []string, sty text.Style, beside vg.Length) {
	for k, u := range col.units {
		if u >= 0 && u < len(names) {
			c.FillText(sty, vg.Point{X: col.x + beside, Y: col.places[k] + 1}, shortened(names[u], 16))
		}
	}
}

// shades is how many strengths of an edge are told apart.
const shades = 10

// edges draws the lines between two layers, the strong ones last.
func (w *web) edges(c draw.Canvas, a, b column, weights [][]float64, radius vg.Length) {
	most := 0.0
	for _, row := range weights {
		for _, v := range row {
			if finite(v) {
				most = max(most, math.Abs(v))
			}
		}
	}
	type edge struct {
		from, to vg.Point
		strength int // below 0 in blue
	}
	var all []edge
	pool := strings.Contains(b.kind, "Pool") && len(a.units) == len(b.units)
	for i, u := range a.units {
		for j, v := range b.units {
			if u < 0 || v < 0 || pool && i != j {
				continue
			}
			e := edge{from: vg.Point{X: a.x, Y: a.places[i]}, to: vg.Point{X: b.x, Y: b.places[j]}}
			d := e.to.Sub(e.from)
			d = d.Scale((radius + 1) / vg.Length(math.Hypot(float64(d.X), float64(d.Y))))
			e.from, e.to = e.from.Add(d), e.to.Sub(d)
			if weights != nil {
				switch x := weights[u][v]; {
				case !finite(x):
					continue
				case most > 0:
					e.strength = int(math.Round(shades * x / most))
				}
			}
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(x, y edge) int {
		if a, b := max(x.strength, -x.strength), max(y.strength, -y.strength); a != b {
			return a - b
		}
		return x.strength - y.strength
	})
	for _, e := range all {
		style := draw.LineStyle{Color: canvas.Faint, Width: 1}
		if weights != nil {
			share := math.Abs(float64(e.strength)) / shades
			clr := canvas.Palette[1]
			if e.strength < 0 {
				clr = canvas.Palette[0]
			}
			style = draw.LineStyle{Color: faded(clr, 0.05+0.85*share), Width: vg.Length(0.6 + 2*share)}
		}
		c.StrokeLine2(style, e.from.X, e.from.Y, e.to.X, e.to.Y)
	}
}

// drawUnits draws the units of a layer.
func (w *web) drawUnits(c draw.Canvas, i int, col column, radius vg.Length) {
	clr := canvas.Palette[0]
	switch {
	case i == 0:
		clr = canvas.Palette[5]
	case i == len(w.layers)-1:
		clr = canvas.Palette[1]
	}
	var values []float64
	most := 0.0
	if i < len(w.values) && len(w.values[i]) == col.count() {
		values = w.values[i]
		for _, v := range values {
			if finite(v) {
				most = max(most, math.Abs(v))
			}
		}
	}
	if w.values != nil {
		clr = canvas.Palette[5]
	}
	shape := func(at vg.Point) vg.Path {
		if len(col.shape) > 1 {
			d := vg.Point{X: radius * 0.9, Y: radius * 0.9}
			return vg.Rectangle{Min: at.Sub(d), Max: at.Add(d)}.Path()
		}
		return circle(at, radius)
	}
	for k, u := range col.units {
		at := vg.Point{X: col.x, Y: col.places[k]}
		if u < 0 {
			for d := vg.Length(-1); d <= 1; d++ {
				disc(c, vg.Point{X: at.X, Y: at.Y + d*radius*0.7}, max(radius/7, 1), canvas.Soft)
			}
			continue
		}
		if values == nil {
			c.SetColor(clr)
			c.Fill(shape(at))
			continue
		}
		v := values[u]
		fill, share := canvas.Palette[2], 0.0
		if most > 0 {
			share = math.Abs(v) / most
		}
		switch {
		case !finite(v):
			fill, share = canvas.Bad, 1
		case v < 0:
			fill = canvas.Palette[0]
		}
		c.SetColor(faded(fill, share))
		c.Fill(shape(at))
	}
	if values == nil {
		return
	}
	c.SetLineStyle(draw.LineStyle{Color: canvas.Soft, Width: 1})
	for k, u := range col.units {
		if u >= 0 {
			c.Stroke(shape(vg.Point{X: col.x, Y: col.places[k]}))
		}
	}
}

// words writes beneath a layer what it is.
func (w *web) words(c draw.Canvas, i int, col column, y, room vg.Length) {
	head := w.say(col.kind)
	if w.settings.columns != nil {
		head = w.settings.columns[i]
	} else if col.name != "" {
		head = col.name
	}
	lines := []string{head, col.size()}
	if col.activation != "" {
		lines[1] += " · " + col.activation
	}
	for k, l := range lines {
		sty := canvas.Style(textSize, true, canvas.Strong, text.XCenter, text.YTop)
		if k > 0 {
			sty = canvas.Style(tickSize, false, canvas.Soft, text.XCenter, text.YTop)
		}
		c.FillText(sty, vg.Point{X: col.x, Y: y - vg.Length(k)*15}, fitted(sty, l, room-4))
	}
}

func (w *web) describe() string {
	parts := make([]string, len(w.layers))
	for i, l := range w.layers {
		parts[i] = strings.TrimSpace(w.say(l.kind) + " " + l.size())
		if l.activation != "" {
			parts[i] += " " + l.activation
		}
	}
	return w.say("network of %s: %s", w.count(len(w.layers), "layer"), strings.Join(parts, w.say(", ")))
}

func (w *web) data() any {
	out := chartData{Kind: "network"}
	for _, l := range w.layers {
		out.Names = append(out.Names, l.kind+" "+l.size())
	}
	for _, m := range w.weights {
		for _, row := range m {
			if len(out.Rows) == maxData {
				break
			}
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}
