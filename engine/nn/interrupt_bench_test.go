// This file measures how soon a training ends after it was asked to.

package nn_test

import (
	"slices"
	"testing"
	"time"

	"cajal/engine/data"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// hasty is a Monitor that asks for an end some time after the first step.
type hasty struct {
	after time.Duration
	done  chan struct{}
	asked chan time.Time
	told  bool
}

func (h *hasty) Begin(nn.Info) {}
func (h *hasty) Step(nn.Step) {
	if h.told {
		return
	}
	h.told = true
	go func() {
		time.Sleep(h.after)
		h.asked <- time.Now()
		close(h.done)
	}()
}
func (h *hasty) End(*nn.History)       {}
func (h *hasty) Done() <-chan struct{} { return h.done }

// BenchmarkInterrupt reports the median and the worst time from the request to the
// return of Fit, in milliseconds, with the request at any moment of a step:
//
//	go test ./engine/nn -run - -bench Interrupt -benchtime 50x
func BenchmarkInterrupt(b *testing.B) {
	images := func(n, size, channels int) *tensor.Tensor { return tensor.Uniform(1, -1, 1, n, size, size, channels) }
	for _, c := range []struct {
		name  string
		model func() *nn.Model
		x     *tensor.Tensor
		fit   nn.Fit
	}{
		{"mlp", func() *nn.Model {
			return nn.Sequential(nn.Input(784), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.Softmax))
		}, tensor.Uniform(1, -1, 1, 4096, 784), nn.Fit{}},
		{"dense 4096", func() *nn.Model {
			return nn.Sequential(nn.Input(4096), nn.Dense(4096, nn.ReLU), nn.Dense(4096, nn.ReLU), nn.Dense(10, nn.Softmax))
		}, tensor.Uniform(1, -1, 1, 512, 4096), nn.Fit{Batch: 256}},
		{"cnn 64x64x3", func() *nn.Model {
			return nn.Sequential(nn.Input(64, 64, 3), nn.Conv2D(32, 3, 3, nn.ReLU, nn.Same), nn.MaxPool2D(2), nn.Conv2D(64, 3, 3, nn.ReLU, nn.Same), nn.MaxPool2D(2),
				nn.Conv2D(128, 3, 3, nn.ReLU, nn.Same), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(128, nn.ReLU), nn.Dense(10, nn.Softmax))
		}, images(512, 64, 3), nn.Fit{Batch: 256}},
		{"cnn norms", func() *nn.Model {
			return nn.Sequential(nn.Input(32, 32, 3), nn.Conv2D(64, 3, 3, nn.Same), nn.BatchNorm(), nn.Act(nn.GELU), nn.Conv2D(64, 3, 3, nn.Same), nn.BatchNorm(), nn.Act(nn.ReLU),
				nn.GlobalAvgPool(), nn.Dense(10, nn.Softmax))
		}, images(512, 32, 3), nn.Fit{Batch: 256}},
		{"lstm", func() *nn.Model {
			return nn.Sequential(nn.Input(100, 64), nn.LSTM(256), nn.Dense(10, nn.Softmax))
		}, tensor.Uniform(1, -1, 1, 512, 100, 64), nn.Fit{Batch: 256}},
		{"attention", func() *nn.Model {
			x := nn.In(128, 64)
			h := nn.Add(x, nn.MultiHeadAttention(4, 16)(nn.LayerNorm()(x)))
			return nn.Graph(x, nn.Dense(10, nn.Softmax)(nn.GlobalAvgPool()(h)))
		}, tensor.Uniform(1, -1, 1, 512, 128, 64), nn.Fit{Batch: 256}},
	} {
		b.Run(c.name, func(b *testing.B) {
			y := make([]int, c.x.Shape[0])
			for i := range y {
				y[i] = i % 10
			}
			d, err := data.Arrays(c.x, y)
			if err != nil {
				b.Fatal(err)
			}
			m := c.model()
			var took []time.Duration
			for b.Loop() {
				h := &hasty{after: time.Duration(len(took)*37%101) * time.Millisecond, done: make(chan struct{}), asked: make(chan time.Time, 1)}
				f := c.fit
				f.Epochs, f.Monitor = 1e6, h
				if _, err := m.Fit(d, f); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(<-h.asked))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2])/1e6, "median-ms")
			b.ReportMetric(float64(took[len(took)-1])/1e6, "worst-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}
