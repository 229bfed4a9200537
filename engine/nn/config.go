// This file turns models into plain settings, and back.

package nn

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// A Config describes the layers of a model, without weights. It can be written as
// JSON, compared, and changed for a search over settings:
//
//	c, err := m.Config()
//	for _, units := range []int{32, 64, 128} {
//		c.Layers[1].Units = units
//		h, err := nn.FromConfig(c).Fit(train, nn.Fit{})
//	}
type Config struct {
	Layers []LayerConfig `json:"layers"` // each behind those that it reads; the first is the Input
}

// A LayerConfig describes one layer. Kind says which of the other fields it has;
// FromConfig refuses what a layer does not take. A field at its zero value stands for
// the layer's default.
type LayerConfig struct {
	Kind       string     `json:"kind"`                 // as Layers tells, such as "Dense"
	Name       string     `json:"name,omitempty"`       // what nn.Name gave
	From       []int      `json:"from,omitempty"`       // the layers that it reads; nil is the one before
	Shape      []int      `json:"shape,omitempty"`      // of Input and Reshape
	Units      int        `json:"units,omitempty"`      // of Dense and recurrent layers; numbers a word of Embedding, or a head
	Words      int        `json:"words,omitempty"`      // of Embedding
	Filters    int        `json:"filters,omitempty"`    // of convolutions
	Size       []int      `json:"size,omitempty"`       // of filters, [height width] or [width], and of windows, [n]
	Stride     int        `json:"stride,omitempty"`     // of convolutions and pooling
	Multiplier int        `json:"multiplier,omitempty"` // of DepthwiseConv2D
	Padding    Padding    `json:"padding,omitempty"`    // of convolutions
	Activation Activation `json:"activation,omitempty"` // Linear when it is left out, of SimpleRNN too
	Init       *Init      `json:"init,omitempty"`       // nil is the layer's own
	L1         float64    `json:"l1,omitempty"`
	L2         float64    `json:"l2,omitempty"`
	NoBias     bool       `json:"noBias,omitempty"`
	Rate       float64    `json:"rate,omitempty"`      // of Dropout
	Heads      int        `json:"heads,omitempty"`     // of MultiHeadAttention
	Causal     bool       `json:"causal,omitempty"`    // of MultiHeadAttention
	Sequences  bool       `json:"sequences,omitempty"` // of recurrent layers
	Backwards  bool       `json:"backwards,omitempty"` // of recurrent layers
	Custom     []string   `json:"custom,omitzero"`     // weights of a layer of one's own, whose function is not kept
}

// A describer is a layer that can say its settings. Every layer is one: kinds has the
// way back.
type describer interface{ describe(c *LayerConfig) }

// kinds make a layer of its settings.
var kinds = map[string]func(c *LayerConfig) layer{
	"Input":              func(c *LayerConfig) layer { return &inputLayer{shape: slices.Clone(c.Shape)} },
	"Flatten":            func(*LayerConfig) layer { return &flattenLayer{} },
	"Reshape":            func(c *LayerConfig) layer { return &reshapeLayer{shape: slices.Clone(c.Shape)} },
	"Dense":              func(c *LayerConfig) layer { return &denseLayer{units: c.Units, act: c.Activation, sums: c.sums()} },
	"Conv1D":             makeConv,
	"Conv2D":             makeConv,
	"DepthwiseConv2D":    makeDepthwise,
	"Conv2DTranspose":    func(c *LayerConfig) layer { return &transposedLayer{*makeConv(c).(*convLayer)} },
	"MaxPool1D":          makePool,
	"MaxPool2D":          makePool,
	"AvgPool1D":          makePool,
	"AvgPool2D":          makePool,
	"Act":                func(c *LayerConfig) layer { return &actLayer{f: c.Activation} },
	"Dropout":            func(c *LayerConfig) layer { return &dropLayer{rate: c.Rate} },
	"BatchNorm":          func(*LayerConfig) layer { return &batchNorm{} },
	"LayerNorm":          func(*LayerConfig) layer { return &layerNorm{} },
	"Add":                func(*LayerConfig) layer { return &mergeLayer{} },
	"Multiply":           func(*LayerConfig) layer { return &mergeLayer{product: true} },
	"Concat":             func(*LayerConfig) layer { return &concatLayer{} },
	"Embedding":          makeEmbedding,
	"GlobalAvgPool":      func(*LayerConfig) layer { return &globalLayer{mean: true} },
	"GlobalMaxPool":      func(*LayerConfig) layer { return &globalLayer{} },
	"SimpleRNN":          func(c *LayerConfig) layer { return makeRecurrent(c, simpleCell) },
	"LSTM":               func(c *LayerConfig) layer { return makeRecurrent(c, lstmCell) },
	"GRU":                func(c *LayerConfig) layer { return makeRecurrent(c, gruCell) },
	"MultiHeadAttention": makeAttention,
}

