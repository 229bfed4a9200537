package live

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cajal/display"
	"cajal/display/internal/golden"
	"cajal/display/internal/words"
)

// screen records what is shown and when.
type screen struct {
	mu    sync.Mutex
	start time.Time
	shown []display.Output
	at    []time.Duration
	slow  time.Duration // how long each output takes
	err   error
}

func (s *screen) Emit(o display.Output) error {
	time.Sleep(s.slow)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = append(s.shown, o)
	s.at = append(s.at, time.Since(s.start))
	return s.err
}

// text is the plain text of the output i.
func (s *screen) text(i int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown[i].Data["text/plain"].(string)
}

func (s *screen) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.shown)
}

func newScreen(t *testing.T) *screen {
	s := &screen{start: time.Now()}
	display.SetOutlet(func() display.Outlet { return s })
	t.Cleanup(func() { display.SetOutlet(nil) })
	return s
}

var mnist = Info{Model: "784 → 10 → 10 → 10", Params: 8070, Examples: 60000, Epochs: 5, Batch: 32, Batches: 1875, Loss: "sparse categorical cross-entropy", Optimizer: "Adam(lr=0.001)", Metrics: []string{"accuracy"}, Val: true}

// training makes up the curve of a training that is done with a number of
// epochs, a point every 25 batches.
func training(epochs float64) (points []Point, done []Epoch) {
	loss := func(x float64) float64 { return 0.24 + 2.06*math.Exp(-5*x) + 0.12*math.Exp(-0.7*x) }
	acc := func(x float64) float64 { return 0.935 - 0.83*math.Exp(-5*x) - 0.05*math.Exp(-0.7*x) }
	r := uint32(1)
	noise := func() float64 {
		r = r*1664525 + 1013904223
		return float64(r>>8)/(1<<24) - 0.5
	}
	for i := 1; float64(i)/75 <= epochs+1e-9; i++ {
		x := float64(i) / 75
		points = append(points, Point{Epoch: x, Loss: loss(x) + 0.12*noise(), Metric: acc(x) + 0.05*noise()})
	}
	for e := 1; float64(e) <= epochs+1e-9; e++ {
		x := float64(e)
		done = append(done, Epoch{Epoch: e, Loss: loss(x - 0.5), Metrics: []float64{acc(x - 0.5)}, ValLoss: loss(x) + 0.01, ValMetrics: []float64{acc(x) - 0.004}, Seconds: 2})
	}
	return points, done
}

func stepAt(epochs float64) Step {
	points, done := training(epochs)
	epoch := min(int(epochs)+1, 5)
	batch := int((epochs - float64(epoch-1)) * 1875)
	return Step{Epoch: epoch, Epochs: 5, Batch: batch, Batches: 1875, Loss: 0.2471, Metrics: []float64{0.9268}, Elapsed: 10 * time.Second, ETA: 12 * time.Second, PerSecond: 31_754.2, LearningRate: 0.00085, Points: points, Done: done}
}

func TestPanelUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t)
		p, err := Begin(mnist)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 { // for two seconds
			p.Step(stepAt(float64(i+1) / 100))
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(time.Second)
		n := s.len()
		if n != 9 {
			t.Errorf("%d outputs, want the first and 8 updates in two seconds", n)
		}
		if text := s.text(n - 1); !strings.HasPrefix(text, "epoch 2/5 · 0/1,875 · ETA 0:12 · loss 0.247 · acc 0.927") {
			t.Errorf("the last step was not drawn, but %q", text)
		}
		time.Sleep(10 * time.Second)
		if m := s.len(); m != n {
			t.Errorf("%d updates without a step", m-n)
		}
		p.Step(stepAt(1))
		time.Sleep(time.Second)
		if m := s.len(); m != n {
			t.Errorf("%d updates without a change", m-n)
		}
		points, done := training(5)
		if err := p.End(Result{Epochs: done, Points: points, Steps: 9375, Seconds: 9.44}); err != nil {
			t.Error(err)
		}
		p.Step(stepAt(2))
		p.End(Result{})
		time.Sleep(10 * time.Second)
		if m := s.len(); m != n+1 {
			t.Errorf("%d outputs at the end, want 1", m-n)
		}
		if want, text := "5/5 epochs · 9.4 s · loss 0.245 · acc 0.933 · val loss 0.254 · val acc 0.929\n31,780 examples/s · learning rate 0.00085\nloss █", s.text(n); !strings.HasPrefix(text, want) {
			t.Errorf("got %q", text)
		}
		for i, o := range s.shown {
			want := display.KindUpdate
			if i == 0 {
				want = display.KindDisplay
			}
			if o.Kind != want || o.ID == "" || o.ID != s.shown[0].ID {
				t.Errorf("output %d is %s of %q", i, o.Kind, o.ID)
			}
			if i > 1 && i < n && s.at[i]-s.at[i-1] < interval {
				t.Errorf("update %d after %v", i, s.at[i]-s.at[i-1])
			}
		}
	})
}

