// This file defines Model and builds it from layers.

package nn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"cajal/engine/internal/rng"
	"cajal/engine/tensor"
)

// A Model is a chain of layers and their weights. [Sequential] makes one.
//
// Weights come into being with the first Fit, from its seed, or with the first
// other use, from seed 0. A later Fit goes on from where the weights are; Reset
// forgets them.
type Model struct {
	nodes []*node
	err   error

	training atomic.Bool  // a Fit runs
	mu       sync.RWMutex // held for writing while weights change
	ready    bool         // weights exist
	trained  *recipe      // of the last Fit
}

// node is a layer in its place.
type node struct {
	Layer
	index   int
	in, out []int
	raw     bool
	params  *params // nil without weights
}

// recipe is what Evaluate takes over from the last Fit.
type recipe struct {
	loss    Loss
	metrics []Metric
}

// params are the weights of a layer and, in training, their gradients.
type params struct {
	weightSpec
	w, b   []float32
	gw, gb []float32
}

func (p *params) totalRows() int { return p.blocks * p.ldRow }

// Sequential joins layers into a model, the first an [Input]. It never panics
// and has no error to drop: when the layers do not fit, Err, String and every
// method that returns an error tell why.
func Sequential(layers ...Layer) *Model {
	m := &Model{}
	m.err = m.build(layers)
	return m
}

func (m *Model) build(layers []Layer) error {
	if len(layers) == 0 {
		return &BuildError{
			Layer: -1, Text: "a model needs layers, and has none",
			Fix: "nn.Sequential(nn.Input(784), nn.Dense(10, nn.Softmax))",
		}
	}
	var shape []int
	raw := true
	for i, l := range layers {
		if l == nil {
			return &BuildError{Layer: -1, Text: fmt.Sprintf("layer %d is nil", i)}
		}
		_, isInput := l.(*inputLayer)
		var f *fault
		var out []int
		switch {
		case i == 0 && !isInput:
			f = &fault{text: "comes first, but a model begins with what an example looks like", fix: "put nn.Input(784) or nn.Input(28, 28, 1) before it"}
		case i > 0 && isInput:
			f = &fault{text: fmt.Sprintf("is in the middle: a model has one Input, and layer 0 is %v", layers[0].Kind()), fix: "remove it"}
		default:
			out, f = l.infer(shape)
		}
		if f != nil {
			return &BuildError{Layer: i, Kind: l.Kind(), At: l.common().at, Text: f.text, Got: f.got, Fix: f.fix, Path: m.path(l.Kind())}
		}
		n := &node{Layer: l, index: i, in: slices.Clone(shape), out: out, raw: raw}
		if !isInput {
			if s := l.weights(shape, raw); s != nil {
				n.params = &params{weightSpec: *s}
				raw = false
			}
		}
		m.nodes = append(m.nodes, n)
		shape = out
	}
	if len(m.nodes) == 1 {
		return &BuildError{Layer: -1, Text: "a model needs a layer behind its Input, and has none", Fix: "add nn.Dense(10, nn.Softmax)"}
	}
	return m.checkNames()
}

// checkNames refuses two layers of one name, since weights are found by it.
func (m *Model) checkNames() error {
	seen := map[string]int{}
	for _, n := range m.nodes {
		name := n.common().name
		if j, ok := seen[name]; ok && name != "" {
			return &BuildError{Layer: n.index, Kind: n.Kind(), At: n.common().at, Text: fmt.Sprintf("is called %q, as layer %d is", name, j), Fix: "give it another nn.Name"}
		}
		seen[name] = n.index
	}
	return nil
}

