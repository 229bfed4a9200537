// This file checks what mistakes look like, and that Check finds wrong gradients.

package grad

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"cajal/engine/tensor"
)

func TestMisuse(tt *testing.T) {
	t := NewTape()
	X, W := t.Data("X", tensor.New(32, 784)), t.Param("W", tensor.New(10, 784))
	s, v := t.Var("s", 1), t.Param("v", tensor.New(3))
	m, img := t.Param("m", tensor.New(4, 3)), t.Param("img", tensor.New(2, 5, 5, 3))
	col := t.Param("col", tensor.New(3, 1))
	other := NewTape().Var("other", 1)
	fresh := NewTape()
	fv := fresh.Var("fv", 1)
	empty := t.Param("empty", tensor.New(0, 3))
	for _, c := range []struct {
		name string
		f    func()
		want []string
	}{
		{"MatMul", func() { X.MatMul(W) }, []string{"grad.MatMul: the left side has 784 columns and the right side 10 rows", "got        X [32 784] and W [10 784]", "T() on the right side"}},
		{"Add", func() { m.Add(X) }, []string{"grad.Add: dimension 1 from the right is 3", "m [4 3] and X [32 784]"}},
		{"unnamed", func() { m.Square().Add(X) }, []string{"v8 [4 3] and X"}},
		{"other tape", func() { s.Mul(other) }, []string{"grad.Mul: s and other are on different tapes", "Param or Data"}},
		{"nil", func() { s.Mul(nil) }, []string{"grad.Mul: operand 1 is nil"}},
		{"other tape by name", func() { t.Exp("e", other) }, []string{"grad.Exp: other is on another tape"}},
		{"Backward of many", func() { t.Backward(m) }, []string{"grad.Backward: L must be a single number, but m has 12", "Sum() or Mean()"}},
		{"Backward of data", func() { t.Backward(X.Sum()) }, []string{"depends on nothing that takes a gradient", "t.Param"}},
		{"Backward elsewhere", func() { t.Backward(other) }, []string{"other is on another tape"}},
		{"Backward of nil", func() { t.Backward(nil) }, []string{"L is nil"}},
		{"Grad too early", func() { fv.Grad() }, []string{"grad.Grad: there are no gradients yet", "t.Backward(L)"}},
		{"GradItem too early", func() { fv.GradItem() }, []string{"grad.GradItem: there are no gradients yet"}},
		{"Item of many", func() { m.Item() }, []string{"grad.Item: m has 12 values, not 1", "[4 3]"}},
		{"nil tensor", func() { t.Param("p", nil) }, []string{`grad.Param: the tensor for "p" is nil`}},
		{"broken tensor", func() { t.Data("d", &tensor.Tensor{Shape: []int{2}, Data: []float32{1}}) }, []string{"grad.Data: d: its shape does not go with its 1 values"}},
		{"Transpose", func() { m.Transpose(0) }, []string{"grad.Transpose: 1 axes were named"}},
		{"Reshape", func() { m.Reshape(5, -1) }, []string{"grad.Reshape: 12 values cannot be cut"}},
		{"Flatten", func() { s.Flatten() }, []string{"grad.Flatten: a single number has no examples"}},
		{"ExpandDims", func() { m.ExpandDims(5) }, []string{"grad.ExpandDims: there is no axis 5"}},
		{"Squeeze", func() { m.Squeeze(0) }, []string{"grad.Squeeze: axis 0 has size 4"}},
		{"BroadcastTo", func() { m.BroadcastTo(3) }, []string{"grad.BroadcastTo: the shape [3] is smaller"}},
		{"BroadcastTo other", func() { m.BroadcastTo(5, 4) }, []string{"grad.BroadcastTo"}},
		{"Slice", func() { m.Slice(0, 2, 9) }, []string{"grad.Slice: 2 up to 9 cannot be taken of axis 0"}},
		{"Index", func() { m.Index(2, 0) }, []string{"grad.Index: there is no axis 2"}},
		{"Take", func() { m.Take(0, []int{4}) }, []string{"grad.Take: index 4"}},
		{"Pick", func() { m.Pick([]int{0, 1, 2}) }, []string{"grad.Pick: there are 3 labels for 4 rows"}},
		{"Concat", func() { Concat(0, m, v) }, []string{"grad.Concat: operand 1 does not have the shape", "m [4 3] and v [3]"}},
		{"Concat nothing", func() { Concat(0) }, []string{"grad.Concat: there is nothing to join"}},
		{"Stack", func() { Stack(0, m, v) }, []string{"grad.Stack: operand 1"}},
		{"Sum", func() { m.Sum(7) }, []string{"grad.Sum: there is no axis 7"}},
		{"Variance", func() { m.Variance(7) }, []string{"grad.Variance: there is no axis 7"}},
		{"Max of nothing", func() { empty.Max(0) }, []string{"grad.Max: there is no largest of no numbers"}},
		{"Conv2D", func() { img.Conv2D(m) }, []string{"grad.Conv2D: filters have rank 2, not 4"}},
		{"Conv2D large", func() { img.Conv2D(t.Param("w", tensor.New(6, 6, 3, 1))) }, []string{"a 6x6 filter does not fit on a 5x5 image", "grad.Same"}},
		{"MaxPool2D", func() { img.MaxPool2D(6) }, []string{"a 6x6 window does not fit"}},
		{"AvgPool1D", func() { img.AvgPool1D(2) }, []string{"sequences have rank 4, not 3"}},
		{"MaxPool2D", func() { img.MaxPool2D(2, Stride(0)) }, []string{"the stride is 0"}},
		{"DepthwiseConv2D", func() { img.DepthwiseConv2D(m) }, []string{"filters have rank 2, not 4"}},
		{"Conv2DTranspose", func() { img.Conv2DTranspose(m) }, []string{"[height width filters channels]"}},
		{"BackwardFrom", func() { m.Tape().BackwardFrom(m, tensor.New(9)) }, []string{"must have its shape", "[9]"}},
		{"AvgPool2D", func() { m.AvgPool2D(2) }, []string{"images have rank 2, not 4"}},
		{"LayerNorm", func() { s.LayerNorm(v, v) }, []string{"grad.LayerNorm"}},
		{"BatchNorm", func() { v.BatchNorm(v, v) }, []string{"grad.BatchNorm: there is no batch"}},
		{"Dropout", func() { v.Dropout(1, 0) }, []string{"the rate is 1, but must be in [0, 1)"}},
		{"MSE", func() { v.MSE(col) }, []string{"grad.MSE: prediction and truth differ in shape", "v [3] and col [3 1]", "Reshape(3) on the truth"}},
		{"MSE other size", func() { m.MSE(v) }, []string{"differ in shape"}},
		{"MAE other tape", func() { s.MAE(other) }, []string{"on different tapes"}},
		{"Huber", func() { v.Huber(v, 0) }, []string{"delta is 0"}},
		{"labels", func() { m.SparseCategoricalCrossEntropy([]int{0, 1, 2, 3}) }, []string{"label 3 of example 3 is not one of 3 classes", "labels are 0 to 2"}},
		{"labels few", func() { m.SparseCategoricalCrossEntropy([]int{0}) }, []string{"there are 1 labels for 4 rows"}},
		{"labels of a number", func() { s.SparseCategoricalCrossEntropy([]int{0}) }, []string{"a single number has no classes"}},
		{"categorical of a number", func() { s.CategoricalCrossEntropy(s) }, []string{"a single number has no classes"}},
	} {
		err := tensor.Catch(c.f)
		var op *tensor.OpError
		if !errors.As(err, &op) {
			tt.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				tt.Errorf("%s: the message\n%s\ndoes not say %q", c.name, err, w)
			}
		}
	}
}

