// This file draws the panel.

package live

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/chart"
	"cajal/display/internal/canvas"
)

// The size of the panel, in CSS pixels. It is the same while a training runs, so
// that nothing on the page moves; warnings stand beneath, and those that come at
// the end are added then.
const (
	width       = 720
	headHeight  = 38 // the bar and one line of words
	chartGap    = 20
	chartHeight = 220
	lineHeight  = 16 // of the warnings
	maxLines    = 8
)

// content is what shows a state, by MIME type, and its metadata. Should it not be
// possible to draw it, the words are left.
func content(s state) (data, meta map[string]any) {
	words := s.text()
	defer func() {
		if p := recover(); p != nil {
			data, meta = map[string]any{"text/plain": words + fmt.Sprintf("\n(drawing the charts panicked: %v)", p)}, nil
		}
	}()
	figures := s.figuresOf()
	warnings := s.wrappedWarnings()
	height := s.headHeight() + chartHeight
	if len(warnings) > 0 {
		height += vg.Length(len(warnings)*lineHeight + 8)
	}
	svg := canvas.New(width, height)
	s.paint(svg, height, figures, warnings, svg.Group)
	if s.end == nil {
		return map[string]any{"text/html": svg.Document(s.progress(), words, ""), "text/plain": words}, nil
	}
	data = map[string]any{"image/svg+xml": svg.Document(s.progress(), words, s.metadata()), "text/plain": words}
	pixels := canvas.NewPixels(width, height, 72*canvas.Scale)
	s.paint(pixels, height, figures, warnings, func(_ vg.Rectangle, _ string, draw func()) { draw() })
	raw, err := pixels.PNG()
	if err != nil {
		data["text/plain"] = words + "\n(not drawn as PNG: " + err.Error() + ")"
		return data, nil
	}
	data["image/png"] = base64.StdEncoding.EncodeToString(raw)
	return data, map[string]any{"image/png": map[string]any{"width": width, "height": int(height)}}
}

// warningStyle is how warnings are written, bold what says that they are.
func warningStyle(bold bool) text.Style {
	sty := canvas.Style(canvas.BaseSize, bold, canvas.Strong, text.XLeft, text.YTop)
	if bold {
		sty.Color = canvas.Palette[1]
	}
	return sty
}

// wrappedWarnings are the lines of the warnings; each begins with a space if it
// goes on from the line before.
func (s state) wrappedWarnings() []string {
	room := width - 6 - warningStyle(true).Width(s.say("warning")+" ")
	var out []string
	for _, w := range s.warnings() {
		for i, l := range canvas.Wrap(warningStyle(false), w, room) {
			if i > 0 {
				l = " " + l
			}
			out = append(out, l)
		}
	}
	if len(out) > maxLines {
		out = append(out[:maxLines-1], s.say(" … %d more lines", len(out)-maxLines+1))
	}
	return out
}

// paint draws the bar, the charts, each in a group, and the warnings.
func (s state) paint(c vg.Canvas, height vg.Length, figures []*chart.Figure, warnings []string, group func(r vg.Rectangle, label string, draw func())) {
	all := draw.NewCanvas(c, width, height)
	s.bar(all)
	bottom := height - s.headHeight() - chartHeight // of the charts
	y := bottom - 6
	for _, l := range warnings {
		at := vg.Point{X: 2, Y: y}
		rest, goesOn := strings.CutPrefix(l, " ")
		if !goesOn {
			all.FillText(warningStyle(true), at, s.say("warning"))
		}
		at.X += warningStyle(true).Width(s.say("warning") + " ")
		all.FillText(warningStyle(false), at, rest)
		y -= lineHeight
	}
	x := vg.Length(0)
	for _, f := range figures {
		w := s.chartWidth()
		r := vg.Rectangle{Min: vg.Point{X: x, Y: bottom}, Max: vg.Point{X: x + w, Y: bottom + chartHeight}}
		group(r, f.String(), func() { f.Draw(draw.Canvas{Canvas: c, Rectangle: r}) })
		x += w + chartGap
	}
}

