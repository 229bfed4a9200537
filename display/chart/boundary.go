// This file draws what a model takes each place of a plane for.

package chart

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// Boundary colours the plane by the class that predict gives to each place, and
// draws the points in the colours of their labels, class numbers from 0; the
// labels may be nil for a data set that knows its own. Points that predict takes
// for another class have a red ring.
//
// predict is a function of x and y, numbers of type float64, or of all places at
// once, [][]float64 or [][]float32. It returns for each the number of a class as
// an int, or the probability of class 1, or the probabilities of all classes; the
// paler a place, the less sure it is. Numbers outside of 0 to 1 are scores, the
// boundary at 0. It may return an error, too. A model with a method Predict, as those
// of the engine, may stand in its place. XRange and YRange say which part of the
// plane, Resolution at how many places it is asked.
func Boundary(predict, points, labels any, options ...Option) *Figure {
	return build(boundary, options, func(s *settings) (layout, error) {
		if f := modelPredict(predict); f != nil {
			predict = f
		}
		if predict == nil || !isFunc(predict) {
			return nil, fmt.Errorf("predict is %s; a function or a model was expected", typeText(predict))
		}
		rows, err := matrix("the points", points)
		if err != nil {
			return nil, err
		}
		if labels == nil {
			if l, ok := points.(labelled); ok && l.HasLabels() {
				own := make([]int, len(rows))
				for i := range own {
					own[i] = l.Label(i)
				}
				labels = own
				if s.classes == nil {
					s.classes = l.Classes()
				}
			}
		}
		t := territory{}
		if t.labels, err = classes("labels", labels, maxClasses); err != nil {
			return nil, err
		}
		if len(rows) != len(t.labels) {
			return nil, fmt.Errorf("there are %d points and %d labels", len(rows), len(t.labels))
		}
		for i, row := range rows {
			if len(row) != 2 {
				return nil, fmt.Errorf("point %d has %d numbers: 2 were expected", i, len(row))
			}
			t.x, t.y = append(t.x, row[0]), append(t.y, row[1])
		}
		x, y := padded(0.1, t.x), padded(0.1, t.y)
		if s.xrange != nil {
			x = *s.xrange
		}
		if s.yrange != nil {
			y = *s.yrange
		}
		t.field = s.newField(x, y)
		given, class, err := t.fill("predict", predict, t.x, t.y)
		if err != nil {
			return nil, err
		}
		if err := t.decide(given, class); err != nil {
			return nil, err
		}
		return t.layout, nil
	})
}

// territory is a plane that is shared out among classes.
type territory struct {
	frame
	*field  // its values are the probabilities of the classes
	x, y    []float64
	labels  []int
	wrong   []bool
	classes int
	sure    bool // predict said only which class
}

// decide makes probabilities of what predict returned for the corners, and
// compares what it returned for the points with their labels.
func (t *territory) decide(given [][]float64, class bool) error {
	for _, l := range t.labels {
		t.classes = max(t.classes, l+1)
	}
	taken := make([]int, len(t.x)) // which class each point was taken for
	switch {
	case class && len(t.values) == 1:
		t.sure = true
		for _, v := range slices.Concat(t.values[0], given[0]) {
			if v < 0 || v >= maxClasses {
				return fmt.Errorf("predict returned %v: class numbers from 0 to %d were expected", v, maxClasses-1)
			}
			t.classes = max(t.classes, int(v)+1)
		}
		for i, v := range given[0] {
			taken[i] = int(v)
		}
		corners := t.values[0]
		t.values = make([][]float64, t.classes)
		for c := range t.values {
			t.values[c] = make([]float64, len(corners))
			for k, v := range corners {
				if int(v) == c {
					t.values[c][k] = 1
				}
			}
			t.soften(t.values[c])
		}
	case len(t.values) == 1:
		one := t.values[0]
		middle := 0.5
		if lo, hi, _ := bounds(one, given[0]); lo < 0 || hi > 1 { // scores
			middle = 0
			for k, v := range one {
				one[k] = 1 / (1 + math.Exp(-v))
			}
		}
		for i, v := range given[0] {
			if v > middle {
				taken[i] = 1
			}
		}
		zero := make([]float64, len(one))
		for k, v := range one {
			zero[k] = 1 - v
		}
		t.values = [][]float64{zero, one}
		t.classes = max(t.classes, 2)
	default:
		t.classes = max(t.classes, len(t.values))
		if t.classes > maxClasses {
			return fmt.Errorf("predict returned %d numbers: at most %d classes were expected", t.classes, maxClasses)
		}
		for c, values := range given {
			for i, v := range values {
				if v > given[taken[i]][i] {
					taken[i] = c
				}
			}
		}
	}
	t.wrong = make([]bool, len(t.x))
	for i, c := range taken {
		t.wrong[i] = c != t.labels[i]
	}
	return nil
}

