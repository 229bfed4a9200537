// This file checks the update rules against their formulas in float64.

package optim

import (
	"math"
	"strings"
	"testing"
)

// A rule is an optimizer's formula for one weight: it returns the next weight
// and changes the state.
type rule func(t int, w, g float64, s *[2]float64) float64

func TestRules(t *testing.T) {
	adam := func(lr, b1, b2, eps float64) rule {
		return func(t int, w, g float64, s *[2]float64) float64 {
			s[0] = b1*s[0] + (1-b1)*g
			s[1] = b2*s[1] + (1-b2)*g*g
			rate := lr * math.Sqrt(1-math.Pow(b2, float64(t))) / (1 - math.Pow(b1, float64(t)))
			return w - rate*s[0]/(math.Sqrt(s[1])+eps)
		}
	}
	for _, c := range []struct {
		opt   Optimizer
		slots int
		rule  rule
	}{
		{Adam{}, 2, adam(0.001, 0.9, 0.999, 1e-7)},
		{Adam{LR: 0.1, Beta1: 0.5, Beta2: 0.9, Eps: 0.01}, 2, adam(0.1, 0.5, 0.9, 0.01)},
		{SGD{}, 0, func(_ int, w, g float64, _ *[2]float64) float64 { return w - 0.01*g }},
		{SGD{LR: 0.3}, 0, func(_ int, w, g float64, _ *[2]float64) float64 { return w - 0.3*g }},
		{SGD{LR: 0.3, Nesterov: true}, 0, func(_ int, w, g float64, _ *[2]float64) float64 { return w - 0.3*g }},
		{SGD{LR: 0.1, Momentum: 0.9}, 1, func(_ int, w, g float64, s *[2]float64) float64 {
			s[0] = 0.9*s[0] - 0.1*g
			return w + s[0]
		}},
		{SGD{LR: 0.1, Momentum: 0.9, Nesterov: true}, 1, func(_ int, w, g float64, s *[2]float64) float64 {
			s[0] = 0.9*s[0] - 0.1*g
			return w + 0.9*s[0] - 0.1*g
		}},
		{AdamW{}, 2, decayed(0.001*0.004, adam(0.001, 0.9, 0.999, 1e-7))},
		{RMSprop{}, 1, func(_ int, w, g float64, s *[2]float64) float64 {
			s[0] = 0.9*s[0] + 0.1*g*g
			return w - 0.001*g/math.Sqrt(s[0]+1e-7)
		}},
		{RMSprop{Momentum: 0.5}, 2, func(_ int, w, g float64, s *[2]float64) float64 {
			s[0] = 0.9*s[0] + 0.1*g*g
			s[1] = 0.5*s[1] + 0.001*g/math.Sqrt(s[0]+1e-7)
			return w - s[1]
		}},
		{RMSprop{Centered: true, Eps: 1e-3}, 2, func(_ int, w, g float64, s *[2]float64) float64 {
			s[0] = 0.9*s[0] + 0.1*g*g
			s[1] = 0.9*s[1] + 0.1*g
			return w - 0.001*g/math.Sqrt(s[0]-s[1]*s[1]+1e-3)
		}},
		{Adagrad{LR: 0.1, Initial: 1}, 1, func(_ int, w, g float64, s *[2]float64) float64 {
			s[0] += g * g
			return w - 0.1*g/math.Sqrt(1+s[0]+1e-7)
		}},
		{Lion{Decay: 0.1}, 1, decayed(0.001*0.1, func(_ int, w, g float64, s *[2]float64) float64 {
			c := 0.9*s[0] + 0.1*g
			s[0] = 0.99*s[0] + 0.01*g
			return w - math.Copysign(0.001, c)
		})},
		{Clip{Rule: SGD{LR: 0.3}, Value: 0.25}, 0, func(_ int, w, g float64, _ *[2]float64) float64 {
			return w - 0.3*min(max(g, -0.25), 0.25)
		}},
	} {
		t.Run(c.opt.String(), func(t *testing.T) { checkRule(t, c.opt, c.slots, c.rule) })
	}
}

// decayed takes a share of the weight before a rule.
func decayed(share float64, r rule) rule {
	return func(t int, w, g float64, s *[2]float64) float64 { return r(t, w-share*w, g, s) }
}

