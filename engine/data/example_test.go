// This file shows how datasets are made and changed.

package data_test

import (
	"fmt"
	"strings"

	"cajal/engine/data"
)

const irises = `length,width,kind
5.1,3.5,setosa
7.0,3.2,versicolor
6.3,,virginica
4.9,3.0,setosa
`

func ExampleReadCSV() {
	d, err := data.ReadCSV(strings.NewReader(irises), data.Table{Target: "kind"})
	fmt.Println(err)
	d, err = data.ReadCSV(strings.NewReader(irises), data.Table{Target: "kind", Missing: data.MissingSkip})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.FeatureNames(), d.Classes(), d.Labels())
	// Output:
	// data: csv: line 4, column "width": the value is missing ("")
	// hint: Table{Missing: data.MissingSkip} leaves such lines out, MissingMean and MissingZero fill them in
	// [length width] [setosa versicolor] [0 1 0]
}

func ExampleDataset_StandardScaler() {
	train, err := data.Arrays([][]float32{{1, 100}, {3, 300}}, []int{0, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	scaler, err := train.StandardScaler()
	if err != nil {
		fmt.Println(err)
		return
	}
	train, err = scaler.Apply(train)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(train.Inputs().Data)
	// Output: [-1 -1 1 1]
}

func ExampleCollect() {
	d, err := data.Collect(func(yield func(x, y any) bool) {
		for i := range 4 {
			if !yield([]float32{float32(i), float32(i * i)}, i%2) {
				return
			}
		}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for b := range d.Batches(3) {
		fmt.Println(b.X.Shape, b.X.Data, b.Labels)
	}
	// Output:
	// [3 2] [0 0 1 1 2 4] [0 1 0]
	// [1 2] [3 9] [1]
}

func ExampleDataset_Augment() {
	d, err := data.Arrays([][][]uint8{{{1, 2}, {3, 4}}}, []int{0})
	if err != nil {
		fmt.Println(err)
		return
	}
	train, err := d.Augment(data.FlipHorizontal(), data.FlipVertical())
	if err != nil {
		fmt.Println(err)
		return
	}
	for epoch := range 4 { // Fit does this by itself
		fmt.Println(train.Epoch(1, epoch).Example(0).Data)
	}
	// Output:
	// [3 4 1 2]
	// [1 2 3 4]
	// [4 3 2 1]
	// [3 4 1 2]
}
