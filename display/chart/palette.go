// This file defines the colours of values.

package chart

import (
	"image/color"
	"math"

	"cajal/display/internal/canvas"
)

// colorOf returns the colour of a series.
func colorOf(i int) color.RGBA { return canvas.Palette[i%len(canvas.Palette)] }

// ringed tells whether points of a series are rings, since its colour is that of
// another one, too.
func ringed(i int) bool { return i/len(canvas.Palette)%2 == 1 }

// onColor is the colour of text on the colour of a series.
var onColor = color.White

// faded returns a colour with an opacity from 0 to 1.
func faded(c color.RGBA, opacity float64) color.NRGBA {
	return color.NRGBA{c.R, c.G, c.B, uint8(math.Round(255 * min(max(opacity, 0), 1)))}
}

// A ramp is a scale of colours, given at equal distances.
type ramp []color.RGBA

// sequential is viridis (Smith and van der Walt, 2015), from low to high.
var sequential = ramp{
	{0x44, 0x01, 0x54, 0xff},
	{0x48, 0x28, 0x78, 0xff},
	{0x3e, 0x49, 0x89, 0xff},
	{0x31, 0x68, 0x8e, 0xff},
	{0x26, 0x82, 0x8e, 0xff},
	{0x1f, 0x9e, 0x89, 0xff},
	{0x35, 0xb7, 0x79, 0xff},
	{0x6e, 0xce, 0x58, 0xff},
	{0xb5, 0xde, 0x2b, 0xff},
	{0xfd, 0xe7, 0x25, 0xff},
}

// diverging is ColorBrewer's RdBu (Brewer, 2003), from blue for what is below
// zero to red.
var diverging = ramp{
	{0x21, 0x66, 0xac, 0xff},
	{0x43, 0x93, 0xc3, 0xff},
	{0x92, 0xc5, 0xde, 0xff},
	{0xd1, 0xe5, 0xf0, 0xff},
	{0xf7, 0xf7, 0xf7, 0xff},
	{0xfd, 0xdb, 0xc7, 0xff},
	{0xf4, 0xa5, 0x82, 0xff},
	{0xd6, 0x60, 0x4d, 0xff},
	{0xb2, 0x18, 0x2b, 0xff},
}

// at returns the colour at t, from 0 to 1.
func (r ramp) at(t float64) color.RGBA {
	t = min(max(t, 0), 1) * float64(len(r)-1)
	i := min(int(t), len(r)-2)
	f := t - float64(i)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-f) + float64(b)*f)) }
	a, b := r[i], r[i+1]
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

// dark tells whether light text reads better on a colour.
func dark(c color.RGBA) bool {
	return 0.299*float64(c.R)+0.587*float64(c.G)+0.114*float64(c.B) < 140
}
