// This file finds the weights of layers in a file, and gives them to a model.

package keras

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// array is one variable of a layer; what it is is told by its place.
type array struct {
	name   string // in the file
	values *tensor.Tensor
}

var (
	notWord    = regexp.MustCompile(`\W+`)
	wordBegins = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	lowUp      = regexp.MustCompile(`([a-z])([A-Z])`)
)

// groupName is the folder of a layer's weights in newer files: its class in lower case,
// numbered from the second of the class on. seen counts them.
func groupName(class string, seen map[string]int) string {
	s := notWord.ReplaceAllString(class, "")
	s = wordBegins.ReplaceAllString(s, "${1}_${2}")
	s = strings.ToLower(lowUp.ReplaceAllString(s, "${1}_${2}"))
	n := seen[s]
	seen[s]++
	if n > 0 {
		s = fmt.Sprintf("%s_%d", s, n)
	}
	return "layers/" + s
}

// maxVariables bounds how many variables a layer may have.
const maxVariables = 64

// perLayer reads the variables of each layer of a model that the file describes, and
// completes those that Keras leaves out.
func (a *archive) perLayer(layers []*layer) ([][]array, error) {
	out := make([][]array, len(layers))
	for i, l := range layers {
		var err error
		switch {
		case !hasWeights[l.made.Kind]:
			continue
		case a.old:
			out[i], err = a.named(l.name)
		default:
			out[i], err = a.numbered(varsOf(l.made.Kind, l.group))
		}
		if err == nil {
			out[i], err = l.complete(out[i])
		}
		if err != nil {
			return nil, fmt.Errorf("the weights of layer %q (%s): %w", l.name, l.Class, err)
		}
	}
	return out, nil
}

// hasWeights are the kinds of layers with weights.
var hasWeights = map[string]bool{"Dense": true, "Conv1D": true, "Conv2D": true, "DepthwiseConv2D": true, "Conv2DTranspose": true, "BatchNorm": true, "LayerNorm": true, "Embedding": true, "SimpleRNN": true, "LSTM": true, "GRU": true}

