// This file reads the settings of each kind of layer.

package keras

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"cajal/engine/nn"
)

// settings are those of all kinds of layers, by Keras' names.
type settings struct {
	Name          string          `json:"name"`
	BatchShape    []*int          `json:"batch_shape"`
	OldBatchShape []*int          `json:"batch_input_shape"`
	DataFormat    string          `json:"data_format"`
	Units         int             `json:"units"`
	Filters       int             `json:"filters"`
	KernelSize    numbers         `json:"kernel_size"`
	PoolSize      numbers         `json:"pool_size"`
	Strides       numbers         `json:"strides"`
	Dilation      numbers         `json:"dilation_rate"`
	Multiplier    *int            `json:"depth_multiplier"`
	OutputPadding json.RawMessage `json:"output_padding"`
	Groups        *int            `json:"groups"`
	Padding       string          `json:"padding"`
	Activation    json.RawMessage `json:"activation"`
	UseBias       *bool           `json:"use_bias"`
	Init          json.RawMessage `json:"kernel_initializer"`
	Regularizer   json.RawMessage `json:"kernel_regularizer"`
	DepthInit     json.RawMessage `json:"depthwise_initializer"`
	DepthRegular  json.RawMessage `json:"depthwise_regularizer"`
	Rate          float64         `json:"rate"`
	TargetShape   []int           `json:"target_shape"`
	Axis          json.RawMessage `json:"axis"`
	Epsilon       *float64        `json:"epsilon"`
	Center        *bool           `json:"center"`
	Scale         *bool           `json:"scale"`
	KeepDims      bool            `json:"keepdims"`
	RMSScaling    bool            `json:"rms_scaling"`
	MaxValue      *float64        `json:"max_value"`
	Slope         *float64        `json:"negative_slope"`
	OldSlope      *float64        `json:"alpha"`
	Threshold     float64         `json:"threshold"`
	InputDim      int             `json:"input_dim"`
	OutputDim     int             `json:"output_dim"`
	MaskZero      bool            `json:"mask_zero"`
}

// numbers is a number or a list of them.
type numbers []int

// UnmarshalJSON reads either.
func (n *numbers) UnmarshalJSON(b []byte) error {
	var one int
	if json.Unmarshal(b, &one) == nil {
		*n = numbers{one}
		return nil
	}
	return json.Unmarshal(b, (*[]int)(n))
}

// alike returns the number that all are, def without any.
func (n numbers) alike(def int, what string) (int, error) {
	for _, v := range n {
		if v != n[0] {
			return 0, fmt.Errorf("has %s %v, which must be alike here", what, []int(n))
		}
	}
	if len(n) == 0 {
		return def, nil
	}
	return n[0], nil
}

// exampleShape leaves out the batch, whose size is null.
func exampleShape(dims []*int) ([]int, error) {
	var shape []int
	if len(dims) < 2 {
		return nil, errors.New("has an input without a shape")
	}
	for _, d := range dims[1:] {
		if d == nil {
			return nil, errors.New("has an input of any size, but sizes are fixed here")
		}
		shape = append(shape, *d)
	}
	return shape, nil
}

// What both normalisations add to a variance, here and as Keras' default.
const normEps = 1e-3

func isFalse(b *bool) bool { return b != nil && !*b }

