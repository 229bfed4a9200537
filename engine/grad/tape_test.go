// This file checks the tape of one neuron against figures worked out by hand, and
// what a tape promises about values and gradients.

package grad

import (
	"math"
	"slices"
	"strings"
	"testing"

	"cajal/engine/tensor"
)

func neuron(t *Tape) *Var {
	w, x, b, y := t.Var("w", 0.8), t.Var("x", 1.5), t.Var("b", -0.3), t.Var("y", 1)
	z := t.Add("z", t.Mul("wx", w, x), b)
	return t.HalfSq("L", y, t.Sigmoid("ŷ", z))
}

func TestNeuron(tt *testing.T) {
	t := NewTape()
	L := neuron(t)
	before := `step  node  value     formula
  0   w     +0.80000
  1   x     +1.50000
  2   b     -0.30000
  3   y     +1.00000
  4   wx    +1.20000  mul(w, x)
  5   z     +0.90000  add(wx, b)
  6   ŷ     +0.71095  sigmoid(z)
  7   L     +0.04178  halfMSE(y, ŷ)`
	if got := t.String(); got != before {
		tt.Errorf("before Backward:\n%s\nwant\n%s", got, before)
	}
	after := `step  node  value     ∂L/∂node   rule used going backward
  0   L     +0.04178  +1.000000  ∂L/∂ŷ += (ŷ-y)
  1   ŷ     +0.71095  -0.289050  ∂L/∂z += ∂L/∂ŷ·ŷ(1-ŷ)
  2   z     +0.90000  -0.059400  ∂L/∂wx += ∂L/∂z, ∂L/∂b += ∂L/∂z
  3   wx    +1.20000  -0.059400  ∂L/∂w += ∂L/∂wx·x, ∂L/∂x += ∂L/∂wx·w
  4   y     +1.00000  data
  5   b     -0.30000  -0.059400
  6   x     +1.50000  -0.047520
  7   w     +0.80000  -0.089100`
	for range 2 { // a second time, gradients begin anew
		t.Backward(L)
		if got := t.String(); got != after {
			tt.Errorf("after Backward:\n%s\nwant\n%s", got, after)
		}
	}
	w := t.given[0]
	s := 1 / (1 + math.Exp(-0.9))
	if want := (s - 1) * s * (1 - s) * 1.5; math.Abs(w.GradItem()-want) > 1e-16 {
		tt.Errorf("∂L/∂w = %v, want %v", w.GradItem(), want)
	}
	if got := w.String(); got != "w = +0.80000, ∂L/∂w = -0.089100" {
		tt.Errorf("w is shown as %q", got)
	}
	r := Check(neuron)
	if err := r.Err(); err != nil {
		tt.Error(err)
	}
	if len(r.Inputs) != 3 || r.Worst().RelErr > 1e-9 {
		tt.Errorf("check of %d inputs, worst %v", len(r.Inputs), r.Worst())
	}
	if got, want := r.Inputs[0].String(), "gradient check ∂L/∂w: tape -0.08909995  central difference -0.08909995  rel.err "; !strings.HasPrefix(got, want) {
		tt.Errorf("check says %q, want %q…", got, want)
	}
}

// TestDescent takes the three steps of gradient descent of chapter 05.
func TestDescent(tt *testing.T) {
	w, b := 0.8, -0.3
	for i, want := range []float64{0.04178, 0.03635, 0.03200, 0.02846} {
		t := NewTape()
		vw, vb := t.Var("w", w), t.Var("b", b)
		L := vw.Mul(t.Var("x", 1.5)).Add(vb).Sigmoid().HalfMSE(t.Var("y", 1))
		if got := L.Item(); math.Abs(got-want) > 5e-6 {
			tt.Errorf("step %d: L = %.5f, want %.5f", i, got, want)
		}
		t.Backward(L)
		w -= 0.5 * vw.GradItem()
		b -= 0.5 * vb.GradItem()
	}
}

func TestTruth(tt *testing.T) {
	// y is a truth and an input at once: then it takes a gradient, from both.
	if err := Check(func(t *Tape) *Var {
		y, w := t.Var("y", 0.7), t.Var("w", 0.9)
		return y.Mul(w).HalfMSE(y)
	}).Err(); err != nil {
		tt.Error(err)
	}
	// A truth that was computed passes its gradient on; a Param that is one too.
	if err := Check(func(t *Tape) *Var {
		a, b := t.Param("a", tensor.Normal(1, 0, 1, 3)), t.Param("b", tensor.Normal(2, 0, 1, 3))
		return a.Tanh().MSE(b.Square()).Add(a.MSE(b))
	}).Err(); err != nil {
		tt.Error(err)
	}
	// A number compared with in float32 is data all the same.
	t := NewTape()
	x := t.Param("x", tensor.Full(2))
	y, unused := t.Var("y", 1), t.Var("u", 3)
	L := x.MSE(y).Add(x.MAE(y)).Add(x.Huber(y, 1))
	t.Backward(L)
	if y.Grad() != nil || y.GradItem() != 0 || x.GradItem() != 2+1+1 {
		tt.Errorf("gradient of the truth %v, of the prediction %v", y.Grad(), x.GradItem())
	}
	if u := unused.Grad(); u == nil || u.Item() != 0 {
		tt.Errorf("gradient of what was not used: %v", u)
	}
	table := t.String()
	for _, want := range []string{"y     +1.00000  data", "u     +3.00000  not used"} {
		if !strings.Contains(strings.Join(strings.Fields(table), " "), strings.Join(strings.Fields(want), " ")) {
			tt.Errorf("the table does not say %q:\n%s", want, table)
		}
	}
}

