// This file checks networks: delays, currents, learning, rhythms and the record.

package neuro

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// relay is a cell that fires when it gets a current of 1 or more.
type relay struct{ got []float64 }

func (r *relay) Step(current, _ float64) bool {
	r.got = append(r.got, current)
	return current >= 1
}

func (r *relay) Potential() float64 { return 0 }

func relays(dt float64, n int) (*Network, []*relay) {
	net := NewNetwork(dt)
	cells := make([]*relay, n)
	for i := range cells {
		cells[i] = new(relay)
		net.Add(cells[i])
	}
	return net, cells
}

func connect(t *testing.T, n *Network, synapses ...Synapse) {
	t.Helper()
	for _, s := range synapses {
		if err := n.Connect(s); err != nil {
			t.Fatal(err)
		}
	}
}

func run(t *testing.T, n *Network, duration float64, in Input) *Raster {
	t.Helper()
	r, err := n.Run(duration, in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// at gives cells a current of 1 in the steps named.
func at(steps map[int][]int) Input {
	return func(step int, current []float64) {
		for _, i := range steps[step] {
			current[i] = 1
		}
	}
}

func TestDelays(t *testing.T) {
	n, _ := relays(0.5, 4)
	connect(t, n, Synapse{From: 0, To: 1, Weight: 1}, Synapse{From: 1, To: 2, Weight: 1, Delay: 3}, Synapse{From: 2, To: 3, Weight: 0.6, Delay: 1}, Synapse{From: 2, To: 3, Weight: 0.6, Delay: 1.1})
	want := []Spike{{0.5, 0}, {1, 1}, {4, 2}, {5, 3}}
	r := run(t, n, 10, at(map[int][]int{0: {0}}))
	if !slices.Equal(r.Spikes, want) {
		t.Errorf("spikes %v, want %v", r.Spikes, want)
	}
	// In two parts, with a longer delay added between them, it is the same; times
	// go on.
	n, _ = relays(0.5, 4)
	connect(t, n, Synapse{From: 0, To: 1, Weight: 1}, Synapse{From: 1, To: 2, Weight: 1, Delay: 3})
	in := at(map[int][]int{0: {0}})
	first := run(t, n, 2, in)
	connect(t, n, Synapse{From: 3, To: 0, Weight: 1, Delay: 20}, Synapse{From: 2, To: 3, Weight: 1, Delay: 1})
	n.Add(new(relay))
	second := run(t, n, 8, in)
	if got := append(first.Spikes, second.Spikes...); !slices.Equal(got, want) || second.Start != 2 || second.N != 5 {
		t.Errorf("in two parts: %v, want %v", got, want)
	}
	if third := run(t, n, 20, nil); len(third.Spikes) == 0 || third.Spikes[0] != (Spike{25, 0}) {
		t.Errorf("after the long delay: %v", third.Spikes)
	}
}

func TestSynapticCurrent(t *testing.T) {
	n, cells := relays(2, 2)
	n.SynapseTau = 5
	connect(t, n, Synapse{From: 0, To: 1, Weight: -3})
	run(t, n, 10, at(map[int][]int{0: {0}, 1: {0}}))
	decay := math.Exp(-2.0 / 5)
	want := []float64{0, -3, -3 - 3*decay, -3*decay - 3*decay*decay, -3*decay*decay - 3*math.Pow(decay, 3)}
	if !slices.EqualFunc(cells[1].got, want, func(x, y float64) bool { return near(x, y, 1e-12) }) {
		t.Errorf("currents %v, want %v", cells[1].got, want)
	}
}

// TestNetworkSTDP compares weights in a network with the rule on pairs of spikes.
func TestNetworkSTDP(t *testing.T) {
	d := STDP{APlus: 0.02, AMinus: 0.013, TauPlus: 17, TauMinus: 34, Min: -5, Max: 5}
	n, _ := relays(0.5, 3)
	n.STDP = &d
	connect(t, n, Synapse{From: 0, To: 1, Weight: 0.25, Plastic: true}, Synapse{From: 0, To: 1, Weight: 0.25}, Synapse{From: 2, To: 1, Weight: 0.5, Plastic: true})
	r := run(t, n, 200, func(step int, current []float64) {
		for i := range current {
			if (step*(i+3)+i)%(17+3*i) == 0 {
				current[i] = 3
			}
		}
	})
	for k, s := range n.Synapses() {
		want := d.Learn([]float64{0.25, 0.25, 0.5}[k], r.Times(s.From), r.Times(s.To))
		if !s.Plastic {
			want = 0.25
		}
		if !near(s.Weight, want, 1e-12) {
			t.Errorf("synapse %d: weight %v, want %v", k, s.Weight, want)
		}
		if s.Plastic && near(s.Weight, 0.25+0.25*float64(k/2), 1e-6) {
			t.Errorf("synapse %d did not learn", k)
		}
	}
}

// TestCausality checks what STDP is for: of two inputs the one that comes before
// the spike wins the synapse, the one that comes after loses it.
func TestCausality(t *testing.T) {
	n, _ := relays(1, 3)
	d := NewSTDP()
	n.STDP = &d
	connect(t, n, Synapse{From: 0, To: 2, Weight: 0.5, Plastic: true}, Synapse{From: 1, To: 2, Weight: 0.5, Plastic: true})
	run(t, n, 40_000, func(step int, current []float64) {
		switch step % 100 {
		case 10:
			current[0] = 1
		case 15:
			current[2] = 1
		case 20:
			current[1] = 1
		}
	})
	if s := n.Synapses(); s[0].Weight != 1 || s[1].Weight != 0 {
		t.Errorf("weights %v and %v, want 1 and 0", s[0].Weight, s[1].Weight)
	}
}

// TestPulseCoupled checks the network of the article: about as many spikes as its
// program has, and a rhythm near 10 Hz that noise alone does not have.
func TestPulseCoupled(t *testing.T) {
	n, in, err := PulseCoupled(800, 200, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, n, 1000, in)
	if r.MeanRate() < 5 || r.MeanRate() > 11 {
		t.Errorf("%v", r)
	}
	if f := fano(r.Histogram(5)); f < 10 {
		t.Errorf("with synapses the number of spikes varies by %v of a Poisson process", f)
	}
	// The same cells and noise without synapses.
	clear(n.out)
	s := run(t, n, 1000, in)
	if f := fano(s.Histogram(5)); f > 3 {
		t.Errorf("without synapses the number of spikes varies by %v of a Poisson process: %v", f, s)
	}
	var twice [2]*Raster
	for i := range twice {
		n, in, err := PulseCoupled(40, 10, 2)
		if err != nil {
			t.Fatal(err)
		}
		twice[i] = run(t, n, 300, in)
	}
	if len(twice[0].Spikes) == 0 || !slices.Equal(twice[0].Spikes, twice[1].Spikes) {
		t.Error("the same seed gives other spikes")
	}
}

// fano is the variance by the mean, from the 20th on: 1 for a Poisson process.
func fano(counts []int) float64 {
	counts = counts[20:]
	mean, square := 0.0, 0.0
	for _, c := range counts {
		mean += float64(c) / float64(len(counts))
	}
	for _, c := range counts {
		square += (float64(c) - mean) * (float64(c) - mean) / float64(len(counts))
	}
	return square / mean
}

func TestNetworkRefuses(t *testing.T) {
	n, _ := relays(1, 2)
	for _, s := range []Synapse{{From: 2}, {To: -1}, {Weight: math.NaN()}, {Weight: math.Inf(1)}, {Delay: -1}, {Delay: 1e9}, {Delay: math.NaN()}} {
		if err := n.Connect(s); err == nil {
			t.Errorf("%+v was taken", s)
		}
	}
	for _, d := range []float64{-1, math.NaN(), 1e12} {
		if _, err := n.Run(d, nil); err == nil {
			t.Errorf("ran for %v ms", d)
		}
	}
	n.STDP = &STDP{}
	if _, err := n.Run(1, nil); err == nil || !strings.Contains(err.Error(), "TauPlus") {
		t.Errorf("a rule without time constants: %v", err)
	}
	if _, err := NewNetwork(0).Run(1, nil); err == nil {
		t.Error("a step of 0 was taken")
	}
	if r := run(t, NewNetwork(1), 5, nil); r.MeanRate() != 0 {
		t.Errorf("no cells: %v", r)
	}
	lif, err := NewLIF().Cell()
	if err != nil {
		t.Fatal(err)
	}
	m := NewNetwork(1, lif)
	r := run(t, m, 1000, func(_ int, c []float64) { c[0] = 2 })
	if want := NewLIF().Rate(2); !near(r.MeanRate(), want, 0.02) || m.Len() != 1 || m.Cell(0).Potential() > -50 {
		t.Errorf("a LIF cell fires at %v, want %v", r.MeanRate(), want)
	}
}

func TestRaster(t *testing.T) {
	r := &Raster{N: 3, Start: 10, Duration: 10, Spikes: []Spike{{11, 0}, {12, 2}, {13, 0}, {17, 0}, {20, 2}}}
	if got := r.String(); got != "5 spikes of 2 out of 3 cells in 10 ms: 166.67 a second and cell" {
		t.Errorf("raster %q", got)
	}
	x, y := r.Points()
	if !slices.Equal(x, []float64{11, 12, 13, 17, 20}) || !slices.Equal(y, []float64{0, 2, 0, 0, 2}) {
		t.Errorf("points %v %v", x, y)
	}
	if !slices.Equal(r.Counts(), []int{3, 0, 2}) || !slices.Equal(r.Rates(), []float64{300, 0, 200}) {
		t.Errorf("counts %v, rates %v", r.Counts(), r.Rates())
	}
	if !slices.Equal(r.Intervals(0), []float64{2, 4}) || !near(r.CV(0), 1.0/3, 1e-12) || !math.IsNaN(r.CV(2)) {
		t.Errorf("intervals %v, variation %v", r.Intervals(0), r.CV(0))
	}
	if h := r.Histogram(2); !slices.Equal(h, []int{2, 1, 0, 1, 1}) {
		t.Errorf("histogram %v", h)
	}
	if h := r.Histogram(100); !slices.Equal(h, []int{5}) || r.Histogram(0) != nil || r.Histogram(math.NaN()) != nil {
		t.Errorf("histogram of one bin %v", h)
	}
	if m := r.Tensor(5); !slices.Equal(m.Shape, []int{3, 2}) || !slices.Equal(m.Data, []float32{2, 1, 0, 0, 1, 1}) {
		t.Errorf("tensor %v", m)
	}
}