// checkRule runs 30 steps over lengths with and without a rest, and in two
// blocks, which must not matter.
func checkRule(t *testing.T, opt Optimizer, slots int, next rule) {
	if err := opt.Check(); err != nil {
		t.Fatal(err)
	}
	if opt.Slots() != slots {
		t.Fatalf("%d slots, want %d", opt.Slots(), slots)
	}
	for _, n := range []int{1, 7, 8, 29} {
		w, want := make([]float32, n), make([]float64, n)
		state, ref := [2][]float32{}, make([][2]float64, n)
		for s := range slots {
			state[s] = make([]float32, n)
		}
		for i := range w {
			w[i] = float32(i)/10 - 1
			want[i] = float64(w[i])
		}
		g := make([]float32, n)
		for step := 1; step <= 30; step++ {
			for i := range g {
				g[i] = float32(math.Sin(float64(step*7 + i*3)))
				want[i] = next(step, want[i], float64(g[i]), &ref[i])
			}
			st := opt.Prepare(step)
			for _, b := range [][2]int{{0, n / 2}, {n / 2, n}} {
				var s [2][]float32
				for k := range slots {
					s[k] = state[k][b[0]:b[1]]
				}
				opt.Update(&st, w[b[0]:b[1]], g[b[0]:b[1]], s[0], s[1])
			}
		}
		for i := range w {
			if math.Abs(float64(w[i])-want[i]) > 3e-6*(1+math.Abs(want[i])) {
				t.Fatalf("%d weights: number %d is %v after 30 steps, want %v", n, i, w[i], want[i])
			}
		}
	}
}

