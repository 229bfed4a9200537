// This file makes a dataset out of slices and tensors.

package data

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"cajal/engine/tensor"
)

// Arrays returns a dataset of examples x with y beside them.
//
// x is a *tensor.Tensor whose first dimension counts the examples, or a slice
// or array of numbers, nested as deep as an example needs: [][]float32 are rows,
// [][][]uint8 images, []float64 single numbers. All rows must have one length.
// What is not float32 is converted, and Notes says so; bytes are kept as bytes. The
// numbers of a tensor and of a []float32 are shared, not copied: they must not change
// any more.
//
// y has as many entries as x, and its type says what it means: integers in a
// flat slice are class labels, everything else (floats, or integers nested one
// deeper) are target numbers. A nil y gives examples without either, which
// Predict takes.
func Arrays(x, y any) (*Dataset, error) {
	d := &Dataset{look: new(look)}
	in, err := read(x)
	if err != nil {
		return nil, fmt.Errorf("data: x: %w", err)
	}
	if len(in.shape) == 0 || in.shape[0] == 0 {
		return nil, fmt.Errorf("data: x has no examples")
	}
	d.n = in.shape[0]
	d.shape = in.shape[1:]
	if len(d.shape) == 0 {
		d.shape = []int{1}
	}
	if slices.Contains(d.shape, 0) {
		return nil, fmt.Errorf("data: x: its examples have shape %v and no numbers", d.shape)
	}
	d.bytes, d.scale, d.floats = in.bytes, 1, in.floats
	if in.note != "" {
		d.notes = append(d.notes, "x: "+in.note)
	}
	if err := d.addTruths(y); err != nil {
		return nil, err
	}
	return d, nil
}

// addTruths gives the examples the labels or targets y, of which there may be none.
func (d *Dataset) addTruths(y any) error {
	if y == nil {
		return nil
	}
	out, err := read(y)
	if err != nil {
		return fmt.Errorf("data: y: %w", err)
	}
	if out.shape[0] != d.n {
		return fmt.Errorf("data: x has %d examples, but y has %d", d.n, out.shape[0])
	}
	if out.whole && len(out.shape) == 1 {
		d.labels = make([]int32, d.n)
		for i := range d.labels {
			v := out.at(i)
			if v < math.MinInt32 || v > math.MaxInt32 {
				return fmt.Errorf("data: y: label %v of example %d is too large", v, i)
			}
			d.labels[i] = int32(v)
		}
		return nil
	}
	d.tshape = out.shape[1:]
	if len(d.tshape) == 0 {
		d.tshape = []int{1}
	}
	if slices.Contains(d.tshape, 0) {
		return fmt.Errorf("data: y: its targets have shape %v and no numbers", d.tshape)
	}
	d.targets = out.numbers()
	if out.note != "" {
		d.notes = append(d.notes, "y: "+out.note)
	}
	return nil
}

// block is what read found: a shape and values in one of two forms.
type block struct {
	shape  []int
	floats []float32
	ints   []int64 // beside floats when whole: float32 cannot hold every label
	bytes  []uint8
	whole  bool
	single bool // a number, and not a slice with one
	note   string
}

// numbers returns the values as float32.
func (b *block) numbers() []float32 {
	if b.floats != nil || b.bytes == nil {
		return b.floats
	}
	out := make([]float32, len(b.bytes))
	for i, v := range b.bytes {
		out[i] = float32(v)
	}
	return out
}

// readOne is read for one example, which may be a number.
func readOne(v any) (*block, error) {
	if k := reflect.ValueOf(v).Kind(); k >= reflect.Bool && k <= reflect.Float64 {
		s := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(v)), 1, 1)
		s.Index(0).Set(reflect.ValueOf(v))
		b, err := read(s.Interface())
		if b != nil {
			b.single = true
		}
		return b, err
	}
	if s, ok := v.(string); ok {
		return nil, isText(s)
	}
	b, err := read(v)
	if err == nil && slices.Contains(b.shape, 0) {
		return nil, fmt.Errorf("has shape %v and no numbers", b.shape)
	}
	return b, err
}

