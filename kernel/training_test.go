package kernel_test

// This file trains networks in cells: what they show, and what their errors
// say.

import (
	"strings"
	"testing"

	"cajal/kernel/cell"
)

// small declares a dataset of four classes and a model.
const small = `
x := make([][]float32, 256)
labels := make([]int, 256)
for i := range x {
	x[i] = make([]float32, 8)
	x[i][i%4] = 1
	labels[i] = i % 4
}
train, err := data.Arrays(x, labels)
model := nn.Sequential(nn.Input(8), nn.Dense(16, nn.ReLU), nn.Dense(4, nn.Softmax))
err`

// TestTrainingIsShown holds that a training is one output that is updated in
// place and ends without script.
func TestTrainingIsShown(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, small)
	run(t, e, host, 2, `h, err := model.Fit(train, nn.Fit{Epochs: 30, Seed: 1})
fmt.Println(len(h.Epochs), h.Stopped, err)
err`)
	var id string
	var last cell.Bundle
	updates := 0
	for _, ev := range host.of(2) {
		switch ev.Kind {
		case cell.Display:
			if id != "" {
				t.Errorf("a second display %q", ev.DisplayID)
			}
			id, last = ev.DisplayID, ev.Bundle
		case cell.Update:
			if ev.DisplayID != id {
				t.Errorf("the update of %q, and %q is displayed", ev.DisplayID, id)
			}
			last = ev.Bundle
			updates++
		}
	}
	if id == "" || updates == 0 {
		t.Fatalf("display id %q, %d updates", id, updates)
	}
	text, _ := last.Data["text/plain"].(string)
	svg, _ := last.Data["image/svg+xml"].(string)
	if !strings.Contains(text, "30") || !strings.Contains(svg, "<svg") || strings.Contains(svg, "<script") {
		t.Errorf("at the end the panel is %d bytes of SVG and the text:\n%s", len(svg), text)
	}
	if got := run(t, e, host, 3, `r, err := model.Evaluate(train); fmt.Println(r.Accuracy > 0.9, err)`); got != "true <nil>\n" {
		t.Errorf("the trained model gives %q", got)
	}
	if got := sections(host.of(2), nil)["out"]; !strings.HasSuffix(got, "30 false <nil>\n") {
		t.Errorf("the cell shows %q", got)
	}
}

// TestNetworkErrorsNameCells holds that the errors of a network name the cell
// and the line that built its layers.
func TestNetworkErrorsNameCells(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, `conv := func() nn.Layer {
	return nn.Conv2D(8, 3, 3)
}`)
	failed := e.Execute(t.Context(), cell.Request{ID: 2, Number: 2, Code: `nn.Sequential(nn.Input(784), nn.Dense(10), conv())`}).Err
	if want := "nn: layer 2 Conv2D (cell 1, line 2)"; failed == nil || !strings.HasPrefix(failed.Value, want) {
		t.Errorf("the model that cannot be gives %v, want an error that begins with %q", failed, want)
	}
}
