// This file defines History: what a training was and how it went.

package nn

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// A History is what Fit returns: the settings with all defaults filled in, the
// figures of every epoch, and what there was to say.
type History struct {
	Epochs   []Epoch // finished ones
	Points   []Point // the curve, at most about two thousand
	Stopped  bool    // ended before Planned epochs were done; the weights are those of the last whole step
	Failure  string  // why, in a few words, if Fit returned an error; "" else
	Warnings []string
	Notes    []string
	Layers   []LayerStats // how the weights of each layer moved
	Findings []Finding    // what there is to say of the layers and their units at the end

	Model       string // in one line
	Params      int
	Examples    int // of the training set
	Batch       int
	Planned     int // epochs asked for
	Steps       int // batches done
	LossName    string
	Optimizer   string
	MetricNames []string
	HasVal      bool
	Seed        int64
	Threads     int
	Seconds     float64
	BestEpoch   int    // lowest validation loss, else training loss; from 1, 0 when none is finished
	WeightHash  string // of all weights at the end; equal weights have equal hashes
}

// An Epoch has the figures of one pass over the training set. Loss and Metrics
// are means over its batches, while the weights moved; the validation figures are
// from its end, NaN and nil without a validation set.
type Epoch struct {
	Epoch      int // from 1
	Loss       float64
	Metrics    []float64
	ValLoss    float64
	ValMetrics []float64
	Seconds    float64

	LearningRate float64 // of its last batch; 0 when the optimizer has none
}

// figure is what the best epoch has least of. An epoch whose validation was interrupted
// is none of the best.
func (h *History) figure(e Epoch) float64 {
	v := e.Loss
	if h.HasVal {
		v = e.ValLoss
	}
	if math.IsNaN(v) {
		return math.Inf(1)
	}
	return v
}

// Loss returns the training loss of every epoch.
func (h *History) Loss() []float64 { return h.column(func(e Epoch) float64 { return e.Loss }) }

// ValLoss returns the validation loss of every epoch, nil without.
func (h *History) ValLoss() []float64 {
	if !h.HasVal {
		return nil
	}
	return h.column(func(e Epoch) float64 { return e.ValLoss })
}

// LearningRate returns the learning rate at the end of every epoch.
func (h *History) LearningRate() []float64 {
	return h.column(func(e Epoch) float64 { return e.LearningRate })
}

// Metric returns a metric of every epoch on the training set, by its name as in
// MetricNames; nil when there is none of that name.
func (h *History) Metric(name string) []float64 {
	k := h.metric(name)
	if k < 0 {
		return nil
	}
	return h.column(func(e Epoch) float64 { return e.Metrics[k] })
}

// ValMetric returns a metric of every epoch on the validation set, nil without.
func (h *History) ValMetric(name string) []float64 {
	k := h.metric(name)
	if k < 0 || !h.HasVal {
		return nil
	}
	return h.column(func(e Epoch) float64 {
		if k >= len(e.ValMetrics) {
			return math.NaN()
		}
		return e.ValMetrics[k]
	})
}

func (h *History) metric(name string) int {
	for k, n := range h.MetricNames {
		if n == name {
			return k
		}
	}
	return -1
}

func (h *History) column(f func(Epoch) float64) []float64 {
	out := make([]float64, len(h.Epochs))
	for i, e := range h.Epochs {
		out[i] = f(e)
	}
	return out
}

// shownEpochs is how many epochs a table shows at its start and at its end.
const shownEpochs = 25

// header and rows are the table of the epochs; of a long training the middle is
// left out.
func (h *History) header() []string {
	head := []string{"epoch", "loss"}
	head = append(head, h.MetricNames...)
	if h.HasVal {
		head = append(head, "val loss")
		for _, n := range h.MetricNames {
			head = append(head, "val "+n)
		}
	}
	if h.rateMoves() {
		head = append(head, "learning rate")
	}
	return append(head, "seconds")
}