func (l *inputLayer) describe(c *LayerConfig)   { c.Shape = slices.Clone(l.shape) }
func (l *flattenLayer) describe(*LayerConfig)   {}
func (l *reshapeLayer) describe(c *LayerConfig) { c.Shape = slices.Clone(l.shape) }
func (l *actLayer) describe(c *LayerConfig)     { c.Activation = l.f }
func (l *dropLayer) describe(c *LayerConfig)    { c.Rate = l.rate }
func (l *batchNorm) describe(*LayerConfig)      {}
func (l *layerNorm) describe(*LayerConfig)      {}
func (l *mergeLayer) describe(*LayerConfig)     {}
func (l *concatLayer) describe(*LayerConfig)    {}
func (l *globalLayer) describe(*LayerConfig)    {}

func (l *denseLayer) describe(c *LayerConfig) {
	c.Units, c.Activation = l.units, l.act
	c.setSums(l.sums)
}

func makeConv(c *LayerConfig) layer {
	l := &convLayer{filters: c.Filters, act: c.Activation, padding: c.Padding, sums: c.sums(), one: c.Kind == "Conv1D"}
	switch {
	case l.one && len(c.Size) == 1:
		l.kh, l.kw = 1, c.Size[0]
	case !l.one && len(c.Size) == 2:
		l.kh, l.kw = c.Size[0], c.Size[1]
	}
	l.stride = max(c.Stride, 1)
	return l
}

func (l *convLayer) describe(c *LayerConfig) {
	c.Filters, c.Size, c.Padding, c.Activation = l.filters, []int{l.kh, l.kw}, l.padding, l.act
	if l.stride != 1 {
		c.Stride = l.stride
	}
	if l.one {
		c.Size = c.Size[1:]
	}
	c.setSums(l.sums)
}

func makeDepthwise(c *LayerConfig) layer {
	return &depthwiseLayer{*makeConv(c).(*convLayer), max(c.Multiplier, 1)}
}

func (l *depthwiseLayer) describe(c *LayerConfig) {
	l.convLayer.describe(c)
	if c.Filters = 0; l.multiplier != 1 {
		c.Multiplier = l.multiplier
	}
}

func makePool(c *LayerConfig) layer {
	l := &poolLayer{mean: c.Kind[:3] == "Avg", one: c.Kind[7:] == "1D"}
	if len(c.Size) == 1 {
		l.size = c.Size[0]
	}
	if l.stride = c.Stride; l.stride == 0 {
		l.stride = l.size
	}
	return l
}

func (l *poolLayer) describe(c *LayerConfig) {
	c.Size = []int{l.size}
	if l.stride != l.size {
		c.Stride = l.stride
	}
}

func makeEmbedding(c *LayerConfig) layer {
	l := &embeddingLayer{words: c.Words, width: c.Units, first: evenly(0.05)}
	if c.Init != nil {
		l.first = *c.Init
	}
	return l
}

func (l *embeddingLayer) describe(c *LayerConfig) {
	c.Words, c.Units = l.words, l.width
	if i, ok := l.first.(Init); ok {
		c.Init = &i
	}
}

func makeRecurrent(c *LayerConfig, kind cellKind) layer {
	l := &recurrentLayer{kind: kind, units: c.Units, act: Tanh, first: c.first(), all: c.Sequences, backwards: c.Backwards}
	if kind == simpleCell {
		l.act = c.Activation
	}
	return l
}

func (l *recurrentLayer) describe(c *LayerConfig) {
	c.Units, c.Sequences, c.Backwards = l.units, l.all, l.backwards
	if l.kind == simpleCell {
		c.Activation = l.act
	}
	c.setFirst(l.first)
}

