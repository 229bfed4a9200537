// This file checks every rule against central differences in float64, and float32
// against float64; and that no operation was forgotten.

package grad

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"cajal/engine/internal/rng"
	"cajal/engine/tensor"
)

// params puts tensors of normal numbers on a tape.
func params(t *Tape, shapes ...[]int) []*Var {
	out := make([]*Var, len(shapes))
	for i, s := range shapes {
		out[i] = t.Param(string(rune('a'+i)), tensor.Normal(int64(len(t.given)), 0, 1, s...))
	}
	return out
}

// weighed makes a number of a value, in which every element counts differently.
func weighed(v *Var) *Var {
	if len(v.shape) == 0 {
		return v
	}
	return v.Mul(v.tape.Data("", tensor.Normal(99, 0, 1, v.shape...))).Sum()
}

type shapes [][]int

// ofOne and ofTwo are rules on one operand or two, tried on several shapes.
func ofOne(f func(x *Var) *Var, s ...[]int) []func(t *Tape) *Var {
	if s == nil {
		s = shapes{{}, {5}, {2, 3}, {2, 1, 4}}
	}
	var out []func(t *Tape) *Var
	for _, shape := range s {
		out = append(out, func(t *Tape) *Var { return weighed(f(params(t, shape)[0])) })
	}
	return out
}

func positive(f func(x *Var) *Var) []func(t *Tape) *Var {
	var out []func(t *Tape) *Var
	for _, shape := range (shapes{{}, {5}, {2, 3}}) {
		out = append(out, func(t *Tape) *Var { return weighed(f(t.Param("a", tensor.Uniform(3, 0.5, 2, shape...)))) })
	}
	return out
}

func ofTwo(f func(a, b *Var) *Var, s ...[]int) []func(t *Tape) *Var {
	if s == nil {
		s = shapes{{}, {}, {4}, {4}, {2, 3}, {3}, {3}, {2, 3}, {2, 1}, {2, 3}, {2, 3}, {}, {2, 1, 3}, {4, 1}, {1}, {1, 1, 1}, {3, 1, 1}, {1, 2}}
	}
	var out []func(t *Tape) *Var
	for i := 0; i < len(s); i += 2 {
		out = append(out, func(t *Tape) *Var {
			p := params(t, s[i], s[i+1])
			return weighed(f(p[0], p[1]))
		})
	}
	return out
}

