// This file checks datasets of image files, and that no file harms them.

package data

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// encode returns an image of one colour as a file of the kind that ext names.
func encode(t testing.TB, ext string, w, h int, c color.Color) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.Set(i%w, i/w, c)
	}
	var b bytes.Buffer
	var err error
	switch ext {
	case ".png":
		err = png.Encode(&b, m)
	case ".gif":
		err = gif.Encode(&b, m, nil)
	default:
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 100})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	red  = color.RGBA{255, 0, 0, 255}
	grey = color.RGBA{51, 51, 51, 255}
)

// folder writes files, by path, into a new folder.
func folder(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for path, b := range files {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		put(t, path, b)
	}
	return dir
}

func TestImageFolder(t *testing.T) {
	dir := folder(t, map[string][]byte{
		"dog/b.png":        encode(t, ".png", 3, 2, red),
		"dog/a/z.PNG":      encode(t, ".png", 3, 2, grey),
		"cat/1.jpeg":       encode(t, ".jpeg", 3, 2, grey),
		"cat/2.gif":        encode(t, ".gif", 3, 2, red),
		"cat/notes.txt":    []byte("no image"),
		"cat/.hidden.png":  []byte("no image"),
		".git/x.png":       []byte("no image"),
		"stray.png":        []byte("no image"),
		"dog/.cache/y.png": []byte("no image"),
	})
	d, err := ImageFolder(dir, Pictures{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Len() != 4 || !slices.Equal(d.ExampleShape(), []int{2, 3, 3}) || !slices.Equal(d.Classes(), []string{"cat", "dog"}) || !slices.Equal(d.Labels(), []int{0, 0, 1, 1}) || d.Name() != filepath.Base(dir) {
		t.Errorf("%v, labels %v", d, d.Labels())
	}
	for i, want := range [][]float32{{0.2, 0.2, 0.2}, {1, 0, 0}, {0.2, 0.2, 0.2}, {1, 0, 0}} {
		x := d.Example(i).Data
		for k, v := range x {
			if math.Abs(float64(v-want[k%3])) > 0.005 {
				t.Errorf("example %d is %v, want %v in each pixel", i, x, want)
				break
			}
		}
	}
	if got := strings.Join(d.Notes(), "|"); got != "1 file was of another kind and left out, such as "+filepath.Join(dir, "cat", "notes.txt")+"|1 image was in no class's folder and left out" {
		t.Errorf("notes %q", got)
	}
	g, err := ImageFolder(dir, Pictures{Grey: true, Height: 4, Width: 5})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(g.ExampleShape(), []int{4, 5, 1}) {
		t.Errorf("shape %v", g.ExampleShape())
	}
	for _, v := range g.Example(3).Data {
		if math.Abs(float64(v)-0.299) > 0.003 {
			t.Errorf("brightness of red %v, want 0.299", v)
		}
	}
}

// TestSmallGIF: the first image of a GIF need not fill it.
func TestSmallGIF(t *testing.T) {
	m := image.NewPaletted(image.Rect(1, 0, 2, 1), color.Palette{color.White, color.Black})
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{m}, Delay: []int{0}, Config: image.Config{Width: 3, Height: 1}}); err != nil {
		t.Fatal(err)
	}
	d, err := Images([]string{filepath.Join(folder(t, map[string][]byte{"x.gif": b.Bytes()}), "x.gif")}, Pictures{Grey: true})
	if err != nil || !slices.Equal(inputs(d), []float32{0, 1, 0}) || d.HasLabels() {
		t.Errorf("%v, %v", d, err)
	}
}

