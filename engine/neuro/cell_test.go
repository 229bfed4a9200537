// This file checks single neurons against what can be worked out.

package neuro

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func near(got, want, tol float64) bool { return math.Abs(got-want) <= tol*(1+math.Abs(want)) }

func mustRun(t *testing.T, n interface {
	Run([]float64, float64) (*Trace, error)
}, current []float64, dt float64,
) *Trace {
	t.Helper()
	tr, err := n.Run(current, dt)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestLIFRate compares intervals with the formula of the rate, for several
// currents, steps and refractory times.
func TestLIFRate(t *testing.T) {
	for _, refractory := range []float64{0, 2, 3.7} {
		n := NewLIF()
		n.Refractory, n.Reset = refractory, -70
		for _, current := range []float64{1.51, 2, 3.5, 10} {
			for _, dt := range []float64{0.1, 1, 7} {
				tr := mustRun(t, n, Constant(current, int(2000/dt)), dt)
				x := tr.Intervals()
				if len(x) < 10 {
					t.Fatalf("current %v: %d spikes", current, len(tr.Spikes))
				}
				for _, v := range x {
					if !near(1000/v, n.Rate(current), 1e-9) {
						t.Fatalf("current %v, step %v, refractory %v: %v spikes a second, want %v", current, dt, refractory, 1000/v, n.Rate(current))
					}
				}
				if !near(tr.Rate(), n.Rate(current), 0.05) {
					t.Errorf("current %v: mean rate %v, want %v", current, tr.Rate(), n.Rate(current))
				}
			}
		}
	}
	n := NewLIF()
	if n.Rheobase() != 1.5 || n.Rate(1.5) != 0 || n.Rate(-3) != 0 || n.Rate(1.5000001) <= 0 {
		t.Errorf("rheobase %v, rate there %v", n.Rheobase(), n.Rate(1.5))
	}
	if tr := mustRun(t, n, Constant(1.5, 5000), 1); len(tr.Spikes) != 0 || tr.V[4999] > -50 {
		t.Errorf("at the rheobase it fires %d times", len(tr.Spikes))
	}
	// At strong currents the refractory time is all there is.
	n.Refractory = 4
	if r := n.Rate(1e12); !near(r, 250, 1e-6) {
		t.Errorf("rate without bound %v", r)
	}
}

// TestLIFBelow compares the potential under a changing current that does not make
// it fire with the solution of the equation, and with half the step.
func TestLIFBelow(t *testing.T) {
	n := NewLIF()
	tr := mustRun(t, n, Constant(1.2, 100), 0.5)
	for i, at := range tr.Times() {
		if want := -65 + 12*(1-math.Exp(-at/10)); !near(tr.V[i], want, 1e-12) {
			t.Fatalf("after %v ms the potential is %v, want %v", at, tr.V[i], want)
		}
	}
	current := make([]float64, 50)
	var twice []float64
	for i := range current {
		current[i] = 6 * math.Sin(float64(i)/2)
		twice = append(twice, current[i], current[i])
	}
	a, b := mustRun(t, n, current, 3), mustRun(t, n, twice, 1.5)
	for i, v := range a.V {
		if !near(v, b.V[2*i+1], 1e-12) {
			t.Fatalf("step %d: %v with one step, %v with two", i, v, b.V[2*i+1])
		}
	}
	if len(a.Spikes) == 0 || !slices.EqualFunc(a.Spikes, b.Spikes, func(x, y float64) bool { return near(x, y, 1e-12) }) {
		t.Errorf("spikes %v and %v", a.Spikes, b.Spikes)
	}
}

func TestLIFRefuses(t *testing.T) {
	ok := NewLIF()
	for name, n := range map[string]LIF{
		"Tau":        {Rest: -65, Reset: -65, Threshold: -50, R: 1},
		"Reset":      {Tau: 1, Rest: -65, Reset: -50, Threshold: -50, R: 1},
		"Refractory": {Tau: 1, Rest: -65, Reset: -65, Threshold: -50, R: 1, Refractory: -1},
		"Rest":       {Tau: 1, Rest: math.NaN(), Reset: -65, Threshold: -50, R: 1},
	} {
		if _, err := n.Run(nil, 1); err == nil || !strings.Contains(err.Error(), "LIF."+name) {
			t.Errorf("%s: error %v", name, err)
		}
		if _, err := n.Cell(); err == nil {
			t.Errorf("%s: a cell was made", name)
		}
	}
	for _, dt := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := ok.Run([]float64{1}, dt); err == nil {
			t.Errorf("step %v was taken", dt)
		}
		if _, err := RegularSpiking.Run([]float64{1}, dt); err == nil {
			t.Errorf("step %v was taken", dt)
		}
	}
	if _, err := ok.Run([]float64{1e300}, 1); err == nil || !strings.Contains(err.Error(), "refractory") {
		t.Errorf("a current without bound: %v", err)
	}
	if tr := mustRun(t, ok, nil, 1); tr.Rate() != 0 || tr.Intervals() != nil {
		t.Errorf("nothing: %+v", tr)
	}
	// A pacemaker's rest is above its threshold: it fires without input.
	pace := LIF{Tau: 10, Rest: -45, Reset: -65, Threshold: -50, R: 1}
	if tr := mustRun(t, pace, Constant(0, 1000), 1); !near(tr.Rate(), pace.Rate(0), 0.05) || tr.Spikes[0] != 0 {
		t.Errorf("a pacemaker fires at %v, want %v", tr.Rate(), pace.Rate(0))
	}
}

