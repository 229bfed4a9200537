// This file has layers of one's own: a function on a tape of package grad, used as any
// other layer.

package nn

import (
	"fmt"
	"slices"

	"cajal/engine/grad"
	"cajal/engine/internal/f32"
	"cajal/engine/internal/rng"
	"cajal/engine/tensor"
)

// A CustomOption is what [Custom] takes after its function: a [Weight] or [Name].
type CustomOption interface{ custom(*customLayer) }

// A Weight is a tensor that a layer of one's own learns. In its shape -1 stands for the
// last dimension of what comes in: {-1, 10} are the weights of 10 sums of all features.
// Begin is what its numbers begin with; the zero value is GlorotUniform, and biases
// usually want [Zeros]. L1 and L2 are as for other layers.
type Weight struct {
	Name  string // such as "weights"
	Shape []int
	Begin Init
	L1    L1
	L2    L2
}

func (w Weight) custom(l *customLayer) { l.ws = append(l.ws, w) }
func (n Name) custom(l *customLayer)   { l.name = string(n) }

// A CustomFunc computes a layer: x are examples [n …], w the layer's weights in the
// order in which they were given, and what it returns is [n …] too. Every example must
// be computed by itself: x is a part of the batch, as large as suits. What else it needs
// goes on x.Tape().
type CustomFunc func(x *grad.Var, w []*grad.Var) *grad.Var

type customLayer struct {
	layerCommon
	kind string
	f    CustomFunc
	ws   []Weight
}

// Custom is a layer of one's own, which stands in [Sequential] and graphs, is trained by
// Fit and saved as any other. kind names it in summaries:
//
//	func Scaled(units int) nn.Layer {
//		return nn.Custom("Scaled", func(x *grad.Var, w []*grad.Var) *grad.Var {
//			return x.MatMul(w[0]).Add(w[1]).Tanh().Mul(w[2])
//		}, nn.Weight{Name: "weights", Shape: []int{-1, units}},
//			nn.Weight{Name: "biases", Shape: []int{units}, Begin: nn.Zeros},
//			nn.Weight{Name: "gain", Begin: nn.Ones})
//	}
//	m := nn.Sequential(nn.Input(784), Scaled(32), nn.Dense(10, nn.Softmax))
//
// The function runs once when the model is built, on a few examples, from which the
// shape of its outputs is known; a mistake in it is the model's error. While training it
// runs on several goroutines at the same time. It must do the same each time, and then
// the result is the same for any number of threads. Weights are saved and loaded with
// the model's; the function is not, so a model with one is made in the program and
// filled by LoadWeights, where [Load] would make it by itself.
func Custom(kind string, f CustomFunc, options ...CustomOption) Layer {
	l := &customLayer{layerCommon: layerCommon{at: caller()}, kind: kind, f: f}
	for _, o := range options {
		if o != nil {
			o.custom(l)
		}
	}
	return of(l)
}

func (l *customLayer) Kind() string {
	if l.kind == "" {
		return "Custom"
	}
	return l.kind
}

// activation is none: what a loss "from logits" reads may come from such a layer.
func (l *customLayer) activation() Activation { return Linear }

func (l *customLayer) flops(in, out []int) float64 {
	// What is unknown is taken for one product with each weight.
	total := float64(product(in) + product(out))
	for _, s := range l.weights(in, false) {
		total += 2 * float64(s.count())
	}
	return total
}

// tried is how many examples a layer is tried on.
const tried = 3

func (l *customLayer) infer(in []int) ([]int, *fault) {
	if l.f == nil {
		return nil, &fault{text: "has no function: it is nil", fix: "nn.Custom(\"Twice\", func(x *grad.Var, w []*grad.Var) *grad.Var { return x.Scale(2) })"}
	}
	if kinds[l.kind] != nil {
		return nil, &fault{text: "has the name of a layer of this package", fix: "another name for nn.Custom"}
	}
	if f := l.checkWeights(in); f != nil {
		return nil, f
	}
	// On all examples together, and on the first alone: each must come out the same.
	x := tensor.New(append([]int{tried}, in...)...)
	src := rng.New(1, 2)
	for i := range x.Data {
		x.Data[i] = float32(normal(&src))
	}
	w := l.tryWeights(in)
	all, f := l.try(x, w)
	if f != nil {
		return nil, f
	}
	first, f := l.try(x.Slice(0, 0, 1), w)
	if f != nil {
		return nil, f
	}
	if !slices.Equal(first.Shape[1:], all.Shape[1:]) || !alike(first.Data, all.Data[:len(first.Data)]) {
		return nil, &fault{
			text: "computes something else for an example when others are beside it",
			fix:  "every example by itself: reductions over the axes from 1 on, as in x.Mean(1)",
		}
	}
	return all.Shape[1:], nil
}