func makeAttention(c *LayerConfig) layer {
	return &attentionLayer{heads: c.Heads, width: c.Units, first: c.first(), causal: c.Causal}
}

func (l *attentionLayer) describe(c *LayerConfig) {
	c.Heads, c.Units, c.Causal = l.heads, l.width, l.causal
	c.setFirst(l.first)
}

// first is what weights begin with where GlorotUniform is the layer's own.
func (c *LayerConfig) first() Init {
	if c.Init == nil {
		return GlorotUniform
	}
	return *c.Init
}

func (c *LayerConfig) setFirst(i Init) {
	if i != GlorotUniform {
		c.Init = &i
	}
}

// sums are the options of layers that add up weighted inputs.
func (c *LayerConfig) sums() sumOptions {
	return sumOptions{first: c.first(), l1: c.L1, l2: c.L2, noBias: c.NoBias}
}

func (c *LayerConfig) setSums(s sumOptions) {
	c.L1, c.L2, c.NoBias = s.l1, s.l2, s.noBias
	c.setFirst(s.first)
}

// Config returns the settings of all layers. It fails when the model has an error.
func (m *Model) Config() (Config, error) {
	if err := m.Err(); err != nil {
		return Config{}, err
	}
	var c Config
	for _, n := range m.nodes {
		d, ok := n.layer.(describer)
		if !ok {
			return Config{}, fmt.Errorf("nn: layer %d %s cannot be described: its settings are not known here", n.index, n.Kind())
		}
		l := LayerConfig{Kind: n.Kind(), Name: n.common().name}
		d.describe(&l)
		if n.index > 0 && (len(n.from) != 1 || n.from[0].index != n.index-1) {
			for _, from := range n.from {
				l.From = append(l.From, from.index)
			}
		}
		c.Layers = append(c.Layers, l)
	}
	return c, nil
}

// The most layers, and the largest whole number, that a Config may have.
const (
	maxLayers  = 10_000
	maxSetting = 1 << 30
)

// FromConfig returns the model that a Config describes, without weights. Like
// [Sequential] it never panics, and keeps a mistake for Err.
func FromConfig(c Config) *Model {
	m := &Model{}
	values, err := c.values()
	if err == nil {
		err = m.build(values[len(values)-1])
	}
	if err == nil && len(m.nodes) != len(c.Layers) {
		err = &BuildError{Layer: -1, Text: fmt.Sprintf("the configuration has %d layers, of which the last needs only %d", len(c.Layers), len(m.nodes))}
	}
	if err == nil {
		m.arrange(values)
	}
	if err != nil {
		m.nodes, m.err = nil, err
	}
	return m
}

// arrange puts the nodes into the order of their values, in which each is behind those
// that it reads, as it is in the order that build finds.
func (m *Model) arrange(values []*Value) {
	at := map[*Value]*node{}
	for _, n := range m.nodes {
		at[n.value] = n
	}
	for i, v := range values {
		m.nodes[i] = at[v]
		m.nodes[i].index = i
	}
}

// values makes the values of all layers.
func (c *Config) values() ([]*Value, error) {
	if len(c.Layers) == 0 || len(c.Layers) > maxLayers {
		return nil, &BuildError{Layer: -1, Text: fmt.Sprintf("a configuration of %d layers: a model has from 2 to %d", len(c.Layers), maxLayers)}
	}
	var values []*Value
	for i := range c.Layers {
		l, err := c.Layers[i].layer(i)
		if err != nil {
			return nil, err
		}
		v := &Value{layer: l}
		from := c.Layers[i].From
		if len(from) == 0 && i > 0 {
			from = []int{i - 1}
		}
		if most := mostInputs(l); len(from) > most {
			return nil, &BuildError{Layer: i, Kind: l.Kind(), Text: fmt.Sprintf("reads %d values, but takes at most %d", len(from), most)}
		}
		for _, j := range from {
			if j < 0 || j >= i {
				return nil, &BuildError{Layer: i, Kind: l.Kind(), Text: fmt.Sprintf("reads layer %d, which does not come before it", j)}
			}
			v.in = append(v.in, values[j])
		}
		values = append(values, v)
	}
	return values, nil
}

