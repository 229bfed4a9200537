// This file has the record of a network: who fired when.

package neuro

import (
	"fmt"
	"math"

	"cajal/engine/tensor"
)

// A Spike is one cell firing once.
type Spike struct {
	T      float64 // ms
	Neuron int
}

// A Raster has the spikes of a network in the order of time. It is data: Points is
// for a scatter chart, Histogram for bars, Tensor for a heat map.
type Raster struct {
	N        int     // cells
	Start    float64 // ms
	Duration float64 // ms
	Spikes   []Spike
}

// String tells in one line how many fired how often.
func (r *Raster) String() string {
	active := 0
	for _, c := range r.Counts() {
		if c > 0 {
			active++
		}
	}
	return fmt.Sprintf("%d spikes of %d out of %d cells in %g ms: %.2f a second and cell", len(r.Spikes), active, r.N, r.Duration, r.MeanRate())
}

// Points returns times and cells of all spikes, one dot each.
func (r *Raster) Points() (t, neuron []float64) {
	for _, s := range r.Spikes {
		t = append(t, s.T)
		neuron = append(neuron, float64(s.Neuron))
	}
	return t, neuron
}

// Times returns when one cell fired.
func (r *Raster) Times(neuron int) []float64 {
	var out []float64
	for _, s := range r.Spikes {
		if s.Neuron == neuron {
			out = append(out, s.T)
		}
	}
	return out
}

// Counts returns how often every cell fired.
func (r *Raster) Counts() []int {
	out := make([]int, r.N)
	for _, s := range r.Spikes {
		out[s.Neuron]++
	}
	return out
}

// Rates returns the spikes a second of every cell.
func (r *Raster) Rates() []float64 {
	out := make([]float64, r.N)
	for i, c := range r.Counts() {
		out[i] = 1000 * float64(c) / r.Duration
	}
	return out
}

// MeanRate returns the spikes a second, in the mean of all cells.
func (r *Raster) MeanRate() float64 {
	if r.N == 0 || r.Duration == 0 {
		return 0
	}
	return 1000 * float64(len(r.Spikes)) / r.Duration / float64(r.N)
}

// Intervals returns the times between neighbouring spikes of one cell, in ms.
func (r *Raster) Intervals(neuron int) []float64 { return intervals(r.Times(neuron)) }

// CV returns the coefficient of variation of a cell's intervals, their standard
// deviation by their mean: 0 for a clock, 1 for a Poisson process, NaN with fewer
// than two intervals.
func (r *Raster) CV(neuron int) float64 {
	x := r.Intervals(neuron)
	if len(x) < 2 {
		return math.NaN()
	}
	mean, square := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		square += (v - mean) * (v - mean) / float64(len(x))
	}
	return math.Sqrt(square) / mean
}

// bins returns how many bins of so many ms the raster has, and which one a time
// falls into: times are the ends of steps, so a bin includes its end.
func (r *Raster) bins(width float64) (n int, of func(t float64) int) {
	if !(width > 0) || r.Duration/width > 1e7 {
		return 0, nil
	}
	n = int(math.Ceil(r.Duration/width - 1e-9))
	return n, func(t float64) int {
		return min(max(int(math.Ceil((t-r.Start)/width-1e-9))-1, 0), n-1)
	}
}

// Histogram returns the number of spikes of all cells in every bin of so many ms;
// nil when the width is not above 0.
func (r *Raster) Histogram(width float64) []int {
	n, of := r.bins(width)
	if n == 0 {
		return nil
	}
	out := make([]int, n)
	for _, s := range r.Spikes {
		out[of(s.T)]++
	}
	return out
}

// Tensor returns the number of spikes of every cell in every bin of so many ms,
// [cells bins].
func (r *Raster) Tensor(width float64) *tensor.Tensor {
	n, of := r.bins(width)
	out := tensor.New(r.N, n)
	if n == 0 {
		return out
	}
	for _, s := range r.Spikes {
		out.Data[s.Neuron*n+of(s.T)]++
	}
	return out
}
