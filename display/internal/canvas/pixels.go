// This file draws to pixels, with a font of the system for what the font of
// gonum/plot has no glyphs for.

package canvas

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

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
}

// NewPixels returns a canvas of w × h points of 1/72 inch. With 72 · [Scale] dots
// an inch, a point is a CSS pixel.
func NewPixels(w, h vg.Length, dpi int) *Pixels {
	return &Pixels{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(color.White))}
}

// PNG returns the picture. It is an error if there was text that no font at hand
// has the characters of: a picture without some of its words would mislead.
func (p *Pixels) PNG() ([]byte, error) {
	if len(p.missing) > 0 {
		return nil, fmt.Errorf("no font was found that has the characters %q; hint: install Noto Sans CJK", string(p.missing))
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, p.Image()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
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
