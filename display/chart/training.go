// This file draws what tells how to train a network: how gradients flow, and
// which learning rate suits.

package chart

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Gradients draws how large the gradient is in each layer, on a logarithmic axis:
// grads is a number for each, such as the gradient's norm, or all values of each
// layer's gradient, as a slice of slices or tensors, of which the mean and the
// greatest absolute value are drawn. Where bars fall from layer to layer towards
// the input the gradient vanishes, where they grow it explodes. A layer that no
// gradient reaches is named.
func Gradients(layers, grads any, options ...Option) *Figure {
	return build(gradients, options, func(s *settings) (layout, error) {
		labels, err := names("the layers", layers)
		if err != nil {
			return nil, err
		}
		all, err := magnitudes(grads)
		if err != nil {
			return nil, err
		}
		if len(labels) != len(all[0].y) {
			return nil, fmt.Errorf("there are %d layers and %d gradients", len(labels), len(all[0].y))
		}
		f := flow{absent: map[int]string{}}
		for i, v := range all[0].y {
			switch {
			case v == 0:
				f.absent[i] = "0"
				f.dead = append(f.dead, labels[i])
			case !finite(v):
				f.absent[i] = numberText(v)
				f.broken = append(f.broken, labels[i])
			}
		}
		for _, one := range all {
			for i, v := range one.y {
				if v == 0 || !finite(v) {
					one.y[i] = math.NaN()
				}
			}
		}
		return func(s *settings) drawing { return f.arranged(s, labels, all) }, nil
	})
}

// magnitudes returns the sizes of gradients, as one series or, if all values were
// given, as their mean and their greatest.
func magnitudes(grads any) ([]series, error) {
	if one, err := numbers("the gradients", grads); err == nil {
		for i, v := range one {
			one[i] = math.Abs(v)
		}
		return []series{{y: one}}, nil
	}
	v := reflect.Indirect(reflect.ValueOf(grads))
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("the gradients are %s; a number for each layer, or a slice of them, was expected", typeText(grads))
	}
	mean, most := series{name: "mean"}, series{name: "greatest"}
	for i := range v.Len() {
		values, err := flat(fmt.Sprintf("gradient %d", i), v.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		if len(values) == 0 {
			return nil, fmt.Errorf("gradient %d has no values", i)
		}
		sum, top := 0.0, 0.0
		for _, v := range values {
			sum += math.Abs(v)
			top = max(top, math.Abs(v))
		}
		mean.y, most.y = append(mean.y, sum/float64(len(values))), append(most.y, top)
	}
	return []series{mean, most}, nil
}

// flow is a chart of gradients.
type flow struct {
	*bars
	dead, broken []string       // layers whose gradient is 0, and NaN or infinite
	absent       map[int]string // what is written for them
}

func (f flow) arranged(s *settings, labels []string, all []series) drawing {
	s.logY = true
	all = slices.Clone(all)
	for i, one := range all {
		all[i].name = s.say(one.name)
	}
	f.bars = newBars(s, labels, all)
	if f.digits, f.bars.absent = 2, f.absent; f.upright {
		s.xlabel = cmp.Or(s.xlabel, s.say("size of the gradient"))
	} else {
		s.ylabel = cmp.Or(s.ylabel, s.say("size of the gradient"))
	}
	f.notes = nil // its words on what is left out
	if f.dead != nil {
		f.notes = append(f.notes, s.say("no gradient reaches %s", strings.Join(f.dead, s.say(", "))))
	}
	if f.broken != nil {
		f.notes = append(f.notes, s.say("NaN or infinite in %s", strings.Join(f.broken, s.say(", "))))
	}
	return &f
}

func (f *flow) describe() string {
	s := f.say("gradient by layer: %s", f.listed())
	return strings.Join(append([]string{s}, f.notes...), f.say("; "))
}

func (f *flow) data() any {
	return chartData{Kind: "gradients", Series: jsonSeries(f.all), Names: f.labels}
}