// settings makes the settings of a layer here; skip says that it computes nothing.
// Errors go on from "layer "name" (class) ".
func (a *archive) settings(l *layer) (c nn.LayerConfig, skip bool, err error) {
	var s settings
	if err := json.Unmarshal(l.Config, &s); err != nil {
		return c, false, fmt.Errorf("has settings that cannot be read: %w", err)
	}
	c.Name = l.name
	if s.DataFormat != "" && s.DataFormat != "channels_last" {
		return c, false, fmt.Errorf("has %s, but channels come last here", s.DataFormat)
	}
	act := func() { c.Activation, err = a.activation(s.Activation) }
	switch l.Class {
	case "InputLayer":
		dims := s.BatchShape
		if dims == nil {
			dims = s.OldBatchShape
		}
		c.Kind, c.Name = "Input", ""
		c.Shape, err = exampleShape(dims)
	case "Dense":
		c.Kind, c.Units = "Dense", s.Units
		act()
		s.kernel(&c)
	case "Conv1D", "Conv2D":
		if err = s.conv(&c, l.Class); err == nil {
			act()
		}
	case "DepthwiseConv2D", "Conv2DTranspose":
		if err = s.conv(&c, l.Class); err == nil {
			act()
		}
		if l.Class == "DepthwiseConv2D" {
			s.depthwise(&c)
		} else if err == nil && s.OutputPadding != nil && string(s.OutputPadding) != "null" {
			err = fmt.Errorf("has output_padding %s, but here the size follows from the stride and the padding", s.OutputPadding)
		}
	case "MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D":
		err = s.pool(&c, l.Class)
	case "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalAveragePooling1D", "GlobalAveragePooling2D":
		if s.KeepDims {
			err = errors.New("keeps dimensions of 1, which layers here do not")
		}
		c.Kind = map[bool]string{true: "GlobalMaxPool", false: "GlobalAvgPool"}[l.Class[6] == 'M']
	case "Flatten":
		c.Kind = "Flatten"
	case "Reshape":
		c.Kind, c.Shape = "Reshape", s.TargetShape
	case "Dropout":
		c.Kind, c.Rate = "Dropout", s.Rate
		skip = s.Rate == 0
	case "Activation":
		c.Kind = "Act"
		act()
	case "ReLU", "LeakyReLU", "Softmax", "ELU":
		c.Kind = "Act"
		c.Activation, err = s.activationLayer(l.Class)
	case "BatchNormalization":
		c.Kind = "BatchNorm"
		err = s.lastAxis()
	case "LayerNormalization":
		c.Kind = "LayerNorm"
		if err = s.lastAxis(); err == nil && s.RMSScaling {
			err = errors.New("scales by the root mean square, which nn.LayerNorm does not")
		}
		if eps := s.epsilon(); err == nil && (eps < 0.999e-3 || eps > 1.001e-3) {
			err = fmt.Errorf("adds %g to variances, but nn.LayerNorm adds %g", eps, normEps)
		}
	case "Embedding":
		c.Kind, c.Words, c.Units = "Embedding", s.InputDim, s.OutputDim
		if s.MaskZero {
			err = errors.New("masks word 0, which layers here do not")
		}
	case "SimpleRNN", "LSTM", "GRU":
		err = a.recurrent(&c, l, &s)
	case "Add", "Multiply":
		c.Kind = l.Class
	case "Concatenate":
		c.Kind = "Concat"
		err = s.lastAxis()
	default:
		err = errors.New("is a layer that cannot be read: dense and recurrent layers, convolutions, pooling, normalisation, embeddings, activations and what joins values can")
	}
	return c, skip, err
}

// kernel sets what layers of weighted sums have.
func (s *settings) kernel(c *nn.LayerConfig) {
	c.NoBias = isFalse(s.UseBias)
	if i, ok := initOf(s.Init); ok {
		c.Init = &i
	}
	c.L1, c.L2 = regularizer(s.Regularizer)
}

func (s *settings) conv(c *nn.LayerConfig, class string) (err error) {
	c.Kind, c.Filters, c.Size = class, s.Filters, s.KernelSize
	if class != "Conv1D" && len(c.Size) == 1 {
		c.Size = []int{c.Size[0], c.Size[0]}
	}
	if c.Stride, err = s.Strides.alike(1, "strides"); err != nil {
		return err
	}
	if d, err := s.Dilation.alike(1, "dilations"); err != nil || d != 1 {
		return fmt.Errorf("has dilations %v, but convolutions have none here", []int(s.Dilation))
	}
	if s.Groups != nil && *s.Groups != 1 {
		return fmt.Errorf("has %d groups, but convolutions have one here", *s.Groups)
	}
	switch s.Padding {
	case "valid", "":
	case "same":
		c.Padding = nn.Same
	default:
		return fmt.Errorf("has the padding %q, but here there are valid and same", s.Padding)
	}
	s.kernel(c)
	return nil
}

// depthwise sets what has other names in this layer, and no filters.
func (s *settings) depthwise(c *nn.LayerConfig) {
	c.Filters = 0
	if s.Multiplier != nil {
		c.Multiplier = *s.Multiplier
	}
	c.Init = nil
	if i, ok := initOf(s.DepthInit); ok {
		c.Init = &i
	}
	c.L1, c.L2 = regularizer(s.DepthRegular)
}

func (s *settings) pool(c *nn.LayerConfig, class string) error {
	kind, dims := "MaxPool", class[len(class)-2:]
	if class[0] == 'A' {
		kind = "AvgPool"
	}
	c.Kind = kind + dims
	if s.Padding != "valid" && s.Padding != "" {
		return fmt.Errorf("has the padding %q, but windows stay inside here", s.Padding)
	}
	size, err := s.PoolSize.alike(2, "windows")
	if err != nil {
		return err
	}
	c.Size = []int{size}
	c.Stride, err = s.Strides.alike(size, "strides")
	return err
}

func (s *settings) epsilon() float64 {
	if s.Epsilon == nil {
		return normEps
	}
	return *s.Epsilon
}