// alike reports whether numbers are the same within rounding.
func alike(a, b []float32) bool {
	largest := float32(1e-6)
	for _, v := range b {
		largest = max(largest, v, -v)
	}
	for i, v := range a {
		if d := v - b[i]; d > 1e-4*largest || d < -1e-4*largest {
			return false
		}
	}
	return true
}

func (l *customLayer) checkWeights(in []int) *fault {
	seen := map[string]bool{}
	for i, w := range l.ws {
		text := ""
		switch {
		case w.Name == "":
			text = fmt.Sprintf("has a weight without a name, number %d", i)
		case seen[w.Name]:
			text = fmt.Sprintf("has two weights called %q", w.Name)
		case !w.Begin.known():
			text = fmt.Sprintf("has a weight %q with an unknown initialisation, %s", w.Name, w.Begin)
		case slices.ContainsFunc(w.Shape, func(d int) bool { return d == 0 || d < -1 }):
			text = fmt.Sprintf("has a weight %q of shape %v, where every number must be above 0, or -1 for the %d of what comes in", w.Name, w.Shape, in[len(in)-1])
		}
		if text != "" {
			return &fault{text: text, fix: `nn.Weight{Name: "weights", Shape: []int{-1, 10}}`}
		}
		count := 1.0
		for _, d := range l.shapeOf(w, in) {
			count *= float64(d)
		}
		if count > maxWeights {
			return &fault{text: fmt.Sprintf("has a weight %q of shape %v, which is too large", w.Name, w.Shape)}
		}
		sums := sumOptions{l1: float64(w.L1), l2: float64(w.L2)}
		if f := sums.check(1, "", Linear); f != nil {
			return f
		}
		seen[w.Name] = true
	}
	return nil
}

func (l *customLayer) shapeOf(w Weight, in []int) []int {
	shape := slices.Clone(w.Shape)
	for i, d := range shape {
		if d == -1 {
			shape[i] = in[len(in)-1]
		}
	}
	return shape
}

// weights are stored as the user has them, without padding.
func (l *customLayer) weights(in []int, _ bool) []paramSpec {
	var out []paramSpec
	for _, w := range l.ws {
		shape := l.shapeOf(w, in)
		cols := lastOf(shape)
		rows := product(shape) / cols
		s := paramSpec{name: w.Name, shape: shape, blocks: 1, inRows: rows, ldRow: rows, cols: cols, ldCol: cols, fanIn: rows, fanOut: cols, first: w.Begin, l1: float64(w.L1), l2: float64(w.L2)}
		if len(shape) < 2 {
			s.fanIn = cols // as many as there are
		} else if n := len(shape); n > 2 {
			field := rows / shape[n-2]
			s.fanIn, s.fanOut = rows, field*cols
		}
		out = append(out, s)
	}
	return out
}

// tryWeights are weights as at the beginning of a training.
func (l *customLayer) tryWeights(in []int) []*tensor.Tensor {
	var out []*tensor.Tensor
	for k, s := range l.weights(in, false) {
		p := &param{paramSpec: s}
		p.begin(rng.New(uint64(k), 3))
		out = append(out, p.tensor(p.w))
	}
	return out
}

// try runs the function and checks what it returns.
func (l *customLayer) try(x *tensor.Tensor, w []*tensor.Tensor) (*tensor.Tensor, *fault) {
	t := grad.NewTape()
	var vs []*grad.Var
	for k, v := range w {
		vs = append(vs, t.Param(l.ws[k].Name, v))
	}
	var y *grad.Var
	if err := caught(func() { y = l.call(t.Param("x", x), vs) }); err != nil {
		return nil, &fault{text: "fails on examples of shape " + fmt.Sprint(x.Shape) + ": " + err.Error()}
	}
	return y.Value(), nil
}

// call runs the function. What it returns must be a value of as many examples, on the
// same tape; it panics otherwise.
func (l *customLayer) call(x *grad.Var, w []*grad.Var) *grad.Var {
	y := l.f(x, slices.Clone(w))
	n := x.Shape()[0]
	bad := func(text, got, fix string) {
		panic(&tensor.OpError{Op: "nn.Custom " + l.Kind(), Text: text, Got: got, Fix: fix})
	}
	switch {
	case y == nil:
		bad("the function returned nil", "", "return the value that it computes")
	case y.Tape() != x.Tape():
		bad("the function returned a value of another tape", "", "compute it from x; constants go on x.Tape() by Data")
	case len(y.Shape()) < 2 || y.Shape()[0] != n:
		bad(fmt.Sprintf("the function must return a value [%d …] for %d examples", n, n), fmt.Sprint(y.Shape()), "keep axis 0, the examples, as it is: reductions over the axes from 1 on, Flatten or Reshape(n, …) for the rest")
	}
	return y
}

