// This file checks rules of learning and the memory against theory.

package neuro

import (
	"math"
	"strings"
	"testing"

	"cajal/engine/tensor"
)

// TestHebb shows inputs along two axes, for which growth is known exactly: each
// weight is multiplied by 1 + rate·x² at every sight of its axis.
func TestHebb(t *testing.T) {
	x, err := tensor.FromRows([][]float32{{2, 0}, {0, 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	w := []float64{0.3, -0.8}
	if err := Learn(Hebb{0.01}, w, x, 100); err != nil {
		t.Fatal(err)
	}
	if !near(w[0], 0.3*math.Pow(1.04, 100), 1e-12) || !near(w[1], -0.8*math.Pow(1.0025, 100), 1e-12) {
		t.Errorf("weights %v", w)
	}
	if y := (Hebb{}).Step([]float64{2, 3}, []float64{4, 5}); y != 23 {
		t.Errorf("output %v", y)
	}
	if err := Learn(Oja{}, w, tensor.New(3, 5), 1); err == nil || !strings.Contains(err.Error(), "[3 5]") {
		t.Errorf("other shapes: %v", err)
	}
}

// TestOja compares the weights with the first principal component, found by power
// iteration on the covariance, for clouds in 2 and 8 dimensions.
func TestOja(t *testing.T) {
	for _, dim := range []int{2, 8} {
		n := 2000
		x := tensor.Normal(int64(dim), 0, 1, n, dim).Mul(tensor.Linspace(0.3, 1.5, dim)).MatMul(tensor.Normal(int64(dim)+50, 0, 1, dim, dim))
		x = x.Sub(x.Mean(0))
		cov := x.T().MatMul(x).Scale(1 / float64(n))
		pc := tensor.Full(1, dim)
		for range 2000 {
			pc = cov.MatMul(pc)
			pc = pc.Div(pc.MatMul(pc).Sqrt())
		}
		w := make([]float64, dim)
		for i := range w {
			w[i] = float64(tensor.Uniform(9, -0.5, 0.5, dim).Data[i])
		}
		largest := float64(pc.MatMul(cov).MatMul(pc).Item())
		for _, rate := range []float64{0.02, 0.002, 0.0002} {
			if err := Learn(Oja{rate / largest}, w, x, 20); err != nil {
				t.Fatal(err)
			}
		}
		length, along := 0.0, 0.0
		for i, v := range w {
			length += v * v
			along += v * float64(pc.Data[i])
		}
		if !near(math.Sqrt(length), 1, 0.002) || !near(math.Abs(along), 1, 0.002) {
			t.Errorf("%d dimensions: length %v, along the first component %v", dim, math.Sqrt(length), along)
		}
	}
}

func TestWindow(t *testing.T) {
	d := STDP{APlus: 0.3, AMinus: 0.2, TauPlus: 10, TauMinus: 20, Min: -10, Max: 10}
	for _, c := range []struct{ delta, want float64 }{{0, 0}, {10, 0.3 / math.E}, {-20, -0.2 / math.E}, {1e-9, 0.3}, {-1e-9, -0.2}, {1e4, 0}} {
		if got := d.Window(c.delta); !near(got, c.want, 1e-9) {
			t.Errorf("window at %v is %v, want %v", c.delta, got, c.want)
		}
		if got := d.Learn(1, []float64{100}, []float64{100 + c.delta}) - 1; !near(got, d.Window(c.delta), 1e-9) {
			t.Errorf("a pair %v apart changes the weight by %v", c.delta, got)
		}
	}
	// With many spikes, all pairs count.
	before, behind := Poisson(40, 2000, 1), Poisson(30, 2000, 2)
	behind = append(behind, 2001, 2001)
	before = append(before, 2001, 2005)
	want := 0.0
	for _, i := range before {
		for _, j := range behind {
			want += d.Window(j - i)
		}
	}
	if got := d.Learn(0, before, behind); math.Abs(want) > 9 || !near(got, want, 1e-9) {
		t.Errorf("weight %v, the sum over pairs is %v", got, want)
	}
	// With Song's values losses prevail between unrelated spikes.
	if got := NewSTDP().Learn(0.5, Poisson(40, 100_000, 3), Poisson(40, 100_000, 4)); got > 0.4 {
		t.Errorf("unrelated spikes leave a weight of %v", got)
	}
	if got := NewSTDP().Learn(3, nil, nil); got != 1 {
		t.Errorf("a weight above the bound becomes %v", got)
	}
	for _, bad := range []STDP{{TauPlus: 1}, {TauPlus: 1, TauMinus: 1, Min: 1}, {TauPlus: 1, TauMinus: 1, APlus: math.NaN()}} {
		if bad.Check() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if err := NewSTDP().Check(); err != nil {
		t.Error(err)
	}
}

func memory(t *testing.T, n, patterns int) (*Hopfield, [][]int) {
	t.Helper()
	h := NewHopfield(n)
	var ps [][]int
	for k := range patterns {
		ps = append(ps, RandomPattern(n, int64(k)))
	}
	if err := h.Store(ps...); err != nil {
		t.Fatal(err)
	}
	return h, ps
}

// TestCapacity recalls from the patterns themselves, below the capacity and above
// it; and compares the share of units that want to leave a pattern with theory,
// ½ erfc(1/√(2α)) at load α (Hertz, Krogh and Palmer 1991, section 2.2).
func TestCapacity(t *testing.T) {
	const n = 300
	for _, c := range []struct {
		load   float64
		lo, hi float64 // of the overlap after recall
	}{{0.05, 0.999, 1.001}, {0.11, 0.97, 1.001}, {0.2, 0, 0.75}} {
		count := int(c.load * n)
		h, ps := memory(t, n, count)
		overlap, unstable := 0.0, 0
		for k, p := range ps {
			for i, v := range p {
				if h.field(p, i)*float64(v) < 0 {
					unstable++
				}
			}
			r, err := h.Recall(p, int64(k))
			if err != nil {
				t.Fatal(err)
			}
			overlap += Overlap(r.State, p) / float64(count)
		}
		if overlap < c.lo || overlap > c.hi {
			t.Errorf("load %v: overlap after recall %v, want %v to %v", c.load, overlap, c.lo, c.hi)
		}
		want := math.Erfc(1/math.Sqrt(2*c.load)) / 2 * float64(n*count)
		if math.Abs(float64(unstable)-want) > 5*math.Sqrt(want)+3+0.1*want {
			t.Errorf("load %v: %d units want to leave their patterns, want %.0f", c.load, unstable, want)
		}
	}
	if !near(Capacity(600), 82.8, 1e-12) {
		t.Errorf("capacity %v", Capacity(600))
	}
}

func TestRecall(t *testing.T) {
	h, ps := memory(t, 200, 10)
	for k, p := range ps {
		start := Flip(p, 0.2, int64(k))
		if !near(Overlap(start, p), 0.6, 1e-12) {
			t.Fatalf("overlap of the start %v", Overlap(start, p))
		}
		kept := append([]int(nil), start...)
		r, err := h.Recall(start, 3)
		if err != nil {
			t.Fatal(err)
		}
		if Overlap(r.State, p) < 0.99 {
			t.Errorf("pattern %d: overlap after recall %v", k, Overlap(r.State, p))
		}
		if Overlap(start, kept) != 1 {
			t.Error("recall changed its start")
		}
		for i := 1; i < len(r.Energy); i++ {
			if r.Energy[i] > r.Energy[i-1] {
				t.Errorf("the energy rises: %v", r.Energy)
			}
		}
		if len(r.Energy) != r.Sweeps+1 || r.Energy[r.Sweeps] != r.Energy[r.Sweeps-1] {
			t.Errorf("%d sweeps, energies %v", r.Sweeps, r.Energy)
		}
		if e, _ := h.Energy(r.State); e != r.Energy[r.Sweeps] {
			t.Errorf("energy %v, last %v", e, r.Energy)
		}
	}
	// One pattern alone: E = -(n-1)/2, its opposite has the same, and half of it
	// flipped leads to neither from nowhere else.
	one := NewHopfield(4)
	p := []int{1, -1, 1, 1}
	if err := one.Store(p); err != nil {
		t.Fatal(err)
	}
	for _, s := range [][]int{p, {-1, 1, -1, -1}} {
		if e, err := one.Energy(s); err != nil || e != -1.5 {
			t.Errorf("energy %v, %v", e, err)
		}
	}
	w := one.Weights()
	if w.At(0, 0) != 0 || w.At(0, 1) != -0.25 || w.At(1, 0) != -0.25 || w.At(2, 3) != 0.25 || one.Stored() != 1 || one.Len() != 4 {
		t.Errorf("weights %v", w)
	}
}

func TestHopfieldRefuses(t *testing.T) {
	h := NewHopfield(3)
	if err := h.Store([]int{1, 1, 1}, []int{1, 1}); err == nil || !strings.Contains(err.Error(), "pattern 1: it has 2 units, but the memory 3") {
		t.Errorf("a short pattern: %v", err)
	}
	if err := h.Store([]int{1, 0, 1}); err == nil || !strings.Contains(err.Error(), "unit 1 is 0, but must be 1 or -1") {
		t.Errorf("other numbers: %v", err)
	}
	if h.Stored() != 0 || h.Weights().Abs().Max().Item() != 0 {
		t.Error("a refused pattern was stored")
	}
	if _, err := h.Recall([]int{1}, 0); err == nil {
		t.Error("recalled from a short state")
	}
	if r, err := h.Recall([]int{1, -1, 1}, 0); err != nil || r.Sweeps != 1 || Overlap(r.State, []int{1, -1, 1}) != 1 {
		t.Errorf("an empty memory: %+v, %v", r, err)
	}
	if Overlap(Flip([]int{1, 1}, 7, 0), []int{-1, -1}) != 1 || len(RandomPattern(-1, 0)) != 0 {
		t.Error("patterns at the border")
	}
}
