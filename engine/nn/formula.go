// This file has the formulas of every kind of layer, forward and backward, and writes
// one number of each in full.

package nn

import (
	"fmt"
	"math"
	"strings"

	"cajal/engine/grad"
)

// A formula says in words and symbols what a layer computes. {x} is what it reads, {W},
// {b} and so on are its parameters, {g} the gradient of what it gives before its
// activation, {k} and {n} its window and how many numbers that has.
type formula struct {
	forward string
	params  string // gradient of the first parameter
	others  string // of those behind it; "" is as the first
	inputs  string // gradient of what it reads
}

var formulas = map[string]formula{
	"Dense":              {"{x} {W} + {b}", "{x}ᵀ {g}", "Σ {g}", "{g} {W}ᵀ"},
	"Conv1D":             {"{x} * {W} + {b}", "{x} correlated with {g}", "Σ {g} over the places", "{g} * {W} turned round"},
	"Conv2D":             {"{x} * {W} + {b}", "{x} correlated with {g}", "Σ {g} over the places", "{g} * {W} turned by half a turn"},
	"DepthwiseConv2D":    {"{x} * {W} + {b}, channel by channel", "{x} correlated with {g}, channel by channel", "Σ {g} over the places", "{g} * {W} turned by half a turn, channel by channel"},
	"Conv2DTranspose":    {"{x} spread by {W}, + {b}", "{g} correlated with {x}", "Σ {g} over the places", "{g} * {W}"},
	"MaxPool1D":          {"largest of every {k} steps of {x}", "", "", "{g} where {x} is largest of its window, 0 elsewhere"},
	"MaxPool2D":          {"largest of every {k} window of {x}", "", "", "{g} where {x} is largest of its window, 0 elsewhere"},
	"AvgPool1D":          {"mean of every {k} steps of {x}", "", "", "{g}/{n} over its window"},
	"AvgPool2D":          {"mean of every {k} window of {x}", "", "", "{g}/{n} over its window"},
	"GlobalMaxPool":      {"largest of every channel of {x}", "", "", "{g} where {x} is largest of its channel, 0 elsewhere"},
	"GlobalAvgPool":      {"mean of every channel of {x}", "", "", "{g}/places"},
	"Flatten":            {"{x} in one row", "", "", "{g} in the old shape"},
	"Reshape":            {"{x} in another shape", "", "", "{g} in the old shape"},
	"BatchNorm":          {"({x} - {μ})/√({σ²} + 0.001)·{γ} + {β}", "Σ {g}·({x} - {μ})/√({σ²} + 0.001)", "Σ {g}", "{g}·{γ}/√({σ²} + 0.001)"},
	"LayerNorm":          {"x̂·{γ} + {β}, x̂ = ({x} - mean)/√(variance + 0.001)", "Σ {g}·x̂", "Σ {g}", "(d - mean(d) - x̂·mean(d·x̂))/√(variance + 0.001), d = {g}·{γ}"},
	"Embedding":          {"rows {x} of {W}", "{g} in the rows of its words, 0 elsewhere", "", ""},
	"Add":                {"{+}", "", "", "{g}"},
	"Multiply":           {"{·}", "", "", "{g} times the other values"},
	"Concat":             {"[{,}]", "", "", "its part of {g}"},
	"SimpleRNN":          {"hₜ = f({x}ₜ {W} + hₜ₋₁ {U} + {b}), step by step", "Σ over the steps: {x}ₜᵀ and hₜ₋₁ᵀ times the gradient of their sums", "", "the gradient of the sums, times {W}ᵀ"},
	"LSTM":               {"hₜ = o·tanh cₜ, cₜ = f·cₜ₋₁ + i·g; i, f, g, o from {x}ₜ {W} + hₜ₋₁ {U} + {b}", "Σ over the steps: {x}ₜᵀ and hₜ₋₁ᵀ times the gradient of their sums", "", "the gradient of the sums, times {W}ᵀ"},
	"GRU":                {"hₜ = z·hₜ₋₁ + (1-z)·n; z, r, n from {x}ₜ {W} + {b} and hₜ₋₁ {U} + {c}", "Σ over the steps: {x}ₜᵀ and hₜ₋₁ᵀ times the gradient of their sums", "", "the gradient of the sums, times {W}ᵀ"},
	"MultiHeadAttention": {"softmax(Q Kᵀ/√w) V {Woutput} + {boutput}; Q, K, V = {x} with {Wquery}, {Wkey}, {Wvalue}", "by the softmax and the products, as the steps below have it", "", "by Q, K and V, as the steps below have it"},
	"Act":                {"{x}", "", "", "{g}"},
	"Dropout":            {"{x}, since nothing is dropped outside of training", "", "", "{g}"},
	"Custom":             {"{f}({,}{w})", "as the steps below have it", "", "as the steps below have it"},
}

