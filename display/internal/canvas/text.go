// This file lays out text.

package canvas

import (
	"html"
	"math"
	"strings"
	"unicode/utf8"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// BaseSize is the size of most text, in CSS pixels.
const (
	BaseSize     = 12
	baseSizeText = "12"
)

// Style returns a style of text: bold or not, aligned as said.
func Style(size vg.Length, bold bool, ink Ink, x text.XAlignment, y text.YAlignment) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: ink, Font: f, XAlign: x, YAlign: y, Handler: Handler}
}

// Handler measures text and draws it on any canvas: on this package's with the
// viewer's alignment, since its font is not the one that was measured.
var Handler text.Handler = handler{text.Plain{Fonts: font.NewCache(liberation.Collection())}}

type handler struct{ text.Plain }

// Box implements [text.Handler].
func (h handler) Box(txt string, f font.Font) (width, height, depth vg.Length) {
	face := h.Fonts.Lookup(f, f.Size)
	e := face.Extents()
	return h.width(txt, face), e.Ascent, e.Descent
}

// width measures text. What the font has no glyph for, such as Chinese, is as
// wide as the font is high.
func (h handler) width(txt string, face font.Face) vg.Length {
	known := strings.Map(func(r rune) rune {
		if isWide(r) {
			return -1
		}
		return r
	}, txt)
	w := face.Width(known)
	if known != txt {
		w += face.Font.Size * vg.Length(utf8.RuneCountInString(txt)-utf8.RuneCountInString(known))
	}
	return w
}

// Draw implements [text.Handler].
func (h handler) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	txt = strings.TrimRight(txt, "\n")
	if txt == "" {
		return
	}
	c = innermost(c)
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Rotate(sty.Rotation)
		sin, cos := math.Sincos(sty.Rotation)
		pt.X, pt.Y = pt.X*vg.Length(cos)+pt.Y*vg.Length(sin), pt.Y*vg.Length(cos)-pt.X*vg.Length(sin)
	}
	face := h.Fonts.Lookup(sty.Font, sty.Font.Size)
	lines := h.Lines(txt)
	pt.Y += sty.Height(txt)*vg.Length(sty.YAlign) - face.Extents().Ascent
	for i, line := range lines {
		at := vg.Point{X: pt.X, Y: pt.Y + sty.Font.Size*vg.Length(len(lines)-i)}
		if s, ok := c.(*Canvas); ok {
			s.text(sty.Font, at, line, sty.XAlign)
			continue
		}
		at.X += vg.Length(sty.XAlign) * h.width(line, face)
		c.FillString(face, at, line)
	}
}

// Wrap breaks text into lines of a width: at spaces, and between the characters
// of scripts that have none.
func Wrap(sty text.Style, s string, width vg.Length) []string {
	var lines []string
	for _, l := range strings.Split(s, "\n") {
		present := ""
		for _, w := range strings.Fields(l) {
			for i, piece := range pieces(w) {
				next := present + piece
				if i == 0 && present != "" {
					next = present + " " + piece
				}
				if present != "" && sty.Width(next)*1.05 > width { // the viewer's font may be wider
					lines = append(lines, present)
					next = piece
				}
				present = next
			}
		}
		lines = append(lines, present)
	}
	return lines
}

// pieces splits a word where a line may break: beside each character that is as
// wide as the font is high, but not before a mark that closes or after one that
// opens.
func pieces(word string) []string {
	var out []string
	begin, before := 0, rune(0)
	for i, r := range word {
		if i > 0 && (isWide(r) || isWide(before)) && !strings.ContainsRune(closing, r) && !strings.ContainsRune(opening, before) {
			out = append(out, word[begin:i])
			begin = i
		}
		before = r
	}
	return append(out, word[begin:])
}

func isWide(r rune) bool { return r > 0x2fff }

// Marks that belong to what is before them, and to what comes after.
const (
	closing = "，。、；：？！）》」』】”’…,.;:?!)"
	opening = "（《「『【“‘("
)

// innermost returns the canvas that gonum/plot's crops of it draw on.
func innermost(c vg.Canvas) vg.Canvas {
	for {
		switch d := c.(type) {
		case *draw.Canvas:
			c = d.Canvas
		case draw.Canvas:
			c = d.Canvas
		default:
			return c
		}
	}
}

// Escape writes text for XML: what has a meaning there is escaped, and what XML
// cannot hold left out.
func Escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	return html.EscapeString(s)
}