// TestPrecision checks that numbers are float64, tensors float32, and gradients
// find their way where both meet.
func TestPrecision(tt *testing.T) {
	t := NewTape()
	c := t.Var("c", 0.1)
	x := t.Param("x", tensor.Full(3, 2, 2))
	y := c.Mul(x)
	L := y.Sum()
	t.Backward(L)
	if c.Item() != 0.1 || float32(c.GradItem()) != 12 || y.isExact() || c.Add(c).isExact() == false {
		tt.Errorf("c = %v, ∂L/∂c = %v", c.Item(), c.GradItem())
	}
	if g := x.Grad(); !slices.Equal(g.Shape, []int{2, 2}) || g.Data[3] != float32(0.1) {
		tt.Errorf("∂L/∂x = %v", g)
	}
	for _, s := range t.Steps() {
		if s.Node == "v2" {
			tt.Errorf("the table has the conversion: %v", s)
		}
	}
	if !strings.Contains(t.String(), "∂L/∂c += Σ ∂L/∂v3·x") {
		tt.Errorf("the rule of a repeated number:\n%v", t)
	}
}

func TestGradients(tt *testing.T) {
	t := NewTape()
	w := tensor.Full(2, 3)
	W, X := t.Param("W", w), t.Data("X", tensor.Full(5, 3))
	if &W.Value().Data[0] != &w.Data[0] {
		tt.Error("a Param has a copy of its tensor")
	}
	L := W.Mul(X).Sum()
	t.Backward(L)
	if X.Grad() != nil {
		tt.Errorf("data has gradient %v", X.Grad())
	}
	if g := W.Grad(); !slices.Equal(g.Data, []float32{5, 5, 5}) {
		tt.Errorf("gradient %v", g)
	}
	// Of another number on the same tape.
	M := W.Square().Sum()
	t.Backward(M)
	if g := W.Grad(); !slices.Equal(g.Data, []float32{4, 4, 4}) || t.root != M {
		tt.Errorf("gradient of the second number %v", g)
	}
	t.Backward(L)
	if g := W.Grad(); !slices.Equal(g.Data, []float32{5, 5, 5}) {
		tt.Errorf("gradient of the first again %v", g)
	}
}

func TestShow(tt *testing.T) {
	t := NewTape()
	W := t.Param("W <1>", tensor.Full(0.5, 3, 2))
	z := t.Data("X", tensor.Full(1, 4, 3)).MatMul(W).Named("XW")
	L := z.Add(t.Param("b", tensor.Full(-2, 2))).Tanh().Mean()
	t.Backward(L)
	text := t.String()
	for _, want := range []string{
		"∂L/∂node", "∂L/∂W <1> += Xᵀ·∂L/∂XW", "∂L/∂XW += ∂L/∂v4, ∂L/∂b += Σ ∂L/∂v4", "∂L/∂v5 += 1/8", "[4 2] length 4.2426", "[-2.00000 -2.00000]", "data",
	} {
		if !strings.Contains(text, want) {
			tt.Errorf("the table does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "∂L/∂X ") {
		tt.Errorf("data gets a rule:\n%s", text)
	}
	b := t.MIMEBundle()
	page := b["text/html"].(string)
	if b["text/plain"] != text || !strings.Contains(page, "W &lt;1&gt;") || strings.Contains(page, "<1>") {
		tt.Errorf("bundle %v", b)
	}
	if steps := t.Steps(); steps[0].Node != "L" || steps[0].Formula != "mean(v5)" || steps[len(steps)-1].Rule != "" {
		tt.Errorf("steps %+v", steps)
	}
	if w := width("y\u0302"); w != 1 {
		tt.Errorf("a letter with a mark is %d wide", w)
	}
	for _, c := range []struct {
		v    float64
		want string
	}{{0, "+0.00000"}, {-1e-7, "-1.0000e-07"}, {3e9, "+3.0000e+09"}, {math.NaN(), "NaN"}, {12.5, "+12.50000"}} {
		if got := figure(c.v, "%+.5f"); !strings.HasSuffix(got, c.want) {
			tt.Errorf("%v is shown as %q", c.v, got)
		}
	}
}
