// This file checks what mistakes in shapes look like, and that results are right
// where shapes are unusual.

package tensor

import (
	"errors"
	"strings"
	"testing"
)

func TestOpErrors(t *testing.T) {
	broken := &Tensor{Shape: []int{3}, Data: []float32{1}}
	for _, c := range []struct {
		name string
		f    func()
		want []string
	}{
		{"At range", func() { count(2, 3).At(0, 3) }, []string{"tensor.At: index [0 3] is out of range", "got        [2 3]"}},
		{"At negative", func() { count(2, 3).At(-1, 0) }, []string{"index [-1 0] is out of range"}},
		{"Set few", func() { count(2, 3).Set(1, 1) }, []string{"tensor.Set: index [1] has 1 numbers, but there are 2 dimensions"}},
		{"Row", func() { count(2, 3).Row(2) }, []string{"tensor.Row: row 2 is out of range"}},
		{"Row of nothing", func() { New().Row(0) }, []string{"tensor.Row"}},
		{"Item", func() { count(2).Item() }, []string{"there are 2 values, not 1"}},
		{"Reshape", func() { count(2, 3).Reshape(4, 2) }, []string{"tensor.Reshape: there are 6 values, and [4 2] has room for 8", "-1 in place"}},
		{"Reshape negative", func() { count(6).Reshape(-2, -3) }, []string{"[-2 -3] has a negative dimension"}},
		{"Reshape two free", func() { count(6).Reshape(-1, -1) }, []string{"more than one -1"}},
		{"Reshape rest", func() { count(6).Reshape(-1, 4) }, []string{"6 values cannot be cut into [-1 4]"}},
		{"Reshape by zero", func() { count(6).Reshape(-1, 0) }, []string{"6 values cannot be cut into [-1 0]"}},
		{"Reshape huge", func() { count(6).Reshape(1<<40, 1<<40) }, []string{"too large"}},
		{"Add", func() { count(2, 3).Add(count(2)) }, []string{"tensor.Add: dimension 1 from the right is 3 on the left side and 2 on the right", "got        [2 3] and [2]", "fix        ExpandDims(-1) on the right side"}},
		{"Mul", func() { count(2).Mul(count(2, 3)) }, []string{"ExpandDims(-1) on the left side"}},
		{"Sub", func() { count(2, 3).Sub(count(3, 2)) }, []string{"T() transposes one of them"}},
		{"Div", func() { count(4).Div(count(3)) }, []string{"tensor.Div"}},
		{"nil", func() { count(4).Maximum(nil) }, []string{"tensor.Maximum: an operand is nil"}},
		{"broken", func() { count(3).Minimum(broken) }, []string{"tensor.Minimum: an operand's shape does not go with its 1 values", "[3]"}},
		{"AddScaled", func() { count(2, 3).AddScaled(1, count(3)) }, []string{"in place nothing is broadcast"}},
		{"MatMul", func() { count(32, 784).MatMul(count(10, 784)) }, []string{"tensor.MatMul: the left side has 784 columns and the right side 10 rows", "[32 784] and [10 784]", "T() on the right side makes it [784 10]"}},
		{"MatMul left", func() { count(784, 32).MatMul(count(784, 10)) }, []string{"T() on the left side makes it [32 784]"}},
		{"MatMul images", func() { count(5, 4, 3).MatMul(count(12, 2)) }, []string{"Reshape(5, 12) makes every example of the left side one row"}},
		{"MatMul stacks", func() { count(2, 3, 4).MatMul(count(5, 4, 3)) }, []string{"the dimensions before the last two do not broadcast"}},
		{"MatMul number", func() { Scalar(2).MatMul(count(2)) }, []string{"a single number has no rows or columns", "Mul or Scale"}},
		{"Transpose twice", func() { count(2, 3).Transpose(0, 0) }, []string{"axis 0 is named twice in [0 0]"}},
		{"Transpose few", func() { count(2, 3).Transpose(1) }, []string{"1 axes were named, but there are 2"}},
		{"ExpandDims", func() { count(2).ExpandDims(3) }, []string{"tensor.ExpandDims: there is no axis 3", "axes are 0 to 1"}},
		{"Squeeze", func() { count(2, 1).Squeeze(0) }, []string{"axis 0 has size 2, and only a 1 can be taken out"}},
		{"BroadcastTo", func() { count(2, 3).BroadcastTo(3) }, []string{"the shape [3] is smaller"}},
		{"Slice", func() { count(2, 3).Slice(1, 1, 4) }, []string{"1 up to 4 cannot be taken of axis 1, whose size is 3"}},
		{"Slice backwards", func() { count(2, 3).Slice(1, 2, 1) }, []string{"2 up to 1 cannot be taken"}},
		{"Slice axis", func() { count(2, 3).Slice(2, 0, 1) }, []string{"there is no axis 2", "axes are 0 to 1, or -1 for the last"}},
		{"Take", func() { count(2, 3).Take(0, []int{0, 2}) }, []string{"index 2 (number 1 of 2) is not in axis 0, whose size is 2"}},
		{"Index", func() { count(2, 3).Index(0, -3) }, []string{"tensor.Index: index -1"}},
		{"Concat", func() { Concat(0, count(2, 3), count(2, 4)) }, []string{"tensor.Concat: operand 1 does not have the shape of the first but for axis 0", "[2 3] and [2 4]"}},
		{"Concat nothing", func() { Concat(0) }, []string{"there is nothing to join"}},
		{"Stack", func() { Stack(0, count(2), count(3)) }, []string{"operand 1 does not have the shape of the first"}},
		{"Stack nothing", func() { Stack(0) }, []string{"there is nothing to stack"}},
		{"Sum", func() { count(2, 3).Sum(-3) }, []string{"tensor.Sum: there is no axis -3"}},
		{"Sum twice", func() { count(2, 3).Sum(1, -1) }, []string{"axis -1 is named twice"}},
		{"Sum of a number", func() { Scalar(1).Sum(0) }, []string{"a single number has none"}},
		{"Max of nothing", func() { New(0, 3).Max(0) }, []string{"there is no largest of no numbers", "[0 3]"}},
		{"OneHot", func() { OneHot([]int{1, 10}, 10) }, []string{"label 10 of example 1 is not one of 10 classes", "labels are 0 to 9"}},
		{"Full", func() { Full(1, 2, -1) }, []string{"there is no shape [2 -1]"}},
	} {
		err := Catch(c.f)
		var op *OpError
		if !errors.As(err, &op) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: the message\n%s\ndoes not say %q", c.name, err, w)
			}
		}
	}
}

func TestCatch(t *testing.T) {
	if err := Catch(func() { count(2).Add(count(2)) }); err != nil {
		t.Error(err)
	}
	defer func() {
		if e := recover(); e != "other" {
			t.Errorf("another panic became %v", e)
		}
	}()
	_ = Catch(func() { panic("other") })
	t.Error("another panic was swallowed")
}