func isText(v any) error {
	return fmt.Errorf("has type %T, but must be numbers\nhint: number the texts from 0 and name them with Dataset.WithClasses, or read a table with data.CSV, which does so", v)
}

func (b *block) at(i int) int64 {
	if b.bytes != nil {
		return int64(b.bytes[i])
	}
	return b.ints[i]
}

// read takes a tensor or nested slices of numbers apart.
func read(v any) (*block, error) {
	switch v := v.(type) {
	case nil:
		return nil, fmt.Errorf("is nil")
	case *tensor.Tensor:
		if v == nil {
			return nil, fmt.Errorf("is a nil *tensor.Tensor")
		}
		if err := v.Check(); err != nil {
			return nil, err
		}
		if len(v.Shape) == 0 {
			return nil, fmt.Errorf("is an empty tensor")
		}
		return &block{shape: slices.Clone(v.Shape), floats: v.Data}, nil
	case []float32:
		return &block{shape: []int{len(v)}, floats: v}, nil
	}
	rv := reflect.ValueOf(v)
	b := &block{}
	elem := rv.Type()
	for w := rv; elem.Kind() == reflect.Slice || elem.Kind() == reflect.Array; elem = elem.Elem() {
		n := 0
		if w.IsValid() {
			n = w.Len()
		}
		b.shape = append(b.shape, n)
		if n > 0 {
			w = w.Index(0)
		} else {
			w = reflect.Value{}
		}
	}
	if len(b.shape) == 0 {
		return nil, fmt.Errorf("has type %T, but must be a *tensor.Tensor or a slice of numbers", v)
	}
	total := 1
	for _, s := range b.shape {
		total *= s
	}
	switch k := elem.Kind(); {
	case k == reflect.Uint8:
		b.whole, b.bytes = true, make([]uint8, 0, total)
	case k == reflect.Float32:
		b.floats = make([]float32, 0, total)
	case k == reflect.Float64:
		b.floats, b.note = make([]float32, 0, total), "float64 was converted to float32"
	case k == reflect.Bool || k >= reflect.Int && k <= reflect.Uint64:
		b.whole, b.floats, b.ints = true, make([]float32, 0, total), make([]int64, 0, total)
		b.note = elem.Kind().String() + " was converted to float32"
	case k == reflect.String:
		return nil, isText(v)
	default:
		return nil, fmt.Errorf("has type %T, whose elements (%s) are not numbers", v, elem)
	}
	if err := b.fill(rv, 0, nil); err != nil {
		return nil, err
	}
	return b, nil
}

// fill appends the numbers of v, which lies depth levels down at index path.
func (b *block) fill(v reflect.Value, depth int, path []int) error {
	if v.Len() != b.shape[depth] {
		return fmt.Errorf("entry %v has length %d, but the first has %d: all must be alike", path, v.Len(), b.shape[depth])
	}
	if depth == len(b.shape)-1 {
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Float32 && v.Type().Elem().PkgPath() == "" {
			b.floats = append(b.floats, v.Convert(reflect.TypeFor[[]float32]()).Interface().([]float32)...)
			return nil
		}
		for i := range v.Len() {
			b.add(v.Index(i))
		}
		return nil
	}
	for i := range v.Len() {
		if err := b.fill(v.Index(i), depth+1, append(path, i)); err != nil {
			return err
		}
	}
	return nil
}

func (b *block) add(v reflect.Value) {
	switch {
	case b.bytes != nil:
		b.bytes = append(b.bytes, uint8(v.Uint()))
	case v.CanFloat():
		b.floats = append(b.floats, float32(v.Float()))
	default:
		n := int64(0)
		switch {
		case v.CanInt():
			n = v.Int()
		case v.CanUint():
			n = int64(min(v.Uint(), math.MaxInt64))
		case v.Bool():
			n = 1
		}
		b.floats = append(b.floats, float32(n))
		b.ints = append(b.ints, n)
	}
}
