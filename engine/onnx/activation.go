// This file reads activations.

package onnx

import (
	"fmt"
	"math"

	"cajal/engine/nn"
)

// activate makes an activation part of the layer before, or a layer of its own.
func (im *importer) activate(n *node, a nn.Activation) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	if im.sums(t.layer) && im.joined(n.inputs[0], t) {
		im.layers[t.layer].Activation = a
		out := *t
		return &out, nil
	}
	return im.add(nn.LayerConfig{Kind: "Act", Activation: a}, t.shape, nil, t)
}

// near compares attributes, which are written as float32.
func near(a float32, b float64) bool { return math.Abs(float64(a)-b) < 1e-5 }

func leaky(im *importer, n *node) (*tracked, error) {
	if a := n.float("alpha", 0.01); !near(a, 0.2) {
		return nil, fmt.Errorf("has a slope of %g below 0, but nn.LeakyReLU has 0.2", a)
	}
	return im.activate(n, nn.LeakyReLU)
}

func elu(im *importer, n *node) (*tracked, error) {
	if a := n.float("alpha", 1); !near(a, 1) {
		return nil, fmt.Errorf("has alpha %g, but nn.ELU has 1", a)
	}
	return im.activate(n, nn.ELU)
}

func selu(im *importer, n *node) (*tracked, error) {
	if a, g := n.float("alpha", 1.67326319), n.float("gamma", 1.05070102); !near(a, 1.67326319) || !near(g, 1.05070102) {
		return nil, fmt.Errorf("has alpha %g and gamma %g, but nn.SELU has 1.6733 and 1.0507", a, g)
	}
	return im.activate(n, nn.SELU)
}

func hardSigmoid(im *importer, n *node) (*tracked, error) {
	a, b := n.float("alpha", 0.2), n.float("beta", 0.5)
	switch {
	case near(a, 1.0/6) && near(b, 0.5):
		return im.activate(n, nn.HardSigmoid)
	case near(a, 0.5) && near(b, 0.5):
		return im.activate(n, nn.SparseSigmoid)
	}
	return nil, fmt.Errorf("is %g·x + %g, but nn.HardSigmoid is x/6 + 0.5", a, b)
}

func gelu(im *importer, n *node) (*tracked, error) {
	if s := n.text("approximate"); s != "" && s != "none" {
		return nil, fmt.Errorf("is approximated by %s, but nn.GELU is not", s)
	}
	return im.activate(n, nn.GELU)
}

func shrink(im *importer, n *node) (*tracked, error) {
	l, b := n.float("lambd", 0.5), n.float("bias", 0)
	switch {
	case near(l, 0.5) && near(b, 0.5):
		return im.activate(n, nn.SoftShrink)
	case near(l, 0.5) && near(b, 0):
		return im.activate(n, nn.HardShrink)
	}
	return nil, fmt.Errorf("has lambd %g and bias %g, but nn.SoftShrink has 0.5 and 0.5, nn.HardShrink 0.5 and 0", l, b)
}

// clip is ReLU6, ReLU or HardTanh.
func clip(im *importer, n *node) (*tracked, error) {
	bounds := [2]float32{n.float("min", float32(math.Inf(-1))), n.float("max", float32(math.Inf(1)))}
	for i := range bounds {
		c, err := im.constant(n, i+1)
		if err != nil {
			return nil, err
		}
		if c != nil {
			v := c.float32()
			if len(v.Data) != 1 {
				return nil, fmt.Errorf("has %d numbers as a bound", len(v.Data))
			}
			bounds[i] = v.Data[0]
		}
	}
	switch {
	case bounds == [2]float32{0, 6}:
		return im.activate(n, nn.ReLU6)
	case bounds == [2]float32{-1, 1}:
		return im.activate(n, nn.HardTanh)
	case bounds[0] == 0 && bounds[1] > 3e38:
		return im.activate(n, nn.ReLU)
	}
	return nil, fmt.Errorf("keeps numbers from %g to %g, but nn.ReLU6 from 0 to 6", bounds[0], bounds[1])
}

func softmax(im *importer, n *node) (*tracked, error) {
	t, err := im.value(n, 0)
	if err != nil {
		return nil, err
	}
	def := int64(-1)
	if im.opset < 13 {
		def = 1
	}
	a, err := t.axis(n.int("axis", def))
	if err != nil {
		return nil, err
	}
	if a != t.channelAxis() || im.opset < 13 && len(t.shape) > 1 {
		return nil, fmt.Errorf("is over axis %d of %d, but here it is over the channels", a, t.rank())
	}
	if n.op == "LogSoftmax" {
		return im.activate(n, nn.LogSoftmax)
	}
	return im.activate(n, nn.Softmax)
}
