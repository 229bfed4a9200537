// This file checks how figures are read and summed up.

package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSummary(t *testing.T) {
	var fs []*figures
	for _, line := range []string{
		`{"engine": "x", "epoch_seconds": [9, 2, 4], "cpu_seconds": [9, 3, 5], "test_accuracy": 0.5, "startup_seconds": null, "peak_rss_mb": 10, "epoch_operations": 3e9, "peak_operations": 2e9}`,
		`{"engine": "x", "epoch_seconds": [1, 3, 8], "cpu_seconds": [1, 4, 4], "test_accuracy": 0.7, "startup_seconds": 2.5, "peak_rss_mb": 30.4}`,
	} {
		f := &figures{}
		if err := json.Unmarshal([]byte(line), f); err != nil {
			t.Fatal(err)
		}
		fs = append(fs, f)
	}
	got := summarise(fs)
	if want := (row{best: 2, median: 4, cpu: 3, accuracy: 0.6, rss: 30.4, start: "2.50", speed: "2", share: "50 %"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if r := summarise([]*figures{{Epochs: []float64{7}, CPU: []float64{6}}}); r.best != 7 || r.cpu != 6 || r.start != "-" {
		t.Errorf("one epoch: %+v", r)
	}
}

func TestUnknownNames(t *testing.T) {
	before := peerNames()
	if _, err := contend("sklearn,theano", "python", "go"); err == nil || peerNames() != before {
		t.Errorf("choosing changes who there is to %s (%v)", peerNames(), err)
	}
	if _, err := contend("keras,theano", "python", "go"); err == nil || !strings.Contains(err.Error(), `"theano"`) || !strings.Contains(err.Error(), "keras-jax") {
		t.Errorf("an unknown library gives %v", err)
	}
	if err := run("mlp", "32", "", "", "", 0, "", settings{}); err == nil || !strings.Contains(err.Error(), "-rounds is 0") {
		t.Errorf("no rounds give %v", err)
	}
	if err := run("mlp,vgg", "32", "", "", "", 1, "", settings{}); err == nil || !strings.Contains(err.Error(), `no model "vgg"`) {
		t.Errorf("an unknown model gives %v", err)
	}
	if err := run("mlp", "32", "", "", "", 1, "mlp", settings{}); err == nil || !strings.Contains(err.Error(), "model:batch") {
		t.Errorf("-one without a batch gives %v", err)
	}
}

func TestPeersHavePrograms(t *testing.T) {
	for _, p := range peers[1:] {
		if p.library != "" {
			continue
		}
		if _, err := scripts.ReadFile("peers/" + p.script); err != nil {
			t.Errorf("%s: %v", p.key, err)
		}
	}
}

func TestAccuracies(t *testing.T) {
	var b strings.Builder
	printAccuracies(&b, "mlp", []float64{0.93, 0.9261, 0.9339}, bands["mlp"])
	want := []string{
		"mlp, seed 1 2 3 mean lowest highest band",
		"accuracy 0.9300 0.9261 0.9339 0.9300 0.9261 0.9339 0.925 to 0.937",
	}
	for i, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		if got := strings.Join(strings.Fields(line), " "); got != want[i] {
			t.Errorf("line %d is %q, want %q", i, got, want[i])
		}
	}
	if err := accuracies(&b, "lstm", 1, settings{}); err == nil || !strings.Contains(err.Error(), "only mlp and cnn") {
		t.Errorf("a model without a band gives %v", err)
	}
}
