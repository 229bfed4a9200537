package chart_test

import (
	"fmt"

	"cajal/display/chart"
)

func Example() {
	f := chart.Line([]float64{0.57, 0.30, 0.27, 0.25, 0.24},
		chart.Name("train"),
		chart.Series("validation", []float64{0.32, 0.28, 0.26, 0.26, 0.25}),
		chart.Title("Loss"), chart.XLabel("epoch"))
	fmt.Println(f)
	// Output: Loss: line chart. train, 5 values from 0.24 to 0.57, first 0.57, last 0.24; validation, 5 values from 0.25 to 0.32, first 0.32, last 0.25
}

func ExampleConfusion() {
	truth := []int{0, 0, 1, 1, 2, 2}
	predicted := []int{0, 0, 1, 2, 2, 2}
	fmt.Println(chart.Confusion(truth, predicted, chart.Classes("cat", "dog", "bird")))
	// Output: confusion matrix of 3 classes: 5 of 6 right, 83.3%; most often mixed up: dog as bird (1)
}

func ExampleFigure_Err() {
	f := chart.Line("not numbers")
	fmt.Println(f.Err())
	// Output: chart.Line: y is a string; a slice of numbers was expected
}
