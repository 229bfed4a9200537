// This file keeps float32 and float64 on one tape: values and gradients by type,
// how a result is recorded, and what happens where types meet.

package grad

import (
	"fmt"

	"cajal/engine/internal/nd"
	"cajal/engine/tensor"
)

// nudge is a change of one number of one input, by which Check finds central
// differences.
type nudge struct {
	input, at int
	by        float64
}

// input puts a leaf on the tape.
func (t *Tape) input(kind, name string, shape []int, value any) *Var {
	if values, single := value.([]float32); single && t.exact {
		wide := make([]float64, len(values))
		nd.Convert(wide, values)
		value = wide
	}
	if s := t.shift; s != nil && s.input == len(t.given) {
		value.([]float64)[s.at] += s.by
	}
	v := &Var{tape: t, index: len(t.vars), name: name, op: kind, shape: shape, value: value, needs: kind != isData}
	t.vars = append(t.vars, v)
	t.given = append(t.given, v)
	return v
}

// record puts the result of an operation on the tape, with room for its value.
func record[T nd.Float](op string, shape []int, rules []string, from ...*Var) *Var {
	return enter(op, shape, rules, make([]T, nd.Size(shape)), from...)
}

// enter puts the result of an operation on the tape.
func enter(op string, shape []int, rules []string, value any, from ...*Var) *Var {
	t := from[0].tape
	y := &Var{tape: t, index: len(t.vars), op: op, shape: shape, value: value, from: from, rules: rules}
	for _, v := range from {
		v.uses++
		y.needs = y.needs || v.needs
	}
	t.vars = append(t.vars, y)
	return y
}

// isExact reports whether a value is kept in float64.
func (v *Var) isExact() bool {
	_, exact := v.value.([]float64)
	return exact
}

// val returns the value.
func val[T nd.Float](v *Var) nd.Array[T] { return nd.Array[T]{Shape: v.shape, Data: v.value.([]T)} }

// slope returns the gradient, to be added to: zeros the first time.
func slope[T nd.Float](v *Var) nd.Array[T] {
	if v.grad == nil {
		v.grad = make([]T, nd.Size(v.shape))
	}
	return nd.Array[T]{Shape: v.shape, Data: v.grad.([]T)}
}

// seed gives L its gradient with respect to itself.
func seed(L *Var) {
	if L.isExact() {
		slope[float64](L).Data[0] = 1
		return
	}
	slope[float32](L).Data[0] = 1
}

// inSingle returns the value in float32: itself, or a copy that passes its gradient
// back. Tables leave the copy out.
func (v *Var) inSingle() *Var {
	if !v.isExact() {
		return v
	}
	y := record[float32](v.op, v.shape, []string{"{g}"}, v)
	y.name, y.cast = v.label(), true
	nd.Convert(val[float32](y).Data, val[float64](v).Data)
	y.back = func() {
		into := slope[float64](v).Data
		for i, g := range slope[float32](y).Data {
			into[i] += float64(g)
		}
	}
	return y
}

// meet brings operands to one type, float32 unless all are float64.
func meet(op string, vs ...*Var) []*Var {
	together(op, vs...)
	exact := true
	for _, v := range vs {
		exact = exact && v.isExact()
	}
	if exact {
		return vs
	}
	out := make([]*Var, len(vs))
	for i, v := range vs {
		out[i] = v.inSingle()
	}
	return out
}

// together refuses operands that are nil or on different tapes.
func together(op string, vs ...*Var) {
	for i, v := range vs {
		if v == nil {
			panic(&tensor.OpError{Op: "grad." + op, Text: fmt.Sprintf("operand %d is nil", i)})
		}
		if v.tape != vs[0].tape {
			panic(&tensor.OpError{
				Op:   "grad." + op,
				Text: fmt.Sprintf("%s and %s are on different tapes", vs[0].label(), v.label()),
				Fix:  "a tape serves one computation: put the value on this tape with Param or Data",
			})
		}
	}
}

// two calls the form of an operation that the operands' type needs: every
// operation is written once, as a generic function.
func two(op string, a, b *Var, single, double func(op string, a, b *Var) *Var) *Var {
	vs := meet(op, a, b)
	if vs[0].isExact() {
		return double(op, vs[0], vs[1])
	}
	return single(op, vs[0], vs[1])
}

// fail panics with what does not fit.
func fail(op string, bad *nd.Misfit, operands ...*Var) {
	panic(&tensor.OpError{Op: "grad." + op, Text: bad.Text, Got: described(operands), Fix: bad.Fix})
}

func size(shape []int) int { return nd.Size(shape) }

// number returns number i of a value or gradient.
func number(numbers any, i int) float64 {
	if s, single := numbers.([]float32); single {
		return float64(s[i])
	}
	return numbers.([]float64)[i]
}

// asTensor returns numbers as a tensor, which shares them where they are float32.
func asTensor(shape []int, numbers any) *tensor.Tensor {
	data, single := numbers.([]float32)
	if !single {
		wide := numbers.([]float64)
		data = make([]float32, len(wide))
		nd.Convert(data, wide)
	}
	return &tensor.Tensor{Shape: append([]int{}, shape...), Data: data}
}