func kindOf(n *node) string {
	if _, own := n.layer.(*customLayer); own {
		return "Custom"
	}
	return n.Kind()
}

// speaker fills in the formulas of a layer.
type speaker struct {
	n     *node
	l     *TapedLayer
	in    []*grad.Var
	out   *grad.Var // before the activation
	name  string
	words *strings.Replacer
}

func (net *Taped) speak(i int) *speaker {
	s := &speaker{n: net.model.nodes[i], l: &net.Layers[i], out: net.Layers[i].Out}
	if s.l.Sum != nil {
		s.out = s.l.Sum
	}
	s.name = nameOf(s.out, "y")
	var names []string
	for _, from := range s.n.from {
		v := net.Layers[from.index].Out
		s.in = append(s.in, v)
		names = append(names, nameOf(v, "x"))
	}
	pairs := []string{"{g}", "∂L/∂" + s.name, "{f}", s.n.Kind(), "{+}", strings.Join(names, " + "), "{·}", strings.Join(names, " · "), "{,}", strings.Join(names, ", ")}
	if len(names) > 0 {
		pairs = append(pairs, "{x}", names[0])
	}
	more := ""
	for k, p := range s.l.Weights {
		pairs = append(pairs, "{"+symbol(s.n.params[k].name)+"}", p.Name())
		more += ", " + p.Name()
	}
	if !strings.Contains(more, "b") {
		pairs = append(pairs, ", + {b}", "", " + {b}", "")
	}
	pairs = append(pairs, "{w}", more)
	if w := s.l.Window; w != nil {
		text := strings.Trim(strings.ReplaceAll(fmt.Sprint(w), " ", "x"), "[]")
		pairs = append(pairs, "{k}", text, "{n}", fmt.Sprint(product(w)))
	}
	s.words = strings.NewReplacer(pairs...)
	return s
}

func (s *speaker) say(formula string) string { return s.words.Replace(formula) }

// shapes writes those of what goes in and comes out, of one example.
func (s *speaker) shapes() string {
	if len(s.l.Weights) == 0 || len(s.in) > 1 {
		var in []string
		for _, v := range s.in {
			in = append(in, fmt.Sprint(v.Shape()[1:]))
		}
		return strings.Join(in, " ") + " -> " + fmt.Sprint(s.l.LayerInfo.Out)
	}
	sign := map[string]string{"Dense": " ", "Conv1D": " * ", "Conv2D": " * ", "DepthwiseConv2D": " * ", "Conv2DTranspose": " * "}[s.n.Kind()]
	if sign == "" {
		return fmt.Sprint(s.l.In) + " -> " + fmt.Sprint(s.l.LayerInfo.Out)
	}
	text := fmt.Sprint(s.l.In) + sign + fmt.Sprint(s.l.Weights[0].Shape())
	if len(s.l.Weights) > 1 {
		text += " + " + fmt.Sprint(s.l.Weights[1].Shape())
	}
	return text + " = " + fmt.Sprint(s.l.LayerInfo.Out)
}

// A term is one product of a sum.
type term struct{ a, b float64 }

// written writes a sum of products: the first few that are not zero, and the rest by
// their number and value.
func written(terms []term, bias []float64, result float64) string {
	const most = 4
	var parts []string
	rest, left := 0, 0.0
	for _, t := range terms {
		switch {
		case t.a == 0 || t.b == 0:
		case len(parts) < most:
			parts = append(parts, signed(t.a)+"·"+signed(t.b))
		default:
			rest++
			left += t.a * t.b
		}
	}
	if rest > 0 {
		parts = append(parts, fmt.Sprintf("%s of %d more", signed(left), rest))
	}
	if len(parts) == 0 {
		parts = []string{"0"}
	}
	for _, b := range bias {
		parts = append(parts, signed(b))
	}
	return strings.Join(parts, " + ") + " = " + signed(result)
}