func TestCheckFinds(tt *testing.T) {
	calls := 0.0
	relu := func(df func(x, y float64) float64) func(t *Tape) *Var {
		return func(t *Tape) *Var {
			x := t.Param("x", tensor.Linspace(-1, 1, 5))
			return x.Map("relu", func(x float64) float64 { return max(x, 0) }, df).Sum()
		}
	}
	slopeOf := func(atZero float64) func(x, y float64) float64 {
		return func(x, _ float64) float64 {
			switch {
			case x > 0:
				return 1
			case x < 0:
				return 0
			}
			return atZero
		}
	}
	for _, c := range []struct {
		name string
		f    func(t *Tape) *Var
		want string // of the error; "" for none
	}{
		{"right", relu(slopeOf(0)), ""},
		{"right in the middle of the kink", relu(slopeOf(0.5)), ""},
		{"right at the kink", relu(slopeOf(0.9)), ""},
		{"wrong at the kink", relu(slopeOf(1.01)), "the gradient of x[2] is 1.01, but the central difference is 0.5"},
		{"wrong elsewhere", relu(func(x, _ float64) float64 { return 1 }), "the gradient of x[0] is 1, but the central difference is 0"},
		{"a factor", func(t *Tape) *Var {
			return t.Var("s", 3).Map("square", func(x float64) float64 { return x * x }, func(x, _ float64) float64 { return x })
		}, "the gradient of s is 3, but the central difference is 6"},
		{"one of many", func(t *Tape) *Var {
			x := t.Param("x", tensor.Normal(1, 0, 1, 20, 10))
			return x.Map("f", math.Sin, func(x, _ float64) float64 {
				if float32(x) == tensor.Normal(1, 0, 1, 20, 10).At(13, 7) {
					return 2
				}
				return math.Cos(x)
			}).Sum()
		}, "the gradient of x[13 7] is 2"},
		{"NaN in a gradient", func(t *Tape) *Var {
			return t.Var("s", 3).Map("f", math.Sin, func(_, _ float64) float64 { return math.NaN() })
		}, "the gradient of s is NaN"},
		{"NaN", func(t *Tape) *Var { return t.Var("s", -1).Log() }, "f gives NaN"},
		{"random", func(t *Tape) *Var {
			calls++
			return t.Var("s", 1).Scale(calls)
		}, "f gives 1 the first time and 2 the second"},
		{"other inputs", func(t *Tape) *Var {
			if calls++; int(calls)%2 == 0 {
				t.Var("more", 1)
			}
			return t.Var("s", 1).Square()
		}, "f gives"},
	} {
		r := Check(c.f)
		err := r.Err()
		switch {
		case c.want == "" && err != nil:
			tt.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			tt.Errorf("%s: error %v, want %q", c.name, err, c.want)
		case err != nil && !strings.Contains(r.String(), err.Error()):
			tt.Errorf("%s: the report does not show the error:\n%v", c.name, r)
		}
		if c.name == "right at the kink" && r.Inputs[0].Kinks != 1 {
			tt.Errorf("%s: %d kinks", c.name, r.Inputs[0].Kinks)
		}
	}
	if w := (&Report{}).Worst(); w != nil {
		tt.Errorf("worst of nothing: %v", w)
	}
}