// lastAxis reports an axis that is certainly not the last. One that is counted from
// the front is left to the weights, whose shapes must fit.
func (s *settings) lastAxis() error {
	var axes numbers
	if s.Axis == nil || string(s.Axis) == "null" {
		return nil
	}
	if err := json.Unmarshal(s.Axis, &axes); err != nil {
		return fmt.Errorf("has an axis that cannot be read: %w", err)
	}
	if len(axes) != 1 || axes[0] != -1 {
		return fmt.Errorf("works on axes %v, but here it is on the last, -1", []int(axes))
	}
	return nil
}

// activations have Keras' names where they are not those of this project.
var activations = map[string]nn.Activation{"swish": nn.SiLU, "hard_swish": nn.HardSiLU, "celu": nn.ELU}

// activation reads a name, or a function that Keras has written down as an object.
func (a *archive) activation(b json.RawMessage) (nn.Activation, error) {
	var name string
	if b == nil || string(b) == "null" {
		return nn.Linear, nil
	}
	if json.Unmarshal(b, &name) != nil {
		var o object
		if err := json.Unmarshal(b, &o); err != nil || json.Unmarshal(o.Config, &name) != nil {
			return 0, fmt.Errorf("has an activation that cannot be read, %.80s", b)
		}
	}
	if a.major == 2 && (name == "hard_sigmoid" || name == "leaky_relu") {
		return 0, fmt.Errorf("has %s as it was in Keras 2, which is another function than it is now and here", name)
	}
	if name == "sparsemax" {
		// Keras 3 takes the sum of all partial sums for the sum of the largest numbers.
		return 0, errors.New("has sparsemax, which in Keras does not give numbers that add up to 1, as it does by its definition and here")
	}
	if f, ok := activations[name]; ok {
		return f, nil
	}
	var f nn.Activation
	if err := f.UnmarshalText([]byte(strings.ReplaceAll(name, "_", " "))); err != nil {
		return 0, fmt.Errorf("has the activation %q, which is not known here", name)
	}
	return f, nil
}

// activationLayer reads the layers that are activations with settings.
func (s *settings) activationLayer(class string) (nn.Activation, error) {
	slope := 0.0
	for _, v := range []*float64{s.Slope, s.OldSlope} {
		if v != nil {
			slope = *v
		}
	}
	near := func(v, want float64) bool { return v > want-1e-6 && v < want+1e-6 }
	switch class {
	case "Softmax":
		return nn.Softmax, s.lastAxis()
	case "ELU":
		if s.OldSlope != nil && !near(slope, 1) {
			return 0, fmt.Errorf("has alpha %g, but nn.ELU has 1", slope)
		}
		return nn.ELU, nil
	case "LeakyReLU":
		if !near(slope, 0.2) {
			return 0, fmt.Errorf("has a slope of %g below 0, but nn.LeakyReLU has 0.2", slope)
		}
		return nn.LeakyReLU, nil
	}
	switch {
	case s.Threshold != 0:
		return 0, fmt.Errorf("has a threshold of %g, which nn.ReLU has not", s.Threshold)
	case s.MaxValue == nil && slope == 0:
		return nn.ReLU, nil
	case s.MaxValue == nil && near(slope, 0.2):
		return nn.LeakyReLU, nil
	case s.MaxValue != nil && *s.MaxValue == 6 && slope == 0:
		return nn.ReLU6, nil
	}
	return 0, errors.New("has settings that no activation here has")
}

// initOf reads what weights begin with; ok is false for what is not known here.
func initOf(b json.RawMessage) (i nn.Init, ok bool) {
	var name string
	if json.Unmarshal(b, &name) != nil {
		var o object
		if b == nil || json.Unmarshal(b, &o) != nil {
			return 0, false
		}
		name = o.Class
	}
	i, ok = map[string]nn.Init{
		"GlorotNormal": nn.GlorotNormal, "HeUniform": nn.HeUniform, "HeNormal": nn.HeNormal,
		"Orthogonal": nn.Orthogonal, "OrthogonalInitializer": nn.Orthogonal, "Identity": nn.Identity,
		"LecunUniform": nn.LecunUniform, "LecunNormal": nn.LecunNormal, "Zeros": nn.Zeros, "Ones": nn.Ones,
	}[name]
	return i, ok
}

// regularizer reads the factors of a kernel's.
func regularizer(b json.RawMessage) (l1, l2 float64) {
	var o object
	var f struct{ L1, L2 float64 }
	if b == nil || json.Unmarshal(b, &o) != nil || json.Unmarshal(o.Config, &f) != nil {
		return 0, 0
	}
	switch o.Class {
	case "L1", "L2", "L1L2":
		return f.L1, f.L2
	}
	return 0, 0
}