// numbered reads variables 0, 1, … of a folder.
func (a *archive) numbered(folder string) ([]array, error) {
	g, err := a.weights.Group(folder)
	if err != nil {
		return nil, err
	}
	names, err := g.Names()
	if err != nil {
		return nil, err
	}
	var out []array
	for i := range min(len(names), maxVariables) {
		v, err := a.read(folder + "/" + strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// named reads the variables that an older file lists for a layer.
func (a *archive) named(layer string) ([]array, error) {
	g, err := a.weights.Group(layer)
	if err != nil {
		return nil, err
	}
	names, err := g.Attribute("weight_names")
	if err != nil {
		return nil, err
	}
	if len(names) > maxVariables {
		return nil, fmt.Errorf("has %d variables", len(names))
	}
	var out []array
	for _, n := range names {
		v, err := a.read(layer + "/" + n)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (a *archive) read(path string) (array, error) {
	d, err := a.weights.Dataset(path)
	if err != nil {
		return array{}, err
	}
	v, err := d.Float32()
	if err != nil {
		return array{}, err
	}
	return array{path, &tensor.Tensor{Shape: d.Shape, Data: v}}, nil
}

// complete makes up for what recurrent layers and normalisation without scale or centre has not, and for
// another number that Keras adds to variances.
func (l *layer) complete(vars []array) ([]array, error) {
	if l.made.Kind != "BatchNorm" && l.made.Kind != "LayerNorm" {
		return recurrentVars(l.made.Kind, vars)
	}
	var s settings
	if err := json.Unmarshal(l.Config, &s); err != nil {
		return nil, err
	}
	all := map[string]int{"BatchNorm": 4, "LayerNorm": 2}[l.made.Kind]
	for i, missing := range []bool{isFalse(s.Scale), isFalse(s.Center)} {
		if !missing {
			continue
		}
		if len(vars) == 0 || i > len(vars) {
			return nil, errors.New("has neither scale nor centre, so that its size is not told")
		}
		v := array{"made up", tensor.Full(float32(1-i), vars[0].values.Shape...)}
		vars = append(vars[:i:i], append([]array{v}, vars[i:]...)...)
	}
	if len(vars) != all {
		return nil, fmt.Errorf("has %d variables, expected %d", len(vars), all)
	}
	if l.made.Kind == "BatchNorm" {
		// What is added to a variance is fixed here; the variances make up for another.
		v := vars[3].values.Data
		for i := range v {
			v[i] = float32(float64(v[i]) + s.epsilon() - normEps)
		}
	}
	return vars, nil
}

// setWeights gives the layers of a model their variables.
func setWeights(m *nn.Model, weights [][]array) error {
	for i, l := range m.Layers() {
		if l.Params == 0 && len(weights[i]) == 0 {
			continue
		}
		var values []*tensor.Tensor
		for _, v := range weights[i] {
			values = append(values, v.values)
		}
		if err := m.SetParameters(i, values...); err != nil {
			return err
		}
	}
	return nil
}

// classes are the classes of Keras for kinds of layers here.
var classes = map[string]string{
	"Dense": "Dense", "Conv1D": "Conv1D", "Conv2D": "Conv2D", "DepthwiseConv2D": "DepthwiseConv2D", "Conv2DTranspose": "Conv2DTranspose", "BatchNorm": "BatchNormalization", "LayerNorm": "LayerNormalization", "Embedding": "Embedding",
	"SimpleRNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU",
}

// fill gives a model that was made here the weights of the file, of layers in their
// order.
func (a *archive) fill(m *nn.Model) error {
	var old []string
	if a.old {
		names, err := a.weights.Attribute("layer_names")
		if err != nil {
			return err
		}
		for _, n := range names {
			g, err := a.weights.Group(n)
			if err != nil {
				return err
			}
			if vars, err := g.Attribute("weight_names"); err == nil && len(vars) > 0 {
				old = append(old, n)
			}
		}
	}
	seen := map[string]int{}
	weights := make([][]array, len(m.Layers()))
	for i, l := range m.Layers() {
		if l.Params == 0 {
			continue
		}
		class := classes[l.Kind]
		if class == "" {
			return fmt.Errorf("layer %d %s has weights that are not read from Keras' files", i, l.Kind)
		}
		var err error
		switch {
		case !a.old:
			weights[i], err = a.numbered(varsOf(l.Kind, groupName(class, seen)))
		case len(old) == 0:
			return fmt.Errorf("the file has weights for fewer layers than the model, none for layer %d %s", i, l.Kind)
		default:
			weights[i], err = a.named(old[0])
			old = old[1:]
		}
		if err == nil {
			weights[i], err = recurrentVars(l.Kind, weights[i])
		}
		if err != nil {
			return fmt.Errorf("layer %d %s: %w", i, l.Kind, err)
		}
		if err := fits(m, i, weights[i]); err != nil {
			return err
		}
	}
	if len(old) > 0 {
		return fmt.Errorf("the file has weights for more layers than the model, first for %q", old[0])
	}
	if !a.old {
		if next := a.unused(seen); next != "" {
			return fmt.Errorf("the file has weights that the model has no layer for, first in %q", next)
		}
	}
	return setWeights(m, weights)
}

// unused returns a folder of weights beyond those that were counted.
func (a *archive) unused(seen map[string]int) string {
	counts := map[string]int{}
	for k, n := range seen {
		counts[k] = n
	}
	for _, class := range classes {
		if g := groupName(class, counts); a.weights.IsGroup(varsOf(class, g)) {
			return g
		}
	}
	return ""
}

// fits compares variables with what a layer has, before anything is changed.
func fits(m *nn.Model, i int, vars []array) error {
	ps, err := m.Parameters(i)
	if err != nil {
		return err
	}
	var want, got []string
	for _, p := range ps {
		want = append(want, fmt.Sprint(p.Values.Shape))
	}
	for _, v := range vars {
		got = append(got, fmt.Sprint(v.values.Shape))
	}
	if w, g := strings.Join(want, " and "), strings.Join(got, " and "); w != g {
		return fmt.Errorf("layer %d %s has weights of shapes %s, but the file's are %s", i, m.Layers()[i].Kind, w, g)
	}
	return nil
}
