// This file defines the colours and the style sheet.

package canvas

import "image/color"

// Ink is the colour of text, axes and grids. In SVG it is the text colour of the
// page that the chart stands in; in an SVG shown as a picture of its own, which
// knows the theme of the system but not its page, a grey that can be read on
// white and on black. Drawn to pixels it is a dark grey for white paper.
type Ink uint8

// The strengths of ink.
const (
	Strong Ink = iota // titles, values
	Soft              // labels of axes
	Faint             // grids
)

// RGBA implements [color.Color].
func (i Ink) RGBA() (r, g, b, a uint32) {
	return [...]color.Gray{{0x24}, {0x60}, {0xe3}}[i].RGBA()
}

func (i Ink) class() string {
	return [...]string{``, ` class="cj-soft"`, ` class="cj-faint"`}[i]
}

// Palette is for series: the hues that Okabe and Ito chose for the colour-blind
// (Color Universal Design, 2008), of a lightness that can be seen on white and
// on black.
var Palette = []color.RGBA{
	{0x1a, 0x7d, 0xbe, 0xff}, // blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermilion
	{0x00, 0x96, 0x6d, 0xff}, // bluish green
	{0xb4, 0x63, 0x9b, 0xff}, // reddish purple
	{0xa0, 0x7b, 0x00, 0xff}, // ochre
	{0x7f, 0x7f, 0x7f, 0xff}, // grey
	{0x99, 0x5f, 0x4e, 0xff}, // brown
	{0x4f, 0xa0, 0xd0, 0xff}, // sky blue
}

// Bad marks what is wrong.
var Bad = color.RGBA{0xd4, 0x2a, 0x2a, 0xff}

// sheet is the style of all charts, the same in each: several on a page do not
// disturb each other. An svg is the root only of a document of its own.
const sheet = `.cj{font:` + baseSizeText + `px/1.2 ` + Families + `;font-variant-numeric:tabular-nums;max-width:100%;height:auto}
.cj-soft{opacity:.72}.cj-faint{opacity:.15}
.cj:root{color:#6a6a6a}.cj:root .cj-soft{opacity:1}.cj:root .cj-faint{opacity:.3}
@media(prefers-color-scheme:dark){.cj:root{color:#8e8e8e}}
`

// Families is the list of font families: those of the systems, as far as they are
// about as wide as the font that text is measured in, then faces with Chinese,
// Japanese and Korean characters.
const Families = `-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,"PingFang SC","Hiragino Sans","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif`