// rateMoves reports whether the learning rate was not always the same.
func (h *History) rateMoves() bool {
	for _, e := range h.Epochs {
		if e.LearningRate != h.Epochs[0].LearningRate {
			return true
		}
	}
	return false
}

func (h *History) rows() [][]string {
	var out [][]string
	num := func(v float64) string {
		if math.Abs(v) >= 1e6 {
			return fmt.Sprintf("%.4g", v)
		}
		return fmt.Sprintf("%.4f", v)
	}
	for i, e := range h.Epochs {
		if cut := len(h.Epochs) - 2*shownEpochs; cut > 1 && i >= shownEpochs && i < shownEpochs+cut {
			if i == shownEpochs {
				row := make([]string, len(h.header()))
				row[0] = fmt.Sprintf("… %d more", cut)
				out = append(out, row)
			}
			continue
		}
		row := []string{fmt.Sprint(e.Epoch), num(e.Loss)}
		for _, v := range e.Metrics {
			row = append(row, num(v))
		}
		if h.HasVal {
			row = append(row, num(e.ValLoss))
			for k := range h.MetricNames {
				if k < len(e.ValMetrics) {
					row = append(row, num(e.ValMetrics[k]))
				} else {
					row = append(row, "")
				}
			}
		}
		if h.rateMoves() {
			row = append(row, fmt.Sprintf("%.3g", e.LearningRate))
		}
		out = append(out, append(row, fmt.Sprintf("%.2f", e.Seconds)))
	}
	return out
}

// title tells in one line what was trained and how far it came.
func (h *History) title() string {
	s := fmt.Sprintf("%s · %d of %d epochs", h.Model, len(h.Epochs), h.Planned)
	if h.Stopped {
		s += fmt.Sprintf(", stopped after step %d", h.Steps)
	}
	return s + fmt.Sprintf(" · %.2f s", h.Seconds)
}

// footer tells the settings.
func (h *History) footer() []string {
	out := []string{fmt.Sprintf("%s · %s · %d examples, batch %d · seed %d · weights %s", h.LossName, h.Optimizer, h.Examples, h.Batch, h.Seed, h.WeightHash)}
	if h.BestEpoch > 0 {
		out = append(out, fmt.Sprintf("best epoch %d", h.BestEpoch))
	}
	if s := h.moves(); s != "" {
		out = append(out, s)
	}
	for _, w := range h.Warnings {
		out = append(out, "warning: "+w)
	}
	for _, f := range h.Findings {
		out = append(out, "found: "+f.String())
	}
	for _, n := range h.Notes {
		out = append(out, "note: "+n)
	}
	return out
}

// moves tells how the weights moved at the end of the last epoch.
func (h *History) moves() string {
	var parts []string
	for i, l := range h.Layers {
		if i == maxMoves {
			parts = append(parts, fmt.Sprintf("… %d more layers", len(h.Layers)-i))
			break
		}
		if n := len(l.GradientNorm); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %.2g and %.2g", l.Name, l.GradientNorm[n-1], l.UpdateRatio[n-1]))
		}
	}
	if parts == nil {
		return ""
	}
	return "at the end, by layer, length of the gradient and update/weights: " + strings.Join(parts, " · ")
}

// maxMoves is how many layers a history tells of.
const maxMoves = 8

// String writes the epochs as a table, with the settings and warnings beneath.
func (h *History) String() string {
	return h.title() + "\n" + textTable(h.header(), h.rows()) + strings.Join(h.footer(), "\n")
}

// MIMEBundle returns the same as text/plain and, as a table, text/html.
func (h *History) MIMEBundle() map[string]any {
	var b strings.Builder
	b.WriteString(`<div class="cajal-history"><div>` + html.EscapeString(h.title()) + "</div>")
	b.WriteString(htmlTable(h.header(), h.rows(), 0))
	for _, l := range h.footer() {
		b.WriteString("<div>" + html.EscapeString(l) + "</div>")
	}
	b.WriteString("</div>")
	return map[string]any{"text/plain": h.String(), "text/html": b.String()}
}