func at(v *grad.Var, i int) float64 { return float64(v.Value().Data[i]) }

// bias is the first number of the biases, if there are any.
func (s *speaker) bias(i int) []float64 {
	if len(s.l.Weights) < 2 {
		return nil
	}
	return []float64{at(s.l.Weights[1], i)}
}

// number writes one number of a layer in full, "" where that would not help.
func (s *speaker) number() string {
	x := s.in[0]
	switch l := s.n.layer.(type) {
	case *denseLayer:
		var terms []term
		for k := range s.n.in[0] {
			terms = append(terms, term{at(x, k), at(s.l.Weights[0], k*l.units)})
		}
		return s.name + "[0] = " + written(terms, s.bias(0), at(s.out, 0))
	case *convLayer:
		in, out := s.images(l.one)
		oy, ox := out[0]/2, out[1]/2
		_, top := l.along(in[0], l.kh)
		_, left := l.along(in[1], l.kw)
		var terms []term
		s.covered(l, in, oy*l.stride-top, ox*l.stride-left, func(pixel, cell int) {
			for c := range in[2] {
				terms = append(terms, term{at(x, pixel*in[2]+c), at(s.l.Weights[0], (cell*in[2]+c)*l.filters)})
			}
		})
		k := (oy*out[1] + ox) * out[2]
		return s.place(k) + " = " + written(terms, s.bias(0), at(s.out, k))
	case *depthwiseLayer:
		in, out := s.images(false)
		oy, ox := out[0]/2, out[1]/2
		_, top := l.along(in[0], l.kh)
		_, left := l.along(in[1], l.kw)
		var terms []term
		s.covered(&l.convLayer, in, oy*l.stride-top, ox*l.stride-left, func(pixel, cell int) {
			terms = append(terms, term{at(x, pixel*in[2]), at(s.l.Weights[0], cell*out[2])})
		})
		k := (oy*out[1] + ox) * out[2]
		return s.place(k) + " = " + written(terms, s.bias(0), at(s.out, k))
	case *transposedLayer:
		return s.transposedNumber(l)
	case *poolLayer:
		in, _ := s.images(l.one)
		kh, kw, _, _ := l.window()
		var parts []string
		for r := range kh {
			for c := range kw {
				parts = append(parts, signed(at(x, (r*in[1]+c)*in[2])))
			}
		}
		if l.mean {
			return s.place(0) + " = (" + strings.Join(parts, " + ") + ")/" + fmt.Sprint(kh*kw) + " = " + signed(at(s.out, 0))
		}
		return s.place(0) + " = max(" + strings.Join(parts, ", ") + ") = " + signed(at(s.out, 0))
	case *batchNorm:
		p := s.l.Weights
		return fmt.Sprintf("%s = (%s - %s)/√(%s + 0.001)·%s + %s = %s", s.place(0), signed(at(x, 0)), signed(at(p[2], 0)), signed(at(p[3], 0)), signed(at(p[0], 0)), signed(at(p[1], 0)), signed(at(s.out, 0)))
	case *layerNorm:
		ch := s.n.in[len(s.n.in)-1]
		mean, variance := 0.0, 0.0
		for c := range ch {
			mean += at(x, c) / float64(ch)
		}
		for c := range ch {
			variance += (at(x, c) - mean) * (at(x, c) - mean) / float64(ch)
		}
		p := s.l.Weights
		return fmt.Sprintf("%s = (%s - %s)/√(%s + 0.001)·%s + %s = %s", s.place(0), signed(at(x, 0)), signed(mean), signed(variance), signed(at(p[0], 0)), signed(at(p[1], 0)), signed(at(s.out, 0)))
	case *mergeLayer:
		sign := " + "
		if l.product {
			sign = " · "
		}
		var parts []string
		for _, v := range s.in {
			parts = append(parts, signed(at(v, 0)))
		}
		return s.place(0) + " = " + strings.Join(parts, sign) + " = " + signed(at(s.out, 0))
	}
	return ""
}

// images are the shapes of what goes in and comes out; a sequence is an image of height 1.
func (s *speaker) images(one bool) (in, out []int) {
	in, out = s.n.in, s.n.out
	if one {
		in, out = append([]int{1}, in...), append([]int{1}, out...)
	}
	return in, out
}

