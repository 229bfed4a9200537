// This file encodes pictures as PNG: fast, since a cell waits for it, and small,
// since a notebook keeps it.

package canvas

import (
	"bytes"
	"cmp"
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
	cellBits = 5
	cells    = 1 << (3 * cellBits)
	// maxCells is up to how many of them a picture is a drawing, most of whose
	// colours are the rare ones of smooth edges. Beyond it is a photograph.
	maxCells = 1500
)

// paletted returns an opaque picture with a palette: its 256 most frequent
// colours. What is rarer takes the nearest. It returns nil if there are too many
// colours for that.
func paletted(img *image.RGBA) *image.Paletted {
	type use struct {
		cell  int
		times int
		color color.RGBA // the first one
	}
	index := make([]int16, cells) // of a cell in uses, counted from 1
	var uses []use
	w, h := img.Rect.Dx(), img.Rect.Dy()
	numbers := make([]int16, w*h) // of each pixel in uses
	var last [4]uint8             // pixels are mostly like the one before
	number := int16(-1)
	for y := range h {
		row := img.Pix[y*img.Stride : y*img.Stride+4*w]
		out := numbers[y*w : (y+1)*w]
		for x := range out {
			if px := [4]uint8(row[4*x:]); px != last || number < 0 {
				if px[3] != 0xff {
					return nil
				}
				last = px
				cell := int(px[0]>>3)<<10 | int(px[1]>>3)<<5 | int(px[2]>>3)
				if index[cell] == 0 {
					if len(uses) == maxCells {
						return nil
					}
					uses = append(uses, use{cell, 0, color.RGBA{px[0], px[1], px[2], 0xff}})
					index[cell] = int16(len(uses))
				}
				number = index[cell] - 1
			}
			uses[number].times++
			out[x] = number
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
	for i, n := range numbers {
		out.Pix[i] = entry[n]
	}
	return out
}
