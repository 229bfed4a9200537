// This file defines the scales of axes and where their ticks are.

package chart

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// scale maps values to places on an axis. It implements [plot.Normalizer]; what
// has no place is NaN, where gonum/plot's LogScale panics.
type scale struct {
	log  bool
	zero float64 // of a logarithmic scale that is linear around 0: up to where; else 0
}

func (s scale) warp(x float64) float64 {
	switch {
	case !s.log:
		return x
	case s.zero > 0:
		return math.Copysign(math.Log1p(math.Abs(x)/s.zero), x)
	case x <= 0:
		return math.NaN()
	}
	return math.Log(x)
}

// Normalize implements [plot.Normalizer].
func (s scale) Normalize(lo, hi, x float64) float64 {
	a, b := s.warp(lo)/2, s.warp(hi)/2 // since the range may be greater than the greatest number
	return (s.warp(x)/2 - a) / (b - a)
}

// axis is one axis of a chart.
type axis struct {
	scale
	lo, hi float64
	ticks  int      // about how many there is room for
	names  []string // at 0, 1, …, instead of numbers
	whole  bool     // ticks are whole numbers
	years  bool     // of four digits, without commas
}

const aroundZero = "the logarithmic axis is linear around 0, since there are values of 0 or less"

// fit sets the range to that of the data, or as asked for.
func (a *axis) fit(data [][]float64, asked *[2]float64, log bool) (note string) {
	lo, hi, ok := bounds(data...)
	if asked != nil {
		lo, hi, ok = min(asked[0], asked[1]), max(asked[0], asked[1]), true
	}
	if !ok {
		lo, hi = 0, 1
	}
	a.log = log
	if log && lo <= 0 {
		a.zero = math.Inf(1)
		for _, vs := range data {
			for _, v := range vs {
				if v != 0 && finite(v) {
					a.zero = min(a.zero, math.Abs(v))
				}
			}
		}
		// Not more than six decades: what is smaller is as good as 0.
		a.zero = max(a.zero, max(math.Abs(lo), math.Abs(hi))*1e-6)
		if !finite(a.zero) || a.zero == 0 {
			a.log, a.zero = false, 0
		}
		note = aroundZero
	}
	if lo == hi {
		switch {
		case a.log && a.zero == 0:
			lo, hi = lo/2, hi*2
		case lo == 0:
			hi = 1
		default:
			lo, hi = lo-math.Abs(lo)/2, hi+math.Abs(hi)/2
		}
	}
	a.lo, a.hi = lo, hi
	return note
}

// pad widens the range by a share of it.
func (a *axis) pad(below, above float64) {
	if a.log {
		w := a.warp(a.hi) - a.warp(a.lo)
		if a.zero > 0 {
			un := func(y float64) float64 { return math.Copysign(math.Expm1(math.Abs(y))*a.zero, y) }
			a.lo, a.hi = un(a.warp(a.lo)-w*below), un(a.warp(a.hi)+w*above)
		} else {
			a.lo, a.hi = math.Exp(a.warp(a.lo)-w*below), math.Exp(a.warp(a.hi)+w*above)
		}
		return
	}
	w := a.hi - a.lo
	if !finite(w) {
		return
	}
	a.lo, a.hi = a.lo-w*below, a.hi+w*above
}

// Ticks implements [plot.Ticker].
func (a *axis) Ticks(lo, hi float64) []plot.Tick {
	switch {
	case a.names != nil:
		return a.named(lo, hi)
	case a.log && a.zero > 0:
		return a.symmetric(lo, hi)
	case a.log:
		return a.decades(lo, hi)
	}
	return a.even(lo, hi)
}

// even places ticks at multiples of 1, 2, 2.5 or 5 times a power of ten.
func (a *axis) even(lo, hi float64) []plot.Tick {
	n := float64(max(a.ticks, 1)) // dividing first, since the range may be greater than the greatest number
	step := niceStep(0.85*(hi/n-lo/n), a.whole)
	if step <= 0 || !finite(step) || !finite(lo) || !finite(hi) {
		return nil
	}
	var out []plot.Tick
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+step*1e-9 && finite(i*step) && len(out) < 50; i++ {
		v := i * step
		if v == 0 {
			v = 0 // not -0
		}
		label := tickText(v, step)
		if a.years {
			label = strings.ReplaceAll(label, ",", "")
		}
		out = append(out, plot.Tick{Value: v, Label: label})
	}
	return out
}

