// This file reads what a model says of its layers.

package chart

import (
	"fmt"
	"reflect"
	"strings"
)

// layerInfo is one layer of a network.
type layerInfo struct {
	name       string // given by the user, "" if none was
	kind       string // such as "Dense"
	activation string
	shape      []int // of what it gives for one example
	params     int
}

// layersOf reads a description of a network: a slice of sizes, or a model, or
// what its method Layers returns.
//
// The engine's Layers returns structs of a type of the engine's. No interface of
// this package can have such a method without importing that type, so that its
// fields are found by their names.
func layersOf(model any) ([]layerInfo, error) {
	if model == nil || isNil(model) {
		return nil, fmt.Errorf("the network is nil")
	}
	if m, ok := model.(interface{ Err() error }); ok {
		if err := m.Err(); err != nil {
			return nil, fmt.Errorf("the model has an error: %w", err)
		}
	}
	v := reflect.ValueOf(model)
	if m := v.MethodByName("Layers"); m.IsValid() && m.Type().NumIn() == 0 && m.Type().NumOut() == 1 {
		v = m.Call(nil)[0]
	}
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, notANetwork(model)
	}
	var out []layerInfo
	for i := range v.Len() {
		e := reflect.Indirect(v.Index(i))
		if n, ok := number(e); ok {
			out = append(out, layerInfo{shape: []int{int(n)}})
			continue
		}
		l, ok := layerOf(e)
		if !ok {
			return nil, notANetwork(model)
		}
		out = append(out, l)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the network has no layers")
	}
	for i := range out {
		if out[i].kind == "" {
			out[i].kind = "hidden"
			if i == 0 {
				out[i].kind = "input"
			} else if i == len(out)-1 {
				out[i].kind = "output"
			}
		}
		for _, n := range out[i].shape {
			if n < 1 {
				return nil, fmt.Errorf("layer %d has the shape %v: numbers of 1 and more were expected", i, out[i].shape)
			}
		}
	}
	return out, nil
}

func notANetwork(model any) error {
	return fmt.Errorf("the network is %s; sizes such as []int{784, 10, 10}, or a model with a method Layers, were expected", typeText(model))
}

// layerOf reads the fields of a layer. Only that of its shape, Out, has to be there.
func layerOf(v reflect.Value) (l layerInfo, ok bool) {
	if v.Kind() != reflect.Struct {
		return l, false
	}
	text := func(name string) string {
		if f := v.FieldByName(name); f.IsValid() && f.CanInterface() {
			return fmt.Sprint(f.Interface())
		}
		return ""
	}
	out := v.FieldByName("Out")
	if !out.IsValid() || out.Kind() != reflect.Slice {
		return l, false
	}
	for i := range out.Len() {
		n, ok := number(out.Index(i))
		if !ok {
			return l, false
		}
		l.shape = append(l.shape, int(n))
	}
	l.name, l.kind, l.activation = text("Name"), text("Kind"), text("Activation")
	if l.activation == "linear" {
		l.activation = ""
	}
	// A name that only numbers the kind, as in "dense_1", tells nothing.
	if kind, _, ok := strings.Cut(l.name, "_"); ok && strings.EqualFold(kind, l.kind) {
		l.name = ""
	}
	if n, ok := number(reflect.Indirect(v.FieldByName("Params"))); ok {
		l.params = int(n)
	}
	return l, true
}

// units is how many numbers the layer gives.
func (l layerInfo) units() int {
	n := 1
	for _, d := range l.shape {
		n *= d
	}
	return n
}

// size is the shape in words, such as "28 × 28 × 1".
func (l layerInfo) size() string {
	words := make([]string, len(l.shape))
	for i, d := range l.shape {
		words[i] = numberText(float64(d))
	}
	return strings.Join(words, "×")
}

// weightsOf reads the matrices between layers: those that were given, or those
// of a model, whose method Weights returns that of layer i first. What is no
// matrix, such as that of a convolution, is nil.
func weightsOf(given []any, layers int) ([][][]float64, error) {
	if len(given) == 1 && !isNil(given[0]) {
		if m := reflect.ValueOf(given[0]).MethodByName("Weights"); m.IsValid() && m.Type().NumIn() == 1 && m.Type().In(0).Kind() == reflect.Int && m.Type().NumOut() > 0 {
			given = make([]any, layers-1)
			for i := range given {
				given[i] = m.Call([]reflect.Value{reflect.ValueOf(i + 1)})[0].Interface()
			}
		}
	}
	if len(given) != layers-1 {
		return nil, fmt.Errorf("there are %d layers and %d matrices of weights: one between each two was expected", layers, len(given))
	}
	out := make([][][]float64, len(given))
	for i, w := range given {
		if w == nil || isNil(w) {
			continue
		}
		if r, ok := w.(rower); ok && len(r.ExampleShape()) != 1 {
			continue
		}
		m, err := matrix(fmt.Sprintf("matrix %d of the weights", i), w)
		if err != nil {
			return nil, err
		}
		out[i] = m
	}
	return out, nil
}

// modelPredict returns what a model answers to places of a plane, nil if it is no
// model. As with layersOf, its method is found by its name: Predict takes an
// interface of the engine's that examples has the methods of.
func modelPredict(model any) func([][]float32) (any, error) {
	if model == nil || isNil(model) {
		return nil
	}
	predict := reflect.ValueOf(model).MethodByName("Predict")
	if !predict.IsValid() {
		return nil
	}
	t := predict.Type()
	if t.NumIn() != 1 || t.NumOut() != 2 || !reflect.TypeFor[examples]().AssignableTo(t.In(0)) || t.Out(1) != reflect.TypeFor[error]() {
		return nil
	}
	return func(places [][]float32) (any, error) {
		out := predict.Call([]reflect.Value{reflect.ValueOf(examples(places))})
		err, _ := out[1].Interface().(error)
		return out[0].Interface(), err
	}
}

// examples are rows of numbers, as a model takes them.
type examples [][]float32

// Len returns how many there are.
func (e examples) Len() int { return len(e) }

// ExampleShape returns the length of a row.
func (e examples) ExampleShape() []int { return []int{len(e[0])} }

// ReadRows copies rows from lo on into dst, as many as fit, and returns how many.
func (e examples) ReadRows(dst []float32, lo int) int {
	n := 0
	for ; lo+n < len(e) && len(dst) >= len(e[0]); n++ {
		dst = dst[copy(dst, e[lo+n]):]
	}
	return n
}