// covered calls f with the pixels that a filter covers whose corner is at y, x, and its
// cells there.
func (s *speaker) covered(l *convLayer, in []int, y, x int, f func(pixel, cell int)) {
	for r := range l.kh {
		for c := range l.kw {
			if iy, ix := y+r, x+c; iy >= 0 && ix >= 0 && iy < in[0] && ix < in[1] {
				f(iy*in[1]+ix, r*l.kw+c)
			}
		}
	}
}

func (s *speaker) transposedNumber(l *transposedLayer) string {
	in, out := s.n.in, s.n.out
	oy, ox := out[0]/2, out[1]/2
	_, top := l.across(in[0], l.kh)
	_, left := l.across(in[1], l.kw)
	var terms []term
	for r := range l.kh {
		for c := range l.kw {
			y, x := oy+top-r, ox+left-c
			if y < 0 || x < 0 || y%l.stride != 0 || x%l.stride != 0 || y/l.stride >= in[0] || x/l.stride >= in[1] {
				continue
			}
			for ch := range in[2] {
				terms = append(terms, term{at(s.in[0], (y/l.stride*in[1]+x/l.stride)*in[2]+ch), at(s.l.Weights[0], (r*l.kw+c)*out[2]*in[2]+ch)})
			}
		}
	}
	k := (oy*out[1] + ox) * out[2]
	return s.place(k) + " = " + written(terms, s.bias(0), at(s.out, k))
}

// place writes which number of the output is meant, as in "z1[13 13 0]".
func (s *speaker) place(k int) string {
	index := make([]int, len(s.n.out))
	for d := len(index) - 1; d >= 0; d-- {
		index[d], k = k%s.n.out[d], k/s.n.out[d]
	}
	return s.name + fmt.Sprint(index)
}

// activated writes the number of an activation that is largest before it.
func activated(l *TapedLayer) string {
	z := l.Sum.Value()
	k := 0
	for i, v := range z.Data {
		if v > z.Data[k] {
			k = i
		}
	}
	name := fmt.Sprintf("%s at its largest: ", l.Out.Name())
	if l.Activation == Softmax.String() && len(z.Shape) == 2 {
		sum := 0.0
		for _, v := range z.Data {
			sum += math.Exp(float64(v) - float64(z.Data[k]))
		}
		return fmt.Sprintf("%se^%s / Σ e^%s = 1/%.3f = %s", name, signed(float64(z.Data[k])), l.Sum.Name(), sum, signed(at(l.Out, k)))
	}
	return fmt.Sprintf("%s%s(%s) = %s", name, l.Activation, signed(float64(z.Data[k])), signed(at(l.Out, k)))
}

// paramNumber writes one gradient of parameter k in full.
func (s *speaker) paramNumber(k int) string {
	g := s.out.Grad()
	if g == nil || s.l.Weights[k].Grad() == nil {
		return ""
	}
	name := slopeOf(s.l.Weights[k])
	switch l := s.n.layer.(type) {
	case *denseLayer:
		if k == 1 {
			return ""
		}
		best := 0 // the largest
		d := s.l.Weights[0].Grad().Data
		for i, v := range d {
			if math.Abs(float64(v)) > math.Abs(float64(d[best])) {
				best = i
			}
		}
		i, j := best/l.units, best%l.units
		return fmt.Sprintf("%s[%d %d] = %s[%d]·∂L/∂%s[%d] = %s·%s = %s", name, i, j, nameOf(s.in[0], "x"), i, s.name, j, signed(at(s.in[0], i)), signed(float64(g.Data[j])), signed(float64(d[best])))
	case *convLayer:
		if k == 1 {
			return ""
		}
		in, out := s.images(l.one)
		_, top := l.along(in[0], l.kh)
		_, left := l.along(in[1], l.kw)
		var terms []term
		for y := range out[0] {
			for x := range out[1] {
				if iy, ix := y*l.stride-top, x*l.stride-left; iy >= 0 && ix >= 0 {
					terms = append(terms, term{at(s.in[0], (iy*in[1]+ix)*in[2]), float64(g.Data[(y*out[1]+x)*out[2]])})
				}
			}
		}
		return fmt.Sprintf("%s[%s] = %s", name, strings.Trim(strings.Repeat("0 ", len(s.l.Weights[0].Shape())), " "), written(terms, nil, float64(s.l.Weights[0].Grad().Data[0])))
	}
	return ""
}
