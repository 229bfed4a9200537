// This file writes the finished document.

package canvas

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"
)

// Group puts what draw draws into an svg element of its own, a picture in the
// picture, with words for those who cannot see it. The rectangle says where it
// is; coordinates stay those of the canvas.
func (c *Canvas) Group(r vg.Rectangle, label string, draw func()) {
	c.endGroup()
	x, y := c.top().matrix.of(vg.Point{X: r.Min.X, Y: r.Max.Y})
	w, h := number(float64(r.Max.X-r.Min.X)), number(float64(r.Max.Y-r.Min.Y))
	// No viewBox: a page's style sheet may change the size of all svg elements.
	fmt.Fprintf(&c.body, `<svg x="%s" y="%s" width="%s" height="%s" overflow="visible" role="img" aria-label="%s">`+"\n", number(x), number(y), w, h, Escape(label))
	c.Push()
	c.top().matrix = matrix{1, 0, 0, 1, -x, -y}.before(c.top().matrix)
	draw()
	c.Pop()
	c.endGroup()
	c.body.WriteString("</svg>\n")
}

// Document returns the SVG. label says in a sentence what is seen, description
// in more, data is what was drawn, as JSON; each may be empty.
func (c *Canvas) Document(label, description, data string) string {
	c.endGroup()
	var b strings.Builder
	w, h := number(float64(c.w)), number(float64(c.h))
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="cj" width="%s" height="%s" viewBox="0 0 %s %s" stroke-linejoin="round" role="img" aria-label="%s">`+"\n", w, h, w, h, Escape(label))
	if description != "" {
		b.WriteString("<desc>" + Escape(description) + "</desc>\n")
	}
	if data != "" {
		b.WriteString("<metadata>" + Escape(data) + "</metadata>\n")
	}
	b.WriteString("<style>\n" + sheet + "</style>\n" + c.body.String() + "</svg>\n")
	return b.String()
}
