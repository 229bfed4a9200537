// This file draws how good answers are that come with a degree of certainty.

package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// ROC draws, for each threshold of a score, how many of class 1 are found against
// how many of class 0 are taken for it, and tells the area under the curve: the
// chance that one of class 1 has a higher score than one of class 0 (Hanley and
// McNeil, 1982). truth is a slice of 0 and 1, scores one of numbers; Series adds
// those of another model. With more classes, scores has a column for each, and
// each class has a curve against the rest; Classes names them.
func ROC(truth, scores any, options ...Option) *Figure {
	return answers(roc, truth, scores, options, func(_ *settings, truth []bool, scores []float64) (outcome, error) {
		at, err := ranked(truth, scores)
		if err != nil {
			return outcome{}, err
		}
		o := outcome{}
		last := at[len(at)-1]
		for i, k := range at {
			o.x, o.y = append(o.x, float64(k.wrong)/float64(last.wrong)), append(o.y, float64(k.right)/float64(last.right))
			if i > 0 {
				o.value += (o.x[i] - o.x[i-1]) * (o.y[i] + o.y[i-1]) / 2
			}
		}
		return o, nil
	})
}

// PrecisionRecall draws, for each threshold of a score, how many of those taken
// for class 1 are of it against how many of class 1 are found, and tells the
// average precision: its mean over the recall. It takes what [ROC] does. The
// dashed line is what guessing gives.
func PrecisionRecall(truth, scores any, options ...Option) *Figure {
	return answers(precisionRecall, truth, scores, options, func(_ *settings, truth []bool, scores []float64) (outcome, error) {
		at, err := ranked(truth, scores)
		if err != nil {
			return outcome{}, err
		}
		o := outcome{}
		last := at[len(at)-1]
		o.guess = float64(last.right) / float64(last.right+last.wrong)
		for _, k := range at[1:] {
			precision, recall := float64(k.right)/float64(k.right+k.wrong), float64(k.right)/float64(last.right)
			before := 0.0
			if n := len(o.x); n > 0 {
				before = o.x[n-1]
			} else {
				o.x, o.y = append(o.x, 0), append(o.y, precision)
			}
			o.value += (recall - before) * precision
			o.x, o.y = append(o.x, recall), append(o.y, precision)
		}
		return o, nil
	})
}

// Calibration draws how often answers are right against how sure they were, in
// ten ranges, or as many as Bins says: well calibrated ones are on the dashed
// line. It tells the expected calibration error, the mean distance from it (Guo
// and others, 2017). truth is a slice of 0 and 1 and probabilities those of class
// 1; or truth has class numbers and probabilities a column for each class, of
// which the greatest is compared. The larger a dot, the more answers it stands
// for.
func Calibration(truth, probabilities any, options ...Option) *Figure {
	return answers(calibration, truth, probabilities, options, func(s *settings, truth []bool, p []float64) (outcome, error) {
		n := cmp.Or(s.bins, 10)
		sums, right, count := make([]float64, n), make([]float64, n), make([]float64, n)
		all := 0.0
		for i, v := range p {
			if !finite(v) {
				continue
			}
			if v < 0 || v > 1+1e-6 {
				return outcome{}, fmt.Errorf("probability %d is %v: numbers from 0 to 1 were expected", i, v)
			}
			k := min(int(v*float64(n)), n-1)
			sums[k] += v
			count[k]++
			all++
			if truth[i] {
				right[k]++
			}
		}
		o := outcome{}
		for k, c := range count {
			if c > 0 {
				o.x, o.y, o.weight = append(o.x, sums[k]/c), append(o.y, right[k]/c), append(o.weight, c/all)
				o.value += c / all * math.Abs(right[k]-sums[k]) / c
			}
		}
		if o.x == nil {
			return o, fmt.Errorf("there are no probabilities")
		}
		return o, nil
	})
}

// outcome is one curve.
type outcome struct {
	series
	value  float64   // the figure that sums it up
	guess  float64   // of a curve of precision: what guessing gives
	weight []float64 // of a calibration: shares of the answers
}

// standing is how many are right and wrong above a threshold.
type standing struct{ right, wrong int }

