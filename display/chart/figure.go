// This file defines Figure, a chart that can be shown.

package chart

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display"
	"cajal/display/internal/canvas"
)

// A Figure is a chart. It does not change, and is drawn when it is shown.
type Figure struct {
	settings // as they are drawn
	kind     kind
	err      error
	inner    drawing
	asked    settings // as the options have them
	lay      layout
}

// layout arranges what was read for the size in the settings, which are its own.
type layout func(*settings) drawing

// drawing is the part of a figure that its kind makes.
type drawing interface {
	draw(c draw.Canvas)
	describe() string // for those who cannot see it: in a sentence
	data() any        // what was drawn, for encoding/json
}

// The size of a figure that asks for none, in CSS pixels.
const (
	defaultWidth  = 640
	defaultHeight = 360
	composedWidth = 720 // of several figures together
)

// build makes a figure of what read finds in the data and the options; a failure,
// also a panic of a foreign method, stays in it.
func build(k kind, options []Option, read func(*settings) (layout, error)) (f *Figure) {
	f = &Figure{kind: k}
	f.asked.spoken = display.Language()
	defer func() {
		if p := recover(); p != nil {
			f.err = fmt.Errorf("chart.%s: reading the data panicked: %v", k, p)
		}
	}()
	err := k.apply(&f.asked, options)
	if err == nil {
		f.lay, err = read(&f.asked)
	}
	if err != nil {
		f.err = fmt.Errorf("chart.%s: %w", k, err)
		f.settings = f.asked
		return f
	}
	f.asked.marks = slices.Clip(f.asked.marks) // each arrangement appends its own
	width := defaultWidth
	if k&(row|gridded) != 0 {
		width = composedWidth
	}
	f.arrange(cmp.Or(f.asked.width, width), cmp.Or(f.asked.height, defaultHeight))
	return f
}

// arrange lays the figure out for a size.
func (f *Figure) arrange(width, height int) {
	f.settings = f.asked
	f.width, f.height = width, height
	f.inner = f.lay(&f.settings)
}

// arranged returns the figure as it is in another size.
func (f *Figure) arranged(width, height int) *Figure {
	if f.err != nil {
		return f
	}
	g := *f
	g.arrange(width, height)
	return &g
}

// Err tells what is wrong with the data or the options; nil if nothing is.
func (f *Figure) Err() error { return f.err }

// String describes the chart in a sentence, as it is read to those who cannot
// see it.
func (f *Figure) String() string {
	switch {
	case f.err != nil:
		return f.err.Error()
	case f.alt != "":
		return f.alt
	case f.title != "":
		return f.say("%s: %s", f.title, f.inner.describe())
	}
	return f.inner.describe()
}

// Draw draws the chart into an area of any canvas of gonum/plot, which counts in
// CSS pixels.
func (f *Figure) Draw(c draw.Canvas) {
	if f.err == nil {
		f.inner.draw(c)
	}
}

// SVG returns the chart as an SVG document.
func (f *Figure) SVG() (string, error) {
	if f.err != nil {
		return "", f.err
	}
	c := canvas.New(vg.Length(f.width), vg.Length(f.height))
	if err := f.paint(draw.New(c)); err != nil {
		return "", err
	}
	data, err := json.Marshal(f.inner.data())
	if err != nil {
		return "", fmt.Errorf("chart.%s: the data as JSON: %w", f.kind, err)
	}
	return c.Document(f.label(), f.inner.describe(), string(data)), nil
}

// label says in a few words what the chart is.
func (f *Figure) label() string {
	if f.alt != "" {
		return f.alt
	}
	head := f.inner.describe()
	if i := firstClause.FindStringIndex(head); i != nil {
		head = head[:i[0]]
	}
	if f.title != "" {
		head = f.say("%s: %s", f.title, head)
	}
	return head
}

// firstClause is what ends the part of a description that says what the chart is.
var firstClause = regexp.MustCompile(`[.:;] |[。：；，]`)

// PNG returns the chart as an encoded picture on white, with two pixels for each
// CSS pixel. Text in Chinese, Japanese or Korean needs a font of the system; that
// there is none is an error.
func (f *Figure) PNG() ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	c := canvas.NewPixels(vg.Length(f.width), vg.Length(f.height), 72*canvas.Scale)
	if err := f.paint(draw.New(c)); err != nil {
		return nil, err
	}
	raw, err := c.PNG()
	if err != nil {
		return nil, fmt.Errorf("chart.%s: %w", f.kind, err)
	}
	return raw, nil
}

// paint draws, and turns a panic, gonum/plot's way to fail, into an error.
func (f *Figure) paint(c draw.Canvas) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("chart.%s: drawing panicked: %v", f.kind, p)
		}
	}()
	f.inner.draw(c)
	return nil
}

// MIMEBundle returns the chart as SVG, as PNG for viewers without, and in words.
func (f *Figure) MIMEBundle() map[string]any {
	var raw []byte
	var failure error
	var pixels sync.WaitGroup // which take longer, on another processor
	if f.err == nil {
		pixels.Go(func() { raw, failure = f.PNG() })
	}
	text := f.String()
	svg, err := f.SVG()
	pixels.Wait()
	if err != nil {
		return map[string]any{"text/plain": err.Error()}
	}
	if failure != nil {
		return map[string]any{"image/svg+xml": svg, "text/plain": text + "\n(not drawn as PNG: " + failure.Error() + ")"}
	}
	return map[string]any{"image/svg+xml": svg, "image/png": base64.StdEncoding.EncodeToString(raw), "text/plain": text}
}

// MIMEMetadata returns the size of the PNG on the page.
func (f *Figure) MIMEMetadata() map[string]any {
	return map[string]any{"image/png": map[string]any{"width": f.width, "height": f.height}}
}
