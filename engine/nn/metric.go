// This file has the metrics: what is counted beside the loss.

package nn

import "math"

// A Metric scores one prediction; Fit and Evaluate report the mean. pred are the
// outputs for one example, label its class or -1, and target its target numbers,
// empty without. Score runs on several goroutines at once and must not keep its
// arguments.
type Metric interface {
	Name() string
	Score(pred []float32, label int, target []float32) float64
}

// A RatioMetric is a metric that is not the mean of its scores but a ratio of sums:
// Fit and Evaluate report the sum of all parts over the sum of all wholes, NaN when
// there is no whole.
type RatioMetric interface {
	Metric
	Ratio(pred []float32, label int, target []float32) (part, whole float64)
}

// Accuracy is the share of examples whose largest output (the first of equals)
// is the right class; with one output, a probability above ½ means yes.
type Accuracy struct{}

// Name returns "accuracy".
func (Accuracy) Name() string { return "accuracy" }

// Score returns 1 for a right prediction and 0 for a wrong one.
func (Accuracy) Score(pred []float32, label int, target []float32) float64 {
	if label < 0 {
		label = decide(target)
	}
	if len(pred) == 1 {
		if decide(pred) == label {
			return 1
		}
		return 0
	}
	// Nothing is larger than the right output, nor equal and before it. Looking for
	// the largest would take twice as long, since who wins is hard to guess.
	if label >= len(pred) || pred[label] != pred[label] {
		return 0
	}
	v := pred[label]
	for j, p := range pred {
		if p >= v && (p > v || j < label) {
			return 0
		}
	}
	return 1
}

// decide returns the class that outputs stand for.
func decide(out []float32) int {
	if len(out) == 1 {
		if out[0] > 0.5 {
			return 1
		}
		return 0
	}
	best := 0
	for j, v := range out {
		if v > out[best] {
			best = j
		}
	}
	return best
}

// MAE is the mean absolute error of the outputs.
type MAE struct{}

// Name returns "mean absolute error".
func (MAE) Name() string { return "mean absolute error" }

// Score returns the mean of |ŷ-y| over the outputs of one example.
func (MAE) Score(pred []float32, label int, target []float32) float64 {
	sum := 0.0
	for j, v := range pred {
		t := float32(label)
		if j < len(target) {
			t = target[j]
		}
		sum += math.Abs(float64(v - t))
	}
	return sum / float64(len(pred))
}
