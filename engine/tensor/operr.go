// This file defines OpError, what operations panic with, and Catch.

package tensor

import (
	"fmt"
	"slices"
	"strings"

	"cajal/engine/internal/nd"
)

// An OpError says why an operation cannot be done with the operands it was given:
// shapes that do not fit, an axis or index that is not there, a label out of
// range. Operations of this package and of engine/grad panic with it, for the
// reason that the package comment gives.
type OpError struct {
	Op   string // such as "tensor.MatMul"
	Text string // what is wrong
	Got  string // the operands' shapes, "" where they do not matter
	Fix  string // how to mend it, "" where that cannot be told
}

// Error writes the mistake in up to three lines.
func (e *OpError) Error() string {
	var b strings.Builder
	b.WriteString(e.Op + ": " + e.Text)
	for _, l := range [][2]string{{"got", e.Got}, {"fix", e.Fix}} {
		if l[1] != "" {
			fmt.Fprintf(&b, "\n      %-10s %s", l[0], l[1])
		}
	}
	return b.String()
}

// Catch calls f and returns the *OpError that an operation in it panicked with,
// or nil. Other panics go on.
func Catch(f func()) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *OpError:
			err = e
		default:
			panic(e)
		}
	}()
	f()
	return nil
}

// fail panics with an OpError for operands of an operation of this package.
func fail(op string, bad *nd.Misfit, operands ...*Tensor) {
	shapes := make([]string, len(operands))
	for i, t := range operands {
		shapes[i] = fmt.Sprint(t.Shape)
	}
	panic(&OpError{Op: "tensor." + op, Text: bad.Text, Fix: bad.Fix, Got: strings.Join(shapes, " and ")})
}

// array returns t for a routine of nd. It panics when t has not the values that
// its shape says, since the routines rely on that; an empty tensor without
// dimensions is given one.
func (t *Tensor) array(op string) nd.Array[float32] {
	if t == nil {
		panic(&OpError{Op: "tensor." + op, Text: "an operand is nil"})
	}
	if err := t.Check(); err != nil {
		fail(op, &nd.Misfit{Text: fmt.Sprintf("an operand's shape does not go with its %d values", len(t.Data))}, t)
	}
	if len(t.Shape) == 0 && len(t.Data) == 0 {
		return nd.Array[float32]{Shape: []int{0}}
	}
	return nd.Array[float32]{Shape: t.Shape, Data: t.Data}
}

// wrap makes a tensor of a routine's result. The shape may be an operand's.
func wrap(a nd.Array[float32]) *Tensor {
	return &Tensor{Shape: slices.Clone(a.Shape), Data: a.Data}
}
