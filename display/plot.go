// This file shows a plot of gonum/plot, as the user set it up.

package display

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"cajal/display/internal/canvas"
)

// The size of a plot on the page, in points of 1/72 inch: 576 × 360 CSS pixels.
const (
	plotWidth  = 432 * vg.Length(1)
	plotHeight = 270 * vg.Length(1)
)

// plotted draws a plot as SVG and, for viewers without, as PNG. Drawing may
// panic: gonum/plot does on a logarithmic axis that meets a zero.
func plotted(p *plot.Plot) (data, meta map[string]any) {
	svg := vgsvg.New(plotWidth, plotHeight)
	p.Draw(draw.New(svg))
	var text bytes.Buffer
	if _, err := svg.WriteTo(&text); err != nil {
		panic(err)
	}
	data = map[string]any{"image/svg+xml": text.String(), "text/plain": plotText(p)}
	pixels := canvas.NewPixels(plotWidth, plotHeight, 96*canvas.Scale)
	p.Draw(draw.New(pixels))
	raw, err := pixels.PNG()
	if err != nil {
		data["text/plain"] = plotText(p) + "\n(not drawn as PNG: " + err.Error() + ")"
		return data, nil
	}
	data["image/png"] = base64.StdEncoding.EncodeToString(raw)
	return data, map[string]any{"image/png": map[string]any{"width": int(plotWidth / 0.75), "height": int(plotHeight / 0.75)}}
}

// plotText says in a line what a plot shows.
func plotText(p *plot.Plot) string {
	var b strings.Builder
	b.WriteString("plot")
	if p.Title.Text != "" {
		b.WriteString(" " + fmt.Sprintf("%q", p.Title.Text))
	}
	for _, a := range []struct {
		name string
		axis *plot.Axis
	}{{"x", &p.X}, {"y", &p.Y}} {
		b.WriteString(", " + a.name)
		if a.axis.Label.Text != "" {
			b.WriteString(" " + a.axis.Label.Text)
		}
		if a.axis.Min <= a.axis.Max {
			fmt.Fprintf(&b, " from %s to %s", numberText(a.axis.Min), numberText(a.axis.Max))
		}
	}
	return b.String()
}