// niceStep returns the least round number that is not below a step.
func niceStep(atLeast float64, whole bool) float64 {
	if atLeast <= 0 || !finite(atLeast) {
		return 0
	}
	if whole {
		atLeast = max(atLeast, 1)
	}
	power := math.Pow(10, math.Floor(math.Log10(atLeast)))
	for _, f := range []float64{1, 2, 2.5, 5, 10} {
		if whole && f == 2.5 && power < 10 {
			continue
		}
		if f*power >= atLeast*(1-1e-9) {
			return f * power
		}
	}
	return 10 * power
}

// decades places ticks at powers of ten, or more of them in a short range.
func (a *axis) decades(lo, hi float64) []plot.Tick {
	if lo <= 0 || hi <= lo {
		return nil
	}
	first, last := int(math.Floor(math.Log10(lo))), int(math.Ceil(math.Log10(hi)))
	n := math.Log10(hi / lo)
	every := max(int(math.Ceil(n/float64(max(a.ticks, 1)))), 1)
	var out []plot.Tick
	for e := first; e <= last; e++ {
		for m := 1; m <= 9; m++ {
			v := float64(m) * math.Pow(10, float64(e))
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			label := ""
			if m == 1 && e%every == 0 || n < 2 && (m == 2 || m == 5) || n < 0.5 {
				label = numberText(v)
			}
			if label != "" || every == 1 && n < 6 {
				out = append(out, plot.Tick{Value: v, Label: label})
			}
		}
	}
	return out
}

// symmetric places ticks at 0 and at powers of ten on both sides.
func (a *axis) symmetric(lo, hi float64) []plot.Tick {
	var out []plot.Tick
	big := max(math.Abs(lo), math.Abs(hi))
	first, last := int(math.Ceil(math.Log10(a.zero)-1e-9)), int(math.Floor(math.Log10(big)+1e-9))
	every := max((last-first+1+max(a.ticks-1, 1)-1)/max(a.ticks-1, 1), 1)
	if lo < 0 && hi > 0 {
		every *= 2
	}
	if lo <= 0 && hi >= 0 {
		out = append(out, plot.Tick{Value: 0, Label: "0"})
	}
	for e := last; e >= first; e -= every {
		v := math.Pow(10, float64(e))
		if v <= hi && v >= lo {
			out = append(out, plot.Tick{Value: v, Label: numberText(v)})
		}
		if -v >= lo && -v <= hi {
			out = append(out, plot.Tick{Value: -v, Label: numberText(-v)})
		}
	}
	return out
}

// named places a tick at each name for which there is room.
func (a *axis) named(lo, hi float64) []plot.Tick {
	every := max((len(a.names)+max(a.ticks, 1)-1)/max(a.ticks, 1), 1)
	var out []plot.Tick
	for i := 0; i < len(a.names); i += every {
		if v := float64(i); v >= lo && v <= hi {
			out = append(out, plot.Tick{Value: v, Label: a.names[i]})
		}
	}
	return out
}

// tickText writes a tick with the decimals that its distance from the next one
// needs.
func tickText(v, step float64) string {
	if a := max(math.Abs(v), step); a >= 1e15 || step < 1e-6 {
		return withExponent(v, 4)
	}
	if v != 0 && step >= 1e5 && math.Abs(v) >= 1e6 {
		return tickText(v/1e6, step/1e6) + "M"
	}
	decimals := 0
	for s := step; decimals < 8 && math.Abs(s-math.Round(s)) > 1e-6*s; decimals++ {
		s *= 10
	}
	return grouped(strconv.FormatFloat(v, 'f', decimals, 64))
}

// numberText writes a number for a reader, with four digits that count.
func numberText(v float64) string {
	a := math.Abs(v)
	switch {
	case !finite(v):
		return signed(strings.TrimPrefix(strconv.FormatFloat(v, 'g', -1, 64), "+"))
	case v == math.Trunc(v) && a < 1e7:
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	case a >= 1e7 || a < 1e-4:
		return withExponent(v, 4)
	case a >= 1000:
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return signed(strconv.FormatFloat(v, 'g', 4, 64))
}

// withExponent writes a number with some digits, as 1.5e−6 if it is very small or
// large.
func withExponent(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'g', digits, 64)
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok {
		return signed(s)
	}
	n, _ := strconv.Atoi(exponent)
	return signed(mantissa) + "e" + signed(strconv.Itoa(n))
}

// signed writes a minus sign for the hyphen in front.
func signed(s string) string {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return "−" + rest
	}
	return s
}

// grouped puts commas into the digits before the point.
func grouped(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	whole, fraction, point := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		whole += "." + fraction
	}
	return sign + whole
}