// path writes the layers so far and the one that does not fit.
func (m *Model) path(last string) string {
	var parts []string
	for _, n := range m.nodes {
		parts = append(parts, fmt.Sprintf("%s %v", n.Kind(), n.out))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(append(parts, "✗ "+last), " -> ")
}

// Err returns why the model cannot be used, a [*BuildError], or nil.
func (m *Model) Err() error {
	if m == nil {
		return errors.New("nn: the model is nil: make one with nn.Sequential")
	}
	if m.err == nil && len(m.nodes) == 0 {
		return errors.New("nn: the model has no layers: make it with nn.Sequential")
	}
	return m.err
}

// InputShape returns the shape of one example, nil when the model has an error.
func (m *Model) InputShape() []int {
	if m.Err() != nil {
		return nil
	}
	return slices.Clone(m.nodes[0].out)
}

// OutputShape returns the shape of what comes out for one example, nil when the
// model has an error.
func (m *Model) OutputShape() []int {
	if m.Err() != nil {
		return nil
	}
	return slices.Clone(m.last().out)
}

func (m *Model) last() *node { return m.nodes[len(m.nodes)-1] }

// Params returns the number of weights and biases.
func (m *Model) Params() int {
	n := 0
	if m == nil {
		return 0
	}
	for _, nd := range m.nodes {
		if nd.params != nil {
			n += nd.params.count()
		}
	}
	return n
}

// A LayerInfo describes one layer of a model, the Input too.
type LayerInfo struct {
	Index      int    // counted from 0, the Input
	Kind       string // such as "Dense"
	Name       string // what nn.Name gave, else kind and index, as in "dense_1"
	Activation string // "" for layers without
	In, Out    []int  // shapes of one example; In is nil for the Input
	Params     int    // weights and biases
	Flops      int    // multiplications and additions an example, going forward
	At         string // where in the program the layer was made
}

// Layers describes the layers, as far as they could be built.
func (m *Model) Layers() []LayerInfo {
	var out []LayerInfo
	if m == nil {
		return nil
	}
	for _, n := range m.nodes {
		i := LayerInfo{Index: n.index, Kind: n.Kind(), Name: n.label(), In: slices.Clone(n.in), Out: slices.Clone(n.out), At: n.common().at}
		if n.params != nil {
			i.Params = n.params.count()
		}
		if n.index > 0 {
			i.Flops = int(n.flops(n.in, n.out))
		}
		switch l := n.Layer.(type) {
		case *denseLayer:
			i.Activation = l.act.String()
		case *convLayer:
			i.Activation = l.act.String()
		}
		out = append(out, i)
	}
	return out
}

func (n *node) label() string {
	if s := n.common().name; s != "" {
		return s
	}
	return fmt.Sprintf("%s_%d", strings.ToLower(n.Kind()), n.index)
}

// activation returns the activation of the last layer that has one to end with.
func (n *node) activation() (Activation, bool) {
	switch l := n.Layer.(type) {
	case *denseLayer:
		return l.act, true
	case *convLayer:
		return l.act, true
	}
	return Linear, false
}

// Reset forgets the weights: the next Fit begins anew.
func (m *Model) Reset() error {
	if err := m.Err(); err != nil {
		return err
	}
	if err := m.lock(); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.ready = false
	for _, n := range m.nodes {
		if n.params != nil {
			*n.params = params{weightSpec: n.params.weightSpec}
		}
	}
	return nil
}

var errBusy = errors.New("nn: the model is being trained by another goroutine: wait until its Fit has returned")

// initialise makes the weights, when there are none: Glorot's uniform numbers
// (Glorot and Bengio, 2010), from -√(6/(in+out)) to √(6/(in+out)), biases 0.
// The caller holds mu for writing.
func (m *Model) initialise(seed int64) {
	if m.ready {
		return
	}
	for _, n := range m.nodes {
		p := n.params
		if p == nil {
			continue
		}
		p.w = make([]float32, p.totalRows()*p.ldCol)
		p.b = make([]float32, p.ldCol)
		limit := glorot(p.fanIn, p.fanOut)
		src := rng.New(uint64(seed), uint64(n.index))
		for blk := range p.blocks {
			for r := range p.inRows {
				row := (blk*p.ldRow + r) * p.ldCol
				src.Uniform(p.w[row:row+p.cols], limit)
			}
		}
	}
	m.ready = true
}

// Weights returns copies of the weights and biases of layer i, as Layers counts:
// [in out] and [out] for a dense layer, [height width in out] and [out] for a
// convolution. It fails for a layer without weights.
func (m *Model) Weights(i int) (w, b *tensor.Tensor, err error) {
	p, err := m.paramsOf(i)
	if err != nil {
		return nil, nil, err
	}
	if err := m.ensure(); err != nil {
		return nil, nil, err
	}
	defer m.mu.RUnlock()
	w, b = tensor.New(p.shape...), tensor.New(p.cols)
	copy(b.Data, p.b)
	p.each(func(user, stored int) { copy(w.Data[user:user+p.cols], p.w[stored:]) })
	return w, b, nil
}

// SetWeights replaces the weights and biases of layer i by copies of tensors of
// the shapes that Weights returns.
func (m *Model) SetWeights(i int, w, b *tensor.Tensor) error {
	p, err := m.paramsOf(i)
	if err != nil {
		return err
	}
	if w == nil || b == nil || !slices.Equal(w.Shape, p.shape) || !slices.Equal(b.Shape, []int{p.cols}) || w.Check() != nil || b.Check() != nil {
		return fmt.Errorf("nn: layer %d %s takes weights %v and biases [%d]", i, m.nodes[i].Kind(), p.shape, p.cols)
	}
	if err := m.lock(); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.initialise(0)
	copy(p.b[:p.cols], b.Data)
	p.each(func(user, stored int) { copy(p.w[stored:stored+p.cols], w.Data[user:]) })
	return nil
}

func (m *Model) paramsOf(i int) (*params, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	if i < 0 || i >= len(m.nodes) {
		return nil, fmt.Errorf("nn: no layer %d: the model has layers 0 (Input) to %d", i, len(m.nodes)-1)
	}
	if m.nodes[i].params == nil {
		return nil, fmt.Errorf("nn: layer %d %s has no weights", i, m.nodes[i].Kind())
	}
	return m.nodes[i].params, nil
}

// each calls f with the place of every row as the user sees it and as stored.
func (p *params) each(f func(user, stored int)) {
	for blk := range p.blocks {
		for r := range p.inRows {
			f((blk*p.inRows+r)*p.cols, (blk*p.ldRow+r)*p.ldCol)
		}
	}
}

// lock takes the lock for writing, unless a Fit runs: that may take long.
func (m *Model) lock() error {
	if m.training.Load() {
		return errBusy
	}
	m.mu.Lock()
	return nil
}

// ensure makes the weights if need be and takes the lock for reading.
func (m *Model) ensure() error {
	if err := m.lock(); err != nil {
		return err
	}
	m.initialise(0)
	m.mu.Unlock()
	m.mu.RLock()
	return nil
}