func (l *customLayer) onTape(x, w []*grad.Var, train bool) *grad.Var { return l.call(x[0], w) }

// describe tells the settings that Config can: the function is not among them.
func (l *customLayer) describe(c *LayerConfig) {
	c.Custom = []string{}
	for _, w := range l.ws {
		c.Custom = append(c.Custom, fmt.Sprintf("%s %v", w.Name, w.Shape))
	}
}

func (l *customLayer) op(b *opBuilder) op {
	o := &customOp{l: l, in: b.in, ps: b.params, chunk: b.chunk, fail: b.fail, train: b.train}
	o.out = b.shaped(b.shape)
	for _, p := range b.params {
		o.w = append(o.w, &tensor.Tensor{Shape: p.shape, Data: p.w})
	}
	o.slots = make([]customSlot, b.slots)
	if b.train {
		for _, p := range b.params {
			o.sums = append(o.sums, make([]float32, b.slots*len(p.w)))
		}
	}
	b.emit(o.out)
	return o
}

// customOp runs the function on a tape for each chunk of the batch. Weights are shared
// by all tapes, which only read them; gradients are added up by chunks, in their order.
type customOp struct {
	l       *customLayer
	in, out *buffer
	ps      []*param
	w       []*tensor.Tensor
	chunk   int
	train   bool
	slots   []customSlot
	sums    [][]float32 // gradients of every weight, one chunk's after another
	fail    func(error)
}

// customSlot is what a chunk's forward keeps for its backward.
type customSlot struct {
	tape *grad.Tape
	x, y *grad.Var
	ws   []*grad.Var
}

func (o *customOp) forward(lo, hi, slot int) {
	s := &o.slots[slot]
	*s = customSlot{tape: grad.NewTape()}
	x := o.in.tensor(o.in.data, lo, hi)
	if o.in.grad != nil {
		s.x = s.tape.Param("x", x)
	} else {
		s.x = s.tape.Data("x", x)
	}
	for k, w := range o.w {
		s.ws = append(s.ws, s.tape.Param(o.ps[k].name, w))
	}
	err := caught(func() {
		s.y = o.l.call(s.x, s.ws)
		if got := s.y.Shape()[1:]; !slices.Equal(got, o.out.shape) {
			panic(&tensor.OpError{Op: "nn.Custom " + o.l.Kind(), Text: fmt.Sprintf("the function returned %v an example, but %v when the model was built", got, o.out.shape)})
		}
		o.out.put(o.out.data, s.y.Value(), lo)
	})
	if err != nil {
		o.failed(err)
	}
	if !o.train {
		*s = customSlot{}
	}
}

func (o *customOp) failed(err error) {
	at := ""
	if o.l.at != "" {
		at = " (" + o.l.at + ")"
	}
	o.fail(fmt.Errorf("nn: layer %s%s: %w", o.l.Kind(), at, err))
}

func (o *customOp) backward(lo, hi, slot int) {
	s := &o.slots[slot]
	for k, p := range o.ps {
		clear(o.sums[k][slot*len(p.w) : (slot+1)*len(p.w)])
	}
	if o.in.grad != nil {
		clear(o.in.gradRows(lo, hi))
	} else if len(o.ps) == 0 {
		return
	}
	err := caught(func() {
		s.tape.BackwardFrom(s.y, o.out.tensor(o.out.grad, lo, hi))
		for k, p := range o.ps {
			copy(o.sums[k][slot*len(p.w):(slot+1)*len(p.w)], s.ws[k].Grad().Data)
		}
		if o.in.grad != nil {
			o.in.put(o.in.grad, s.x.Grad(), lo)
		}
	})
	if err != nil {
		o.failed(err)
	}
	*s = customSlot{}
}

func (o *customOp) parts() int { return len(o.ps) }

// grad adds up the chunks' gradients of a weight.
func (o *customOp) grad(part, n int) {
	p := o.ps[part]
	clear(p.g)
	f32.Sum(p.g, o.sums[part], (n+o.chunk-1)/o.chunk, len(p.w))
}

func (o *customOp) refresh(p *param, lo, hi int) {}

// tensor returns examples lo to hi-1 without padding, of the buffer's numbers or their
// gradients.
func (b *buffer) tensor(numbers []float32, lo, hi int) *tensor.Tensor {
	t := tensor.New(append([]int{hi - lo}, b.shape...)...)
	at := 0
	for k := lo * b.ld; k < hi*b.ld; k += b.ldch {
		at += copy(t.Data[at:], numbers[k:k+b.ch])
	}
	return t
}

// put is the way back, from example lo on.
func (b *buffer) put(numbers []float32, t *tensor.Tensor, lo int) {
	at := 0
	for k := lo * b.ld; at < len(t.Data); k += b.ldch {
		at += copy(numbers[k:k+b.ch], t.Data[at:])
	}
}
