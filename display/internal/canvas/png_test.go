package canvas

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/plot/vg"
)

// decoded encodes a picture and returns what a viewer sees.
func decoded(t *testing.T, img image.Image) image.Image {
	t.Helper()
	raw, err := encode(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// farthest is the greatest difference of a channel between two pictures, and how
// many pixels differ by more than a cell.
func farthest(a, b image.Image) (most, pixels int) {
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			p, q := color.RGBAModel.Convert(a.At(x, y)).(color.RGBA), color.RGBAModel.Convert(b.At(x, y)).(color.RGBA)
			d := 0
			for _, c := range [][2]uint8{{p.R, q.R}, {p.G, q.G}, {p.B, q.B}, {p.A, q.A}} {
				d = max(d, max(int(c[0]), int(c[1]))-min(int(c[0]), int(c[1])))
			}
			if most = max(most, d); d > 7 {
				pixels++
			}
		}
	}
	return most, pixels
}

func TestPalette(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	few := image.NewRGBA(image.Rect(0, 0, 40, 30))
	edges := image.NewRGBA(image.Rect(0, 0, 400, 300)) // two colours and a thousand rare ones
	photo := image.NewRGBA(image.Rect(0, 0, 400, 300))
	glass := image.NewRGBA(image.Rect(0, 0, 4, 4))
	for i := 0; i < len(few.Pix); i += 4 {
		copy(few.Pix[i:], []uint8{uint8(i/4%8) * 30, 17, 200, 255})
	}
	for i := 0; i < len(edges.Pix); i += 4 {
		copy(edges.Pix[i:], []uint8{255, 255, 255, 255})
		if i%1600 < 400 {
			copy(edges.Pix[i:], []uint8{0x1a, 0x7d, 0xbe, 255})
		}
		if i%400 == 0 {
			copy(edges.Pix[i:], []uint8{uint8(r.IntN(256)), uint8(r.IntN(64)), uint8(r.IntN(64)), 255})
		}
	}
	for i := range photo.Pix {
		photo.Pix[i] = uint8(r.IntN(256))
		if i%4 == 3 {
			photo.Pix[i] = 255
		}
	}
	tests := []struct {
		name         string
		img          *image.RGBA
		palette      int // colours, 0 for none
		most, pixels int // that may differ
	}{
		{"few", few, 8, 0, 0},
		{"edges", edges, 256, 64, 1200},
		{"photo", photo, 0, 0, 0},
		{"glass", glass, 0, 0, 0},
	}
	for _, tt := range tests {
		got := decoded(t, tt.img)
		if most, pixels := farthest(tt.img, got); most > tt.most || pixels > tt.pixels {
			t.Errorf("%s: a channel differs by %d, %d pixels by more than a cell", tt.name, most, pixels)
		}
		n := 0
		if p, ok := got.(*image.Paletted); ok {
			n = len(p.Palette)
		}
		if n != tt.palette {
			t.Errorf("%s: a palette of %d colours, want %d", tt.name, n, tt.palette)
		}
	}
}

// Pictures stand where gonum/plot would put them, the right way up, also behind a
// transformation, and what is under glass shines through.
func TestPixelsDrawImage(t *testing.T) {
	img := image.NewNRGBA(image.Rect(5, 5, 7, 7)) // red, green; blue, half of black
	img.SetNRGBA(5, 5, color.NRGBA{255, 0, 0, 255})
	img.SetNRGBA(6, 5, color.NRGBA{0, 255, 0, 255})
	img.SetNRGBA(5, 6, color.NRGBA{0, 0, 255, 255})
	img.SetNRGBA(6, 6, color.NRGBA{0, 0, 0, 128})
	small := image.NewPaletted(img.Rect, color.Palette{color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255}, color.NRGBA{0, 0, 255, 255}, color.NRGBA{0, 0, 0, 128}})
	copy(small.Pix, []uint8{0, 1, 2, 3})
	at := vg.Rectangle{Min: pt(10, 20), Max: pt(30, 40)}
	for name, draw := range map[string]func(p *Pixels){
		"plain":   func(p *Pixels) { p.DrawImage(at, img) },
		"palette": func(p *Pixels) { p.DrawImage(at, small) },
		"moved": func(p *Pixels) {
			p.Push()
			p.Translate(pt(10, 20))
			zero := *img // gonum/plot takes the origin for the corner
			zero.Rect = zero.Rect.Sub(zero.Rect.Min)
			p.DrawImage(vg.Rectangle{Max: pt(20, 20)}, &zero)
			p.Pop()
		},
		"moved back": func(p *Pixels) {
			p.Push()
			p.Rotate(1)
			p.Scale(2, 3)
			p.Pop()
			p.DrawImage(at, img)
		},
	} {
		p := NewPixels(50, 50, 72)
		draw(p)
		for _, w := range []struct {
			x, y int
			want color.RGBA
		}{
			{15, 15, color.RGBA{255, 0, 0, 255}},
			{25, 15, color.RGBA{0, 255, 0, 255}},
			{15, 25, color.RGBA{0, 0, 255, 255}},
			{25, 25, color.RGBA{127, 127, 127, 255}},
			{8, 20, color.RGBA{255, 255, 255, 255}},
			{20, 32, color.RGBA{255, 255, 255, 255}},
		} {
			one, other := image.NewRGBA(image.Rect(0, 0, 1, 1)), image.NewRGBA(image.Rect(0, 0, 1, 1))
			one.Set(0, 0, p.Image().At(w.x, w.y))
			other.Set(0, 0, w.want)
			if most, _ := farthest(one, other); most > 25 { // gonum/plot blurs
				t.Errorf("%s: %v at %d,%d, want %v", name, p.Image().At(w.x, w.y), w.x, w.y, w.want)
			}
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	p := NewPixels(640, 360, 72*Scale)
	for b.Loop() {
		if _, err := p.PNG(); err != nil {
			b.Fatal(err)
		}
	}
}