// TestIzhikevichRest checks the points of rest and where they are lost, which the
// equations give: u = B v and 0.04 v² + (5-B) v + 140 + I = 0. For regular spiking
// cells rest is at -70 mV without input; it loses stability at I = 3.797, where
// 0.08 v + 5 = A.
func TestIzhikevichRest(t *testing.T) {
	for name, c := range map[string]struct {
		n Izhikevich
		v float64
	}{
		"RS": {RegularSpiking, -70}, "FS": {FastSpiking, -70}, "IB": {IntrinsicallyBursting, -70},
		"LTS": {LowThresholdSpiking, (-4.75 - math.Sqrt(4.75*4.75-0.16*140)) / 0.08},
	} {
		tr := mustRun(t, c.n, Constant(0, 3000), 1)
		if got := tr.V[2999]; !near(got, c.v, 1e-6) {
			t.Errorf("%s comes to rest at %v, want %v", name, got, c.v)
		}
		if len(tr.Spikes) != 0 {
			t.Errorf("%s fires without input", name)
		}
	}
	ramp := func(to float64) *Trace { // slow enough that rest is followed
		in := make([]float64, 40_000)
		for i := range in {
			in[i] = to * min(1, float64(i)/30_000)
		}
		return mustRun(t, RegularSpiking, in, 0.25)
	}
	if tr := ramp(3.6); len(tr.Spikes) != 0 {
		t.Errorf("at 3.6 it fires %d times, first after %v ms", len(tr.Spikes), tr.Spikes[0])
	}
	if tr := ramp(4.1); len(tr.Spikes) == 0 {
		t.Error("at 4.1 it does not fire")
	}
}

// TestIzhikevichPatterns checks that every type does what the article's figure 2
// shows.
func TestIzhikevichPatterns(t *testing.T) {
	step := func(n Izhikevich, current float64) []float64 {
		return mustRun(t, n, append(Constant(0, 400), Constant(current, 4000)...), 0.25).Intervals()
	}
	rs, fs, lts := step(RegularSpiking, 10), step(FastSpiking, 10), step(LowThresholdSpiking, 10)
	if rs[0] > rs[len(rs)-1]*0.8 {
		t.Errorf("RS does not slow down: intervals %v", rs)
	}
	if fs[len(fs)-1] > fs[3]*1.1 || len(fs) < 2*len(rs) {
		t.Errorf("FS: %d intervals from %v to %v, RS has %d", len(fs), fs[3], fs[len(fs)-1], len(rs))
	}
	if lts[0] > lts[len(lts)-1]*0.9 || len(lts) < len(rs) {
		t.Errorf("LTS: %d intervals from %v to %v", len(lts), lts[0], lts[len(lts)-1])
	}
	// A burst is a short interval beside a long one.
	bursts := func(x []float64) (n int) {
		for i := 1; i < len(x); i++ {
			if x[i] > 3*x[i-1] {
				n++
			}
		}
		return n
	}
	if ch := step(Chattering, 10); bursts(ch) < 5 {
		t.Errorf("CH: %d bursts in %v", bursts(ch), ch)
	}
	if ib := step(IntrinsicallyBursting, 10); bursts(ib) != 1 || ib[0] > 10 {
		t.Errorf("IB: %d bursts in %v", bursts(ib), ib)
	}
	// Released from inhibition, a thalamo-cortical cell fires.
	in := append(Constant(-10, 1200), Constant(0, 1200)...)
	if tr := mustRun(t, ThalamoCortical, in, 0.25); len(tr.Spikes) == 0 || tr.Spikes[0] < 300 {
		t.Errorf("TC fires at %v", tr.Spikes)
	}
	if tr := mustRun(t, RegularSpiking, in, 0.25); len(tr.Spikes) != 0 {
		t.Errorf("RS fires at %v after inhibition", tr.Spikes)
	}
	// A spike shows as 30 mV.
	tr := mustRun(t, RegularSpiking, Constant(10, 200), 1)
	if at := int(tr.Spikes[0]) - 1; tr.V[at] != 30 || tr.Times()[at] != tr.Spikes[0] {
		t.Errorf("first spike at %v, potentials %v", tr.Spikes[0], tr.V)
	}
	for _, bad := range []Izhikevich{{C: 30}, {A: math.NaN()}} {
		if _, err := bad.Run(nil, 1); err == nil {
			t.Errorf("%+v was run", bad)
		}
	}
}

// TestPoisson compares with the process: rate, and intervals as variable as their
// mean.
func TestPoisson(t *testing.T) {
	s := Poisson(50, 200_000, 1)
	r := &Raster{N: 1, Duration: 200_000}
	for _, at := range s {
		r.Spikes = append(r.Spikes, Spike{T: at})
	}
	if !near(r.MeanRate(), 50, 0.03) || !near(r.CV(0), 1, 0.03) {
		t.Errorf("rate %v, variation %v", r.MeanRate(), r.CV(0))
	}
	if Poisson(0, 100, 1) != nil || Poisson(math.NaN(), 100, 1) != nil || Poisson(10, -1, 1) != nil {
		t.Error("spikes without rate or time")
	}
}