// class returns which class a place has, -1 for none, and how sure that is, from 0
// to 1. The place is in cells.
func (t *territory) class(u, v float64) (c int, certainty float64) {
	best, second := math.Inf(-1), math.Inf(-1)
	c = -1
	for k, values := range t.values {
		switch p := t.between(values, u, v); {
		case p > best:
			c, best, second = k, p, best
		case p > second:
			second = p
		}
	}
	switch {
	case !finite(best):
		return -1, 0
	case t.sure || len(t.values) == 1 || !finite(second):
		return c, 0.6
	}
	return c, min(max(best-second, 0), 1)
}

func (t territory) layout(s *settings) drawing {
	t.frame = frame{settings: s, covered: true}
	t.frame.x.lo, t.frame.x.hi, t.frame.y.lo, t.frame.y.hi = t.x0, t.x1, t.y0, t.y1
	t.frame.x.ticks, t.frame.y.ticks = s.ticksWide(), s.ticksHigh()
	outside, wrong := 0, 0
	for i := range t.x {
		if !(t.x[i] >= t.x0 && t.x[i] <= t.x1 && t.y[i] >= t.y0 && t.y[i] <= t.y1) {
			outside++
		} else if t.wrong[i] {
			wrong++
		}
	}
	if wrong > 0 {
		t.notes = append(t.notes, t.say("%d of %s on the wrong side, ringed", wrong, t.count(len(t.x), "point")))
	}
	if outside > 0 {
		t.notes = append(t.notes, t.say("%s outside of what is shown", t.count(outside, "point")))
	}
	for c := range t.classes {
		if c < len(s.classes) || len(s.classes) == 0 && t.classes <= 10 {
			t.legend = append(t.legend, key{name: t.name(c), color: colorOf(c)})
		}
	}
	t.plotters = append(t.plotters, &t)
	return &t
}

func (t *territory) name(class int) string {
	if class < len(t.settings.classes) {
		return shortened(t.settings.classes[class], 28)
	}
	return t.say("class %d", class)
}

// Plot implements [plot.Plotter].
func (t *territory) Plot(c draw.Canvas, p *plot.Plot) {
	c.DrawImage(c.Rectangle, t.picture(int(c.Max.X-c.Min.X), int(c.Max.Y-c.Min.Y)))
	// The line between a class and the others; between two, one is enough.
	line := draw.LineStyle{Color: canvas.Strong, Width: 1}
	for k := range t.values {
		if k == 0 && len(t.values) == 2 {
			continue
		}
		ahead := slices.Clone(t.values[k])
		for i := range ahead {
			rest := math.Inf(-1)
			for other, values := range t.values {
				if other != k {
					rest = max(rest, values[i])
				}
			}
			ahead[i] -= rest
		}
		t.lines(c, ahead, 0, line)
	}
	radius := vg.Length(3.5)
	if len(t.x) > 500 {
		radius = 2.5
	}
	for i := range t.x {
		at := vg.Point{X: c.X(p.X.Norm(t.x[i])), Y: c.Y(p.Y.Norm(t.y[i]))}
		if !drawable(at) || !c.Contains(at) {
			continue
		}
		disc(c, at, radius+1, color.White)
		disc(c, at, radius, colorOf(t.labels[i]))
		if t.wrong[i] {
			c.SetLineStyle(draw.LineStyle{Color: canvas.Bad, Width: 1.5})
			c.Stroke(circle(at, radius+2.5))
		}
	}
}

