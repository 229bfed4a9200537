// This file checks what operations compute, by hand and by properties. The
// routines behind them have tests of their own, against plain loops.

package tensor

import (
	"math"
	"slices"
	"testing"
)

func of(shape []int, values ...float32) *Tensor {
	t, err := FromSlice(values, shape...)
	if err != nil {
		panic(err)
	}
	return t
}

func TestOperations(t *testing.T) {
	a := of([]int{2, 3}, 1, -2, 3, 4, 0, -6)
	row, col := of([]int{3}, 10, 20, 30), of([]int{2, 1}, 100, 200)
	nan := float32(math.NaN())
	for _, c := range []struct {
		name      string
		got, want *Tensor
	}{
		{"add row", a.Add(row), of([]int{2, 3}, 11, 18, 33, 14, 20, 24)},
		{"sub column", a.Sub(col), of([]int{2, 3}, -99, -102, -97, -196, -200, -206)},
		{"column sub", col.Sub(a), of([]int{2, 3}, 99, 102, 97, 196, 200, 206)},
		{"column and row", col.Add(row), of([]int{2, 3}, 110, 120, 130, 210, 220, 230)},
		{"mul", a.Mul(a), of([]int{2, 3}, 1, 4, 9, 16, 0, 36)},
		{"div number", a.Div(Scalar(2)), of([]int{2, 3}, 0.5, -1, 1.5, 2, 0, -3)},
		{"number div", Scalar(12).Div(of([]int{2}, 3, 4)), of([]int{2}, 4, 3)},
		{"numbers", Scalar(12).Add(Scalar(3)), Scalar(15)},
		{"maximum", a.Maximum(Scalar(0)), of([]int{2, 3}, 1, 0, 3, 4, 0, 0)},
		{"minimum", a.Minimum(of([]int{1}, 1)), of([]int{2, 3}, 1, -2, 1, 1, 0, -6)},
		{"zip", a.Zip(row, func(x, y float32) float32 { return x - y }), a.Sub(row)},
		{"scale", a.Scale(-2), of([]int{2, 3}, -2, 4, -6, -8, 0, 12)},
		{"shift", a.Shift(1), of([]int{2, 3}, 2, -1, 4, 5, 1, -5)},
		{"neg", row.Neg(), of([]int{3}, -10, -20, -30)},
		{"abs", a.Abs(), of([]int{2, 3}, 1, 2, 3, 4, 0, 6)},
		{"square", row.Square(), of([]int{3}, 100, 400, 900)},
		{"sqrt", of([]int{2}, 4, 9).Sqrt(), of([]int{2}, 2, 3)},
		{"pow", of([]int{2}, 4, 9).Pow(1.5), of([]int{2}, 8, 27)},
		{"exp", of([]int{2}, 0, 1).Exp(), of([]int{2}, 1, math.E)},
		{"log", of([]int{2}, 1, math.E).Log(), of([]int{2}, 0, 0.99999994)},
		{"tanh", of([]int{2}, 0, 1).Tanh(), of([]int{2}, 0, 0.7615942)},
		{"sigmoid", of([]int{3}, 0, 1, -100).Sigmoid(), of([]int{3}, 0.5, 0.7310586, 3.783506e-44)},
		{"relu", a.ReLU(), of([]int{2, 3}, 1, 0, 3, 4, 0, 0)},
		{"map", row.Map(func(x float64) float64 { return x / 10 }), of([]int{3}, 1, 2, 3)},
		{"matmul", a.MatMul(of([]int{3, 2}, 1, 0, 0, 1, 1, 1)), of([]int{2, 2}, 4, 1, -2, -6)},
		{"row matmul", of([]int{2}, 1, 10).MatMul(a), of([]int{3}, 41, -2, -57)},
		{"matmul column", a.MatMul(of([]int{3}, 1, 1, 1)), of([]int{2}, 2, -2)},
		{"dot", row.MatMul(row), Scalar(1400)},
		{"T", a.T(), of([]int{3, 2}, 1, 4, -2, 0, 3, -6)},
		{"transpose", count(2, 3, 4).Transpose(1, 0, 2).Index(0, 2), of([]int{2, 4}, 8, 9, 10, 11, 20, 21, 22, 23)},
		{"reversed", count(2, 1, 3).T(), of([]int{3, 1, 2}, 0, 3, 1, 4, 2, 5)},
		{"expand", row.ExpandDims(-1), of([]int{3, 1}, 10, 20, 30)},
		{"squeeze", count(1, 3, 1).Squeeze(), of([]int{3}, 0, 1, 2)},
		{"squeeze one", count(1, 3, 1).Squeeze(-1), of([]int{1, 3}, 0, 1, 2)},
		{"broadcast", col.BroadcastTo(2, 2), of([]int{2, 2}, 100, 100, 200, 200)},
		{"slice", a.Slice(1, 1, 3), of([]int{2, 2}, -2, 3, 0, -6)},
		{"slice from the end", a.Slice(1, -2, -1), of([]int{2, 1}, -2, 0)},
		{"slice of nothing", a.Slice(0, 1, 1), New(0, 3)},
		{"take", a.Take(1, []int{2, 0, 2}), of([]int{2, 3}, 3, 1, 3, -6, 4, -6)},
		{"index", a.Index(0, -1), of([]int{3}, 4, 0, -6)},
		{"index to a number", row.Index(0, 1), Scalar(20)},
		{"concat", Concat(0, a, of([]int{1, 3}, 7, 8, 9)), of([]int{3, 3}, 1, -2, 3, 4, 0, -6, 7, 8, 9)},
		{"concat columns", Concat(-1, a, col), of([]int{2, 4}, 1, -2, 3, 100, 4, 0, -6, 200)},
		{"stack", Stack(0, row, row.Neg()), of([]int{2, 3}, 10, 20, 30, -10, -20, -30)},
		{"stack last", Stack(-1, row, row.Neg()), of([]int{3, 2}, 10, -10, 20, -20, 30, -30)},
		{"stack numbers", Stack(0, Scalar(1), Scalar(2)), of([]int{2}, 1, 2)},
		{"sum", a.Sum(), Scalar(0)},
		{"sum of a number", Scalar(3).Sum(), Scalar(3)},
		{"sum columns", a.Sum(0), of([]int{3}, 5, -2, -3)},
		{"sum rows", a.Sum(-1), of([]int{2}, 2, -2)},
		{"sum apart", count(2, 3, 2).Sum(0, 2), of([]int{3}, 14, 22, 30)},
		{"mean", a.Mean(0), of([]int{3}, 2.5, -1, -1.5)},
		{"mean of all", row.Mean(), Scalar(20)},
		{"mean of none", New(0, 2).Mean(0), of([]int{2}, nan, nan)},
		{"variance", of([]int{2, 2}, 1, 3, 5, 5).Variance(1), of([]int{2}, 1, 0)},
		{"std", of([]int{2, 2}, 1, 5, 5, 5).Std(1), of([]int{2}, 2, 0)},
		{"max", a.Max(1), of([]int{2}, 3, 4)},
		{"min", a.Min(0), of([]int{3}, 1, -2, -6)},
		{"max of all", a.Max(), Scalar(4)},
		{"max with NaN", of([]int{3}, 1, nan, 2).Max(), Scalar(nan)},
		{"logsumexp", of([]int{2}, 1000, 1000).LogSumExp(), Scalar(1000 + math.Ln2)},
		{"logsumexp of none", New(2, 0).LogSumExp(1), of([]int{2}, float32(math.Inf(-1)), float32(math.Inf(-1)))},
		{"softmax", of([]int{2}, 1000, 1000).Softmax(0), of([]int{2}, 0.5, 0.5)},
		{"softmax columns", of([]int{2, 2}, 0, 5, 0, 5).Softmax(0), Full(0.5, 2, 2)},
		{"logsoftmax", of([]int{2}, 0, -200).LogSoftmax(0), of([]int{2}, 0, -200)},
		{"one hot", OneHot([]int{1, 0}, 3), of([]int{2, 3}, 0, 1, 0, 1, 0, 0)},
		{"eye", Eye(2), of([]int{2, 2}, 1, 0, 0, 1)},
		{"full", Full(7), Scalar(7)},
		{"linspace", Linspace(-1, 1, 5), of([]int{5}, -1, -0.5, 0, 0.5, 1)},
		{"linspace of one", Linspace(3, 9, 1), of([]int{1}, 3)},
		{"empty", New(0, 3).Add(row), New(0, 3)},
		{"zero value", new(Tensor).Exp(), New(0)},
		{"in place", count(3).AddScaled(-2, of([]int{3}, 1, 1, 1)), of([]int{3}, -2, -1, 0)},
	} {
		if !slices.Equal(c.got.Shape, c.want.Shape) || !slices.EqualFunc(c.got.Data, c.want.Data, func(x, y float32) bool { return x == y || x != x && y != y }) {
			t.Errorf("%s: got\n%v\nwant\n%v", c.name, c.got, c.want)
		}
		if err := c.got.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if got := a.ArgmaxAxis(0); !slices.Equal(got, []int{1, 1, 0}) {
		t.Errorf("argmax of columns %v", got)
	}
	if got := a.ArgmaxAxis(1); !slices.Equal(got, []int{2, 0}) {
		t.Errorf("argmax of rows %v", got)
	}
	if got := Scalar(3).Argmax(); !slices.Equal(got, []int{0}) {
		t.Errorf("argmax of a number %v", got)
	}
}

// TestOwn checks that results are copies, and are not changed with an operand.
func TestOwn(t *testing.T) {
	a := count(2, 3)
	for name, b := range map[string]*Tensor{
		"scale": a.Scale(1), "softmax": a.Softmax(1), "slice": a.Slice(0, 0, 2), "sum": a.Sum(), "transpose": a.Transpose(0, 1),
		"take": a.Take(0, []int{0, 1}), "broadcast": a.BroadcastTo(2, 3), "concat": Concat(0, a),
	} {
		before := b.String()
		a.Shape[0], a.Data[0] = 7, 99
		if b.String() != before {
			t.Errorf("%s shares with its operand", name)
		}
		a.Shape[0], a.Data[0] = 2, 0
	}
}

func TestRows(t *testing.T) {
	m, err := FromRows([][]float32{{1, 2}, {3, 4}, {5, 6}})
	if err != nil || !slices.Equal(m.Shape, []int{3, 2}) || m.At(2, 1) != 6 {
		t.Errorf("rows %v, %v", m, err)
	}
	if m, err = FromRows(nil); err != nil || m.Check() != nil || m.Size() != 0 {
		t.Errorf("no rows: %v, %v", m, err)
	}
	if _, err = FromRows([][]float32{{1, 2}, {3}}); err == nil || err.Error() != "tensor: row 1 has 1 numbers, but row 0 has 2; rows of a matrix have the same length" {
		t.Errorf("ragged rows: %v", err)
	}
}

func TestRandom(t *testing.T) {
	u := Uniform(1, -2, 4, 100_000)
	if s := u.Stats(); s.Min < -2 || s.Max >= 4 || math.Abs(s.Mean-1) > 0.02 || math.Abs(float64(u.Variance().Item())-3) > 0.03 {
		t.Errorf("uniform: %+v, variance %v", s, u.Variance().Item())
	}
	n := Normal(1, 5, 2, 99_999)
	third := n.Shift(-5).Pow(3).Mean().Item()
	fourth := n.Shift(-5).Pow(4).Mean().Item() / 16
	if math.Abs(float64(n.Mean().Item())-5) > 0.03 || math.Abs(float64(n.Std().Item())-2) > 0.02 || math.Abs(float64(third)) > 0.4 || math.Abs(float64(fourth)-3) > 0.1 {
		t.Errorf("normal: mean %v, std %v, third moment %v, fourth %v", n.Mean().Item(), n.Std().Item(), third, fourth)
	}
	if a, b := Normal(7, 0, 1, 3, 4), Normal(7, 0, 1, 3, 4); !slices.Equal(a.Data, b.Data) {
		t.Error("the same seed gives other numbers")
	}
	if a, b := Normal(7, 0, 1, 4), Normal(8, 0, 1, 4); slices.Equal(a.Data, b.Data) {
		t.Error("another seed gives the same numbers")
	}
}

// TestLarge crosses the size from which a product is shared between goroutines,
// and sums that would lose digits in float32.
func TestLarge(t *testing.T) {
	a, b := Normal(1, 0, 1, 300, 257), Normal(2, 0, 1, 257, 301)
	c := a.MatMul(b)
	for _, at := range [][2]int{{0, 0}, {299, 300}, {151, 7}, {6, 299}} {
		want := 0.0
		for k := range 257 {
			want += float64(a.At(at[0], k)) * float64(b.At(k, at[1]))
		}
		if got := float64(c.At(at[0], at[1])); math.Abs(got-want) > 1e-4 {
			t.Errorf("product at %v is %v, want %v", at, got, want)
		}
	}
	if m := Full(0.1, 3_000_000).Mean().Item(); m != 0.1 {
		t.Errorf("mean of three million tenths is %v", m)
	}
}
