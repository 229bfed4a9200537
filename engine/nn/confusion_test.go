// This file checks the confusion matrix.

package nn

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"cajal/engine/data"
	"cajal/engine/tensor"
)

// echo is a model that says the class whose input is largest.
func echo(t *testing.T, n int) *Model {
	t.Helper()
	m := Sequential(Input(n), Dense(n, Softmax))
	w := tensor.New(n, n)
	for i := range n {
		w.Set(9, i, i)
	}
	if err := m.SetWeights(1, w, tensor.New(n)); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestConfusion(t *testing.T) {
	said := []int{0, 0, 1, 1, 1, 2, 0, 1}
	is := []int{0, 1, 1, 1, 0, 1, 0, 1}
	x := tensor.New(len(said), 3)
	for i, c := range said {
		x.Set(1, i, c)
	}
	d, err := data.Arrays(x, is)
	if err != nil {
		t.Fatal(err)
	}
	m := echo(t, 3)
	c, err := m.Confusion(d.WithClasses("cat", "<dog>", "cow"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.Counts); got != "[[2 1 0] [1 3 1] [0 0 0]]" {
		t.Errorf("counts %s", got)
	}
	if c.Total() != 8 || c.Accuracy() != 5.0/8 || c.Precision(1) != 3.0/4 || c.Recall(1) != 3.0/5 || c.Precision(2) != 0 || !math.IsNaN(c.Recall(2)) {
		t.Errorf("figures %v %v %v %v", c.Total(), c.Accuracy(), c.Precision(1), c.Recall(1))
	}
	if got := fmt.Sprint(c.Mixups()); got != "[{0 1 1} {1 0 1} {1 2 1}]" {
		t.Errorf("mixups %s", got)
	}
	want := `right \ said    cat  <dog>    cow  recall
─────────────────────────────────────────
cat               2      1      0   0.667
<dog>             1      3      1   0.600
cow               0      0      0       -
precision     0.667  0.750  0.000   0.625
most often said: <dog> for cat (1), cat for <dog> (1), cow for <dog> (1)`
	if got := c.String(); got != want {
		t.Errorf("shown as\n%s\nwant\n%s", got, want)
	}
	if h := c.MIMEBundle()["text/html"].(string); !strings.Contains(h, "&lt;dog&gt;") || strings.Contains(h, "<dog>") {
		t.Errorf("names are not escaped: %s", h)
	}
	hot, err := d.OneHot(3)
	if err != nil {
		t.Fatal(err)
	}
	if c2, err := m.Confusion(hot); err != nil || fmt.Sprint(c2.Counts) != fmt.Sprint(c.Counts) || c2.Classes[1] != "1" {
		t.Errorf("of one-hot targets: %v, %v", c2, err)
	}
	if _, err := m.Confusion(d.Take(0)); err == nil {
		t.Error("a confusion of nothing gave no error")
	}
	only, err := data.Arrays(x, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Confusion(only); err == nil || !strings.Contains(err.Error(), "neither labels nor targets") {
		t.Errorf("without labels: %v", err)
	}
	// Yes or no from one output.
	yes := Sequential(Input(3), Dense(1, Sigmoid))
	if c, err := yes.Confusion(d.Slice(0, 4)); err != nil || len(c.Counts) != 2 || c.Total() != 4 {
		t.Errorf("of one output: %v, %v", c, err)
	}
}