// rules has, for every operation by its name, compositions that use it.
var rules = map[string][]func(t *Tape) *Var{
	"Add":     ofTwo((*Var).Add),
	"Sub":     ofTwo((*Var).Sub),
	"Mul":     ofTwo((*Var).Mul),
	"Div":     ofTwo(func(a, b *Var) *Var { return a.Div(b.Square().Shift(0.5)) }),
	"Maximum": ofTwo((*Var).Maximum),
	"Minimum": ofTwo((*Var).Minimum),
	"MatMul": ofTwo((*Var).MatMul,
		[]int{3, 4}, []int{4, 2}, []int{4}, []int{4, 3}, []int{3, 4}, []int{4}, []int{4}, []int{4}, []int{1, 1}, []int{1, 8},
		[]int{2, 3, 4}, []int{4, 5}, []int{3, 4}, []int{2, 4, 5}, []int{2, 1, 3, 4}, []int{3, 4, 2}, []int{9, 17}, []int{17, 16}),
	"Neg":      ofOne((*Var).Neg),
	"Scale":    ofOne(func(x *Var) *Var { return x.Scale(-1.7) }),
	"Shift":    ofOne(func(x *Var) *Var { return x.Shift(3).Square() }),
	"Square":   ofOne((*Var).Square),
	"Pow":      append(positive(func(x *Var) *Var { return x.Pow(-1.5) }), ofOne(func(x *Var) *Var { return x.Pow(3) })...),
	"Exp":      ofOne((*Var).Exp),
	"Log":      positive((*Var).Log),
	"Sqrt":     positive((*Var).Sqrt),
	"Abs":      ofOne((*Var).Abs),
	"Tanh":     ofOne((*Var).Tanh),
	"Sigmoid":  ofOne((*Var).Sigmoid),
	"Softplus": ofOne((*Var).Softplus),
	"ReLU":     ofOne((*Var).ReLU),
	"Map": ofOne(func(x *Var) *Var {
		return x.Map("softsign", func(x float64) float64 { return x / (1 + math.Abs(x)) }, func(x, _ float64) float64 { return 1 / (1 + math.Abs(x)) / (1 + math.Abs(x)) })
	}),
	"Transpose":   append(ofOne(func(x *Var) *Var { return x.Transpose() }), ofOne(func(x *Var) *Var { return x.Transpose(2, 0, 1) }, []int{2, 3, 4})...),
	"T":           ofOne((*Var).T),
	"Reshape":     ofOne(func(x *Var) *Var { return x.Reshape(-1, 1).Tanh() }),
	"Flatten":     ofOne((*Var).Flatten, []int{2, 3, 2}, []int{4}),
	"ExpandDims":  ofOne(func(x *Var) *Var { return x.ExpandDims(-1) }),
	"Squeeze":     ofOne(func(x *Var) *Var { return x.Squeeze() }, []int{1, 3, 1}, []int{1}),
	"BroadcastTo": ofOne(func(x *Var) *Var { return x.BroadcastTo(2, 3, 4) }, []int{4}, []int{3, 1}, []int{2, 1, 1}, []int{}, []int{2, 3, 4}),
	"Slice":       ofOne(func(x *Var) *Var { return x.Slice(1, 1, -1) }, []int{2, 4}, []int{2, 3, 2}),
	"Index":       ofOne(func(x *Var) *Var { return x.Index(-1, -2) }, []int{4}, []int{2, 3}),
	"Take":        ofOne(func(x *Var) *Var { return x.Take(0, []int{1, 1, 0, 1}) }, []int{3}, []int{2, 3}, []int{2, 2, 2}),
	"Pick":        ofOne(func(x *Var) *Var { return x.Pick([]int{2, 0, 2}) }, []int{3, 4}, []int{3, 1, 3}),
	"Concat":      ofTwo(func(a, b *Var) *Var { return Concat(1, a, b, a.Square()) }, []int{2, 3}, []int{2, 1}, []int{1, 2, 2}, []int{1, 3, 2}),
	"Stack":       ofTwo(func(a, b *Var) *Var { return Stack(1, a, b, a) }, []int{3}, []int{3}, []int{2, 3}, []int{2, 3}),
	"Sum":         append(ofOne(func(x *Var) *Var { return x.Sum().Tanh() }), overAxes((*Var).Sum)...),
	"Mean":        append(ofOne(func(x *Var) *Var { return x.Mean().Tanh() }), overAxes((*Var).Mean)...),
	"Max":         append(ofOne(func(x *Var) *Var { return x.Max() }), overAxes((*Var).Max)...),
	"Min":         append(ofOne(func(x *Var) *Var { return x.Min() }), overAxes((*Var).Min)...),
	"Variance":    append(ofOne(func(x *Var) *Var { return x.Variance() }, []int{5}, []int{2, 3}), overAxes((*Var).Variance)...),
	"LogSumExp":   append(ofOne(func(x *Var) *Var { return x.LogSumExp() }), overAxes((*Var).LogSumExp)...),
	"Softmax":     append(ofOne(func(x *Var) *Var { return x.Softmax(-1) }, []int{5}, []int{2, 3}), ofOne(func(x *Var) *Var { return x.Softmax(0) }, []int{3, 2}, []int{2, 3, 2})...),
	"LogSoftmax":  append(ofOne(func(x *Var) *Var { return x.LogSoftmax(-1) }, []int{5}, []int{2, 3}), ofOne(func(x *Var) *Var { return x.LogSoftmax(1) }, []int{2, 3, 2})...),
	"Conv2D": append(append(
		ofTwo(func(x, w *Var) *Var { return x.Conv2D(w) }, []int{2, 4, 5, 1}, []int{3, 3, 1, 2}, []int{1, 3, 3, 3}, []int{2, 1, 3, 8}),
		ofTwo(func(x, w *Var) *Var { return x.Conv2D(w, Same) }, []int{2, 3, 4, 2}, []int{3, 2, 2, 3})...),
		ofTwo(func(x, w *Var) *Var { return x.Conv2D(w, Stride(2), Same) }, []int{1, 5, 4, 2}, []int{3, 3, 2, 2})...),
	"DepthwiseConv2D": append(
		ofTwo(func(x, w *Var) *Var { return x.DepthwiseConv2D(w) }, []int{2, 4, 5, 3}, []int{3, 2, 3, 2}),
		ofTwo(func(x, w *Var) *Var { return x.DepthwiseConv2D(w, Stride(2), Same) }, []int{1, 5, 4, 2}, []int{3, 3, 2, 1})...),
	"Conv2DTranspose": append(
		ofTwo(func(x, w *Var) *Var { return x.Conv2DTranspose(w, Stride(2)) }, []int{2, 2, 3, 3}, []int{3, 2, 2, 3}),
		ofTwo(func(x, w *Var) *Var { return x.Conv2DTranspose(w, Stride(3), Same) }, []int{1, 2, 2, 1}, []int{5, 2, 2, 1})...),
	"MaxPool2D": append(ofOne(func(x *Var) *Var { return x.MaxPool2D(2) }, []int{2, 4, 5, 3}), ofOne(func(x *Var) *Var { return x.MaxPool2D(3, Stride(1)) }, []int{2, 4, 5, 1})...),
	"AvgPool2D": append(ofOne(func(x *Var) *Var { return x.AvgPool2D(2) }, []int{2, 5, 4, 3}), ofOne(func(x *Var) *Var { return x.AvgPool2D(2, Stride(1)) }, []int{2, 3, 4, 1})...),
	"MaxPool1D": append(ofOne(func(x *Var) *Var { return x.MaxPool1D(2) }, []int{2, 5, 3}), ofOne(func(x *Var) *Var { return x.MaxPool1D(3, Stride(1)) }, []int{2, 5, 1})...),
	"AvgPool1D": append(ofOne(func(x *Var) *Var { return x.AvgPool1D(2) }, []int{2, 5, 3}), ofOne(func(x *Var) *Var { return x.AvgPool1D(3, Stride(2)) }, []int{2, 5, 1})...),
	"Normalize": append(ofOne(func(x *Var) *Var { return x.Normalize(0.1, 0) }, []int{5, 3}), ofOne(func(x *Var) *Var { return x.Normalize(0.1) }, []int{2, 3})...),
	"LayerNorm": {func(t *Tape) *Var {
		p := params(t, []int{3, 4}, []int{4}, []int{4})
		return weighed(p[0].LayerNorm(p[1], p[2]))
	}},
	"BatchNorm": {func(t *Tape) *Var {
		p := params(t, []int{3, 2, 2, 4}, []int{4}, []int{4})
		return weighed(p[0].BatchNorm(p[1], p[2]))
	}},
	"Dropout": ofOne(func(x *Var) *Var { return x.Dropout(0.4, 3).Square() }, []int{20}, []int{3, 4}),
	"MSE":     ofTwo((*Var).MSE, []int{}, []int{}, []int{3}, []int{3}, []int{2, 3}, []int{2, 3}),
	"HalfMSE": ofTwo((*Var).HalfMSE, []int{}, []int{}, []int{3}, []int{3}, []int{2, 3}, []int{2, 3}),
	"MAE":     ofTwo((*Var).MAE, []int{4}, []int{4}, []int{2, 3}, []int{2, 3}),
	"Huber":   ofTwo(func(x, y *Var) *Var { return x.Huber(y, 0.7) }, []int{9}, []int{9}, []int{2, 3}, []int{2, 3}),
	"SparseCategoricalCrossEntropy": ofOne(func(x *Var) *Var {
		return x.SparseCategoricalCrossEntropy([]int{2, 0, 1})
	}, []int{3, 3}, []int{3, 1, 4}),
	"CategoricalCrossEntropy": ofTwo(func(x, y *Var) *Var { return x.CategoricalCrossEntropy(y.Square()) }, []int{3, 4}, []int{3, 4}, []int{4}, []int{4}),
	"BinaryCrossEntropy":      ofTwo(func(x, y *Var) *Var { return x.BinaryCrossEntropy(y.Sigmoid()) }, []int{3, 4}, []int{3, 4}, []int{}, []int{}),
}

