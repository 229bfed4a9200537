// This file encodes pictures as PNG: fast, since a cell waits for it, and small,
// since a notebook keeps it.

package canvas

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"slices"
)

// encode returns a picture as PNG. One on an opaque ground is written with a
// palette, which takes a third of the time and of the memory of true colours.
func encode(img image.Image) ([]byte, error) {
	level := png.DefaultCompression
	if b := img.Bounds(); b.Dx()*b.Dy() > 1<<16 {
		level = png.BestSpeed
	}
	if full, ok := img.(*image.RGBA); ok {
		if small := paletted(full); small != nil {
			img = small
		}
	}
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: level}).Encode(&b, img)
	return b.Bytes(), err
}

// Colours are counted in cells of five bits a channel: no eye tells those of one
// cell apart.
const (
	cells = 1 << (3 * 5)
	// maxCells is up to how many of them a picture is a drawing, most of whose
	// colours are the rare ones of smooth edges. Beyond it is a photograph.
	maxCells = 1500
)

// paletted returns an opaque picture with a palette: its 256 most frequent
// colours. What is rarer takes the nearest. It returns nil if there are too many
// colours for that.
func paletted(img *image.RGBA) *image.Paletted {
	type use struct {
		times int
		color color.RGBA // the first one
	}
	type run struct{ use, length int } // of pixels in one colour
	index := make([]int16, cells)      // of a cell in uses, counted from 1
	var uses []use
	var runs []run
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		row := img.Pix[y*img.Stride : y*img.Stride+4*w]
		for len(row) > 0 {
			px := binary.LittleEndian.Uint32(row)
			if px>>24 != 0xff {
				return nil
			}
			n := 4
			for n+4 <= len(row) && binary.LittleEndian.Uint32(row[n:]) == px {
				n += 4
			}
			at := int(row[0]>>3)<<10 | int(row[1]>>3)<<5 | int(row[2]>>3)
			if index[at] == 0 {
				if len(uses) == maxCells {
					return nil
				}
				uses = append(uses, use{color: color.RGBA{row[0], row[1], row[2], 0xff}})
				index[at] = int16(len(uses))
			}
			k := int(index[at]) - 1
			uses[k].times += n / 4
			runs = append(runs, run{k, n / 4})
			row = row[n:]
		}
	}
	order := make([]int, len(uses))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(uses[b].times, uses[a].times) })
	kept := order[:min(len(order), 256)]
	out := &image.Paletted{Pix: make([]uint8, w*h), Stride: w, Rect: image.Rect(0, 0, w, h)}
	entry := make([]uint8, len(uses)) // of the palette
	for i, n := range kept {
		out.Palette = append(out.Palette, uses[n].color)
		entry[n] = uint8(i)
	}
	for _, n := range order[len(kept):] {
		entry[n] = uint8(out.Palette.Index(uses[n].color))
	}
	pix := out.Pix
	for _, r := range runs {
		if e := entry[r.use]; e != 0 { // 0 is there already
			for i := range pix[:r.length] {
				pix[i] = e
			}
		}
		pix = pix[r.length:]
	}
	return out
}
