// This file starts the contenders: this engine in a process of its own, and the
// programs of the other libraries.

package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"cajal/engine/data"
)

//go:embed peers/*.py
var scripts embed.FS

// figures are what a process reports of a training, as JSON.
type figures struct {
	Engine   string    `json:"engine"`
	Epochs   []float64 `json:"epoch_seconds"`
	CPU      []float64 `json:"cpu_seconds"`
	Accuracy float64   `json:"test_accuracy"`
	Startup  float64   `json:"startup_seconds"` // from the start of the process to the end of its first step
	RSS      float64   `json:"peak_rss_mb"`
	Work     float64   `json:"epoch_operations,omitempty"` // floating point, of products and what is like them
	Peak     float64   `json:"peak_operations,omitempty"`  // the most of them in a second of processor time
}

// A peer is a way to train the models.
type peer struct {
	key, name string
	script    string   // in Python, "" for this engine and those in Go
	library   string   // of peers/_go, "" for others
	args      []string // beside those that all take
	images    []string // more of them for images
	models    []string // those that it can, nil for all
}

func (p peer) can(model string) bool { return p.models == nil || slices.Contains(p.models, model) }

// article is the models of the article.
var article = []string{"mlp", "cnn"}

var peers = []peer{
	{name: "cajal"},
	{key: "keras", name: "Keras, TensorFlow", script: "keras_peer.py", models: article},
	{key: "keras-jax", name: "Keras, JAX", script: "keras_peer.py", args: []string{"--backend", "jax"}, models: article[:1]},
	{key: "torch", name: "PyTorch, fused Adam", script: "torch_peer.py", args: []string{"--fused"}, images: []string{"--channels-last"}},
	{key: "jax", name: "JAX, jitted step", script: "jax_peer.py", models: article},
	{key: "jax-scan", name: "JAX, scan over the epoch", script: "jax_peer.py", args: []string{"--mode", "scan"}, models: article[:1]},
	{key: "gomlx", name: "GoMLX, its backend in Go", library: "gomlx", models: article[:1]},
	{key: "gorgonia", name: "Gorgonia", library: "gorgonia", models: []string{"mlp", "dense"}},
	{key: "sklearn", name: "scikit-learn", script: "sklearn_peer.py", models: article[:1]},
}

func peerNames() string {
	var names []string
	for _, p := range peers[1:] {
		names = append(names, p.key)
	}
	return strings.Join(names, ", ") + ", or all"
}

// field is who takes part, and what they need.
type field struct {
	peers  []peer
	python string
	inGo   string // the program for the libraries in Go
	dir    string // of the scripts
	data   string // of the four files
	self   string
}

// contend chooses the contenders and unpacks their programs.
func contend(names, python, goTool string) (f *field, err error) {
	f = &field{peers: peers[:1:1], python: python}
	defer func() {
		if err != nil {
			f.close()
		}
	}()
	want, inGo := map[string]bool{}, false
	for _, n := range strings.Split(names, ",") {
		want[n] = true
	}
	for _, p := range peers[1:] {
		tool := python
		if p.library != "" {
			tool = goTool
		}
		if tool != "" && (want["all"] || want[p.key]) {
			f.peers = append(f.peers, p)
			inGo = inGo || p.library != ""
		}
		delete(want, p.key)
	}
	delete(want, "all")
	for n := range want {
		return f, fmt.Errorf("-peers has %q, but knows %s", n, peerNames())
	}
	// The files are fetched now, if need be, and not within a measurement.
	if _, _, err = data.MNIST(); err != nil {
		return f, err
	}
	if f.self, err = os.Executable(); err != nil {
		return f, err
	}
	if f.data, err = data.MNISTDir(); err != nil {
		return f, err
	}
	if python == "" && !inGo {
		return f, nil
	}
	if f.dir, err = os.MkdirTemp("", "cajal-bench"); err != nil {
		return f, err
	}
	if err = os.CopyFS(f.dir, scripts); err != nil || !inGo {
		return f, err
	}
	_, here, _, _ := runtime.Caller(0)
	f.inGo = filepath.Join(f.dir, "peer")
	out, err := exec.Command(goTool, "build", "-C", filepath.Join(filepath.Dir(here), "peers", "_go"), "-o", f.inGo, ".").CombinedOutput()
	if err != nil {
		return f, fmt.Errorf("building GoMLX's and Gorgonia's program: %s", lastLine(string(out), err))
	}
	return f, nil
}

func (f *field) close() {
	if f.dir != "" {
		os.RemoveAll(f.dir)
	}
}

// measure runs one contender once.
func (f *field) measure(p peer, s settings) (*figures, error) {
	var cmd *exec.Cmd
	common := []string{"-epochs", fmt.Sprint(s.epochs), "-limit", fmt.Sprint(s.limit), "-seed", fmt.Sprint(s.seed)}
	switch {
	case p.library != "":
		cmd = exec.Command(f.inGo, append(common, "-library", p.library, "-model", s.model, "-batch", fmt.Sprint(s.batch), "-data", f.data)...)
	case p.script == "":
		cmd = exec.Command(f.self, append(common, "-one", fmt.Sprintf("%s:%d", s.model, s.batch), "-threads", fmt.Sprint(s.threads))...)
	default:
		args := []string{filepath.Join(f.dir, "peers", p.script), "--model", s.model, "--batch", fmt.Sprint(s.batch), "--data", f.data}
		for _, a := range common {
			args = append(args, strings.Replace(a, "-", "--", 1))
		}
		args = append(args, p.args...)
		if strings.HasPrefix(s.model, "cnn") {
			args = append(args, p.images...)
		}
		cmd = exec.Command(f.python, args...)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, errors.New(lastLine(stderr.String(), err))
	}
	fig := &figures{}
	if err := json.Unmarshal(out, fig); err != nil {
		return nil, fmt.Errorf("its figures cannot be read: %w", err)
	}
	if len(fig.Epochs) == 0 || len(fig.CPU) == 0 {
		return nil, errors.New("it reported no epochs")
	}
	return fig, nil
}

// lastLine returns the end of what a failed process wrote.
func lastLine(stderr string, err error) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if l := lines[len(lines)-1]; l != "" {
		return l
	}
	return err.Error()
}
