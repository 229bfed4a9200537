// This file makes a dataset out of images in files.

package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif"  // so that image.Decode knows it
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Pictures says how [ImageFolder] and [Images] read images. Its zero value keeps size and
// colours.
type Pictures struct {
	Height, Width int  // brings all images to this size (see Dataset.Resize); 0 keeps theirs, which must all be alike then
	Grey          bool // one channel, the brightness, instead of red, green and blue
}

// Limits of what files may claim: an image of 64 million pixels and, so that a small
// file cannot ask for much memory, at most so many pixels a byte.
const (
	maxPixels     = 1 << 26
	pixelsPerByte = 1 << 11
	freePixels    = 1 << 20
	maxImages     = 1 << 33 // bytes of all images together
)

var imageKinds = []string{".png", ".jpg", ".jpeg", ".gif"}

// ImageFolder makes a dataset of the PNG, JPEG and GIF files in dir, which has a folder
// for each class: dir/cat/1.png, dir/cat/more/2.jpg, dir/dog/1.png. Classes are numbered
// in the order of their folders' names, images come class by class in the order of
// their paths. Of a GIF, the first image is taken; transparent parts are black.
//
// Examples are [height width 3], or [height width 1] when grey, from 0 to 1, and kept as
// bytes. Files whose names begin with a dot and those of other kinds are left out; Notes
// tells how many.
func ImageFolder(dir string, p Pictures) (*Dataset, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	var files, classes []string
	var labels []int32
	others, other := 0, ""
	loose := 0
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if st, err := os.Stat(path); err != nil || !st.IsDir() {
			if isImage(path) {
				loose++
			}
			continue
		}
		n := len(files)
		err := filepath.WalkDir(path+string(filepath.Separator), func(path string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case strings.HasPrefix(e.Name(), ".") && e.Name() != ".":
				if e.IsDir() {
					return filepath.SkipDir
				}
			case e.IsDir():
			case isImage(path):
				files, labels = append(files, path), append(labels, int32(len(classes)))
			default:
				others++
				other = path
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		if len(files) == n {
			return nil, fmt.Errorf("data: the folder %s has no PNG, JPEG or GIF files, but each folder of %s is a class", path, dir)
		}
		classes = append(classes, e.Name())
	}
	if len(classes) == 0 {
		return nil, fmt.Errorf("data: %s has no folders, but each class is one, as in %s\nhint: data.Images(files, data.Pictures{}) reads images without classes",
			dir, filepath.Join(dir, "cat", "1.png"))
	}
	d, err := Images(files, p)
	if err != nil {
		return nil, err
	}
	d.name = filepath.Base(dir)
	d.labels, d.classes = labels, classes
	if others > 0 {
		d.notes = append(d.notes, fmt.Sprintf("%s of another kind and left out, such as %s", were(others, "file"), other))
	}
	if loose > 0 {
		d.notes = append(d.notes, fmt.Sprintf("%s in no class's folder and left out", were(loose, "image")))
	}
	return d, nil
}

func isImage(path string) bool {
	return slices.Contains(imageKinds, strings.ToLower(filepath.Ext(path)))
}

// Images makes a dataset without labels of image files, in the order given. See
// [ImageFolder] for what becomes of them.
func Images(files []string, p Pictures) (*Dataset, error) {
	if len(files) == 0 {
		return nil, errors.New("data: Images got no files")
	}
	if p.Height != 0 || p.Width != 0 {
		if err := checkSize("Pictures", p.Height, p.Width); err != nil {
			return nil, err
		}
	}
	ch := 3
	if p.Grey {
		ch = 1
	}
	h, w := p.Height, p.Width
	if h == 0 {
		c, err := readConfig(files[0])
		if err != nil {
			return nil, err
		}
		h, w = c.Height, c.Width
	}
	size := h * w * ch
	if size > maxImages/len(files) {
		return nil, fmt.Errorf("data: %d images of [%d %d %d] take more than %d GB\nhint: data.Pictures{Height: 64, Width: 64} makes them smaller; data.From reads examples when they are wanted", len(files), h, w, ch, maxImages>>30)
	}
	d := &Dataset{n: len(files), shape: []int{h, w, ch}, scale: 1.0 / 255, look: new(look)}
	d.bytes = make([]uint8, len(files)*size)

	// The first error in the order of the files is the one that is told.
	errs := make([]error, len(files))
	var next, failed atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			r := &imageReader{Pictures: p, h: h, w: w, ch: ch, first: files[0]}
			for failed.Load() == 0 {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				if errs[i] = r.read(d.bytes[i*size:(i+1)*size], files[i]); errs[i] != nil {
					failed.Store(1)
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// An imageReader reads images one after the other.
type imageReader struct {
	Pictures
	h, w, ch int
	first    string // the file that gave h and w
	resizer  *resizer
	src, dst []float32
}

func readConfig(path string) (image.Config, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return image.Config{}, fmt.Errorf("data: %w", err)
	}
	c, err := checkImage(b)
	if err != nil {
		return c, fmt.Errorf("data: %s: %w", path, err)
	}
	return c, nil
}

// checkImage reads the head of an image and refuses what would take too much memory.
func checkImage(b []byte) (image.Config, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		if errors.Is(err, image.ErrFormat) {
			err = errors.New("is not a PNG, JPEG or GIF image")
		}
		return c, err
	}
	if c.Width < 1 || c.Height < 1 {
		return c, fmt.Errorf("has %dx%d pixels", c.Width, c.Height)
	}
	pixels := int64(c.Width) * int64(c.Height)
	if pixels > maxPixels || pixels > freePixels+pixelsPerByte*int64(len(b)) {
		return c, fmt.Errorf("claims %dx%d pixels in %d bytes, more than is read", c.Width, c.Height, len(b))
	}
	return c, nil
}

// read writes the image of a file to dst.
func (r *imageReader) read(dst []uint8, path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if err := r.decode(dst, b); err != nil {
		return fmt.Errorf("data: %s: %w", path, err)
	}
	return nil
}

func (r *imageReader) decode(dst []uint8, b []byte) error {
	c, err := checkImage(b)
	if err != nil {
		return err
	}
	m, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return err
	}
	h, w := c.Height, c.Width
	if r.Height == 0 && (h != r.h || w != r.w) {
		return fmt.Errorf("has %dx%d pixels (width x height), but %s has %dx%d\nhint: data.Pictures{Height: %d, Width: %d} brings all to one size", w, h, r.first, r.w, r.h, r.h, r.w)
	}
	// The first image of a GIF may be smaller than the whole.
	canvas := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(canvas, m.Bounds(), m, m.Bounds().Min, draw.Src)
	if h == r.h && w == r.w {
		r.pixels(canvas, func(i int, v uint8) { dst[i] = v })
		return nil
	}
	if s := r.resizer; s == nil || s.h != h || s.w != w {
		r.resizer = newResizer(h, w, r.ch, r.h, r.w)
		r.src, r.dst = make([]float32, h*w*r.ch), make([]float32, r.h*r.w*r.ch)
	}
	r.pixels(canvas, func(i int, v uint8) { r.src[i] = float32(v) })
	r.resizer.resize(r.dst, r.src)
	for i, v := range r.dst {
		dst[i] = uint8(min(max(v+0.5, 0), 255))
	}
	return nil
}

// pixels hands out the numbers of an image by their place in [h w ch].
func (r *imageReader) pixels(m *image.RGBA, put func(i int, v uint8)) {
	for k := 0; k < len(m.Pix); k += 4 {
		red, green, blue := m.Pix[k], m.Pix[k+1], m.Pix[k+2]
		if r.Grey {
			// The weights of color.GrayModel.
			put(k/4, uint8((19595*uint32(red)+38470*uint32(green)+7471*uint32(blue)+1<<15)>>16))
			continue
		}
		put(k/4*3, red)
		put(k/4*3+1, green)
		put(k/4*3+2, blue)
	}
}