func (s state) chartWidth() vg.Length {
	if len(s.info.Metrics) == 0 {
		return width
	}
	return (width - chartGap) / 2
}

// bar draws how far the training is, with the words above.
func (s state) bar(c draw.Canvas) {
	var clr color.Color = canvas.Palette[0]
	done := 0.0
	if epochs, batches := s.info.Epochs, s.info.Batches; epochs > 0 && batches > 0 {
		steps := (s.step.Epoch-1)*batches + s.step.Batch
		if s.end != nil {
			steps = s.end.Steps
		}
		done = min(max(float64(steps)/float64(epochs*batches), 0), 1)
	}
	top := c.Max.Y
	if r := s.end; r != nil && r.Failure != "" || s.failure(s.points()) != "" {
		clr = canvas.Bad
	} else if r != nil && r.Stopped {
		clr = canvas.Palette[1]
	}
	lines := s.headLines()
	soft := headStyle(false)
	at := vg.Point{X: 2, Y: top - 3}
	head, first, _ := strings.Cut(lines[0], " · ")
	c.FillText(headStyle(true), at, head)
	at.X += headStyle(true).Width(head) + headGap
	c.FillText(soft, at, first)
	at.X += soft.Width(first)*wider + 16
	for _, l := range lines[1:] {
		at = vg.Point{X: 2, Y: at.Y - headLine}
		c.FillText(soft, at, l)
		at.X += soft.Width(l)*wider + 16
	}
	speed := s.speed()
	soft.XAlign = text.XRight
	for len(speed) > 0 && at.X+soft.Width(strings.Join(speed, " · "))*wider > width-2 {
		speed = speed[:len(speed)-1]
	}
	if len(speed) > 0 {
		c.FillText(soft, vg.Point{X: width - 2, Y: at.Y}, strings.Join(speed, " · "))
	}
	top += headHeight - s.headHeight() // of the track, beneath the lines
	track := func(to vg.Length, clr color.Color) {
		c.SetColor(clr)
		c.Fill(rounded(vg.Rectangle{Min: vg.Point{X: 2, Y: top - 27}, Max: vg.Point{X: to, Y: top - 22}}))
	}
	track(width-2, canvas.Faint)
	if done > 0 {
		track(max(2+vg.Length(done)*(width-4), 7), clr)
	}
}

// The words above the bar.
const (
	headLine = 17              // from line to line
	headGap  = 12              // behind the first words, which are bold
	wider    = vg.Length(1.06) // the viewer's font may be so much wider
)

// headStyle is how they are written, bold what comes first.
func headStyle(bold bool) text.Style {
	ink := canvas.Soft
	if bold {
		ink = canvas.Strong
	}
	return canvas.Style(13, bold, ink, text.XLeft, text.YTop)
}

// headLines is the progress in lines that fit the panel, broken between figures.
func (s state) headLines() []string {
	lines := []string{""}
	room := vg.Length(width - 4)
	for i, part := range strings.Split(s.progress(), " · ") {
		last := &lines[len(lines)-1]
		w := headStyle(false).Width(*last+" · "+part) * wider
		if len(lines) == 1 {
			w += headGap
		}
		switch {
		case i == 0:
			*last = part
		case w > room:
			lines = append(lines, part)
		default:
			*last += " · " + part
		}
	}
	return lines
}

// headHeight is the height of the bar and its words: that of the end, which has
// the most of them, from the beginning.
func (s state) headHeight() vg.Length {
	n := len(s.headLines())
	if s.end == nil {
		last := s
		values := make([]float64, len(s.info.Metrics))
		last.end = &Result{Epochs: []Epoch{{Metrics: values, ValMetrics: values}}, Seconds: 3599}
		n = max(n, len(last.headLines()))
	}
	return headHeight + vg.Length(n-1)*headLine
}