// LRFinder draws the loss against the learning rate of a short training in which
// the rate grew from step to step (Smith, 2017, "Cyclical Learning Rates for
// Training Neural Networks"). It marks where the loss falls fastest, which is a
// good rate to train with, and leaves out where the loss explodes.
func LRFinder(rates, losses any, options ...Option) *Figure {
	return build(finder, options, func(s *settings) (layout, error) {
		x, err := numbers("the rates", rates)
		if err != nil {
			return nil, err
		}
		y, err := numbers("the losses", losses)
		if err != nil {
			return nil, err
		}
		if len(x) != len(y) {
			return nil, fmt.Errorf("there are %d rates and %d losses", len(x), len(y))
		}
		for i, v := range x {
			if !(v > 0) || !finite(v) || i > 0 && v <= x[i-1] {
				return nil, fmt.Errorf("rate %d is %v: rates above 0, each greater than the one before, were expected", i, v)
			}
		}
		r := rateCurve{one: series{x: x, y: y}}
		r.search()
		return r.layout, nil
	})
}

// rateCurve is the loss by learning rate.
type rateCurve struct {
	*lines
	one      series
	smooth   int
	mean     []float64
	steepest int // place of the fastest fall, -1 if there is none
	least    int // and of the least loss
}

// upset is how many times the lowest smoothed loss ends the part of the curve that is
// looked at: what falls behind it falls back from an explosion.
const upset = 1.5

// search finds where the smoothed loss falls fastest, by the factor of the rate, on its
// way to the lowest; the slope is taken over a twelfth of the curve, since that of
// neighbours is mostly noise. nn.RateCurve.Suggestion is found in the same way.
func (r *rateCurve) search() {
	r.smooth = max(len(r.one.y)/12, 1)
	r.mean = smoothed(r.one.y, max(r.smooth, 2))
	r.steepest, r.least = -1, -1
	first := 0
	for i, v := range r.mean {
		if !finite(v) {
			if i > 0 {
				break // what comes after an explosion is of no use
			}
			first = 1
			continue
		}
		if r.least < 0 || v < r.mean[r.least] {
			r.least = i
		}
		if v > upset*r.mean[r.least] && r.mean[r.least] > 0 {
			break
		}
	}
	fastest, reach := 0.0, max(len(r.mean)/24, 1)
	for i := first; i < r.least; i++ {
		lo, hi := max(i-reach, first), min(i+reach, r.least)
		if slope := (r.mean[hi] - r.mean[lo]) / math.Log(r.one.x[hi]/r.one.x[lo]); slope < fastest {
			fastest, r.steepest = slope, i
		}
	}
}

func (r rateCurve) layout(s *settings) drawing {
	s.logX, s.smooth = true, r.smooth
	if s.xlabel == "" {
		s.xlabel = s.say("learning rate")
	}
	if s.ylabel == "" {
		s.ylabel = s.say("loss")
	}
	if r.steepest >= 0 {
		s.marks = append(s.marks, mark{r.one.x[r.steepest], s.say("falls fastest at %s", withExponent(r.one.x[r.steepest], 2)), false})
	}
	if s.yrange == nil && r.least >= 0 {
		var start float64 // the first mean
		for _, v := range r.mean {
			if finite(v) {
				start = v
				break
			}
		}
		low := r.mean[r.least]
		if rise := start - low; rise > 0 {
			s.yrange = &[2]float64{low - 0.15*rise, start + 0.5*rise}
		}
	}
	r.lines = newLines(s, []series{r.one})
	return &r
}

func (r *rateCurve) describe() string {
	s := r.say("loss by learning rate: %s", r.series(r.one))
	if r.least >= 0 {
		s += r.say("; least at a rate of about %s", numberText(r.one.x[r.least]))
	}
	if r.steepest >= 0 {
		s += r.say(", falls fastest at about %s", numberText(r.one.x[r.steepest]))
	}
	return s
}

func (r *rateCurve) data() any {
	return chartData{Kind: "lrfinder", Series: jsonSeries([]series{r.one})}
}
