// This file is the whole method: the tape, what stands on it, and the way back.

package grad

import (
	"fmt"
	"slices"
	"strings"

	"cajal/engine/tensor"
)

// A Tape is a list of values in the order in which they came about. Inputs are
// put on it by Var, Param and Data; every operation on them adds its result. A
// tape serves one computation: a training makes a new one for every step. It must
// be used by one goroutine at a time.
type Tape struct {
	vars  []*Var
	root  *Var   // what Backward began with, nil before
	exact bool   // everything in float64
	shift *nudge // what Check changes
	given []*Var // inputs, in order
}

// A Var is a value on a tape, a number or a tensor: an input, or the result of an
// operation. After [Tape.Backward] it has a gradient as well, which says how much
// L grows for every unit that the value grows.
type Var struct {
	tape  *Tape
	index int    // place on the tape
	name  string // "" if none was given
	op    string // what made it
	shape []int
	value any // []float32 or []float64
	grad  any // the same, nil as long as nothing has come in

	from  []*Var   // operands
	back  func()   // adds to the operands' gradients what this one's is worth to them
	rules []string // the same in words, one an operand; see show.go
	needs bool     // a Var or a Param is among the inputs that led here
	cast  bool     // the same value as its operand, in float32
	uses  int      // operations that take it, but for losses that compare with it
	truth bool     // a loss compares with it
}

// What made an input.
const (
	isVar   = "Var"
	isParam = "Param"
	isData  = "Data"
)

// NewTape returns an empty tape.
func NewTape() *Tape { return new(Tape) }

// Var puts a number on the tape that takes a gradient. It is kept in float64. A
// number that is only ever compared with, as the truth in a loss, is data and
// takes none.
func (t *Tape) Var(name string, v float64) *Var {
	return t.input(isVar, name, []int{}, []float64{v})
}

// Param puts a tensor on the tape that takes a gradient: weights, usually. The
// values are shared: they must not change before Backward has run, and may change
// afterwards.
func (t *Tape) Param(name string, v *tensor.Tensor) *Var { return t.tensor(isParam, name, v) }

// Data puts a tensor on the tape that takes no gradient: examples, usually. The
// values are shared.
func (t *Tape) Data(name string, v *tensor.Tensor) *Var { return t.tensor(isData, name, v) }

func (t *Tape) tensor(kind, name string, v *tensor.Tensor) *Var {
	if v == nil {
		panic(&tensor.OpError{Op: "grad." + kind, Text: fmt.Sprintf("the tensor for %q is nil", name)})
	}
	if err := v.Check(); err != nil {
		panic(&tensor.OpError{Op: "grad." + kind, Text: fmt.Sprintf("%s: its shape does not go with its %d values", name, len(v.Data)), Got: fmt.Sprint(v.Shape)})
	}
	shape := v.Shape
	if len(shape) == 0 && len(v.Data) == 0 {
		shape = []int{0}
	}
	return t.input(kind, name, slices.Clone(shape), v.Data)
}

// Backward finds the gradient of L, a single number, with respect to everything
// on the tape that it depends on. This is the chain rule: L's gradient with
// respect to itself is 1; then, from the last step to the first, every value
// passes its gradient on to its operands, each multiplied with how much the value
// changes with that operand. A value that was used twice gets the sum. When it is
// a value's turn, everything that came after it has been dealt with, so its
// gradient is complete.
//
// It may be called again, also with another L: gradients begin anew.
func (t *Tape) Backward(L *Var) {
	t.checkRoot(L)
	for _, v := range t.vars {
		v.grad = nil
	}
	t.root = L
	seed(L)
	for i := L.index; i >= 0; i-- {
		if v := t.vars[i]; v.grad != nil && v.back != nil {
			v.back()
		}
	}
}

// BackwardFrom is Backward for the sum of v's numbers, each times that of g, a tensor
// of v's shape: it finds what g, as the gradient of v, is worth to everything that v
// depends on. With a 1 in one place it is the gradient of that number.
func (t *Tape) BackwardFrom(v *Var, g *tensor.Tensor) *Var {
	together("BackwardFrom", v)
	if g == nil || !slices.Equal(g.Shape, v.shape) {
		got := "nil"
		if g != nil {
			got = fmt.Sprint(g.Shape)
		}
		panic(&tensor.OpError{Op: "grad.BackwardFrom", Text: fmt.Sprintf("the gradient of %s must have its shape, %v", v.label(), v.shape), Got: got})
	}
	L := v.Mul(t.Data("weight", g)).Sum()
	t.Backward(L)
	return L
}