// claims returns a PNG that says it has so many pixels, and has none.
func claims(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(b, w)
	b = binary.BigEndian.AppendUint32(b, h)
	b = append(b, 8, 2, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}

func TestImagesRefused(t *testing.T) {
	small, large := encode(t, ".png", 2, 2, red), encode(t, ".png", 3, 2, red)
	for _, c := range []struct {
		name  string
		files map[string][]byte
		p     Pictures
		want  []string
	}{
		{"no classes", map[string][]byte{"1.png": small}, Pictures{}, []string{"has no folders, but each class is one", "data.Images"}},
		{"empty class", map[string][]byte{"a/1.png": small, "b/x.txt": nil}, Pictures{}, []string{"b has no PNG, JPEG or GIF files"}},
		{"two sizes", map[string][]byte{"a/1.png": small, "b/2.png": large}, Pictures{}, []string{"2.png: has 3x2 pixels (width x height), but", "1.png has 2x2", "data.Pictures{Height: 2, Width: 2}"}},
		{"no image", map[string][]byte{"a/1.png": []byte("hello")}, Pictures{}, []string{"1.png: is not a PNG, JPEG or GIF image"}},
		{"cut", map[string][]byte{"a/1.png": small[:len(small)-20]}, Pictures{}, []string{"1.png: ", "unexpected EOF"}},
		{"huge", map[string][]byte{"a/1.png": small, "a/2.png": claims(60000, 50000)}, Pictures{}, []string{"2.png: claims 60000x50000 pixels in 33 bytes"}},
		{"large for its bytes", map[string][]byte{"a/1.png": claims(2000, 2000)}, Pictures{Height: 1, Width: 1}, []string{"1.png: claims 2000x2000 pixels"}},
		{"half a size", map[string][]byte{"a/1.png": small}, Pictures{Height: 3}, []string{"Pictures(3, 0): height and width must be from 1 to"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ImageFolder(folder(t, c.files), c.p)
			wantError(t, err, c.want...)
		})
	}
	_, err := ImageFolder(filepath.Join(t.TempDir(), "none"), Pictures{})
	wantError(t, err, "none")
	one := filepath.Join(folder(t, map[string][]byte{"1.png": small}), "1.png")
	_, err = Images(slices.Repeat([]string{one}, 10), Pictures{Height: maxSide, Width: maxSide})
	wantError(t, err, "10 images of [32768 32768 3] take more than 8 GB", "data.From")
	_, err = Images(nil, Pictures{})
	wantError(t, err, "no files")
	_, err = Images([]string{"none.png"}, Pictures{})
	wantError(t, err, "none.png")
}

func TestResize(t *testing.T) {
	im := func(h, w, ch int, x ...float32) *Dataset {
		d, err := arrays(t, [][]float32{x}, []int{3}).Reshape(h, w, ch)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		name   string
		d      *Dataset
		h, w   int
		want   []float32
		cutout bool
	}{
		{"as it is", im(2, 2, 1, 1, 2, 3, 4), 2, 2, []float32{1, 2, 3, 4}, false},
		{"twice as wide", im(1, 2, 1, 0, 4), 1, 4, []float32{0, 1, 3, 4}, false},
		{"half as high", im(4, 1, 1, 1, 3, 5, 7), 2, 1, []float32{2.4285715, 5.5714285}, false}, // (3·1+3·3+1·5)/7
		{"to one pixel", im(2, 2, 2, 1, 10, 2, 20, 3, 30, 4, 40), 1, 1, []float32{2.5, 25}, false},
		{"crop", im(3, 4, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 1, 2, []float32{6, 7}, true},
		{"pad", im(1, 2, 1, 5, 6), 3, 4, []float32{0, 0, 0, 0, 0, 5, 6, 0, 0, 0, 0, 0}, true},
		{"pad and crop", im(1, 3, 1, 5, 6, 7), 2, 1, []float32{6, 0}, true},
	} {
		f := c.d.Resize
		if c.cutout {
			f = c.d.Crop
		}
		got, err := f(c.h, c.w)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.ExampleShape()[0] != c.h || got.ExampleShape()[1] != c.w || len(inputs(got)) != len(c.want) || got.Label(0) != 3 {
			t.Errorf("%s: %v", c.name, got)
		}
		for i, v := range inputs(got) {
			if math.Abs(float64(v-c.want[i])) > 1e-5 {
				t.Errorf("%s: %v, want %v", c.name, inputs(got), c.want)
				break
			}
		}
	}
	d := im(2, 2, 1, 1, 2, 3, 4)
	_, err := d.Flatten().Resize(2, 2)
	wantError(t, err, "Resize wants images, [height width channels], but the examples are [4]")
	_, err = d.Crop(0, 2)
	wantError(t, err, "Crop(0, 2): height and width must be from 1")
	a, err := d.Augment(FlipHorizontal())
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Resize(3, 3)
	wantError(t, err, "do this before Augment")
}

func FuzzImage(f *testing.F) {
	for _, ext := range []string{".png", ".jpeg", ".gif"} {
		f.Add(encode(f, ext, 3, 2, red), false)
		f.Add(encode(f, ext, 9, 7, grey), true)
	}
	f.Add(claims(60000, 50000), true)
	f.Add(claims(1000, 1000), true)
	f.Fuzz(func(t *testing.T, b []byte, small bool) {
		r := &imageReader{h: 2, w: 3, ch: 3, first: "x"}
		if small {
			r = &imageReader{Pictures: Pictures{Height: 5, Width: 4, Grey: true}, h: 5, w: 4, ch: 1}
		}
		_ = r.decode(make([]uint8, r.h*r.w*r.ch), b)
	})
}
