// This file works out what Explain writes: every sum that it writes in full must come to
// what it says.

package nn

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"cajal/engine/grad"
	"cajal/engine/tensor"
)

var (
	more = regexp.MustCompile(` of \d+ more`)
	root = regexp.MustCompile(`√\(([^()]*)\)`)
)

// worth evaluates an expression of numbers.
func worth(t *testing.T, text string) float64 {
	t.Helper()
	text = more.ReplaceAllString(strings.ReplaceAll(text, "·", "*"), "")
	text = root.ReplaceAllStringFunc(text, func(s string) string {
		return fmt.Sprint(math.Sqrt(worth(t, root.FindStringSubmatch(s)[1])))
	})
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	f, _ := constant.Float64Val(v.Value)
	return f
}

func TestSigned(t *testing.T) {
	for v, want := range map[float64]string{
		0: "+0.000", math.Copysign(0, -1): "+0.000", 1: "+1.000", -0.5: "-0.500", -0.0123: "-0.012",
		0.00421: "+0.0042", -2.06e-5: "-2.1e-05", 1.6e-11: "+1.6e-11", 4321.5: "+4321.500",
	} {
		if got := signed(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	own := Custom("Own", func(x *grad.Var, w []*grad.Var) *grad.Var { return x.MatMul(w[0]) }, Weight{Name: "w", Shape: []int{-1, 3}})
	all := map[string]*Model{
		"own":     Sequential(Input(3), own, Dense(2, Softmax)),
		"strides": Sequential(Input(7, 6, 2), Conv2D(3, 3, 2, Stride(2), Same, ReLU), Conv2DTranspose(2, 3, 2, Stride(2), Same), DepthwiseConv2D(2, 2, Multiplier(2)), AvgPool2D(3, Stride(2)), Flatten(), Dense(3, Softmax)),
	}
	for name, m := range models() {
		all[name] = m
	}
	kinds := map[string]int{}
	for name, m := range all {
		x := tensor.New(m.InputShape()...)
		for i := range x.Data {
			x.Data[i] = float32((i*5+3)%7) / 2
			if name != "images" {
				x.Data[i] = float32((i*5 + 3) % 7)
			}
		}
		outputs := product(m.OutputShape())
		e, err := m.Explain(x, make([]float32, outputs), MSE{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := e.Check.Err(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		text := e.String()
		for _, bad := range []string{"{", "%!", "= \n"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: %q in\n%s", name, bad, text)
			}
		}
		forward := map[string]bool{}
		for _, l := range e.Forward {
			forward[l.Layer] = true
		}
		infos := m.Layers()
		for _, info := range infos {
			if !forward[info.Name] {
				t.Errorf("%s: %s has no line", name, info.Name)
			}
		}
		kindOf := map[string]string{}
		for _, info := range infos {
			kindOf[info.Name] = info.Kind
		}
		for _, l := range append(append([]Line{}, e.Forward...), e.Backward...) {
			parts := strings.Split(l.Number, " = ")
			if len(parts) < 3 { // nothing, or an activation
				continue
			}
			sum, result := parts[len(parts)-2], parts[len(parts)-1]
			want, err := strconv.ParseFloat(result, 64)
			if err != nil {
				t.Fatalf("%s: %q", name, l.Number)
			}
			if got := worth(t, sum); math.Abs(got-want) > 0.02*(1+math.Abs(want)) {
				t.Errorf("%s: %q comes to %v", name, l.Number, got)
			}
			if len(parts) == 3 {
				kinds[kindOf[l.Layer]]++
			}
		}
		if !strings.Contains(e.MIMEBundle()["text/html"].(string), "step by step") {
			t.Errorf("%s: no page", name)
		}
	}
	for _, kind := range []string{"Dense", "Conv1D", "Conv2D", "DepthwiseConv2D", "Conv2DTranspose", "MaxPool1D", "MaxPool2D", "AvgPool1D", "AvgPool2D", "BatchNorm", "LayerNorm", "Add", "Multiply"} {
		if kinds[kind] == 0 {
			t.Errorf("no number of a %s was written", kind)
		}
	}
	// The loss of the last Fit is used where it suits.
	m := Sequential(Input(3), Dense(2, Tanh))
	if _, err := m.Fit(targeted(t, 9, 2, 3), Fit{Loss: HalfMSE{}}); err != nil {
		t.Fatal(err)
	}
	e, err := m.Explain(tensor.New(1, 3), []float32{1, 0})
	if err != nil || e.LossName != "half mean squared error" {
		t.Errorf("explained with %v, %v", e, err)
	}
	for want, f := range map[string]func() error{
		"one example has shape [3]": func() error { _, err := m.Explain(tensor.New(4), 1); return err },
		"the truth is a string":     func() error { _, err := m.Explain(tensor.New(3), "one"); return err },
		"2 losses":                  func() error { _, err := m.Explain(tensor.New(3), 1, MSE{}, MAE{}); return err },
		"a model needs layers":      func() error { _, err := Sequential().Explain(tensor.New(3), 1); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
