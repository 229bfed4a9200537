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

// A Model is layers and their weights: a chain that [Sequential] makes, or a graph
// that [Graph] makes.
//
// Weights come into being with the first Fit, from its seed, or with the first
// other use, from seed 0. A later Fit goes on from where the weights are; Reset
// forgets them.
type Model struct {
	nodes []*node // each behind those that it needs; the first is the Input
	err   error

	training atomic.Bool  // a Fit runs
	resting  atomic.Bool  // between two of its steps, while a function of the user looks at the model
	mu       sync.RWMutex // held for writing while weights change
	ready    bool         // weights exist
	begun    *int64       // the seed of weights that are as they were made; nil of others
	trained  *recipe      // of the last Fit
}

// node is a layer in its place.
type node struct {
	layer
	value   *Value
	index   int
	from    []*node
	users   int // nodes that read its output
	in, out []int
	raw     bool // channels come out as the user gave them, without padding
	params  []*param
}

// recipe is what Evaluate takes over from the last Fit.
type recipe struct {
	loss    Loss
	metrics []Metric
}

// Sequential joins layers into a model, the first an [Input]. It never panics
// and has no error to drop: when the layers do not fit, Err, String and every
// method that returns an error tell why.
func Sequential(layers ...Layer) *Model {
	m := &Model{}
	if len(layers) == 0 {
		m.err = &BuildError{
			Layer: -1, Text: "a model needs layers, and has none",
			Fix: "nn.Sequential(nn.Input(784), nn.Dense(10, nn.Softmax))",
		}
		return m
	}
	var v *Value
	for i, l := range layers {
		if l == nil {
			m.err = &BuildError{Layer: -1, Text: fmt.Sprintf("layer %d is nil", i)}
			return m
		}
		if v = l(v); v == nil {
			m.err = &BuildError{Layer: -1, Text: fmt.Sprintf("layer %d returned a nil value", i)}
			return m
		}
	}
	m.err = m.build(v)
	return m
}

// build checks the layers that y needs and gives them their places.
func (m *Model) build(y *Value) error {
	if err := m.gather(y); err != nil {
		return err
	}
	if len(m.nodes) == 1 {
		return &BuildError{Layer: -1, Text: "a model needs a layer behind its Input, and has none", Fix: "add nn.Dense(10, nn.Softmax)"}
	}
	return m.checkNames()
}

// gather makes the nodes of y and of all that it needs.
func (m *Model) gather(y *Value) error {
	at := map[*Value]*node{}
	for i, v := range order(y) {
		n := &node{layer: v.layer, value: v, index: i}
		for _, in := range v.in {
			if in == nil {
				return &BuildError{Layer: i, Kind: n.Kind(), At: n.common().at, Text: "has an input that is nil"}
			}
			n.from = append(n.from, at[in])
			at[in].users++
		}
		f := m.place(n)
		if f == nil {
			f = m.tooLarge(n)
		}
		if f != nil {
			return &BuildError{Layer: i, Kind: n.Kind(), At: n.common().at, Text: f.text, Got: f.got, Fix: f.fix, Path: path(n)}
		}
		m.nodes = append(m.nodes, n)
		at[v] = n
	}
	return nil
}

// place infers the shapes of a node.
func (m *Model) place(n *node) (f *fault) {
	_, isInput := n.layer.(*inputLayer)
	switch {
	case n.index == 0 && !isInput:
		return &fault{text: "comes first, but a model begins with what an example looks like", fix: "put nn.Input(784) or nn.Input(28, 28, 1) before it"}
	case !isInput && len(n.from) == 0:
		return &fault{text: "has no input: it was made of a nil value"}
	case isInput && len(n.from) > 0:
		return &fault{text: fmt.Sprintf("is in the middle: a model has one Input, and layer 0 is %v", m.nodes[0].Kind()), fix: "remove it"}
	case isInput && n.index > 0:
		return &fault{text: "is a second one: a model has one Input", fix: "compute all of the graph from the same nn.In"}
	}
	if _, ok := n.layer.(*embeddingLayer); ok && n.from[0].index != 0 {
		return &fault{
			text: "reads numbers of words, which only nn.Input gives",
			got:  fmt.Sprintf("what comes out of layer %d %s", n.from[0].index, n.from[0].Kind()),
			fix:  "put it behind nn.Input, and nn.Concat other inputs to what comes out of it",
		}
	}
	var shapes [][]int
	n.raw = true
	for _, from := range n.from {
		shapes = append(shapes, from.out)
		n.raw = n.raw && from.raw
	}
	if j, ok := n.layer.(joint); ok {
		if n.out, f = j.inferAll(shapes); f != nil {
			return f
		}
		n.in, n.raw = slices.Clone(shapes[0]), false
		if w, ok := j.(weightedJoint); ok {
			n.addParams(w.weightsAll(shapes))
		}
		return nil
	}
	if len(shapes) > 0 {
		n.in = slices.Clone(shapes[0])
	}
	if n.out, f = n.infer(n.in); f != nil || isInput {
		return f
	}
	n.addParams(n.weights(n.in, n.raw))
	n.raw = n.raw && n.params == nil
	return nil
}