// A front end that takes long keeps nobody but the panel waiting.
func TestPanelIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t)
		p, err := Begin(mnist)
		if err != nil {
			t.Fatal(err)
		}
		s.slow = time.Minute
		start := time.Now()
		for i := range 1000 {
			p.Step(stepAt(float64(i) / 1000))
			time.Sleep(time.Millisecond)
		}
		if d := time.Since(start); d != time.Second {
			t.Errorf("training took %v", d)
		}
		p.End(Result{Stopped: true, Steps: 1875})
		if n := s.len(); n != 3 {
			t.Errorf("%d outputs, want the first, the one in hand and the last", n)
		}
		if want, text := "stopped after step 1,875", s.text(2); !strings.HasPrefix(text, want) {
			t.Errorf("got %q", text)
		}
	})
}

func TestPanelWithoutCell(t *testing.T) {
	p, err := Begin(mnist)
	if p != nil || !errors.Is(err, display.ErrNoOutlet) {
		t.Errorf("Begin: %v, %v", p, err)
	}
	p.Step(Step{})
	if err := p.End(Result{}); err != nil {
		t.Error(err)
	}
}

func TestQuiet(t *testing.T) {
	s := newScreen(t)
	info := mnist
	info.Quiet = true
	p, err := Begin(info)
	if err != nil {
		t.Fatal(err)
	}
	p.Step(stepAt(1))
	if err := p.End(Result{}); err != nil || s.len() != 0 {
		t.Errorf("%d outputs, %v", s.len(), err)
	}
}

func TestPanelErrors(t *testing.T) {
	s := newScreen(t)
	gone := errors.New("gone")
	s.err = gone
	if _, err := Begin(mnist); !errors.Is(err, gone) {
		t.Errorf("Begin: %v", err)
	}
	s.err = nil
	p, err := Begin(mnist)
	if err != nil {
		t.Fatal(err)
	}
	s.err = gone
	if err := p.End(Result{}); !errors.Is(err, gone) {
		t.Errorf("End: %v", err)
	}
}