// mostInputs is how many values a layer may read.
func mostInputs(l layer) int {
	switch l.(type) {
	case *mergeLayer, *concatLayer:
		return maxLayers
	case *attentionLayer:
		return 2
	}
	return 1
}

// layer makes layer i.
func (c LayerConfig) layer(i int) (layer, error) {
	fault := func(format string, args ...any) error {
		return &BuildError{Layer: i, Kind: c.Kind, Text: fmt.Sprintf(format, args...)}
	}
	newLayer := kinds[c.Kind]
	if c.Custom != nil && newLayer == nil {
		return nil, &BuildError{
			Layer: i, Kind: c.Kind, Text: "is a layer of one's own (nn.Custom), whose function no file has",
			Fix: "make the model in the program, and read its weights with LoadWeights",
		}
	}
	if newLayer == nil {
		return nil, &BuildError{Layer: i, Kind: fmt.Sprintf("%q", c.Kind), Text: "is a kind of layer that is not known"}
	}
	cells := 1
	for _, n := range slices.Concat(c.Shape, c.Size, []int{c.Units, c.Words, c.Filters, c.Stride, c.Multiplier, c.Heads}) {
		if n < 0 || n > maxSetting {
			return nil, fault("has the setting %d, but must have one from 0 to %d", n, maxSetting)
		}
	}
	for _, n := range c.Size {
		if cells *= max(n, 1); cells > maxSetting {
			return nil, fault("has the size %v, which is too large", c.Size)
		}
	}
	l := newLayer(&c)
	l.common().name = c.Name
	// What a layer does not say of itself again, it did not take.
	again := LayerConfig{Kind: l.Kind(), Name: c.Name, From: c.From}
	l.(describer).describe(&again)
	if !reflect.DeepEqual(c.clean(), again.clean()) {
		given, _ := json.Marshal(c)
		taken, _ := json.Marshal(again)
		return nil, &BuildError{Layer: i, Kind: c.Kind, Text: "has settings that it does not take", Got: string(given), Fix: string(taken)}
	}
	return l, nil
}

// clean returns c with defaults left out, for comparison.
func (c LayerConfig) clean() LayerConfig {
	if c.Init != nil && *c.Init == GlorotUniform && c.Kind != "Embedding" {
		c.Init = nil
	}
	conv := c.Filters > 0 || c.Kind == "DepthwiseConv2D"
	switch {
	case c.Stride == 0 || len(c.Size) == 0:
	case conv && c.Stride == 1, !conv && c.Stride == c.Size[0]:
		c.Stride = 0
	}
	if c.Multiplier == 1 {
		c.Multiplier = 0
	}
	if len(c.Shape) == 0 {
		c.Shape = nil
	}
	if len(c.Size) == 0 {
		c.Size = nil
	}
	c.From = nil
	return c
}

// MarshalText writes the name.
func (a Activation) MarshalText() ([]byte, error) { return nameText(a, a.known()) }

// UnmarshalText reads a name that String writes.
func (a *Activation) UnmarshalText(b []byte) error {
	i, err := nameIndex(b, activationNames[:], "activation")
	*a = Activation(i)
	return err
}

// MarshalText writes the name.
func (i Init) MarshalText() ([]byte, error) { return nameText(i, i.known()) }

// UnmarshalText reads a name that String writes.
func (i *Init) UnmarshalText(b []byte) error {
	k, err := nameIndex(b, initNames[:], "initialisation")
	*i = Init(k)
	return err
}

// MarshalText writes "valid" or "same".
func (p Padding) MarshalText() ([]byte, error) { return nameText(p, p == Valid || p == Same) }

// UnmarshalText reads "valid" or "same".
func (p *Padding) UnmarshalText(b []byte) error {
	i, err := nameIndex(b, []string{"valid", "same"}, "padding")
	*p = Padding(i)
	return err
}

func nameText(v fmt.Stringer, known bool) ([]byte, error) {
	if !known {
		return nil, fmt.Errorf("nn: %v has no name", v)
	}
	return []byte(v.String()), nil
}

func nameIndex(b []byte, names []string, what string) (int, error) {
	if i := slices.Index(names, string(b)); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("nn: %q is no %s: they are %q", b, what, names)
}