func (n *node) addParams(specs []paramSpec) {
	for _, s := range specs {
		n.params = append(n.params, &param{paramSpec: s})
	}
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

// path writes the layers up to one that does not fit.
func path(last *node) string {
	if len(last.from) == 0 {
		return ""
	}
	text := "✗ " + last.Kind()
	for n := last; len(n.from) > 0; {
		n = n.from[0]
		text = fmt.Sprintf("%s %v -> %s", n.Kind(), n.out, text)
	}
	return text
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
		n += nd.count()
	}
	return n
}

// count returns how many numbers the parameters of a node have.
func (n *node) count() int {
	k := 0
	for _, p := range n.params {
		k += p.count()
	}
	return k
}

// A LayerInfo describes one layer of a model, the Input too.
type LayerInfo struct {
	Index      int    // counted from 0, the Input
	Kind       string // such as "Dense"
	Name       string // what nn.Name gave, else kind and index, as in "dense_1"
	Activation string // "" for layers without
	Window     []int  // height and width, or width alone, of filters and of pooling windows; nil for other layers
	Stride     int    // how they move; 0 for other layers
	Padding    Padding
	In, Out    []int  // shapes of one example; In is nil for the Input, and of several the first
	From       []int  // the layers that it reads; nil for the Input
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
		i := LayerInfo{Index: n.index, Kind: n.Kind(), Name: n.label(), In: slices.Clone(n.in), Out: slices.Clone(n.out), Params: n.count(), At: n.common().at}
		for _, from := range n.from {
			i.From = append(i.From, from.index)
		}
		if n.index > 0 {
			i.Flops = int(n.flops(n.in, n.out))
		}
		if act, ok := n.activation(); ok {
			i.Activation = act.String()
		}
		i.Window, i.Stride, i.Padding = windowOf(n.layer)
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

// active is implemented by layers that have an activation.
type active interface{ activation() Activation }

// activation returns the activation of a layer that has one.
func (n *node) activation() (Activation, bool) {
	if l, ok := n.layer.(active); ok {
		return l.activation(), true
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
	m.forget()
	return nil
}

// forget drops the weights. The caller holds mu for writing.
func (m *Model) forget() {
	m.ready = false
	for _, n := range m.nodes {
		for _, p := range n.params {
			p.w, p.g = nil, nil
		}
	}
}

var errBusy = errors.New("nn: the model is being trained: wait until its Fit has returned; only Fit.OnBatch and Fit.OnEpoch may ask it meanwhile, and nothing may change it")

// initialise makes the weights, when there are none. The caller holds mu for
// writing.
func (m *Model) initialise(seed int64) {
	if m.ready {
		return
	}
	for _, n := range m.nodes {
		for k, p := range n.params {
			p.begin(rng.New(uint64(seed), uint64(n.index)+uint64(k)<<40))
		}
	}
	m.ready, m.begun = true, &seed
}

// Weights returns copies of the first two parameters of layer i, as Layers counts:
// weights [in out] and biases [out] of a dense layer, [height width in out] and [out]
// of a convolution. b is nil when the layer has only one. It fails for a layer without
// weights. Parameters has all of them.
func (m *Model) Weights(i int) (w, b *tensor.Tensor, err error) {
	all, err := m.Parameters(i)
	if err != nil {
		return nil, nil, err
	}
	if len(all) > 1 {
		b = all[1].Values
	}
	return all[0].Values, b, nil
}

// A Parameter is a named tensor of a layer.
type Parameter struct {
	Name    string // such as "weights" or "biases"
	Values  *tensor.Tensor
	Trained bool // changed by gradients, unlike a moving average
}

// Parameters returns copies of all parameters of layer i, as Layers counts. It fails
// for a layer without any.
func (m *Model) Parameters(i int) ([]Parameter, error) {
	ps, err := m.paramsOf(i)
	if err != nil {
		return nil, err
	}
	if err := m.ensure(); err != nil {
		return nil, err
	}
	defer m.mu.RUnlock()
	var out []Parameter
	for _, p := range ps {
		out = append(out, Parameter{Name: p.name, Values: p.tensor(p.w), Trained: !p.fixed})
	}
	return out, nil
}

// SetWeights replaces the first two parameters of layer i by copies of tensors of the
// shapes that Weights returns; b is nil for a layer that has only one.
func (m *Model) SetWeights(i int, w, b *tensor.Tensor) error {
	ps, err := m.paramsOf(i)
	if err != nil {
		return err
	}
	if (len(ps) == 1) != (b == nil) {
		return fmt.Errorf("nn: layer %d %s takes %s", i, m.nodes[i].Kind(), shapesOf(ps[:min(len(ps), 2)]))
	}
	values := []*tensor.Tensor{w, b}[:min(len(ps), 2)]
	return m.setParams(i, ps[:len(values)], values)
}

// SetParameters replaces all parameters of layer i by copies of tensors of the shapes
// and in the order that Parameters returns.
func (m *Model) SetParameters(i int, values ...*tensor.Tensor) error {
	ps, err := m.paramsOf(i)
	if err != nil {
		return err
	}
	if len(values) != len(ps) {
		return fmt.Errorf("nn: layer %d %s takes %s; found %d tensors", i, m.nodes[i].Kind(), shapesOf(ps), len(values))
	}
	return m.setParams(i, ps, values)
}

func (m *Model) setParams(i int, ps []*param, values []*tensor.Tensor) error {
	for k, p := range ps {
		if err := p.check(values[k]); err != nil {
			return fmt.Errorf("nn: layer %d %s takes %s: %w", i, m.nodes[i].Kind(), shapesOf(ps), err)
		}
	}
	if err := m.lock(); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.initialise(0)
	m.begun = nil
	for k, p := range ps {
		p.set(values[k].Data)
	}
	return nil
}

// shapesOf writes the names and shapes of parameters, as in "weights [4 3] and biases
// [3]".
func shapesOf(ps []*param) string {
	var parts []string
	for _, p := range ps {
		parts = append(parts, fmt.Sprintf("%s %v", p.name, p.shape))
	}
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
	return parts[0]
}

func (m *Model) paramsOf(i int) ([]*param, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	if i < 0 || i >= len(m.nodes) {
		return nil, fmt.Errorf("nn: no layer %d: the model has layers 0 (Input) to %d", i, len(m.nodes)-1)
	}
	if len(m.nodes[i].params) == 0 {
		return nil, fmt.Errorf("nn: layer %d %s has no weights", i, m.nodes[i].Kind())
	}
	return m.nodes[i].params, nil
}

// lock takes the lock for writing, unless a Fit runs: that may take long.
func (m *Model) lock() error {
	if m.training.Load() {
		return errBusy
	}
	m.mu.Lock()
	if m.training.Load() { // it began meanwhile, and rests
		m.mu.Unlock()
		return errBusy
	}
	return nil
}

// ensure makes the weights if need be and takes the lock for reading.
func (m *Model) ensure() error {
	for {
		if m.training.Load() && !m.resting.Load() {
			return errBusy
		}
		m.mu.RLock()
		if m.ready {
			return nil
		}
		m.mu.RUnlock()
		if err := m.lock(); err != nil {
			return err
		}
		m.initialise(0)
		m.mu.Unlock()
	}
}

// rest calls a function of the user between two steps of a training. The caller holds
// mu for writing; meanwhile the model may be read.
func (m *Model) rest(f func() error) error {
	m.resting.Store(true)
	m.mu.Unlock()
	defer func() {
		m.resting.Store(false)
		m.mu.Lock()
	}()
	return f()
}
