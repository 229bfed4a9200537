// This file compares rules and schedules with what Keras and PyTorch did, as
// stored by testdata/vectors.py.

package optim

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

type vectors struct {
	First     []float32
	Gradients [][]float32
	Rules     map[string][][]float64
	Parts     map[string][][]float64
	Schedules map[string][]float64
}

func stored(t *testing.T) vectors {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParity(t *testing.T) {
	const tiny = 1e-20 // as good as none
	v := stored(t)
	rules := map[string]Optimizer{
		"keras SGD":              SGD{LR: 0.1},
		"keras SGD momentum":     SGD{LR: 0.1, Momentum: 0.9},
		"keras SGD nesterov":     SGD{LR: 0.1, Momentum: 0.9, Nesterov: true},
		"keras Adam":             Adam{LR: 0.01},
		"keras AdamW":            AdamW{LR: 0.01, Decay: 0.1},
		"keras RMSprop":          RMSprop{LR: 0.01},
		"keras RMSprop momentum": RMSprop{LR: 0.01, Rho: 0.8, Momentum: 0.5},
		"keras RMSprop centered": RMSprop{LR: 0.01, Eps: 1e-3, Centered: true},
		"keras Adagrad":          Adagrad{LR: 0.1},
		"keras Lion":             Lion{LR: 0.01},
		"keras Lion decay":       Lion{LR: 0.01, Beta1: 0.8, Beta2: 0.95, Decay: 0.1},
		"keras clipvalue":        Clip{Rule: SGD{LR: 0.1, Momentum: 0.9}, Value: 0.5},
		"keras cosine":           Adam{LR: 0.01, Schedule: Cosine{Steps: 10, Floor: 0.1}},
		"torch SGD momentum":     SGD{LR: 0.1, Momentum: 0.9},
		"torch SGD nesterov":     SGD{LR: 0.1, Momentum: 0.9, Nesterov: true},
		"torch Adam":             Adam{LR: 0.01, Eps: tiny},
		"torch AdamW":            AdamW{LR: 0.01, Decay: 0.1, Eps: tiny},
		"torch RMSprop":          RMSprop{LR: 0.01, Eps: tiny},
		"torch RMSprop momentum": RMSprop{LR: 0.01, Rho: 0.8, Momentum: 0.5, Eps: tiny},
		"torch Adagrad":          Adagrad{LR: 0.1, Eps: tiny},
	}
	for name := range v.Rules {
		if rules[name] == nil {
			t.Errorf("%s: stored, but not compared", name)
		}
	}
	for name, opt := range rules {
		t.Run(name, func(t *testing.T) {
			want := v.Rules[name]
			if len(want) != len(v.Gradients) {
				t.Fatalf("%d steps stored, want %d", len(want), len(v.Gradients))
			}
			w := slices.Clone(v.First)
			s0, s1 := make([]float32, len(w)), make([]float32, len(w))
			for i, g := range v.Gradients {
				st := opt.Prepare(i + 1)
				opt.Update(&st, w, slices.Clone(g), s0, s1)
				for j := range w {
					if math.Abs(float64(w[j])-want[i][j]) > 2e-6*(1+math.Abs(want[i][j])) {
						t.Fatalf("step %d: weight %d is %v, want %v", i+1, j, w[j], want[i][j])
					}
				}
			}
		})
	}
}

// TestLimitParity shortens the gradients of two parameters as a trainer does.
func TestLimitParity(t *testing.T) {
	v := stored(t)
	rules := map[string]Limiter{
		"keras clipnorm":        Clip{Rule: SGD{LR: 0.1, Momentum: 0.9}, Norm: 1.5},
		"keras global_clipnorm": Clip{Rule: SGD{LR: 0.1, Momentum: 0.9}, GlobalNorm: 1.5},
	}
	length := func(g []float32) float64 {
		sum := 0.0
		for _, v := range g {
			sum += float64(v) * float64(v)
		}
		return math.Sqrt(sum)
	}
	for name, want := range v.Parts {
		opt := rules[name]
		if opt == nil || len(want) != len(v.Gradients) {
			t.Errorf("%s: stored with %d steps, but not compared", name, len(want))
			continue
		}
		norm, global := opt.Limits()
		w, velocity := slices.Clone(v.First), make([]float32, len(v.First))
		for i, stored := range v.Gradients {
			g := slices.Clone(stored)
			st := opt.Prepare(i + 1)
			for _, part := range [][2]int{{0, 4}, {4, 6}} {
				of := g[part[0]:part[1]]
				s := 1.0
				if norm > 0 {
					s = Shrink(length(of), norm)
				}
				if global > 0 {
					s = Shrink(length(stored), global)
				}
				for k := range of {
					of[k] *= float32(s)
				}
				opt.Update(&st, w[part[0]:part[1]], of, velocity[part[0]:part[1]], nil)
			}
			for j := range w {
				if math.Abs(float64(w[j])-want[i][j]) > 2e-6*(1+math.Abs(want[i][j])) {
					t.Fatalf("%s, step %d: weight %d is %v, want %v", name, i+1, j, w[j], want[i][j])
				}
			}
		}
	}
}

func TestScheduleParity(t *testing.T) {
	v := stored(t)
	schedules := map[string]Schedule{
		"keras staircase":   StepDecay{Every: 5, Factor: 0.5},
		"keras exponential": Exponential{Every: 5, Factor: 0.5},
		"keras cosine":      Cosine{Steps: 15, Floor: 0.05},
		"torch StepLR":      StepDecay{Every: 4, Factor: 0.3},
		"torch cosine":      Cosine{Steps: 19},
		"torch one-cycle":   OneCycle{Steps: 20},
		"torch one-cycle 2": OneCycle{Steps: 20, Up: 0.5, Start: 0.1, End: 0.001},
		"torch warm-up":     WarmUp{Steps: 6, Then: StepDecay{Every: 4, Factor: 0.3}},
	}
	for name, want := range v.Schedules {
		s := schedules[name]
		if s == nil {
			t.Errorf("%s: stored, but not compared", name)
			continue
		}
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for i, f := range want {
			if got := s.At(i + 1); math.Abs(got-f) > 1e-6 {
				t.Errorf("%s: step %d has %v, want %v", name, i+1, got, f)
			}
		}
	}
}

// A schedule changes what every rule does, by its factor and nothing else.
func TestRulesFollowSchedules(t *testing.T) {
	half := StepDecay{Every: 2, Factor: 0.5}
	for _, c := range []struct{ with, slow Optimizer }{
		{SGD{LR: 0.1, Schedule: half}, SGD{LR: 0.05}},
		{Adam{LR: 0.1, Schedule: half}, Adam{LR: 0.05}},
		{AdamW{LR: 0.1, Schedule: half}, AdamW{LR: 0.05}},
		{RMSprop{LR: 0.1, Schedule: half}, RMSprop{LR: 0.05}},
		{Adagrad{LR: 0.1, Schedule: half}, Adagrad{LR: 0.05}},
		{Lion{LR: 0.1, Decay: 0.1, Schedule: half}, Lion{LR: 0.05, Decay: 0.1}},
	} {
		if got, want := c.with.Prepare(3), c.slow.Prepare(3); got != want {
			t.Errorf("%v: step 3 has %+v, want that of %v, %+v", c.with, got, c.slow, want)
		}
		if got := c.with.Prepare(2); got == c.slow.Prepare(2) {
			t.Errorf("%v: step 2 is slow already", c.with)
		}
	}
}