func overAxes(f func(x *Var, axes ...int) *Var) []func(t *Tape) *Var {
	var out []func(t *Tape) *Var
	for _, axes := range [][]int{{0}, {-1}, {0, 2}, {1}, {0, 1}, {2, 0, 1}} {
		out = append(out, ofOne(func(x *Var) *Var { return f(x, axes...) }, []int{2, 3, 4})...)
	}
	return out
}

func TestRules(t *testing.T) {
	for name, fs := range rules {
		for i, f := range fs {
			r := Check(f)
			if err := r.Err(); err != nil {
				t.Errorf("%s, composition %d: %v", name, i, err)
			}
			if len(r.Inputs) == 0 {
				t.Errorf("%s, composition %d: nothing was checked", name, i)
			}
			for _, in := range r.Inputs {
				if in.Kinks > 0 {
					t.Errorf("%s, composition %d: %d numbers of %s stand at a kink, which shows nothing", name, i, in.Kinks, in.Name)
				}
			}
			if err := singleAgrees(f); err != "" {
				t.Errorf("%s, composition %d: %s", name, i, err)
			}
		}
	}
}

// TestAllRules fails when an operation has no gradient check above.
func TestAllRules(t *testing.T) {
	v := reflect.TypeFor[*Var]()
	count := 0
	for i := range v.NumMethod() {
		m := v.Method(i)
		if m.Name == "Named" || m.Type.NumOut() != 1 || m.Type.Out(0) != v {
			continue
		}
		count++
		if len(rules[m.Name]) == 0 {
			t.Errorf("the gradient of %s is checked nowhere", m.Name)
		}
	}
	if count < 40 {
		t.Errorf("found %d operations only", count)
	}
	// Those with names call the same.
	tape := reflect.TypeFor[*Tape]()
	for i := range tape.NumMethod() {
		m := tape.Method(i)
		if m.Type.NumIn() < 3 || m.Type.In(2) != v {
			continue
		}
		tp := NewTape()
		args := []reflect.Value{reflect.ValueOf(tp), reflect.ValueOf("q")}
		for range m.Type.NumIn() - 2 {
			args = append(args, reflect.ValueOf(tp.Param("p", tensor.Uniform(int64(len(args)), 0.5, 1, 2, 2))))
		}
		got := m.Func.Call(args)[0].Interface().(*Var)
		method := m.Name
		if method == "HalfSq" {
			method, args[2], args[3] = "HalfMSE", args[3], args[2]
		}
		want := args[2].MethodByName(method).Call(args[3:])[0].Interface().(*Var)
		if got.Name() != "q" || got.Value().String() != want.Value().String() {
			t.Errorf("t.%s gives %v, want %v", m.Name, got, want)
		}
	}
}

