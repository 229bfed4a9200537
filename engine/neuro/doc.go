// This file is the page of the package: what it is for, and where things are.

// Package neuro has models of nerve cells, of how synapses learn, and of what
// small networks of them do: what the theory of the brain lent to the networks of
// package nn, and what these left out.
//
// It is for teaching and small experiments. It is not for anatomy (cells are
// points, without dendrites or ion channels), not for networks beyond some
// thousands of cells, and nothing in it is trained by gradients.
//
//	LIF                 lif.go         leaky integrate-and-fire, solved exactly
//	Izhikevich          izhikevich.go  two variables, all firing patterns
//	Network             network.go     cells, synapses with delays, learning
//	Raster              raster.go      who fired when: data for any chart
//	Hebb, Oja           hebb.go        rules that learn from correlation
//	STDP                stdp.go        rules that learn from the order of spikes
//	Hopfield            hopfield.go    memory that completes patterns
//	DoG, Gabor, Filter  field.go       receptive fields
//
// Times are in milliseconds, potentials in millivolts, rates in spikes a second.
// Everything is computed in float64; what depends on chance takes a seed and is
// the same every time. Each model names its source.
package neuro
