// This file says in words how far a training is.

package live

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// progress is the state in one line.
func (s state) progress() string {
	var parts []string
	switch r := s.end; {
	case r == nil:
		parts = append(parts,
			s.say("epoch %d/%d", s.step.Epoch, s.step.Epochs),
			thousands(s.step.Batch)+"/"+thousands(s.step.Batches))
		if s.step.Batch > 0 || s.step.Epoch > 1 {
			parts = append(parts, s.say("ETA %s", clock(s.step.ETA)))
			parts = append(parts, s.figures("%s", s.step.Loss, s.step.Metrics)...)
		}
	default:
		switch {
		case r.Failure != "":
			parts = append(parts, r.Failure)
		case r.Stopped:
			parts = append(parts, s.stopped())
		}
		parts = append(parts, s.say("%d/%d epochs", len(r.Epochs), s.info.Epochs), seconds(r.Seconds))
		if n := len(r.Epochs); n > 0 {
			e := r.Epochs[n-1]
			parts = append(parts, s.figures("%s", e.Loss, e.Metrics)...)
			if s.info.Val {
				parts = append(parts, s.figures(s.say("val %s"), e.ValLoss, e.ValMetrics)...)
			}
		}
	}
	return strings.Join(parts, " · ")
}

// speed says how fast the training is and with which learning rate, or, if that is
// not known, how the weights are changed; the most important first.
func (s state) speed() []string {
	var out []string
	rate := s.step.PerSecond
	if s.end != nil {
		rate = 0
		if s.end.Seconds > 0 {
			rate = float64(s.end.Steps) * float64(s.info.Examples) / float64(max(s.info.Batches, 1)) / s.end.Seconds
		}
	}
	if rate >= 1 && rate < 1e12 {
		out = append(out, s.say("%s examples/s", thousands(int(math.Round(rate)))))
	}
	switch {
	case s.step.LearningRate > 0:
		out = append(out, s.say("learning rate %s", strconv.FormatFloat(s.step.LearningRate, 'g', 3, 64)))
	case s.info.Optimizer != "":
		out = append(out, s.info.Optimizer)
	}
	return out
}

// failure returns what the curve itself says of a training that failed.
func (s state) failure(points []Point) string {
	for _, p := range points {
		if math.IsNaN(p.Loss) || math.IsInf(p.Loss, 0) {
			return s.say("loss became %v at step %s", p.Loss, thousands(int(math.Round(p.Epoch*float64(s.info.Batches)))))
		}
	}
	return ""
}

// stopped says where a training ended before its time.
func (s state) stopped() string { return s.say("stopped after step %s", thousands(s.end.Steps)) }

// figures names the loss and metrics, each as the format has it, with their values.
func (s state) figures(named string, loss float64, metrics []float64) []string {
	out := []string{fmt.Sprintf(named, s.say("loss")) + " " + figure(loss)}
	for i, v := range metrics {
		if i < len(s.info.Metrics) {
			out = append(out, fmt.Sprintf(named, s.short(s.info.Metrics[i]))+" "+figure(v))
		}
	}
	return out
}

// text is the state in words: the progress, the curves as a line of bars, and
// what there was to warn of.
func (s state) text() string {
	lines := []string{s.progress()}
	if l := strings.Join(s.speed(), " · "); l != "" {
		lines = append(lines, l)
	}
	if s.end != nil {
		points := s.points()
		if l := sparkline(s.say("loss"), points, func(p Point) float64 { return p.Loss }); l != "" {
			lines = append(lines, l)
		}
		if len(s.info.Metrics) > 0 {
			if l := sparkline(s.short(s.info.Metrics[0]), points, func(p Point) float64 { return p.Metric }); l != "" {
				lines = append(lines, l)
			}
		}
	}
	for _, w := range s.warnings() {
		lines = append(lines, s.say("warning: %s", w))
	}
	return strings.Join(lines, "\n")
}

func (s state) points() []Point {
	if s.end != nil {
		return s.end.Points
	}
	return s.step.Points
}

func (s state) epochs() []Epoch {
	if s.end != nil {
		return s.end.Epochs
	}
	return s.step.Done
}

func (s state) warnings() []string {
	if s.end != nil {
		return s.end.Warnings
	}
	return s.info.Warnings
}

// short is the name of a metric where there is little room.
func (s state) short(metric string) string {
	if metric == "accuracy" {
		metric = "acc"
	}
	return s.name(metric)
}

const sparkWidth = 40

// sparkline draws a curve with characters, its first and last value beside it.
func sparkline(name string, points []Point, f func(Point) float64) string {
	var values []float64
	for _, p := range points {
		if v := f(p); !math.IsNaN(v) && !math.IsInf(v, 0) {
			values = append(values, v)
		}
	}
	if len(values) < 2 {
		return ""
	}
	n := min(sparkWidth, len(values))
	means := make([]float64, n)
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range means {
		from, to := i*len(values)/n, (i+1)*len(values)/n
		for _, v := range values[from:to] {
			means[i] += v / float64(to-from)
		}
		lo, hi = min(lo, means[i]), max(hi, means[i])
	}
	bars := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range means {
		k := 0
		if hi > lo {
			k = min(int((v/2-lo/2)/(hi/2-lo/2)*float64(len(bars))), len(bars)-1)
		}
		b.WriteRune(bars[k])
	}
	return fmt.Sprintf("%s %s %s → %s", name, b.String(), figure(means[0]), figure(means[n-1]))
}

// figure writes a loss or metric with three decimals, a tiny one with an
// exponent.
func figure(v float64) string {
	if a := math.Abs(v); a != 0 && a < 0.001 || a >= 1e6 {
		return strconv.FormatFloat(v, 'e', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

// clock writes a duration as m:ss or h:mm:ss.
func clock(d time.Duration) string {
	s := int(max(d, 0).Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// seconds writes how long something took.
func seconds(s float64) string {
	if s < 60 {
		return fmt.Sprintf("%.1f s", s)
	}
	return (time.Duration(min(s, 1e9)) * time.Second).String()
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
