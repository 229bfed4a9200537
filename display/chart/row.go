// This file puts figures side by side.

package chart

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// Row puts figures side by side into one. They share 720 CSS pixels; one that was
// made with a Size has that, if it has room.
func Row(figures ...*Figure) *Figure { return compose(row, len(figures), figures, nil) }

// Grid puts figures into rows of so many, with a Title above all. They share the
// width of 720 CSS pixels, or the Size.
func Grid(perRow int, figures []*Figure, options ...Option) *Figure {
	return compose(gridded, perRow, figures, options)
}

const (
	acrossGap = vg.Length(20)
	downGap   = vg.Length(16)
)

func compose(k kind, perRow int, figures []*Figure, options []Option) *Figure {
	return build(k, options, func(s *settings) (layout, error) {
		if len(figures) == 0 {
			return nil, fmt.Errorf("there are no figures")
		}
		if perRow < 1 {
			return nil, fmt.Errorf("%d figures a row: at least 1 was expected", perRow)
		}
		for i, f := range figures {
			if f == nil {
				return nil, fmt.Errorf("figure %d is nil", i)
			}
			if f.err != nil {
				return nil, fmt.Errorf("figure %d: %w", i, f.err)
			}
		}
		c := composition{kind: k, given: append([]*Figure{}, figures...), perRow: min(perRow, len(figures))}
		return c.layout, nil
	})
}

// composition is several figures in one.
type composition struct {
	*settings
	kind    kind
	perRow  int
	given   []*Figure
	figures []*Figure // in the sizes that they have here
	left    []vg.Length
	top     []vg.Length // of each row, below the header
}

func (p composition) layout(s *settings) drawing {
	p.settings = s
	rows := (len(p.given) + p.perRow - 1) / p.perRow
	header := vg.Length(0)
	if s.title != "" {
		header = s.headerHeight(nil)
	}
	each := (vg.Length(s.width) - acrossGap*vg.Length(p.perRow-1)) / vg.Length(p.perRow)
	high := min(max(0.72*each, 200), defaultHeight)
	if s.sized {
		high = max((vg.Length(s.height)-header-downGap*vg.Length(rows-1))/vg.Length(rows), 60)
	}
	widths, heights := make([]vg.Length, p.perRow), make([]vg.Length, rows)
	for i, f := range p.given {
		w, h := each, high
		if f.asked.sized {
			w, h = vg.Length(f.asked.width), vg.Length(f.asked.height)
			if shrink := each / w; shrink < 1 {
				w, h = w*shrink, h*max(shrink, 0.6)
			}
		}
		g := f.arranged(int(w), int(h))
		p.figures = append(p.figures, g)
		widths[i%p.perRow] = max(widths[i%p.perRow], vg.Length(g.width))
		heights[i/p.perRow] = max(heights[i/p.perRow], vg.Length(g.height))
	}
	x, y := vg.Length(0), header
	for _, w := range widths {
		p.left = append(p.left, x)
		x += w + acrossGap
	}
	for _, h := range heights {
		p.top = append(p.top, y)
		y += h + downGap
	}
	s.width, s.height = int(math.Ceil(float64(x-acrossGap))), int(math.Ceil(float64(y-downGap)))
	return &p
}

func (p *composition) draw(c draw.Canvas) {
	if p.title != "" {
		p.header(c, nil, nil)
	}
	svg, grouped := c.Canvas.(*canvas.Canvas)
	for i, f := range p.figures {
		corner := vg.Point{X: c.Min.X + p.left[i%p.perRow], Y: c.Max.Y - p.top[i/p.perRow]}
		r := vg.Rectangle{
			Min: vg.Point{X: corner.X, Y: corner.Y - vg.Length(f.height)},
			Max: vg.Point{X: corner.X + vg.Length(f.width), Y: corner.Y},
		}
		one := func() { f.Draw(draw.Canvas{Canvas: c.Canvas, Rectangle: r}) }
		if grouped {
			svg.Group(r, f.label(), one)
		} else {
			one()
		}
	}
}

func (p *composition) describe() string {
	parts := make([]string, len(p.figures))
	for i, f := range p.figures {
		parts[i] = f.String()
	}
	return p.say("%s: %s", p.count(len(parts), "figure"), strings.Join(parts, " | "))
}

func (p *composition) data() any {
	out := chartData{Kind: strings.ToLower(p.kind.String())}
	for _, f := range p.figures {
		out.Figures = append(out.Figures, f.inner.data())
	}
	return out
}
