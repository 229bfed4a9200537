// This file draws to pixels, with a font of the system for what the font of
// gonum/plot has no glyphs for.

package canvas

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// Scale is the number of pixels for each CSS pixel.
const Scale = 2

// Pixels is a canvas of pixels on white paper.
type Pixels struct {
	*vgimg.Canvas
	missing []rune
	moved   bool   // the coordinates are not those of the paper
	stack   []bool // moved, as Push saved it
}

// NewPixels returns a canvas of w × h points of 1/72 inch. With 72 · [Scale] dots
// an inch, a point is a CSS pixel.
func NewPixels(w, h vg.Length, dpi int) *Pixels {
	return &Pixels{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(color.White))}
}

// Rotate implements [vg.Canvas].
func (p *Pixels) Rotate(rad float64) { p.moved = true; p.Canvas.Rotate(rad) }

// Translate implements [vg.Canvas].
func (p *Pixels) Translate(pt vg.Point) { p.moved = true; p.Canvas.Translate(pt) }

// Scale implements [vg.Canvas].
func (p *Pixels) Scale(x, y float64) { p.moved = true; p.Canvas.Scale(x, y) }

// Push implements [vg.Canvas].
func (p *Pixels) Push() { p.stack = append(p.stack, p.moved); p.Canvas.Push() }

// Pop implements [vg.Canvas].
func (p *Pixels) Pop() {
	p.moved, p.stack = p.stack[len(p.stack)-1], p.stack[:len(p.stack)-1]
	p.Canvas.Pop()
}

// PNG returns the picture. It is an error if there was text that no font at hand
// has the characters of: a picture without some of its words would mislead.
func (p *Pixels) PNG() ([]byte, error) {
	if len(p.missing) > 0 {
		return nil, fmt.Errorf("no font was found that has the characters %q; hint: install Noto Sans CJK", string(p.missing))
	}
	return encode(p.Image())
}

// DrawImage implements [vg.Canvas]. Pixels that are magnified stay sharp, as in a
// [Canvas]; gonum/plot would take most of a chart's time to blur them.
func (p *Pixels) DrawImage(rect vg.Rectangle, img image.Image) {
	paper, ok := p.Image().(*image.RGBA)
	if !ok || p.moved {
		p.Canvas.DrawImage(rect, img)
		return
	}
	dots := func(l vg.Length) int { return int(math.Round(l.Dots(p.DPI()))) }
	_, h := p.Size()
	to := image.Rect(dots(rect.Min.X), dots(h-rect.Max.Y), dots(rect.Max.X), dots(h-rect.Min.Y))
	scaler := draw.Interpolator(draw.NearestNeighbor)
	if from := img.Bounds(); from.Dx() > to.Dx() || from.Dy() > to.Dy() {
		scaler = draw.ApproxBiLinear
	}
	if from, ok := img.(*image.Paletted); ok {
		img = unpacked(from)
	}
	scaler.Scale(paper, to, img, img.Bounds(), draw.Over, nil)
}

// unpacked returns a picture without its palette: the scalers have no quick way
// for one.
func unpacked(from *image.Paletted) *image.NRGBA {
	var entries [256]color.NRGBA
	for i, c := range from.Palette[:min(len(from.Palette), 256)] {
		entries[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
	}
	b := from.Bounds()
	out := image.NewNRGBA(b)
	for y := range b.Dy() {
		to := out.Pix[y*out.Stride:]
		for x, i := range from.Pix[y*from.Stride : y*from.Stride+b.Dx()] {
			c := &entries[i]
			px := to[4*x : 4*x+4 : 4*x+4]
			px[0], px[1], px[2], px[3] = c.R, c.G, c.B, c.A
		}
	}
	return out
}

// FillString implements [vg.Canvas]. It draws a line of text in parts, by the font
// that has their glyphs.
func (p *Pixels) FillString(face font.Face, at vg.Point, line string) {
	var buf sfnt.Buffer
	has := func(f *opentype.Font, r rune) bool {
		i, err := f.GlyphIndex(&buf, r)
		return err == nil && i != 0
	}
	part := []rune{}
	present := face
	flush := func() {
		if len(part) > 0 {
			p.Canvas.FillString(present, at, string(part))
			at.X += present.Width(string(part))
			part = part[:0]
		}
	}
	for _, r := range line {
		f := face
		if !has(face.Face, r) {
			other := fallback()
			if other == nil || !has(other, r) {
				if !slices.Contains(p.missing, r) {
					p.missing = append(p.missing, r)
				}
				continue
			}
			f.Face = other
		}
		if f.Face != present.Face {
			flush()
			present = f
		}
		part = append(part, r)
	}
	flush()
}

// fallback returns a font with Chinese characters, if the system has one where
// systems have them; nil if not.
var fallback = sync.OnceValue(func() *opentype.Font {
	for _, pattern := range []string{
		"/usr/share/fonts/*/noto*/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto*/NotoSansCJK-Regular.ttc",
		"/usr/share/fonts/google-noto*cjk*/NotoSansCJK*-Regular.*", "/usr/share/fonts/*/wqy/wqy-*.ttc", "/usr/share/fonts/wqy-*/wqy-*.ttc",
		"/usr/share/fonts/*/droid/DroidSansFallbackFull.ttf", "/usr/share/fonts/*/noto*/NotoSerifCJK-Regular.ttc",
		"/System/Library/Fonts/PingFang.ttc", "/System/Library/Fonts/Hiragino Sans GB.ttc", "/System/Library/Fonts/STHeiti Medium.ttc",
		`C:\Windows\Fonts\msyh.ttc`, `C:\Windows\Fonts\simhei.ttf`, `C:\Windows\Fonts\simsun.ttc`,
	} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			if f := load(file); f != nil {
				return f
			}
		}
	}
	return nil
})

// load opens a font or the first of a collection. Its glyphs are read when they
// are drawn, so the file stays open.
func load(file string) *opentype.Font {
	r, err := os.Open(file)
	if err != nil {
		return nil
	}
	f, err := first(r)
	if err != nil {
		r.Close()
		return nil
	}
	return f
}

func first(r io.ReaderAt) (*opentype.Font, error) {
	c, err := opentype.ParseCollectionReaderAt(r)
	if err != nil {
		return nil, err
	}
	return c.Font(0)
}