func TestProgress(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		s    state
		want string
	}{
		{state{info: mnist, step: Step{Epoch: 1, Epochs: 5, Batches: 1875}}, "epoch 1/5 · 0/1,875"},
		{state{info: mnist, step: stepAt(2.6613334)}, "epoch 3/5 · 1,240/1,875 · ETA 0:12 · loss 0.247 · acc 0.927"},
		{state{info: Info{Epochs: 1}, step: Step{Epoch: 1, Epochs: 1, Batch: 1, Batches: 1000000, Loss: 1e-5, ETA: 2*time.Hour + 59*time.Second}}, "epoch 1/1 · 1/1,000,000 · ETA 2:00:59 · loss 1.0e-05"},
		{state{info: mnist, end: &Result{Stopped: true, Steps: 4321, Seconds: 61, Epochs: []Epoch{{Loss: 0.3, Metrics: []float64{0.9}, ValLoss: nan}}}}, "stopped after step 4,321 · 1/5 epochs · 1m1s · loss 0.300 · acc 0.900 · val loss NaN"},
		{state{info: mnist, end: &Result{Stopped: true, Steps: 7, Failure: "loss became NaN at step 5,006"}}, "loss became NaN at step 5,006 · 0/5 epochs · 0.0 s"},
	}
	for _, tt := range tests {
		if got := tt.s.progress(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestText(t *testing.T) {
	s := state{info: mnist, end: &Result{Epochs: []Epoch{{}}, Warnings: []string{"pixels of 0 to 255"}}}
	for i := range 80 {
		s.end.Points = append(s.end.Points, Point{Loss: float64(80 - i), Metric: math.NaN()})
	}
	want := fmt.Sprintf("%s\nAdam(lr=0.001)\nloss %s 79.500 → 1.500\nwarning: pixels of 0 to 255", s.progress(), "█████▇▇▇▇▇▆▆▆▆▆▅▅▅▅▅▄▄▄▄▄▃▃▃▃▃▂▂▂▂▂▁▁▁▁▁")
	if got := s.text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// warned is a training on pixels as they come.
var warned = Info{
	Model: mnist.Model, Examples: 60000, Epochs: 5, Batch: 32, Batches: 1875, Optimizer: "Adam(lr=0.001)", Metrics: []string{"accuracy"}, Val: true,
	Warnings: []string{"inputs are from 0 to 255; numbers near 0 and 1 train better: train.Scale(1.0/255)"},
}

// withGap is a step after a loss that was not a number.
func withGap(s Step) Step {
	s.Points = append([]Point{}, s.Points...)
	for i := 100; i < 110; i++ {
		s.Points[i].Loss = math.NaN()
	}
	return s
}

// many has more metrics than fit one line.
var many = Info{
	Model: mnist.Model, Examples: 60000, Epochs: 5, Batch: 32, Batches: 1875, Optimizer: "Adam(lr=0.001)", Val: true,
	Metrics: []string{"accuracy", "top 5 accuracy", "precision of 3", "recall of 3", "F1 of 3"},
}

func withMetrics(s Step, n int) Step {
	s.Metrics = make([]float64, n)
	return s
}

func of(epochs []Epoch, n int) []Epoch {
	out := slices.Clone(epochs)
	for i := range out {
		out[i].Metrics, out[i].ValMetrics = make([]float64, n), make([]float64, n)
		out[i].ValMetrics[0] = epochs[i].ValMetrics[0]
	}
	return out
}

func states() map[string]state {
	points, done := training(5)
	half, some := training(2.66)
	bad := append(half[:len(half):len(half)], Point{Epoch: 2.67, Loss: math.NaN(), Metric: math.NaN()})
	return map[string]state{
		"begin":   {info: mnist, step: Step{Epoch: 1, Epochs: 5, Batches: 1875}},
		"first":   {info: mnist, step: stepAt(0.08)},
		"running": {info: mnist, step: stepAt(2.6613334)},
		"end":     {info: mnist, end: &Result{Epochs: done, Points: points, Steps: 9375, Seconds: 9.44}},
		"stopped": {info: mnist, end: &Result{Epochs: some, Points: half, Steps: 4987, Seconds: 5.2, Stopped: true}},
		"nan":     {info: mnist, end: &Result{Epochs: some, Points: bad, Steps: 5006, Seconds: 5.2, Stopped: true, Failure: state{info: mnist}.failure(bad)}},
		"failed":  {info: mnist, end: &Result{Epochs: some, Points: half, Steps: 5006, Seconds: 5.2, Stopped: true, Failure: "loss became NaN at step 5,006"}},
		"gap":     {info: mnist, step: withGap(stepAt(2.6613334))},
		"warned":  {info: warned, step: stepAt(0.5)},
		"advised": {info: warned, end: &Result{Epochs: done, Points: points, Steps: 9375, Seconds: 9.44, Warnings: append(warned.Warnings[:1:1],
			"layer 1 Dense: 3 of 10 units never fire: they give 0 for every example, and no gradient reaches them; a smaller learning rate keeps them alive", "验证集与训练集有 12 个相同的样本")}},
		"chinese":     {info: mnist, lang: words.Chinese, step: stepAt(2.6613334)},
		"chineseend":  {info: warned, lang: words.Chinese, end: &Result{Epochs: some, Points: bad, Steps: 5006, Seconds: 5.2, Stopped: true, Failure: state{info: mnist, lang: words.Chinese}.failure(bad), Warnings: []string{"第 1 层 dense_1：10 个单元中有 7 个从不发放（2000 个例子）；可以用较小的学习率、把输入缩放到 1 左右、用 nn.HeNormal，或者用不会死亡的 nn.LeakyReLU，它在小于 0 的一侧也有梯度"}}},
		"manymetrics": {info: many, end: &Result{Epochs: of(done, len(many.Metrics)), Points: points, Steps: 9375, Seconds: 9.44}},
		"manyrunning": {info: many, step: withMetrics(stepAt(2.6613334), len(many.Metrics))},
		"nometric":    {info: Info{Epochs: 5, Batches: 1875}, end: &Result{Epochs: done, Points: points, Steps: 9375, Seconds: 9.44}},
	}
}

func TestGolden(t *testing.T) {
	for name, s := range states() {
		t.Run(name, func(t *testing.T) {
			data, _ := content(s)
			mime := "text/html"
			if s.end != nil {
				mime = "image/svg+xml"
				if raw, ok := data["image/png"].(string); !ok || len(raw) < 1000 {
					t.Errorf("no PNG: %q", data["text/plain"])
				}
			}
			svg, _ := data[mime].(string)
			golden.SVG(t, name, svg)
			if n := strings.Count(svg, "<svg"); n != 3 && s.info.Metrics != nil {
				t.Errorf("%d svg elements, want the panel and two charts", n)
			}
			if strings.Contains(svg, "<script") || len(s.warnings()) == 0 && !strings.Contains(svg, fmt.Sprintf(`width="%d" height="%g"`, width, s.headHeight()+chartHeight)) {
				t.Errorf("a script, or another size: %.200s", svg)
			}
		})
	}
}

// The numbers that were not meant to be are drawn all the same.
func TestHostileStates(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, s := range []state{
		{},
		{info: Info{Epochs: -1, Batches: -1, Metrics: []string{""}}, step: Step{Points: []Point{{nan, nan, nan, nan}, {inf, inf, inf, inf}}}},
		{info: Info{Epochs: 1, Val: true, Metrics: []string{"a", "b"}}, step: Step{Done: []Epoch{{}, {ValLoss: inf}}, Metrics: []float64{1, 2, 3}}},
		{info: mnist, end: &Result{Points: []Point{{1, 1e308, -1e308, 1}, {2, -1e308, 1e308, 1}, {1, 0, 0, 0}}, Steps: -1, Seconds: nan}},
	} {
		data, _ := content(s)
		if text := data["text/plain"].(string); text == "" || strings.Contains(text, "panicked") || len(data) < 2 {
			t.Errorf("%+v: %q", s, text)
		}
	}
}

func BenchmarkContent(b *testing.B) {
	for name, s := range map[string]state{"running": states()["running"], "end": states()["end"]} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				content(s)
			}
		})
	}
}

