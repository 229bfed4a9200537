// This file compares pictures by their pixels.

package compare

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	_ "image/gif" // pictures come in these formats
	_ "image/jpeg"
	_ "image/png"
	"math"
	"strings"
)

// maxPixels is the size up to which pictures are decoded.
const maxPixels = 50_000_000

// pictures compares two pictures in base64. They may differ by r.Rtol or r.Tol in
// the mean distance of their pixels, where 1 is that of black from white.
func pictures(where, was, is string, r Rule) []Difference {
	was, is = strings.Join(strings.Fields(was), ""), strings.Join(strings.Fields(is), "")
	if was == is {
		return nil
	}
	a, err1 := decode(was)
	b, err2 := decode(is)
	switch {
	case err1 != nil && err2 != nil:
		return []Difference{{Where: where, Old: "data that are no picture", New: "other such data"}}
	case err1 != nil:
		return []Difference{{Where: where, Old: "data that are no picture", New: size(b)}}
	case err2 != nil:
		return []Difference{{Where: where, Old: size(a), New: "data that are no picture"}}
	case a.Bounds().Size() != b.Bounds().Size():
		return []Difference{{Where: where, Old: size(a), New: size(b)}}
	}
	changed, mean := distance(a, b)
	if changed == 0 || !r.Exact && mean <= max(r.Rtol, r.Tol) || len(r.Bands) > 0 && r.Tol == 0 {
		return nil
	}
	total := a.Bounds().Dx() * a.Bounds().Dy()
	return []Difference{{Where: where, Old: size(a), New: "another one", Delta: fmt.Sprintf("%d of %d pixels differ, by %.2g on the mean of all", changed, total, mean)}}
}

func size(i image.Image) string {
	return fmt.Sprintf("a picture of %d × %d", i.Bounds().Dx(), i.Bounds().Dy())
}

func decode(text string) (image.Image, error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if c.Width <= 0 || c.Height > maxPixels/c.Width {
		return nil, fmt.Errorf("a picture of %d × %d is too large", c.Width, c.Height)
	}
	i, _, err := image.Decode(bytes.NewReader(data))
	return i, err
}

// distance counts the pixels that differ and returns the mean distance of all.
func distance(a, b image.Image) (changed int, mean float64) {
	ra, rb := a.Bounds(), b.Bounds()
	sum := 0.0
	for y := range ra.Dy() {
		for x := range ra.Dx() {
			r1, g1, b1, a1 := a.At(ra.Min.X+x, ra.Min.Y+y).RGBA()
			r2, g2, b2, a2 := b.At(rb.Min.X+x, rb.Min.Y+y).RGBA()
			d := 0.0
			for _, p := range [...][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}, {a1, a2}} {
				d = max(d, math.Abs(float64(p[0])-float64(p[1]))/0xffff)
			}
			if d > 0 {
				changed++
				sum += d
			}
		}
	}
	return changed, sum / float64(ra.Dx()*ra.Dy())
}
