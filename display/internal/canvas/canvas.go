// This file implements gonum/plot's canvas.

package canvas

import (
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Canvas collects the elements of an SVG document. It implements [vg.Canvas].
type Canvas struct {
	w, h  vg.Length
	body  strings.Builder
	style string // of the group that is open, "" for none
	stack []state
}

// state is what Push saves.
type state struct {
	width  vg.Length
	dash   []vg.Length
	offset vg.Length
	color  color.Color
	matrix matrix
}

// matrix is [a b c d e f]: x' = ax + cy + e, y' = bx + dy + f.
type matrix [6]float64

func (m matrix) of(p vg.Point) (x, y float64) {
	px, py := float64(p.X), float64(p.Y)
	return m[0]*px + m[2]*py + m[4], m[1]*px + m[3]*py + m[5]
}

// before returns the matrix that applies n, then m.
func (m matrix) before(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

// New returns a canvas of w × h CSS pixels. As in gonum/plot, the origin is at
// the bottom left.
func New(w, h vg.Length) *Canvas {
	c := &Canvas{w: w, h: h, stack: []state{{matrix: matrix{1, 0, 0, -1, 0, float64(h)}}}}
	vg.Initialize(c)
	return c
}

// Size returns the size.
func (c *Canvas) Size() (w, h vg.Length) { return c.w, c.h }

func (c *Canvas) top() *state { return &c.stack[len(c.stack)-1] }

// SetLineWidth implements [vg.Canvas].
func (c *Canvas) SetLineWidth(w vg.Length) { c.top().width = w }

// SetLineDash implements [vg.Canvas].
func (c *Canvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	c.top().dash, c.top().offset = pattern, offset
}

// SetColor implements [vg.Canvas]. An [Ink] stays one.
func (c *Canvas) SetColor(clr color.Color) {
	if clr == nil {
		clr = color.Black
	}
	c.top().color = clr
}

// Rotate implements [vg.Canvas].
func (c *Canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.top().matrix = c.top().matrix.before(matrix{cos, sin, -sin, cos, 0, 0})
}

// Translate implements [vg.Canvas].
func (c *Canvas) Translate(pt vg.Point) {
	c.top().matrix = c.top().matrix.before(matrix{1, 0, 0, 1, float64(pt.X), float64(pt.Y)})
}

// Scale implements [vg.Canvas].
func (c *Canvas) Scale(x, y float64) {
	c.top().matrix = c.top().matrix.before(matrix{x, 0, 0, y, 0, 0})
}

// Push implements [vg.Canvas].
func (c *Canvas) Push() { c.stack = append(c.stack, *c.top()) }

// Pop implements [vg.Canvas].
func (c *Canvas) Pop() { c.stack = c.stack[:len(c.stack)-1] }

// Stroke implements [vg.Canvas].
func (c *Canvas) Stroke(p vg.Path) {
	s := c.top()
	if s.width <= 0 || len(p) == 0 || hidden(s.color) {
		return
	}
	style := `fill="none"` + paint("stroke", s.color) + ` stroke-width="` + number(float64(s.width)) + `"`
	if len(s.dash) > 0 {
		lengths := make([]string, len(s.dash))
		for i, d := range s.dash {
			lengths[i] = number(float64(d))
		}
		style += ` stroke-dasharray="` + strings.Join(lengths, " ") + `"`
		if s.offset != 0 {
			style += ` stroke-dashoffset="` + number(float64(s.offset)) + `"`
		}
	}
	c.element(style, c.shape(p))
}

// Fill implements [vg.Canvas].
func (c *Canvas) Fill(p vg.Path) {
	if len(p) > 0 && !hidden(c.top().color) {
		c.element(strings.TrimSpace(paint("fill", c.top().color)), c.shape(p))
	}
}

// element writes an element; those that follow each other in one style share a
// group.
func (c *Canvas) element(style, element string) {
	if style != c.style {
		c.endGroup()
		c.body.WriteString("<g " + style + ">")
		c.style = style
	}
	c.body.WriteString(element)
}

func (c *Canvas) endGroup() {
	if c.style != "" {
		c.body.WriteString("</g>\n")
		c.style = ""
	}
}

// shape writes a path, or a circle if it is one.
func (c *Canvas) shape(p vg.Path) string {
	m := c.top().matrix
	if len(p) == 3 && p[0].Type == vg.MoveComp && p[1].Type == vg.ArcComp && p[2].Type == vg.CloseComp && math.Abs(p[1].Angle) >= 2*math.Pi {
		x, y := m.of(p[1].Pos)
		r := float64(p[1].Radius) * math.Sqrt(math.Abs(m[0]*m[3]-m[1]*m[2]))
		return `<circle cx="` + number(x) + `" cy="` + number(y) + `" r="` + number(r) + `"/>`
	}
	w := pathWriter{m: m}
	for _, comp := range p {
		switch comp.Type {
		case vg.MoveComp:
			w.to('M', comp.Pos)
		case vg.LineComp:
			w.line(comp.Pos)
		case vg.ArcComp:
			w.arc(comp)
		case vg.CurveComp:
			if len(comp.Control) == 1 {
				w.to('Q', comp.Control[0], comp.Pos)
			} else {
				w.to('C', comp.Control[0], comp.Control[1], comp.Pos)
			}
		case vg.CloseComp:
			w.b = append(w.b, 'Z')
			w.last = 'Z'
		}
	}
	return `<path d="` + string(w.b) + `"/>`
}

// pathWriter writes the commands of a path, in the page's coordinates.
type pathWriter struct {
	m    matrix
	b    []byte
	last byte   // command
	x, y string // present point
}

func (w *pathWriter) to(command byte, pts ...vg.Point) {
	if command != w.last || command == 'M' {
		w.b = append(w.b, command)
		w.last = command
	}
	for _, p := range pts {
		x, y := w.m.of(p)
		w.x, w.y = number(x), number(y)
		w.put(w.x)
		w.put(w.y)
	}
}

// put appends a number, and a space before it where needed.
func (w *pathWriter) put(n string) {
	if k := len(w.b); k > 0 && n[0] != '-' && (w.b[k-1] >= '0' && w.b[k-1] <= '9' || w.b[k-1] == '.') {
		w.b = append(w.b, ' ')
	}
	w.b = append(w.b, n...)
}

// line leaves out what does not move, and uses the short forms along the axes.
func (w *pathWriter) line(p vg.Point) {
	fx, fy := w.m.of(p)
	x, y := number(fx), number(fy)
	switch {
	case x == w.x && y == w.y && w.last != 'M':
		return
	case y == w.y && x != w.x:
		w.b = append(w.b, 'H')
		w.last = 'H'
		w.put(x)
	case x == w.x && y != w.y:
		w.b = append(w.b, 'V')
		w.last = 'V'
		w.put(y)
	default:
		if w.last != 'L' && w.last != 'M' { // more pairs after an M are lines
			w.b = append(w.b, 'L')
			w.last = 'L'
		}
		w.put(x)
		w.put(y)
	}
	w.x, w.y = x, y
}

// arc writes an arc as Bézier curves, a quarter of a circle each at most, which
// any matrix maps rightly. Their handles are 4/3·tan(angle/4) long.
func (w *pathWriter) arc(a vg.PathComp) {
	n := max(int(math.Ceil(math.Abs(a.Angle)/(math.Pi/2)-1e-9)), 1)
	step := a.Angle / float64(n)
	handle := 4.0 / 3 * math.Tan(step/4)
	at := func(angle, along float64) vg.Point {
		sin, cos := math.Sincos(angle)
		return vg.Point{
			X: a.Pos.X + a.Radius*vg.Length(cos-along*sin),
			Y: a.Pos.Y + a.Radius*vg.Length(sin+along*cos),
		}
	}
	if len(w.b) == 0 {
		w.to('M', at(a.Start, 0))
	} else {
		w.line(at(a.Start, 0))
	}
	for i := range n {
		from := a.Start + float64(i)*step
		w.to('C', at(from, handle), at(from+step, -handle), at(from+step, 0))
	}
}

// FillString implements [vg.Canvas].
func (c *Canvas) FillString(f font.Face, pt vg.Point, txt string) {
	c.text(f.Font, pt, txt, text.XLeft)
}

// text writes a line of text whose left, middle or right is at pt, on the base
// line.
func (c *Canvas) text(f font.Font, pt vg.Point, txt string, align text.XAlignment) {
	if f.Size == 0 || txt == "" {
		return
	}
	m := c.top().matrix
	x, y := m.of(pt)
	style := strings.TrimSpace(paint("fill", c.top().color))
	if size := number(float64(f.Size)); size != number(BaseSize) {
		style += ` font-size="` + size + `"`
	}
	if f.Weight > 0 {
		style += ` font-weight="600"`
	}
	switch align {
	case text.XCenter:
		style += ` text-anchor="middle"`
	case text.XRight:
		style += ` text-anchor="end"`
	}
	place := ` x="` + number(x) + `" y="` + number(y) + `"`
	if angle := math.Atan2(m[1], m[0]); math.Abs(angle) > 1e-6 {
		place = fmt.Sprintf(` transform="translate(%s %s) rotate(%s)"`, number(x), number(y), number(angle*180/math.Pi))
	}
	c.element(style, "<text"+place+">"+Escape(txt)+"</text>")
}

// DrawImage implements [vg.Canvas]. Pixels that are magnified stay sharp.
func (c *Canvas) DrawImage(rect vg.Rectangle, img image.Image) {
	if img.Bounds().Empty() {
		return
	}
	raw, err := encode(img)
	if err != nil {
		panic(err) // gonum/plot's way to fail; only a picture beyond 4 GB
	}
	m := c.top().matrix
	x0, y0 := m.of(rect.Min)
	x1, y1 := m.of(rect.Max)
	c.endGroup()
	style := ""
	if math.Abs(x1-x0) > float64(img.Bounds().Dx()) || math.Abs(y1-y0) > float64(img.Bounds().Dy()) {
		style = ` style="image-rendering:pixelated"`
	}
	fmt.Fprintf(&c.body, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none"%s href="data:image/png;base64,%s"/>`+"\n",
		number(min(x0, x1)), number(min(y0, y1)), number(math.Abs(x1-x0)), number(math.Abs(y1-y0)), style, base64.StdEncoding.EncodeToString(raw))
}

func hidden(clr color.Color) bool {
	_, _, _, a := clr.RGBA()
	return a == 0
}

// paint is an attribute, stroke or fill, of a colour.
func paint(attribute string, clr color.Color) string {
	if ink, ok := clr.(Ink); ok {
		return ` ` + attribute + `="currentColor"` + ink.class()
	}
	n := color.NRGBAModel.Convert(clr).(color.NRGBA)
	s := fmt.Sprintf(` %s="#%02x%02x%02x"`, attribute, n.R, n.G, n.B)
	if n.A < 255 {
		s += ` ` + attribute + `-opacity="` + number(float64(n.A)/255) + `"`
	}
	return s
}

// number writes a number with at most two decimals, and nothing that is not one.
func number(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "0"
	}
	s := strconv.FormatFloat(x, 'f', 2, 64)
	s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	switch {
	case s == "" || s == "-0":
		return "0"
	case strings.HasPrefix(s, "0."):
		return s[1:]
	case strings.HasPrefix(s, "-0."):
		return "-" + s[2:]
	}
	return s
}