// rounded is a bar with round ends.
func rounded(r vg.Rectangle) vg.Path {
	radius := (r.Max.Y - r.Min.Y) / 2
	y := r.Min.Y + radius
	var p vg.Path
	p.Move(vg.Point{X: r.Min.X + radius, Y: r.Min.Y})
	p.Line(vg.Point{X: r.Max.X - radius, Y: r.Min.Y})
	p.Arc(vg.Point{X: r.Max.X - radius, Y: y}, radius, -math.Pi/2, math.Pi)
	p.Line(vg.Point{X: r.Min.X + radius, Y: r.Max.Y})
	p.Arc(vg.Point{X: r.Min.X + radius, Y: y}, radius, math.Pi/2, math.Pi)
	p.Close()
	return p
}

// figuresOf returns the loss chart, and that of the first metric.
func (s state) figuresOf() []*chart.Figure {
	out := []*chart.Figure{s.figureOf(s.say("Loss"), true,
		func(p Point) float64 { return p.Loss },
		func(e Epoch) float64 { return e.ValLoss })}
	if len(s.info.Metrics) > 0 {
		out = append(out, s.figureOf(title(s.name(s.info.Metrics[0])), false,
			func(p Point) float64 { return p.Metric },
			func(e Epoch) float64 {
				if len(e.ValMetrics) == 0 {
					return math.NaN()
				}
				return e.ValMetrics[0]
			}))
	}
	return out
}

// smoothing is what part of a curve, a fortieth, a smoothed value is the mean of.
const smoothing = 40

// figureOf draws one curve. The first chart says why a training ended.
func (s state) figureOf(heading string, first bool, train func(Point) float64, val func(Epoch) float64) *chart.Figure {
	points := s.points()
	x, y := make([]float64, len(points)), make([]float64, len(points))
	for i, p := range points {
		x[i], y[i] = p.Epoch, train(p)
	}
	options := []chart.Option{
		chart.Title(heading), chart.XLabel(s.say("epoch")), chart.Size(int(s.chartWidth()), chartHeight),
		chart.X(x), chart.Name(s.say("train")), chart.Smooth(len(y) / smoothing),
	}
	if s.info.Epochs > 0 {
		options = append(options, chart.XRange(0, float64(s.info.Epochs)))
	}
	if len(y) == 0 { // axes to be filled
		options = append(options, chart.YRange(0, 1))
	}
	if s.info.Val {
		var ex, ev []float64
		for _, e := range s.epochs() {
			if v := val(e); !math.IsNaN(v) && !math.IsInf(v, 0) {
				ex, ev = append(ex, float64(e.Epoch)), append(ev, v)
			}
		}
		if len(ev) > 0 {
			options = append(options, chart.SeriesXY(s.say("val"), ex, ev))
		}
	}
	options = append(options, s.mark(first)...)
	return chart.Line(y, options...)
}

// mark tells where and why a training ended before its time; without words if
// another chart says them.
func (s state) mark(words bool) []chart.Option {
	r := s.end
	points := s.points()
	if r == nil || len(points) == 0 || !r.Stopped && r.Failure == "" {
		return nil
	}
	text, option := s.stopped(), chart.Mark
	if r.Failure != "" {
		text, option = r.Failure, chart.Fault
	}
	if !words {
		text = ""
	}
	return []chart.Option{option(points[len(points)-1].Epoch, text)}
}

// title writes a name as a heading.
func title(name string) string {
	r := []rune(name)
	if len(r) == 0 {
		return name
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// metadata is what was drawn, as JSON.
func (s state) metadata() string {
	type epoch struct {
		Epoch               int
		Loss, ValLoss       *float64
		Metrics, ValMetrics []*float64
	}
	number := func(v float64) *float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	numbers := func(vs []float64) []*float64 {
		out := make([]*float64, len(vs))
		for i, v := range vs {
			out[i] = number(v)
		}
		return out
	}
	var out struct {
		Kind    string
		Metrics []string
		Steps   int
		Epochs  []epoch
	}
	out.Kind, out.Metrics, out.Steps = "training", s.info.Metrics, s.end.Steps
	for _, e := range s.end.Epochs {
		out.Epochs = append(out.Epochs, epoch{e.Epoch, number(e.Loss), number(e.ValLoss), numbers(e.Metrics), numbers(e.ValMetrics)})
	}
	text, err := json.Marshal(out)
	if err != nil {
		return ""
	}
	return string(text)
}
