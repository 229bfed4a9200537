// This file turns what callers have into numbers.

package chart

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// rower is what tensors and data sets of the engine are like: a number of
// examples of one shape.
type rower interface {
	Len() int
	ExampleShape() []int
	ReadRows(dst []float32, lo int) int // fills dst with whole rows, from row lo
}

// maxValues bounds what a chart copies.
const maxValues = 50_000_000

// readRows returns the first n examples, end to end, and their shape.
func readRows(r rower, n int) (values []float32, shape []int, err error) {
	shape = r.ExampleShape()
	size := 1
	for _, d := range shape {
		size *= d
	}
	n = min(n, r.Len())
	if n <= 0 || size <= 0 {
		return nil, shape, nil
	}
	if n > maxValues/size {
		return nil, nil, fmt.Errorf("%d × %v values are too many for a chart, which takes %d million", n, shape, maxValues/1_000_000)
	}
	values = make([]float32, n*size)
	for lo := 0; lo < n; {
		k := r.ReadRows(values[lo*size:], lo)
		if k <= 0 {
			return nil, nil, fmt.Errorf("only %d of %d rows could be read", lo, n)
		}
		lo += k
	}
	return values, shape, nil
}

// numbers returns a copy of data as float64.
func numbers(what string, data any) ([]float64, error) {
	switch d := data.(type) {
	case []float64:
		return append(make([]float64, 0, len(d)), d...), nil
	case mat.Vector:
		if isNil(data) {
			break
		}
		out := make([]float64, d.Len())
		for i := range out {
			out[i] = d.AtVec(i)
		}
		return out, nil
	case rower:
		if isNil(data) {
			break
		}
		values, _, err := readRows(d, math.MaxInt)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		return widened(values), nil
	}
	v := reflect.ValueOf(data)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("%s is %s; a slice of numbers was expected", what, typeText(data))
	}
	out := make([]float64, v.Len())
	for i := range out {
		x, ok := number(v.Index(i))
		if !ok {
			return nil, fmt.Errorf("%s is %s; a slice of numbers was expected", what, typeText(data))
		}
		out[i] = x
	}
	return out, nil
}

// number returns a value as a number; true is 1.
func number(v reflect.Value) (float64, bool) {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	switch {
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	case v.CanFloat():
		return v.Float(), true
	case v.Kind() == reflect.Bool:
		if v.Bool() {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// matrix returns a copy of data as rows of equal length; what short rows lack
// is NaN.
func matrix(what string, data any) ([][]float64, error) {
	var rows [][]float64
	switch d := data.(type) {
	case mat.Matrix:
		if isNil(data) {
			break
		}
		r, c := d.Dims()
		for i := range r {
			row := make([]float64, c)
			for j := range row {
				row[j] = d.At(i, j)
			}
			rows = append(rows, row)
		}
		return rows, nil
	case rower:
		if isNil(data) {
			break
		}
		values, shape, err := readRows(d, math.MaxInt)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		for len(shape) > 1 && shape[len(shape)-1] == 1 { // the channel of a grey picture
			shape = shape[:len(shape)-1]
		}
		if len(shape) != 1 {
			return nil, fmt.Errorf("%s has the shape %v: a matrix of rows and columns was expected", what, append([]int{d.Len()}, shape...))
		}
		all := widened(values)
		for i := range d.Len() {
			rows = append(rows, all[i*shape[0]:(i+1)*shape[0]])
		}
		return rows, nil
	}
	v := reflect.ValueOf(data)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("%s is %s; a matrix, or a slice of rows of numbers, was expected", what, typeText(data))
	}
	longest := 0
	for i := range v.Len() {
		row, err := numbers(fmt.Sprintf("row %d of %s", i, what), v.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
		longest = max(longest, len(row))
	}
	for i := range rows {
		for len(rows[i]) < longest {
			rows[i] = append(rows[i], math.NaN())
		}
	}
	return rows, nil
}

// names returns the texts of a slice of strings, numbers or anything else.
func names(what string, data any) ([]string, error) {
	v := reflect.ValueOf(data)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("%s is %s; a slice was expected", what, typeText(data))
	}
	out := make([]string, v.Len())
	for i := range out {
		switch e := v.Index(i); e.Kind() {
		case reflect.String:
			out[i] = e.String()
		default:
			if x, ok := number(e); ok && e.Kind() != reflect.Bool {
				out[i] = numberText(x)
			} else {
				out[i] = fmt.Sprint(e.Interface())
			}
		}
	}
	return out, nil
}

// flat returns all numbers of data, end to end, whatever its shape.
func flat(what string, data any) ([]float64, error) {
	if out, err := numbers(what, data); err == nil {
		return out, nil
	}
	rows, err := matrix(what, data)
	if err != nil {
		return nil, err
	}
	return slices.Concat(rows...), nil
}

func widened(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

func typeText(v any) string {
	if v == nil || isNil(v) {
		return "nil"
	}
	return fmt.Sprintf("a %T", v)
}

// finite tells whether x is a number that can be drawn.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// bounds returns the least and greatest finite value; ok tells whether there is
// one.
func bounds(values ...[]float64) (lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, vs := range values {
		for _, v := range vs {
			if finite(v) {
				lo, hi, ok = min(lo, v), max(hi, v), true
			}
		}
	}
	return lo, hi, ok
}