// singleAgrees compares values and gradients of float32 with those of float64.
func singleAgrees(f func(t *Tape) *Var) string {
	single, double := NewTape(), &Tape{exact: true}
	a, b := f(single), f(double)
	single.Backward(a)
	double.Backward(b)
	if e := math.Abs(a.Item()-b.Item()) / (1 + math.Abs(b.Item())); !(e < 2e-5) {
		return "in float32 L is far from that in float64"
	}
	for i, v := range double.given {
		if v.grad == nil {
			continue
		}
		largest := 1e-3
		for _, g := range v.grad.([]float64) {
			largest = max(largest, math.Abs(g))
		}
		for k, want := range v.grad.([]float64) {
			if got := number(single.given[i].grad, k); !(math.Abs(got-want) < 5e-5*largest) {
				return "in float32 a gradient of " + v.label() + " is far from that in float64"
			}
		}
	}
	return ""
}

// compose makes a random composition of operations, of about n steps. The same
// seed makes the same.
func compose(seed uint64, n int) func(t *Tape) *Var {
	return func(t *Tape) *Var {
		src := rng.New(seed, 1)
		pick := func(n int) int { return src.Intn(n) }
		shape := []int{1 + pick(3), 1 + pick(4), 1 + pick(3)}[pick(3):]
		pool := []*Var{
			t.Param("p", tensor.Normal(int64(seed), 0, 1, shape...)),
			t.Param("q", tensor.Normal(int64(seed)+1, 0, 1, shape...)),
			t.Data("d", tensor.Normal(int64(seed)+2, 0, 1, shape...)),
			t.Var("s", 0.7),
		}
		for range n {
			x, y := pool[pick(len(pool))], pool[pick(len(pool))]
			x, y = x.Tanh(), y.Tanh() // keeps numbers small
			var z *Var
			axis := 0
			if len(x.shape) > 0 {
				axis = pick(len(x.shape))
			}
			switch op := pick(22); {
			case op == 0 && fits(x, y):
				z = x.Add(y)
			case op == 1 && fits(x, y):
				z = x.Mul(y)
			case op == 2 && fits(x, y):
				z = x.Sub(y)
			case op == 3 && fits(x, y):
				z = x.Div(y.Square().Shift(1))
			case op == 4 && fits(x, y):
				z = x.Maximum(y)
			case op == 5 && len(x.shape) > 1:
				var perm []int
				for d := range len(x.shape) - 2 {
					perm = append(perm, d)
				}
				z = x.MatMul(y.Mean().Mul(x).Transpose(append(perm, -1, -2)...))
			case op == 6:
				z = x.Exp()
			case op == 7:
				z = x.Shift(2).Log()
			case op == 8:
				z = x.Square().Shift(1).Sqrt()
			case op == 9:
				z = x.ReLU()
			case op == 10:
				z = x.Sigmoid()
			case op == 11 && len(x.shape) > 0:
				z = x.Sum(axis)
			case op == 12 && len(x.shape) > 0:
				z = x.Mean(axis)
			case op == 13 && len(x.shape) > 0:
				z = x.Max(axis)
			case op == 14 && len(x.shape) > 0:
				z = x.Softmax(axis)
			case op == 15 && len(x.shape) > 0:
				z = x.LogSumExp(axis).ExpandDims(axis)
			case op == 16 && len(x.shape) > 0:
				z = Concat(axis, x, x.Square())
			case op == 17 && len(x.shape) > 0:
				z = x.Slice(axis, pick(x.shape[axis]), x.shape[axis])
			case op == 18 && len(x.shape) > 0:
				z = x.Take(axis, []int{pick(x.shape[axis]), pick(x.shape[axis])})
			case op == 19 && len(x.shape) > 0:
				z = x.Normalize(0.3, axis)
			case op == 20 && len(x.shape) > 0:
				z = x.Reshape(-1)
			case op == 21:
				z = Stack(0, x, x.Abs())
			default:
				z = x.Softplus()
			}
			if len(z.shape) > 4 || size(z.shape) > 200 {
				z = z.Mean()
			}
			pool = append(pool, z)
		}
		L := pool[0].Mean()
		for _, v := range pool[1:] {
			L = L.Add(weighed(v).Scale(0.3))
		}
		return L
	}
}

func fits(a, b *Var) bool {
	return tensor.Catch(func() { a.Value().Add(b.Value()) }) == nil
}

func TestCompositions(t *testing.T) {
	for seed := range uint64(150) {
		checkComposition(t, seed, 12)
	}
}

func FuzzCompositions(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed*1000+7, uint8(5*seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) { checkComposition(t, seed, int(n%40)) })
}

func checkComposition(t *testing.T, seed uint64, n int) {
	f := compose(seed, n)
	r := Check(f)
	if err := r.Err(); err != nil {
		tape := NewTape()
		tape.Backward(f(tape))
		t.Fatalf("composition %d of %d steps: %v\n%v\n%v", seed, n, err, r, tape)
	}
	if err := singleAgrees(f); err != "" {
		t.Fatalf("composition %d of %d steps: %s", seed, n, err)
	}
	tape := NewTape()
	tape.Backward(f(tape))
	if text := tape.String(); strings.Contains(text, "{") {
		t.Fatalf("composition %d: a rule was not filled in:\n%s", seed, text)
	}
}