// ranked counts, from the highest score to the lowest, equal ones at once.
func ranked(truth []bool, scores []float64) ([]standing, error) {
	order := make([]int, 0, len(scores))
	for i, v := range scores {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	out := []standing{{}}
	var now standing
	for k, i := range order {
		if truth[i] {
			now.right++
		} else {
			now.wrong++
		}
		if k+1 == len(order) || scores[order[k+1]] != scores[i] {
			out = append(out, now)
		}
	}
	if now.right == 0 || now.wrong == 0 {
		return nil, fmt.Errorf("all answers are of one class: both were expected")
	}
	return out, nil
}

// wide tells whether scores are a tensor with several columns.
func wide(scores any) bool {
	r, ok := scores.(rower)
	if !ok || isNil(scores) {
		return false
	}
	size := 1
	for _, d := range r.ExampleShape() {
		size *= d
	}
	return size > 1
}

// answers makes a figure of curves, one for each series or class.
func answers(k kind, truth, scores any, options []Option, judge func(s *settings, truth []bool, scores []float64) (outcome, error)) *Figure {
	return build(k, options, func(s *settings) (layout, error) {
		t, err := classes("truth", truth, maxClasses)
		if err != nil {
			return nil, err
		}
		if len(t) == 0 {
			return nil, fmt.Errorf("there are no answers")
		}
		r := &ratings{kind: k}
		add := func(name string, truth []bool, scores []float64) error {
			if len(scores) != len(t) {
				return fmt.Errorf("there are %d true classes and %d scores", len(t), len(scores))
			}
			lost := 0
			for _, v := range scores {
				if math.IsNaN(v) {
					lost++
				}
			}
			r.lost += lost
			one, err := judge(s, truth, scores)
			one.name = name
			r.curves = append(r.curves, one)
			return err
		}
		isOne := make([]bool, len(t))
		if all, err := s.all("the scores", scores); err == nil && !wide(scores) {
			for i, c := range t {
				if isOne[i] = c == 1; c > 1 {
					return nil, fmt.Errorf("truth has a class %d and there is one score for each: a column for each class was expected", c)
				}
			}
			for _, one := range all {
				if err := add(one.name, isOne, one.y); err != nil {
					return nil, err
				}
			}
			return r.layout, nil
		}
		rows, err := matrix("the scores", scores)
		if err != nil {
			return nil, err
		}
		if len(rows) != len(t) || len(rows[0]) <= slices.Max(t) {
			return nil, fmt.Errorf("there are %d true classes, up to %d, and scores of %d × %d", len(t), slices.Max(t), len(rows), columnsOf(rows))
		}
		if k == calibration {
			best := make([]float64, len(t))
			for i, row := range rows {
				c := 0
				for j, v := range row {
					if v > row[c] {
						c = j
					}
				}
				best[i], isOne[i] = row[c], c == t[i]
			}
			return r.layout, add(s.name, isOne, best)
		}
		for c := range rows[0] {
			if !slices.Contains(t, c) {
				continue
			}
			mine := make([]float64, len(t))
			for i, row := range rows {
				mine[i], isOne[i] = row[c], t[i] == c
			}
			name := fmt.Sprint(c)
			if c < len(s.classes) {
				name = s.classes[c]
			}
			if err := add(name, isOne, mine); err != nil {
				return nil, err
			}
		}
		return r.layout, nil
	})
}

func columnsOf(rows [][]float64) int {
	if len(rows) == 0 {
		return 0
	}
	return len(rows[0])
}

// ratings is a chart of answers.
type ratings struct {
	frame
	kind   kind
	curves []outcome
	lost   int
}

// words are what a kind calls its axes and its figure.
func (r *ratings) words() (x, y, figure string) {
	switch r.kind {
	case roc:
		return r.say("false positives"), r.say("true positives"), r.say("area under the curve")
	case precisionRecall:
		return r.say("recall"), r.say("precision"), r.say("average precision")
	}
	return r.say("probability"), r.say("right"), r.say("expected calibration error")
}

func (r ratings) layout(s *settings) drawing {
	if !s.sized { // about square
		s.width = min(s.width, 460)
	}
	r.frame = frame{settings: s}
	x, y, figure := r.words()
	s.xlabel, s.ylabel = cmp.Or(s.xlabel, x), cmp.Or(s.ylabel, y)
	r.x.lo, r.x.hi, r.y.lo, r.y.hi = 0, 1, 0, 1
	r.x.ticks, r.y.ticks = 5, 5
	r.y.pad(0, 0.03)
	r.x.pad(0, 0.02)
	switch {
	case len(r.curves) == 1:
		r.notes = append(r.notes, figure+" "+rounded(r.curves[0].value))
	default:
		r.notes = append(r.notes, r.say("%s:", figure))
		for i, c := range r.curves {
			r.legend = append(r.legend, key{name: shortened(cmp.Or(c.name, r.say("series %d", i+1)), 28) + " " + rounded(c.value), color: colorOf(i)})
		}
	}
	if r.lost > 0 {
		r.notes = append(r.notes, r.leftOut(r.lost, "score"))
	}
	r.plotters = append(r.plotters, &r)
	return &r
}

func rounded(v float64) string { return fmt.Sprintf("%.3f", v) }

// Plot implements [plot.Plotter].
func (r *ratings) Plot(c draw.Canvas, p *plot.Plot) {
	at := func(x, y float64) vg.Point { return vg.Point{X: c.X(p.X.Norm(x)), Y: c.Y(p.Y.Norm(y))} }
	from, to := at(0, 0), at(1, 1)
	if r.kind == precisionRecall {
		from, to = at(0, r.curves[0].guess), at(1, r.curves[0].guess)
	}
	if r.kind != precisionRecall || len(r.curves) == 1 {
		c.StrokeLine2(draw.LineStyle{Color: canvas.Soft, Width: 1, Dashes: []vg.Length{4, 3}}, from.X, from.Y, to.X, to.Y)
	}
	for i, one := range r.curves {
		line := curve{series: one.series, color: colorOf(i)}
		if i >= len(canvas.Palette) {
			line.dashes = []vg.Length{6, 3}
		}
		line.stroke(c, p, one.y, draw.LineStyle{Color: line.color, Width: lineWidth, Dashes: line.dashes})
		for k, w := range one.weight {
			disc(c, at(one.x[k], one.y[k]), vg.Length(2+10*math.Sqrt(w)), faded(line.color, 0.75))
		}
	}
}

func (r *ratings) describe() string {
	_, _, figure := r.words()
	name := map[kind]string{roc: "ROC curve", precisionRecall: "precision and recall", calibration: "calibration"}[r.kind]
	parts := make([]string, len(r.curves))
	for i, c := range r.curves {
		parts[i] = strings.TrimSpace(c.name + " " + rounded(c.value))
	}
	return r.say("%s, %s: %s", r.say(name), figure, strings.Join(parts, r.say(", ")))
}

func (r *ratings) data() any {
	out := chartData{Kind: strings.ToLower(r.kind.String())}
	for _, c := range r.curves {
		one := jsonSeries([]series{c.series})[0]
		one.Value = &c.value
		out.Series = append(out.Series, one)
	}
	return out
}