func TestSettings(t *testing.T) {
	for _, c := range []struct {
		opt  Optimizer
		text string
		bad  string
	}{
		{Adam{}, "Adam{LR: 0.001}", ""},
		{Adam{LR: 0.01, Beta1: 0.8, Beta2: 0.99, Eps: 1e-8}, "Adam{LR: 0.01, Beta1: 0.8, Beta2: 0.99, Eps: 1e-08}", ""},
		{SGD{}, "SGD{LR: 0.01}", ""},
		{SGD{LR: 1, Momentum: 0.9, Nesterov: true}, "SGD{LR: 1, Momentum: 0.9, Nesterov: true}", ""},
		{Adam{LR: -1}, "Adam{LR: -1}", "optim: Adam.LR is -1, but must be a number above 0"},
		{Adam{LR: math.NaN()}, "Adam{LR: NaN}", "Adam.LR is NaN"},
		{Adam{LR: math.Inf(1)}, "Adam{LR: +Inf}", "Adam.LR is +Inf"},
		{Adam{Beta1: 1}, "Adam{LR: 0.001, Beta1: 1}", "Adam.Beta1 is 1, but must be in [0, 1)"},
		{Adam{Beta2: -0.1}, "Adam{LR: 0.001, Beta2: -0.1}", "Adam.Beta2 is -0.1"},
		{Adam{Eps: -1}, "Adam{LR: 0.001, Eps: -1}", "Adam.Eps is -1"},
		{SGD{LR: -2}, "SGD{LR: -2}", "SGD.LR is -2"},
		{SGD{Momentum: 1}, "SGD{LR: 0.01, Momentum: 1}", "SGD.Momentum is 1"},
		{AdamW{}, "AdamW{LR: 0.001}", ""},
		{AdamW{Decay: 0.01, Beta1: 0.8}, "AdamW{LR: 0.001, Beta1: 0.8, Decay: 0.01}", ""},
		{AdamW{Decay: -1}, "AdamW{LR: 0.001, Decay: -1}", "AdamW.Decay is -1"},
		{AdamW{Beta1: 2}, "AdamW{LR: 0.001, Beta1: 2}", "AdamW.Beta1 is 2"},
		{RMSprop{}, "RMSprop{LR: 0.001}", ""},
		{RMSprop{Rho: 0.5, Centered: true}, "RMSprop{LR: 0.001, Rho: 0.5, Centered: true}", ""},
		{RMSprop{Momentum: 0.5, Centered: true}, "RMSprop{LR: 0.001, Momentum: 0.5, Centered: true}", "can have one of them only"},
		{RMSprop{Rho: 1}, "RMSprop{LR: 0.001, Rho: 1}", "RMSprop.Rho is 1"},
		{Adagrad{}, "Adagrad{LR: 0.001}", ""},
		{Adagrad{Initial: -1}, "Adagrad{LR: 0.001, Initial: -1}", "Adagrad.Initial is -1"},
		{Lion{}, "Lion{LR: 0.001}", ""},
		{Lion{Decay: -1}, "Lion{LR: 0.001, Decay: -1}", "Lion.Decay is -1, but must be a number from 0"},
		{Clip{Value: 1}, "Clip{Rule: Adam{LR: 0.001}, Value: 1}", ""},
		{Clip{}, "Clip{Rule: Adam{LR: 0.001}}", "has 0 of Value, Norm and GlobalNorm, but must have one of them"},
		{Clip{Value: 1, Norm: 2}, "Clip{Rule: Adam{LR: 0.001}, Value: 1, Norm: 2}", "has 2 of Value, Norm and GlobalNorm"},
		{Clip{GlobalNorm: math.NaN()}, "Clip{Rule: Adam{LR: 0.001}, GlobalNorm: NaN}", "Clip.GlobalNorm is NaN"},
		{Clip{Value: -1}, "Clip{Rule: Adam{LR: 0.001}, Value: -1}", "Clip.Value is -1"},
		{Clip{Rule: Clip{Value: 1}, Norm: 1}, "Clip{Rule: Clip{Rule: Adam{LR: 0.001}, Value: 1}, Norm: 1}", "which clips too"},
		{Clip{Rule: SGD{LR: -1}, Value: 1}, "Clip{Rule: SGD{LR: -1}, Value: 1}", "SGD.LR is -1"},
		{SGD{Schedule: Cosine{Steps: 9}}, "SGD{LR: 0.01, Schedule: Cosine{Steps: 9}}", ""},
		{Adam{Schedule: Cosine{}}, "Adam{LR: 0.001, Schedule: Cosine{}}", ""},
		{Adam{Schedule: Cosine{Steps: -2}}, "Adam{LR: 0.001, Schedule: Cosine{Steps: -2}}", "Cosine.Steps is -2, but must be a number of steps (batches an epoch times epochs), or 0 for what suits the training"},
		{SGD{Schedule: Cosine{Steps: 1, Floor: -1}}, "SGD{LR: 0.01, Schedule: Cosine{Steps: 1, Floor: -1}}", "Cosine.Floor is -1"},
		{Lion{Schedule: StepDecay{}}, "Lion{LR: 0.001, Schedule: StepDecay{}}", ""},
		{Lion{Schedule: StepDecay{Every: -1, Factor: 0.5}}, "Lion{LR: 0.001, Schedule: StepDecay{Every: -1, Factor: 0.5}}", "StepDecay.Every is -1"},
		{SGD{Schedule: OneCycle{Steps: -1}}, "SGD{LR: 0.01, Schedule: OneCycle{Steps: -1}}", "OneCycle.Steps is -1"},
		{RMSprop{Schedule: Exponential{Every: 1, Factor: -2}}, "RMSprop{LR: 0.001, Schedule: Exponential{Every: 1, Factor: -2}}", "Exponential.Factor is -2"},
		{Adagrad{Schedule: OneCycle{Steps: 1}}, "Adagrad{LR: 0.001, Schedule: OneCycle{Steps: 1}}", "OneCycle.Steps is 1"},
		{SGD{Schedule: OneCycle{Steps: 9, Up: 1}}, "SGD{LR: 0.01, Schedule: OneCycle{Steps: 9, Up: 1}}", "OneCycle.Up is 1"},
		{SGD{Schedule: OneCycle{Steps: 9, Start: 0.5, End: 0.1}}, "SGD{LR: 0.01, Schedule: OneCycle{Steps: 9, Start: 0.5, End: 0.1}}", ""},
		{AdamW{Schedule: WarmUp{Steps: 3, Then: Cosine{Steps: -1}}}, "AdamW{LR: 0.001, Schedule: WarmUp{Steps: 3, Then: Cosine{Steps: -1}}}", "Cosine.Steps is -1"},
		{SGD{Schedule: WarmUp{Steps: -1}}, "SGD{LR: 0.01, Schedule: WarmUp{Steps: -1}}", "WarmUp.Steps is -1"},
	} {
		if got := c.opt.String(); got != c.text {
			t.Errorf("shown as %s, want %s", got, c.text)
		}
		err := c.opt.Check()
		if (err == nil) != (c.bad == "") || err != nil && !strings.Contains(err.Error(), c.bad) {
			t.Errorf("%s: error %v, want %q", c.text, err, c.bad)
		}
	}
}

