package chart

import (
	"fmt"
	"html"
	"math"
	"regexp"
	"strings"
	"testing"
)

func rowGallery() map[string]*Figure {
	x, y := falling(375, 0.06)
	acc := make([]float64, len(y))
	for i, v := range y {
		acc[i] = 1 - v/2.5
	}
	all := basicGallery()
	points, labels := moons(80)
	net := func(x, y float64) float64 { return 1 / (1 + math.Exp(6*(y-0.25))) }
	return map[string]*Figure{
		"row":     Row(Line(y, X(x), Smooth(25), Title("Loss"), XLabel("epoch")), Line(acc, X(x), Smooth(25), Title("Accuracy"), XLabel("epoch"))),
		"three":   Row(all["heatmap"], Boundary(net, points, labels, Title("边界")), all["histogram"]),
		"grid":    Grid(2, []*Figure{all["loss"], all["images"], all["bar"], all["smallheat"], Scatter([]int{1, 2, 3}, []int{3, 1, 2}, Size(200, 160))}, Title("What became of the training")),
		"gridin":  Grid(2, []*Figure{Line([]int{1, 4, 2}), Line([]int{2, 1, 3})}, Size(500, 200), Alt("two lines")),
		"pictrow": Row(Images(digit(7, 1), Title("A seven")), Overlay(digit(7, 1), [][]float64{{0, 1}, {0.2, 0.1}}, Title("Where the network looks"))),
	}
}

func TestRowErrors(t *testing.T) {
	good := Line([]int{1, 2})
	tests := []struct {
		err  error
		want string
	}{
		{Row().Err(), "chart.Row: there are no figures"},
		{Row(good, nil).Err(), "chart.Row: figure 1 is nil"},
		{Row(Line("x")).Err(), "chart.Row: figure 0: chart.Line: y is a string; a slice of numbers was expected"},
		{Grid(0, []*Figure{good}).Err(), "chart.Grid: 0 figures a row: at least 1 was expected"},
		{Grid(1, []*Figure{good}, LogY()).Err(), "chart.Grid: LogY is an option of Line, Scatter, Bar, Box"},
		{Slider("epoch", []int{1}, nil).Err(), "chart.Slider: there are no figures"},
		{Slider("epoch", 3, nil).Err(), "chart.Slider: the labels is a int; a slice was expected"},
		{Slider("epoch", []int{1, 2}, []*Figure{good}).Err(), "chart.Slider: there are 1 figures and 2 labels"},
		{Slider("epoch", []int{1}, []*Figure{nil}).Err(), "chart.Slider: figure 0 is nil"},
		{Slider("epoch", []int{1}, []*Figure{Row()}).Err(), "chart.Slider: figure 0: chart.Row: there are no figures"},
	}
	for _, tt := range tests {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", tt.err, tt.want)
		}
	}
}

// Figures of a row are drawn anew in its size, do not cover each other, and stay
// as they are by themselves.
func TestRowSizes(t *testing.T) {
	one := Line([]int{1, 2, 3})
	before, _ := one.SVG()
	small := Line([]int{1}, Size(150, 100))
	r := Row(one, small, one)
	p := r.inner.(*composition)
	end := 0.0
	for i, f := range p.figures {
		if float64(p.left[i]) < end {
			t.Errorf("figure %d begins at %v, where another ends at %v", i, p.left[i], end)
		}
		end = float64(p.left[i]) + float64(f.width)
	}
	if r.width > composedWidth || end > float64(r.width) {
		t.Errorf("%d wide, figures to %v", r.width, end)
	}
	if p.figures[1].width != 150 || p.figures[1].height != 100 {
		t.Errorf("a figure of 150 × 100 became %d × %d", p.figures[1].width, p.figures[1].height)
	}
	if after, _ := one.SVG(); after != before {
		t.Error("the figure changed")
	}
	if nested := Row(r, r); nested.Err() != nil || nested.width > composedWidth {
		t.Errorf("a row of rows: %v, %d wide", nested.Err(), nested.width)
	}
}

func epochs(n int) (labels []int, figures []*Figure) {
	points, which := moons(60)
	for e := range n {
		f := func(x, y float64) float64 {
			return 1 / (1 + math.Exp(float64(e)*(y-0.25+0.1*float64(e)*math.Sin(3*x))))
		}
		labels, figures = append(labels, e+1), append(figures, Boundary(f, points, which, Title("Boundary <&>"), Size(400, 260), Resolution(20)))
	}
	return labels, figures
}

func TestSlider(t *testing.T) {
	labels, figures := epochs(4)
	s := Slider("epoch", labels, figures)
	b := s.MIMEBundle()
	page := b["text/html"].(string)
	last, _ := figures[3].SVG()
	if b["image/svg+xml"] != last {
		t.Error("the SVG is not the last figure")
	}
	if text := b["text/plain"].(string); !strings.HasPrefix(text, "4 figures, epoch 1 to 4; epoch 4: Boundary <&>: ") {
		t.Errorf("got %q", text)
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "http://") && strings.Count(page, "http://") != strings.Count(page, `xmlns="http://www.w3.org/2000/svg"`) {
		t.Error("it has a script or loads something")
	}
	// As many buttons, of one group, as figures, and a rule for each; one is on.
	buttons := regexp.MustCompile(`<input type="radio" name="(cj-[0-9a-f]{12})" title="epoch \d" aria-label="epoch \d"( checked)? hidden>`).FindAllStringSubmatch(page, -1)
	if len(buttons) != 4 || buttons[3][2] == "" || strings.Count(page, " checked hidden") != 1 || buttons[0][1] != buttons[3][1] {
		t.Errorf("buttons %q", buttons)
	}
	for i := range 4 {
		if rule := fmt.Sprintf(">input:nth-of-type(%d):checked~.cj-frame:nth-of-type(%[1]d)", i+1); !strings.Contains(page, rule) {
			t.Errorf("no rule %s", rule)
		}
	}
	// Without the style sheet: every figure is hidden, and a picture is not.
	if strings.Count(page, `<div class="cj-frame" hidden>`) != 4 || strings.Count(page, "<img ") != 1 || !strings.Contains(page, `alt="`+html.EscapeString(s.String())) {
		t.Error("what is seen without a style sheet")
	}
	if again := Slider("epoch", labels, figures).MIMEBundle()["text/html"]; again != page {
		t.Error("the same figures make another page")
	}
	if one := Slider("", []int{1}, figures[:1]).MIMEBundle()["text/html"].(string); strings.Contains(one, "<input") {
		t.Error("one figure has a button")
	}
}

// Of very many figures some are shown, and the last one always.
func TestSliderThins(t *testing.T) {
	one := Line([]int{1, 2})
	figures, labels := make([]*Figure, 145), make([]int, 145)
	for i := range figures {
		figures[i], labels[i] = one, i
	}
	s := Slider("step", labels, figures)
	if n := len(s.labels); s.Err() != nil || n != 49 || s.labels[n-1] != "144" || s.labels[0] != "0" {
		t.Errorf("%v, %v", s.labels, s.Err())
	}
}