// lines draws where values equal a level.
func (f *field) lines(c draw.Canvas, values []float64, level float64, style draw.LineStyle) {
	dx, dy := (c.Max.X-c.Min.X)/vg.Length(f.nx-1), (c.Max.Y-c.Min.Y)/vg.Length(f.ny-1)
	for _, l := range f.contour(values, level) {
		pts := make([]vg.Point, len(l))
		for i, at := range l {
			pts[i] = vg.Point{X: c.Min.X + vg.Length(at.u)*dx, Y: c.Min.Y + vg.Length(at.v)*dy}
		}
		c.StrokeLines(style, straightened(pts))
	}
}

// straightened leaves out the points of a line that are as good as on it: a
// quarter of a pixel (Ramer, 1972; Douglas and Peucker, 1973).
func straightened(pts []vg.Point) []vg.Point {
	if len(pts) < 3 {
		return pts
	}
	a, b := pts[0], pts[len(pts)-1]
	far, at := 0.0, 0
	for i, p := range pts[1 : len(pts)-1] {
		d := math.Hypot(float64(p.X-a.X), float64(p.Y-a.Y))
		if length := math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)); length > 1e-9 {
			d = math.Abs(float64((b.X-a.X)*(p.Y-a.Y)-(b.Y-a.Y)*(p.X-a.X))) / length
		}
		if d > far {
			far, at = d, i+1
		}
	}
	if far < 0.25 {
		return []vg.Point{a, b}
	}
	left := straightened(pts[:at+1])
	return append(left[:len(left)-1:len(left)-1], straightened(pts[at:])...)
}

// steps is how many degrees of certainty are told apart.
const steps = 12

// picture is the plane in the colours of the classes, a pixel for each of the
// page. Few colours make a small file.
func (t *territory) picture(w, h int) image.Image {
	w, h = max(w, 1), max(h, 1)
	colors := color.Palette{color.Transparent}
	shadesOf := min(t.classes, len(canvas.Palette))
	for k := range shadesOf {
		for n := range steps {
			colors = append(colors, faded(colorOf(k), 0.1+0.45*float64(n)/(steps-1)))
		}
	}
	img := image.NewPaletted(image.Rect(0, 0, w, h), colors)
	for j := range h {
		for i := range w {
			u := (float64(i) + 0.5) / float64(w) * float64(t.nx-1)
			v := (1 - (float64(j)+0.5)/float64(h)) * float64(t.ny-1)
			if c, certainty := t.class(u, v); c >= 0 {
				img.Pix[j*w+i] = uint8(1 + c%shadesOf*steps + int(math.Round(certainty*(steps-1))))
			}
		}
	}
	return img
}

func (t *territory) describe() string {
	counts := make([]int, t.classes)
	for _, l := range t.labels {
		counts[l]++
	}
	parts := make([]string, t.classes)
	for c, n := range counts {
		parts[c] = fmt.Sprintf("%s %d", t.name(c), n)
	}
	wrong := 0
	for _, w := range t.wrong {
		if w {
			wrong++
		}
	}
	return t.say("decision boundary of %d classes and %s (%s); %d on the wrong side", t.classes, t.count(len(t.x), "point"), strings.Join(parts, t.say(", ")), wrong)
}

func (t *territory) data() any {
	out := chartData{Kind: "boundary", Series: jsonSeries([]series{{x: t.x, y: t.y}})}
	// What each corner is taken for, thinned.
	every := max(t.nx/20, 1)
	for j := 0; j < t.ny; j += every {
		var row jsonNums
		for i := 0; i < t.nx; i += every {
			c, _ := t.class(float64(i), float64(j))
			row = append(row, float64(c))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