// A step of training allocates nothing, so neither may a rule.
func TestNoAllocation(t *testing.T) {
	s := WarmUp{Steps: 3, Then: Cosine{Steps: 9}}
	w, g, a, b := make([]float32, 33), make([]float32, 33), make([]float32, 33), make([]float32, 33)
	for _, opt := range []Optimizer{
		SGD{Momentum: 0.9, Schedule: s},
		Adam{Schedule: s},
		AdamW{Schedule: s},
		RMSprop{Schedule: s},
		RMSprop{Centered: true},
		Adagrad{Schedule: s},
		Lion{Decay: 1, Schedule: s},
		Clip{Value: 1},
		Clip{Rule: Lion{}, Value: 1},
		Clip{Rule: Lion{}, GlobalNorm: 1},
	} {
		st := opt.Prepare(1)
		if n := testing.AllocsPerRun(10, func() {
			st = opt.Prepare(5)
			opt.Update(&st, w, g, a, b)
		}); n != 0 {
			t.Errorf("%v: %v allocations a step", opt, n)
		}
	}
}

// A schedule that was given no length gets that of the training, in every rule.
func TestOver(t *testing.T) {
	for _, c := range []struct{ given, want Schedule }{
		{nil, nil},
		{Cosine{}, Cosine{Steps: 90}},
		{Cosine{Steps: 7, Floor: 0.1}, Cosine{Steps: 7, Floor: 0.1}},
		{OneCycle{Up: 0.5}, OneCycle{Steps: 90, Up: 0.5}},
		{Exponential{}, Exponential{Every: 90}},
		{StepDecay{Factor: 0.5}, StepDecay{Every: 30, Factor: 0.5}},
		{WarmUp{}, WarmUp{Steps: 9}},
		{WarmUp{Then: Cosine{}}, WarmUp{Steps: 9, Then: Cosine{Steps: 81}}},
		{WarmUp{Steps: 100, Then: Cosine{}}, WarmUp{Steps: 100, Then: Cosine{Steps: 1}}},
	} {
		for _, o := range []struct{ given, want Optimizer }{
			{SGD{LR: 0.1, Momentum: 0.9, Schedule: c.given}, SGD{LR: 0.1, Momentum: 0.9, Schedule: c.want}},
			{Adam{LR: 0.1, Eps: 1, Schedule: c.given}, Adam{LR: 0.1, Eps: 1, Schedule: c.want}},
			{AdamW{LR: 0.1, Decay: 1, Schedule: c.given}, AdamW{LR: 0.1, Decay: 1, Schedule: c.want}},
			{RMSprop{LR: 0.1, Rho: 0.5, Schedule: c.given}, RMSprop{LR: 0.1, Rho: 0.5, Schedule: c.want}},
			{Adagrad{LR: 0.1, Eps: 1, Schedule: c.given}, Adagrad{LR: 0.1, Eps: 1, Schedule: c.want}},
			{Lion{LR: 0.1, Decay: 1, Schedule: c.given}, Lion{LR: 0.1, Decay: 1, Schedule: c.want}},
			{Clip{Rule: SGD{LR: 0.1, Schedule: c.given}, Norm: 1}, Clip{Rule: SGD{LR: 0.1, Schedule: c.want}, Norm: 1}},
		} {
			if got := Over(o.given, 90); got != o.want {
				t.Errorf("%v over 90 steps is %v, want %v", o.given, got, o.want)
			}
			if err := o.given.Check(); err != nil {
				t.Errorf("%v: %v", o.given, err)
			}
		}
		// Without a length the rate is kept.
		if c.given != nil && c.given != c.want {
			if got := c.given.At(1000); got != 1 {
				t.Errorf("%v: step 1000 has the factor %v, want 1", c.given, got)
			}
		}
	}
	if got := Over(Adam{Schedule: OneCycle{}}, 1); got.Check() != nil {
		t.Errorf("over one step: %v", got)
	}
}

func TestShrink(t *testing.T) {
	for _, c := range []struct{ length, limit, want float64 }{{0, 1, 1}, {1, 1, 1}, {4, 1, 0.25}, {3, 6, 1}} {
		if got := Shrink(c.length, c.limit); got != c.want {
			t.Errorf("of length %v and limit %v: %v, want %v", c.length, c.limit, got, c.want)
		}
	}
}
