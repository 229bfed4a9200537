package neuro_test

import (
	"fmt"

	"cajal/engine/neuro"
	"cajal/engine/tensor"
)

// How often a neuron fires under a constant current: simulated, and by the
// formula.
func ExampleLIF() {
	cell := neuro.NewLIF()
	cell.Refractory = 2
	for _, current := range []float64{1, 2, 4} {
		trace, err := cell.Run(neuro.Constant(current, 10_000), 0.1)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%v nA: %.0f spikes a second, formula %.1f\n", current, trace.Rate(), cell.Rate(current))
	}
	// Output:
	// 1 nA: 0 spikes a second, formula 0.0
	// 2 nA: 63 spikes a second, formula 63.0
	// 4 nA: 149 spikes a second, formula 149.3
}

// A regular spiking cell slows down under a steady current.
func ExampleIzhikevich() {
	trace, err := neuro.RegularSpiking.Run(neuro.Constant(10, 1200), 0.25)
	if err != nil {
		fmt.Println(err)
		return
	}
	between := trace.Intervals()
	fmt.Println("the second pause is longer than the first:", between[1] > 1.5*between[0])
	// Output:
	// the second pause is longer than the first: true
}

// Two cells, joined by a synapse that the order of their spikes strengthens.
func ExampleNetwork() {
	net := neuro.NewNetwork(1)
	for range 2 {
		cell, err := neuro.FastSpiking.Cell()
		if err != nil {
			fmt.Println(err)
			return
		}
		net.Add(cell)
	}
	rule := neuro.NewSTDP()
	net.STDP = &rule
	if err := net.Connect(neuro.Synapse{From: 0, To: 1, Weight: 0.5, Delay: 2, Plastic: true}); err != nil {
		fmt.Println(err)
		return
	}
	raster, err := net.Run(1000, func(step int, current []float64) {
		if step%100 < 5 {
			current[0] = 20
		}
		if step%100 >= 5 && step%100 < 12 {
			current[1] = 20
		}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(raster.Spikes) > 20, net.Synapses()[0].Weight > 0.5)
	// Output:
	// true true
}

// Oja's rule finds the direction in which the inputs vary most.
func ExampleOja() {
	x := tensor.Normal(1, 0, 1, 1000, 2)
	for i := range x.Len() {
		a, b := x.At(i, 0), x.At(i, 1)
		x.Set(3*a+b, i, 0) // along (3, 3), with some spread across it
		x.Set(3*a-b, i, 1)
	}
	w := []float64{1, 0}
	if err := neuro.Learn(neuro.Oja{Rate: 0.0005}, w, x, 5); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f\n", w)
	// Output:
	// [0.7 0.7]
}

// A memory completes a pattern of which a quarter is wrong.
func ExampleHopfield() {
	memory := neuro.NewHopfield(100)
	a, b := neuro.RandomPattern(100, 1), neuro.RandomPattern(100, 2)
	if err := memory.Store(a, b); err != nil {
		fmt.Println(err)
		return
	}
	start := neuro.Flip(a, 0.25, 3)
	r, err := memory.Recall(start, 4)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("overlap %.2f before, %.2f after\n", neuro.Overlap(start, a), neuro.Overlap(r.State, a))
	fmt.Println("the energy falls:", r.Energy[0] > r.Energy[len(r.Energy)-1])
	// Output:
	// overlap 0.50 before, 1.00 after
	// the energy falls: true
}

// A field with a centre and a surround answers to an edge, on both sides of it,
// and to nothing else.
func ExampleFilter() {
	image := tensor.New(1, 12)
	for x := 6; x < 12; x++ {
		image.Set(1, 0, x)
	}
	field, err := neuro.DoG(9, 0.7, 1.4)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := neuro.Filter(image, field)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range answer.Data {
		switch {
		case v > 0.05:
			fmt.Print("+")
		case v < -0.05:
			fmt.Print("-")
		default:
			fmt.Print(".")
		}
	}
	fmt.Println()
	// Output:
	// ....--++....
}
