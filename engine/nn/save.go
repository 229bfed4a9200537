// This file writes models to files and reads them.

package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"cajal/engine/safetensors"
	"cajal/engine/tensor"
)

// Keys of the text that goes with the tensors of a file.
const (
	keyFormat = "format"
	keyConfig = "config"
	keyRecipe = "training"

	formatName = "cajal model 1"
)

// Save writes the model to a safetensors file: its settings, its weights, and the
// loss and metrics of the last Fit, so that Evaluate tells the same after [Load].
// Metrics of your own are not saved. The tensors are named for their layers, as in
// "dense_1.weights", and other programs can read them. When Save fails, a file that
// was there before stays as it was.
func (m *Model) Save(path string) error {
	f, err := m.file()
	if err != nil {
		return err
	}
	if err := f.Write(path); err != nil {
		return fmt.Errorf("nn: %w", err)
	}
	return nil
}

// file returns what Save writes.
func (m *Model) file() (*safetensors.File, error) {
	c, err := m.Config()
	if err != nil {
		return nil, err
	}
	if err := m.ensure(); err != nil {
		return nil, err
	}
	defer m.mu.RUnlock()
	return m.contents(c)
}

// contents is the file of a model that has the settings c. The caller holds mu.
func (m *Model) contents(c Config) (*safetensors.File, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("nn: %w", err)
	}
	f := &safetensors.File{Metadata: map[string]string{keyFormat: formatName, keyConfig: string(text)}}
	if m.trained != nil {
		if text, err = json.Marshal(m.trained.describe()); err != nil {
			return nil, fmt.Errorf("nn: %w", err)
		}
		f.Metadata[keyRecipe] = string(text)
	}
	m.eachParam(func(name string, p *param) error {
		f.Tensors = append(f.Tensors, safetensors.FromFloat32(name, p.tensor(p.w)))
		return nil
	})
	return f, nil
}

// eachParam calls f with every parameter and its name in a file, until f fails.
func (m *Model) eachParam(f func(name string, p *param) error) error {
	seen := map[string]bool{}
	for _, n := range m.nodes {
		label := n.label()
		for seen[label] { // a name that somebody gave may be that of another layer
			label += fmt.Sprintf("_%d", n.index)
		}
		seen[label] = true
		for _, p := range n.params {
			if err := f(label+"."+strings.ReplaceAll(p.name, " ", "_"), p); err != nil {
				return err
			}
		}
	}
	return nil
}

// Load reads a model that Save has written.
func Load(path string) (*Model, error) {
	f, err := safetensors.Read(path)
	if err != nil {
		return nil, fmt.Errorf("nn: %w", err)
	}
	m, err := fromFile(f)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	return m, nil
}

func fromFile(f *safetensors.File) (*Model, error) {
	if got := f.Metadata[keyFormat]; got != formatName {
		return nil, fmt.Errorf("nn: the file is not one that Model.Save wrote: its format is %q, not %q\n      fix        to read weights alone, make the model and call its LoadWeights", got, formatName)
	}
	var c Config
	if err := decode(f.Metadata[keyConfig], &c); err != nil {
		return nil, fmt.Errorf("nn: the settings in the file: %w", err)
	}
	m := FromConfig(c)
	if err := m.Err(); err != nil {
		return nil, err
	}
	if text, ok := f.Metadata[keyRecipe]; ok {
		var r savedRecipe
		if err := decode(text, &r); err != nil {
			return nil, fmt.Errorf("nn: the loss in the file: %w", err)
		}
		var err error
		if m.trained, err = r.recipe(); err != nil {
			return nil, err
		}
	}
	return m, m.setAll(withoutTraining(f))
}

// decode reads JSON that has no fields but those of v.
func decode(text string, v any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("there is more than one value")
	}
	return nil
}

// LoadWeights takes the weights from a file that Save wrote for a model of the same
// layers, or that another program wrote with tensors of the same names and shapes.
// When it fails, the weights stay as they were.
func (m *Model) LoadWeights(path string) error {
	if err := m.Err(); err != nil {
		return err
	}
	f, err := safetensors.Read(path)
	if err != nil {
		return fmt.Errorf("nn: %w", err)
	}
	if err := m.setAll(withoutTraining(f)); err != nil {
		return fmt.Errorf("%w (%s)", err, path)
	}
	return nil
}

// setAll replaces all weights by those of a file.
func (m *Model) setAll(f *safetensors.File) error {
	values, err := m.values(f)
	if err != nil {
		return err
	}
	if err := m.lock(); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.put(values)
	return nil
}

