package tensor_test

import (
	"fmt"

	"cajal/engine/tensor"
)

// The formula of a layer, F1: y = f(XW + b), for two examples of three inputs.
func Example() {
	x, _ := tensor.FromRows([][]float32{{1, 2, 3}, {0, 0, 1}})
	w := tensor.Full(0.5, 3, 2)
	b, _ := tensor.FromSlice([]float32{-1, 1})
	fmt.Println(x.MatMul(w).Add(b).ReLU())
	// Output:
	// tensor [2 2] · min 0 max 4 mean 1.875
	//   2   4
	//   0 1.5
}

// Broadcasting puts every column of a table on the same scale.
func ExampleTensor_Sub() {
	x, _ := tensor.FromRows([][]float32{{1, 100}, {3, 300}})
	fmt.Println(x.Sub(x.Mean(0)).Div(x.Std(0)))
	// Output:
	// tensor [2 2] · min -1 max 1 mean 0
	// -1 -1
	//  1  1
}

// A mistake in shapes stops the cell with the operation, the shapes and the fix.
func ExampleCatch() {
	x, w := tensor.New(32, 784), tensor.New(10, 784)
	err := tensor.Catch(func() { x.MatMul(w) })
	fmt.Println(err)
	// Output:
	// tensor.MatMul: the left side has 784 columns and the right side 10 rows; they must be the same
	//       got        [32 784] and [10 784]
	//       fix        T() on the right side makes it [784 10]
}
