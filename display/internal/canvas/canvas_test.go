package canvas

import (
	"encoding/xml"
	"image"
	"image/color"
	"io"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/golden"
)

func pt(x, y vg.Length) vg.Point { return vg.Point{X: x, Y: y} }

// body returns what was drawn, without the head of the document.
func body(c *Canvas) string {
	_, s, _ := strings.Cut(c.Document("", "", ""), "</style>\n")
	return strings.TrimSuffix(s, "</svg>\n")
}

func TestElements(t *testing.T) {
	tests := []struct {
		name string
		draw func(c *Canvas)
		want string
	}{
		{
			"line", func(c *Canvas) {
				c.Stroke(vg.Path{{Type: vg.MoveComp, Pos: pt(1, 2)}, {Type: vg.LineComp, Pos: pt(3.456, 9)}})
			},
			`<g fill="none" stroke="#000000" stroke-width="1"><path d="M1 8 3.46 1"/></g>`,
		},
		{"short forms", func(c *Canvas) {
			c.SetColor(Soft)
			c.Fill(vg.Rectangle{Max: pt(5, 5)}.Path())
		}, `<g fill="currentColor" class="cj-soft"><path d="M0 10H5V5H0Z"/></g>`},
		{"one group", func(c *Canvas) {
			c.SetColor(color.NRGBA{255, 0, 0, 127})
			for x := range 2 {
				c.Fill(vg.Rectangle{Min: pt(vg.Length(x), 0), Max: pt(vg.Length(x)+1, 1)}.Path())
			}
		}, `<g fill="#ff0000" fill-opacity=".5"><path d="M0 10H1V9H0Z"/><path d="M1 10H2V9H1Z"/></g>`},
		{"circle", func(c *Canvas) {
			c.Scale(2, 2)
			c.Fill(vg.Path{{Type: vg.MoveComp, Pos: pt(3, 2)}, {Type: vg.ArcComp, Pos: pt(2, 2), Radius: 1, Angle: 2 * math.Pi}, {Type: vg.CloseComp}})
		}, `<g fill="#000000"><circle cx="4" cy="6" r="2"/></g>`},
		{"quarter", func(c *Canvas) {
			c.Stroke(vg.Path{{Type: vg.ArcComp, Pos: pt(0, 0), Radius: 10, Angle: math.Pi / 2}})
		}, `<g fill="none" stroke="#000000" stroke-width="1"><path d="M10 10C10 4.48 5.52 0 0 0"/></g>`},
		{"curves", func(c *Canvas) {
			var p vg.Path
			p.Move(pt(0, 0))
			p.QuadTo(pt(1, 1), pt(2, 0))
			p.CubeTo(pt(3, 1), pt(4, 1), pt(5, -1))
			c.Stroke(p)
		}, `<g fill="none" stroke="#000000" stroke-width="1"><path d="M0 10Q1 9 2 10C3 9 4 9 5 11"/></g>`},
		{"dashes", func(c *Canvas) {
			c.SetLineDash([]vg.Length{4, 2}, 1)
			c.SetLineWidth(0.5)
			c.Stroke(vg.Path{{Type: vg.MoveComp}, {Type: vg.LineComp, Pos: pt(-1, 0)}})
		}, `<g fill="none" stroke="#000000" stroke-width=".5" stroke-dasharray="4 2" stroke-dashoffset="1"><path d="M0 10H-1"/></g>`},
		{"state", func(c *Canvas) {
			c.Push()
			c.Translate(pt(5, 5))
			c.Rotate(math.Pi / 2)
			c.SetLineWidth(3)
			c.Pop()
			c.Stroke(vg.Path{{Type: vg.MoveComp}, {Type: vg.LineComp, Pos: pt(1, 0)}})
		}, `<g fill="none" stroke="#000000" stroke-width="1"><path d="M0 10H1"/></g>`},
		{"nothing", func(c *Canvas) {
			c.Stroke(nil)
			c.Fill(nil)
			c.SetLineWidth(0)
			c.Stroke(vg.Path{{Type: vg.MoveComp}})
			c.SetColor(color.Transparent)
			c.Fill(vg.Rectangle{Max: pt(1, 1)}.Path())
			c.DrawImage(vg.Rectangle{Max: pt(1, 1)}, image.NewGray(image.Rectangle{}))
			Handler.Draw(c, "", Style(12, false, Strong, 0, 0), pt(0, 0))
		}, ``},
		{"text", func(c *Canvas) {
			d := draw.New(c)
			d.FillText(Style(12, false, Strong, text.XLeft, text.YBottom), pt(0, 0), "a & b")
			d.FillText(Style(11, true, Soft, text.XRight, text.YBottom), pt(9, 0), "x")
			// gonum/plot's crops are canvases on canvases.
			crop := draw.Canvas{Canvas: draw.Crop(d, 1, 0, 1, 0), Rectangle: d.Rectangle}
			crop.FillText(Style(12, false, Strong, text.XCenter, text.YBottom), pt(5, 0), "y")
		}, `<g fill="currentColor"><text x="0" y="8.86">a &amp; b</text></g>
<g fill="currentColor" class="cj-soft" font-size="11" font-weight="600" text-anchor="end"><text x="9" y="8.96">x</text></g>
<g fill="currentColor" text-anchor="middle"><text x="5" y="8.86">y</text></g>`},
		{"upright text", func(c *Canvas) {
			sty := Style(12, false, Strong, text.XCenter, text.YBottom)
			sty.Rotation = math.Pi / 2
			Handler.Draw(c, "up", sty, pt(5, 5))
		}, `<g fill="currentColor" text-anchor="middle"><text transform="translate(3.86 5) rotate(-90)">up</text></g>`},
		{"lines of text", func(c *Canvas) {
			Handler.Draw(c, "one\ntwo\n", Style(12, false, Strong, text.XLeft, text.YTop), pt(0, 10))
		}, `<g fill="currentColor"><text x="0" y="14.07">one</text><text x="0" y="26.07">two</text></g>`},
		{"small picture", func(c *Canvas) {
			c.DrawImage(vg.Rectangle{Min: pt(1, 2), Max: pt(5, 6)}, image.NewGray(image.Rect(0, 0, 2, 2)))
		}, `<image x="1" y="4" width="4" height="4" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,…"/>`},
		{"group", func(c *Canvas) {
			c.Group(vg.Rectangle{Min: pt(2, 1), Max: pt(8, 5)}, `a "b"`, func() {
				c.Stroke(vg.Path{{Type: vg.MoveComp, Pos: pt(2, 5)}, {Type: vg.LineComp, Pos: pt(3, 4)}})
			})
		}, `<svg x="2" y="5" width="6" height="4" overflow="visible" role="img" aria-label="a &#34;b&#34;">
<g fill="none" stroke="#000000" stroke-width="1"><path d="M0 0 1 1"/></g>
</svg>`},
		{"not numbers", func(c *Canvas) {
			c.Stroke(vg.Path{{Type: vg.MoveComp, Pos: pt(vg.Length(math.NaN()), 0)}, {Type: vg.LineComp, Pos: pt(vg.Length(math.Inf(1)), 1)}})
		}, `<g fill="none" stroke="#000000" stroke-width="1"><path d="M0 0 0 0"/></g>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := New(10, 10)
			tt.draw(c)
			got := strings.TrimSpace(body(c))
			if i := strings.Index(got, "base64,"); i > 0 {
				got = got[:i] + "base64,…" + got[strings.Index(got, `"/>`):]
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A plot of gonum/plot as it comes: rotated labels, a legend, glyphs, dashes.
func TestPlot(t *testing.T) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = "A title", "x & y", "height"
	xy := plotter.XYs{{X: 0, Y: 1}, {X: 1, Y: 3}, {X: 2, Y: 2}}
	line, points, err := plotter.NewLinePoints(xy)
	if err != nil {
		t.Fatal(err)
	}
	line.Dashes = []vg.Length{5, 3}
	p.Add(line, points, plotter.NewGrid())
	p.Legend.Add("line", line, points)
	c := New(400, 300)
	p.Draw(draw.New(c))
	golden.SVG(t, "plot", c.Document("a plot", "of gonum/plot", `{"a":"<b>"}`))
}

func TestDocumentIsXML(t *testing.T) {
	c := New(100, 50)
	Handler.Draw(c, "\x00\x1b[1m\ufffe \xff</text>]]>&\"'", Style(12, false, Strong, 0, 0), pt(0, 0))
	doc := c.Document("\"<'>&\x01", "--><!--", "</metadata>")
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		_, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 1: "1", -1: "-1", 0.5: ".5", -0.5: "-.5", 0.001: "0", -0.001: "0", 100: "100", 1.005: "1", 12.345: "12.35",
		math.Inf(1): "0", 1e9: "1000000000", 0.996: "1",
	} {
		if got := number(x); got != want {
			t.Errorf("%v: got %s, want %s", x, got, want)
		}
	}
}

// Chinese is measured though the font has no glyph of it, and a picture without
// its words is refused.
func TestText(t *testing.T) {
	sty := Style(12, false, Strong, 0, 0)
	if w := sty.Width("损失"); w != 24 {
		t.Errorf("two characters of 12 pixels are %v wide", w)
	}
	if a, b := sty.Width("ab损"), sty.Width("ab"); a != b+12 {
		t.Errorf("%v and %v", a, b)
	}
	p := NewPixels(50, 50, 72*Scale)
	Handler.Draw(p, "a → b −1", sty, pt(0, 0))
	if _, err := p.PNG(); err != nil {
		t.Error(err)
	}
	Handler.Draw(p, "\U0001f9e0\U0001f9e0 x", sty, pt(0, 0)) // brains
	if _, err := p.PNG(); err == nil || !strings.Contains(err.Error(), "\U0001f9e0") || strings.Contains(err.Error(), "\U0001f9e0\U0001f9e0") {
		t.Errorf("a picture without its words: %v", err)
	}
}

// Text breaks at spaces and between Chinese characters, but not before or after
// the marks that belong to them.
func TestWrap(t *testing.T) {
	sty := Style(10, false, Strong, text.XLeft, text.YTop)
	for _, test := range []struct {
		s    string
		wide vg.Length
		want string
	}{
		{"one two three", 45, "one two|three"},
		{"unbreakable", 10, "unbreakable"},
		{"一二三四五六", 35, "一二三|四五六"},
		{"一二三，四五（六）七", 35, "一二|三，四|五|（六）|七"},
		{"用nn.HeNormal 的", 40, "用|nn.HeNormal|的"},
		{"a\n\nb", 40, "a||b"},
	} {
		if got := strings.Join(Wrap(sty, test.s, test.wide), "|"); got != test.want {
			t.Errorf("%s: got %s, want %s", test.s, got, test.want)
		}
	}
}