// put replaces all weights. The caller holds mu for writing.
func (m *Model) put(values []*tensor.Tensor) {
	for _, n := range m.nodes {
		for _, p := range n.params {
			if p.w == nil {
				p.w = make([]float32, p.rows()*p.ldCol)
			}
			p.set(values[0].Data)
			values = values[1:]
		}
	}
	m.ready, m.begun = true, nil
}

// values returns the weights in a file, which must have these and no others. Nothing
// is allocated before all shapes were compared.
func (m *Model) values(f *safetensors.File) ([]*tensor.Tensor, error) {
	found := map[string]*safetensors.Tensor{}
	for i := range f.Tensors {
		found[f.Tensors[i].Name] = &f.Tensors[i]
	}
	known := map[string]bool{}
	err := m.eachParam(func(name string, p *param) error {
		known[name] = true
		switch t := found[name]; {
		case t == nil:
			return fmt.Errorf("nn: the file has no tensor %q of shape %v; it has %s", name, p.shape, someNames(f))
		case !slices.Equal(t.Shape, p.shape):
			return fmt.Errorf("nn: the file's tensor %q has shape %v, but the model's has %v", name, t.Shape, p.shape)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, t := range f.Tensors {
		if !known[t.Name] {
			return nil, fmt.Errorf("nn: the file has a tensor %q of shape %v, which the model has not", t.Name, t.Shape)
		}
	}
	var values []*tensor.Tensor
	err = m.eachParam(func(name string, p *param) error {
		v, err := found[name].Float32()
		values = append(values, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("nn: %w", err)
	}
	return values, nil
}

// someNames writes the first names of a file.
func someNames(f *safetensors.File) string {
	var names []string
	for i, t := range f.Tensors {
		if i == 5 {
			names = append(names, fmt.Sprintf("and %d more", len(f.Tensors)-i))
			break
		}
		names = append(names, fmt.Sprintf("%q", t.Name))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// losses and metrics are those that can be saved.
var (
	losses = []Loss{
		SparseCategoricalCrossEntropy{}, CategoricalCrossEntropy{}, BinaryCrossEntropy{}, MSE{}, HalfMSE{}, MAE{}, Huber{}, LogCosh{},
	}
	metrics = []Metric{Accuracy{}, MAE{}, TopK{}, Precision{}, Recall{}, F1{}}
)

// savedRecipe is a recipe as a file has it.
type savedRecipe struct {
	Loss    *savedPart  `json:"loss,omitempty"`
	Metrics []savedPart `json:"metrics,omitempty"`
}

// savedPart is a loss or metric: the name of its type, and its fields.
type savedPart struct {
	Kind     string          `json:"kind"`
	Settings json.RawMessage `json:"settings,omitempty"`
}

func (r *recipe) describe() savedRecipe {
	var out savedRecipe
	if p, ok := describePart(r.loss, losses); ok {
		out.Loss = &p
	}
	for _, m := range r.metrics {
		if p, ok := describePart(m, metrics); ok {
			out.Metrics = append(out.Metrics, p)
		}
	}
	return out
}

// describePart is false for what is not among the known.
func describePart[T any](v T, known []T) (p savedPart, ok bool) {
	typ := reflect.TypeOf(v)
	for _, k := range known {
		if reflect.TypeOf(k) != typ {
			continue
		}
		p.Kind = typ.Name()
		if typ.NumField() == 0 {
			return p, true
		}
		b, err := json.Marshal(v)
		p.Settings = b
		return p, err == nil
	}
	return p, false
}

// recipe returns nil when the file has no loss.
func (s *savedRecipe) recipe() (*recipe, error) {
	if s.Loss == nil {
		return nil, nil
	}
	r := &recipe{metrics: []Metric{}}
	var err error
	if r.loss, err = part(*s.Loss, losses); err != nil {
		return nil, err
	}
	for _, p := range s.Metrics {
		m, err := part(p, metrics)
		if err != nil {
			return nil, err
		}
		r.metrics = append(r.metrics, m)
	}
	return r, nil
}

func part[T any](p savedPart, known []T) (T, error) {
	var none T
	for _, k := range known {
		typ := reflect.TypeOf(k)
		if typ.Name() != p.Kind {
			continue
		}
		v := reflect.New(typ)
		if p.Settings != nil {
			if err := decode(string(p.Settings), v.Interface()); err != nil {
				return none, fmt.Errorf("nn: the settings of %s in the file: %w", p.Kind, err)
			}
		}
		return v.Elem().Interface().(T), nil
	}
	return none, fmt.Errorf("nn: the file names %q, which is not known here", p.Kind)
}