// Of many warnings some are shown, and how many there are.
func TestManyWarnings(t *testing.T) {
	s := states()["advised"]
	s.end.Warnings = nil
	for range 30 {
		s.end.Warnings = append(s.end.Warnings, "one more")
	}
	lines := s.wrappedWarnings()
	if len(lines) != maxLines || lines[maxLines-1] != " … 23 more lines" {
		t.Errorf("%q", lines)
	}
	if n := strings.Count(s.text(), "warning: one more"); n != 30 {
		t.Errorf("%d warnings in the text", n)
	}
	data, meta := content(s)
	if size := meta["image/png"].(map[string]any); size["height"] != headHeight+chartHeight+8+maxLines*lineHeight || data["image/png"] == nil {
		t.Errorf("size %v", size)
	}
}

// A curve with what is no number says where it began, in the place of what the
// caller knows.
func TestFailureOfCurve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t)
		p, err := Begin(mnist)
		if err != nil {
			t.Fatal(err)
		}
		p.End(Result{Stopped: true, Failure: "the loss became infinite or NaN", Steps: 900, Points: []Point{{0.2, 1, 0, 0}, {0.4, math.Inf(1), 0, 0}}})
		if text := s.text(s.len() - 1); !strings.HasPrefix(text, "loss became +Inf at step 750 · ") {
			t.Errorf("got %q", text)
		}
	})
}
