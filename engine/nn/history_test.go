// This file checks what a History tells.

package nn

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// TestLongHistory holds that the table of a long training stays short, with its
// start and its end.
func TestLongHistory(t *testing.T) {
	h := &History{MetricNames: []string{"accuracy"}}
	for i := range 5000 {
		h.Epochs = append(h.Epochs, Epoch{Epoch: i + 1, Metrics: []float64{0.5}})
	}
	text := h.String()
	if n := strings.Count(text, "\n"); n > 60 {
		t.Errorf("%d lines", n)
	}
	for _, want := range []string{"\n    1  ", "\n5000  ", "… 4950 more"} {
		if !strings.Contains(text, strings.TrimSpace(want)) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if html := fmt.Sprint(h.MIMEBundle()["text/html"]); strings.Count(html, "<tr>") > 60 {
		t.Errorf("%d rows of HTML", strings.Count(html, "<tr>"))
	}
	h.Epochs = h.Epochs[:2*shownEpochs+1]
	if strings.Contains(h.String(), "more") {
		t.Error("one epoch was left out, in whose place a line stands that says so")
	}
}

// TestNoFigure holds that an epoch without a figure is not the best, and that others after
// it can be.
func TestNoFigure(t *testing.T) {
	nan := math.NaN()
	h := &History{HasVal: true, MetricNames: []string{"precision of 1"}}
	for i, v := range []float64{nan, 0.2, 0.4, 0.3, nan} {
		h.Epochs = append(h.Epochs, Epoch{Epoch: i + 1, Loss: 0.1, ValLoss: 1 - v, Metrics: []float64{1}, ValMetrics: []float64{v}})
	}
	for _, w := range []watched{{metric: -1, sign: 1}, {metric: 0, sign: -1}} {
		k := keeper{watched: w, rule: &EarlyStop{KeepLast: true, Patience: 2}}
		ends := 0
		for _, e := range h.Epochs {
			if k.enough(h, e) && ends == 0 {
				ends = e.Epoch
			}
		}
		if k.epoch != 3 || ends != 5 {
			t.Errorf("metric %d: the best epoch is %d and %d ends the training, want 3 and 5", w.metric, k.epoch, ends)
		}
	}
}
