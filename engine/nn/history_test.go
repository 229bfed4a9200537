package nn

import (
	"fmt"
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
