// This file follows the figure that tells whether a training still helps.

package nn

import (
	"fmt"
	"math"
	"strings"
)

// watched follows the validation loss of the epochs, or without validation the
// training loss, or a metric instead.
type watched struct {
	metric int     // of MetricNames, -1 for the loss
	sign   float64 // -1 where more is better
	delta  float64 // a fall by less is no improvement
	least  float64
	epoch  int // of the least, from 1; 0 before the first
	last   int // the epoch seen last
}

// watch finds the metric that a field of Fit names.
func (r *run) watch(field, name string, delta float64) (watched, error) {
	w := watched{metric: -1, sign: 1, delta: delta}
	if name == "" {
		return w, nil
	}
	for k, m := range r.Metrics {
		if m.Name() != name {
			continue
		}
		w.metric = k
		if _, isError := m.(MAE); !isError {
			w.sign = -1
		}
		return w, nil
	}
	names := strings.Join(metricNames(r.Metrics), ", ")
	if names == "" {
		names = "none"
	}
	return w, fmt.Errorf("nn: Fit.%s.Metric is %q, but the training's metrics are: %s\n      fix        one of these, \"\" for the loss, or that metric in Fit.Metrics", field, name, names)
}

// better notes an epoch and reports whether it is the best so far.
func (w *watched) better(h *History, e Epoch) bool {
	w.last = e.Epoch
	v := w.figure(h, e)
	if w.epoch != 0 && !(v < w.least-w.delta) {
		return false
	}
	w.least, w.epoch = v, e.Epoch
	return true
}

func (w *watched) figure(h *History, e Epoch) float64 {
	if w.metric < 0 {
		return h.figure(e)
	}
	of := e.Metrics
	if h.HasVal {
		of = e.ValMetrics
	}
	if w.metric >= len(of) || math.IsNaN(of[w.metric]) { // as a ratio of no examples
		return math.Inf(1)
	}
	return w.sign * of[w.metric]
}
