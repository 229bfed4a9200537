// This file has the metrics: what is counted beside the loss.

package nn

import (
	"fmt"
	"math"
)

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

// MAE is the mean absolute error of the outputs, 1/n Σ |y-ŷ|: a metric, and a [Loss].
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

// TopK is the share of examples whose right class is among the K largest outputs; 0
// means 5.
type TopK struct{ K int }

func (t TopK) k() int {
	if t.K == 0 {
		return 5
	}
	return t.K
}

// Name returns a name such as "top 5 accuracy".
func (t TopK) Name() string { return fmt.Sprintf("top %d accuracy", t.k()) }

// Score returns 1 when fewer than K outputs are above that of the right class, or equal
// and before it.
func (t TopK) Score(pred []float32, label int, target []float32) float64 {
	if label < 0 {
		label = decide(target)
	}
	if label >= len(pred) || pred[label] != pred[label] {
		return 0
	}
	before := 0
	for j, p := range pred {
		if p > pred[label] || p == pred[label] && j < label {
			before++
		}
	}
	if before < t.k() {
		return 1
	}
	return 0
}

// Precision is the share of right ones among the examples that were taken for Class.
// With one output of yes or no, class 1 is yes.
type Precision struct{ Class int }

// Recall is the share of those that were found among the examples of Class.
type Recall struct{ Class int }

// F1 is the harmonic mean of precision and recall of Class.
type F1 struct{ Class int }

// Name returns a name such as "precision of 1".
func (m Precision) Name() string { return fmt.Sprintf("precision of %d", m.Class) }

// Name returns a name such as "recall of 1".
func (m Recall) Name() string { return fmt.Sprintf("recall of %d", m.Class) }

// Name returns a name such as "F1 of 1".
func (m F1) Name() string { return fmt.Sprintf("F1 of %d", m.Class) }

// found tells whether an example was taken for a class, and whether it is of it.
func found(class int, pred []float32, label int, target []float32) (said, is bool) {
	if label < 0 {
		label = decide(target)
	}
	return decide(pred) == class, label == class
}

// Ratio counts an example that was taken for the class.
func (m Precision) Ratio(pred []float32, label int, target []float32) (part, whole float64) {
	said, is := found(m.Class, pred, label, target)
	return choose(said && is, 1, 0), choose(said, 1, 0)
}

// Ratio counts an example of the class.
func (m Recall) Ratio(pred []float32, label int, target []float32) (part, whole float64) {
	said, is := found(m.Class, pred, label, target)
	return choose(said && is, 1, 0), choose(is, 1, 0)
}

// Ratio counts an example that is of the class, or was taken for it.
func (m F1) Ratio(pred []float32, label int, target []float32) (part, whole float64) {
	said, is := found(m.Class, pred, label, target)
	return choose(said && is, 2, 0), choose(said, 1, 0) + choose(is, 1, 0)
}

// Score is the ratio for one example.
func (m Precision) Score(pred []float32, label int, target []float32) float64 {
	return quotient(m.Ratio(pred, label, target))
}

// Score is the ratio for one example.
func (m Recall) Score(pred []float32, label int, target []float32) float64 {
	return quotient(m.Ratio(pred, label, target))
}

// Score is the ratio for one example.
func (m F1) Score(pred []float32, label int, target []float32) float64 {
	return quotient(m.Ratio(pred, label, target))
}

func quotient(part, whole float64) float64 { return part / whole }