func TestReport(tt *testing.T) {
	r := Check(func(t *Tape) *Var {
		return t.Param("<W>", tensor.Normal(1, 0, 1, 30, 20)).Tanh().Sum().Named("E")
	})
	in := r.Inputs[0]
	if in.Checked != 200 || len(in.Index) != 2 || r.Err() != nil {
		tt.Errorf("report %+v", in)
	}
	if s := r.String(); !strings.HasPrefix(s, "gradient check ∂E/∂<W>[") || !strings.HasSuffix(s, "(worst of 200 out of 600)") {
		tt.Errorf("report %q", s)
	}
	b := r.MIMEBundle()
	if page := b["text/html"].(string); b["text/plain"] != r.String() || !strings.Contains(page, "∂E/∂&lt;W&gt;") || strings.Contains(page, "<W>") || !strings.Contains(page, "200 of 600") {
		tt.Errorf("bundle %v", b)
	}
	few := CheckSome(func(t *Tape) *Var {
		return t.Param("x", tensor.Linspace(0, 9, 10)).Square().Sum()
	}, 3)
	if in := few.Inputs[0]; in.Checked != 3 || few.Err() != nil {
		tt.Errorf("report of a few %+v", in)
	}
	if got := picks([]float64{1, -9, 2, math.NaN(), 0, 3}, 3); !slices.Equal(got, []int{0, 1, 3}) {
		tt.Errorf("picked %v", got)
	}
	if got := picks([]float64{1, 2}, 3); !slices.Equal(got, []int{0, 1}) {
		tt.Errorf("picked %v of two", got)
	}
	bad := Check(func(t *Tape) *Var { return t.Var("s", -1).Log() })
	if page := bad.MIMEBundle()["text/html"].(string); !strings.Contains(page, "f gives NaN") {
		tt.Errorf("bundle of a fault %v", page)
	}
}