func (t *Tape) checkRoot(L *Var) {
	bad := tensor.OpError{Op: "grad.Backward"}
	switch {
	case L == nil:
		bad.Text = "L is nil"
	case L.tape != t:
		bad.Text, bad.Fix = L.label()+" is on another tape", "call Backward of the tape that its inputs were put on"
	case size(L.shape) != 1:
		bad.Text, bad.Got = fmt.Sprintf("L must be a single number, but %s has %d", L.label(), size(L.shape)), fmt.Sprint(L.shape)
		bad.Fix = "Sum() or Mean() makes one of them"
	case !L.needs:
		bad.Text = L.label() + " depends on nothing that takes a gradient"
		bad.Fix = "t.Var and t.Param make inputs that take one; t.Data does not"
	default:
		return
	}
	panic(&bad)
}

// Name returns the name, "" when none was given.
func (v *Var) Name() string { return v.name }

// Named gives the value a name, for tables and messages, and returns it.
func (v *Var) Named(name string) *Var {
	v.name = name
	return v
}

// Tape returns the tape that the value is on.
func (v *Var) Tape() *Tape { return v.tape }

// Shape returns the shape: empty for a number.
func (v *Var) Shape() []int { return slices.Clone(v.shape) }

// Value returns the value as a tensor. The numbers may be shared with the tape:
// they must not be changed before Backward has run.
func (v *Var) Value() *tensor.Tensor { return asTensor(v.shape, v.value) }

// Grad returns the gradient that the last Backward found: a tensor of the value's
// shape, of zeros when L does not depend on it, and nil when it takes none. The
// numbers are the caller's until the next Backward.
func (v *Var) Grad() *tensor.Tensor {
	v.wantBackward("Grad")
	if !v.takes() {
		return nil
	}
	if v.grad == nil {
		return asTensor(v.shape, make([]float32, size(v.shape)))
	}
	return asTensor(v.shape, v.grad)
}

// Item returns a value of size 1 as a number.
func (v *Var) Item() float64 { return v.single("Item", v.value) }

// GradItem returns the gradient of a value of size 1 as a number, 0 when it takes
// none.
func (v *Var) GradItem() float64 {
	v.wantBackward("GradItem")
	if v.grad == nil {
		return 0
	}
	return v.single("GradItem", v.grad)
}

func (v *Var) wantBackward(op string) {
	if v.tape.root == nil {
		panic(&tensor.OpError{Op: "grad." + op, Text: "there are no gradients yet: Backward has not run on this tape", Fix: "t.Backward(L), where L is the number to be made small"})
	}
}

func (v *Var) single(op string, numbers any) float64 {
	if n := size(v.shape); n != 1 {
		panic(&tensor.OpError{Op: "grad." + op, Text: fmt.Sprintf("%s has %d values, not 1", v.label(), n), Got: fmt.Sprint(v.shape), Fix: "Value and Grad return tensors"})
	}
	return number(numbers, 0)
}

// takes reports whether a gradient is wanted: a number that is only compared with
// is data.
func (v *Var) takes() bool {
	if v.cast {
		return v.from[0].takes()
	}
	return v.needs && !(v.op == isVar && v.truth && v.uses == 0)
}

// asTruth takes back that the last operation was a use: it is a comparison.
func (v *Var) asTruth() {
	v.uses--
	if v.cast {
		v = v.from[0]
		v.uses--
	}
	v.truth = true
}

// label names a value in messages and tables.
func (v *Var) label() string {
	if v.name != "" {
		return v.name
	}
	return fmt.Sprintf("v%d", v.index)
}

// described is the label with the shape.
func (v *Var) described() string { return fmt.Sprintf("%s %v", v.label(), v.shape) }

func described(vs []*Var) string {
	parts := make([]string, len(vs))
	for i, v := range vs {
		parts[i] = v.described()
	}
	return strings.Join(parts, " and ")
}
