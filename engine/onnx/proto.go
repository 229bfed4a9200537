// This file has the messages of ONNX that are used here. Numbers of fields are those
// of onnx.proto in github.com/onnx/onnx.

package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"

	"cajal/engine/internal/scalar"
)

// model is a ModelProto.
type model struct {
	ir       int64
	opset    int64 // of the operators of ONNX itself
	producer string
	graph    graph
}

// graph is a GraphProto.
type graph struct {
	name         string
	nodes        []*node
	initializers []*constant
	inputs       []value
	outputs      []value
}

// node is a NodeProto.
type node struct {
	name    string
	op      string
	domain  string
	inputs  []string
	outputs []string
	attrs   []attribute
}

// attribute is an AttributeProto of one of the types that operators here have.
type attribute struct {
	name    string
	typ     int64
	f       float32
	i       int64
	s       []byte
	t       *constant
	floats  []byte // four bytes each
	ints    []int64
	strings [][]byte
	more    bool // has what is not read here, such as graphs
}

// Types of attributes.
const (
	attrFloat   = 1
	attrInt     = 2
	attrString  = 3
	attrTensor  = 4
	attrInts    = 7
	attrStrings = 8
)

// constant is a TensorProto. data has its numbers, the lowest byte first.
type constant struct {
	name string
	dims []int
	typ  scalar.Type
	data []byte
}

// value is a ValueInfoProto of a tensor. A dimension of -1 is not fixed.
type value struct {
	name string
	elem int64
	dims []int
}

// Types of elements, by their numbers.
var elemTypes = map[int64]scalar.Type{
	1: scalar.Float32, 2: scalar.Uint8, 3: scalar.Int8, 4: scalar.Uint16, 5: scalar.Int16, 6: scalar.Int32, 7: scalar.Int64,
	9: scalar.Bool, 10: scalar.Float16, 11: scalar.Float64, 12: scalar.Uint32, 13: scalar.Uint64, 16: scalar.BFloat16,
}

const (
	elemFloat = 1
	elemInt32 = 6
	elemInt64 = 7
)

// encode writes a ModelProto.
func (m *model) encode() []byte {
	var out message
	out.int(1, m.ir)
	out.text(2, m.producer)
	out.message(7, m.graph.encode())
	var opset message
	opset.int(2, m.opset)
	out.message(8, &opset)
	return out.b
}

func (g *graph) encode() *message {
	var out message
	for _, n := range g.nodes {
		out.message(1, n.encode())
	}
	out.text(2, g.name)
	for _, c := range g.initializers {
		out.message(5, c.encode())
	}
	for _, v := range g.inputs {
		out.message(11, v.encode())
	}
	for _, v := range g.outputs {
		out.message(12, v.encode())
	}
	return &out
}

func (n *node) encode() *message {
	var out message
	for _, s := range n.inputs {
		out.bytes(1, []byte(s))
	}
	for _, s := range n.outputs {
		out.bytes(2, []byte(s))
	}
	out.text(3, n.name)
	out.text(4, n.op)
	for _, a := range n.attrs {
		var m message
		m.text(1, a.name)
		switch a.typ {
		case attrFloat:
			m.float(2, a.f)
		case attrInt:
			m.int(3, a.i)
		case attrString:
			m.bytes(4, a.s)
		case attrInts:
			for _, v := range a.ints {
				m.int(8, v)
			}
		case attrStrings:
			for _, s := range a.strings {
				m.bytes(9, s)
			}
		}
		m.int(20, a.typ)
		out.message(5, &m)
	}
	out.text(7, n.domain)
	return &out
}

func (c *constant) encode() *message {
	var out message
	for _, d := range c.dims {
		out.int(1, int64(d))
	}
	for number, t := range elemTypes {
		if t == c.typ {
			out.int(2, number)
		}
	}
	out.text(8, c.name)
	out.bytes(9, c.data)
	return &out
}

func (v *value) encode() *message {
	var shape message
	for _, d := range v.dims {
		var dim message
		if d < 0 {
			dim.text(2, "batch")
		} else {
			dim.int(1, int64(d))
		}
		shape.message(1, &dim)
	}
	var tensor, typ, out message
	tensor.int(1, v.elem)
	tensor.message(2, &shape)
	typ.message(1, &tensor)
	out.text(1, v.name)
	out.message(2, &typ)
	return &out
}

// decodeModel reads a ModelProto.
func decodeModel(b []byte) (*model, error) {
	m := &model{}
	found := false
	err := fields(b, func(e field) (err error) {
		switch {
		case e.number == 1:
			m.ir = int64(e.v)
		case e.number == 2:
			m.producer = e.text()
		case e.number == 7 && e.wire == wireBytes:
			found = true
			err = m.graph.decode(e.b)
		case e.number == 8:
			var domain string
			version := int64(0)
			err = fields(e.b, func(e field) error {
				switch e.number {
				case 1:
					domain = e.text()
				case 2:
					version = int64(e.v)
				}
				return nil
			})
			if domain == "" || domain == "ai.onnx" {
				m.opset = version
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errors.New("has no graph")
	}
	return m, nil
}

func (g *graph) decode(b []byte) error {
	return fields(b, func(e field) error {
		switch e.number {
		case 1:
			n, err := decodeNode(e.b)
			if err != nil {
				return fmt.Errorf("node %d: %w", len(g.nodes), err)
			}
			g.nodes = append(g.nodes, n)
		case 2:
			g.name = e.text()
		case 5:
			c, err := decodeConstant(e.b)
			if err != nil {
				return fmt.Errorf("initializer %d: %w", len(g.initializers), err)
			}
			g.initializers = append(g.initializers, c)
		case 11, 12:
			v, err := decodeValue(e.b)
			if err != nil {
				return err
			}
			if e.number == 11 {
				g.inputs = append(g.inputs, v)
			} else {
				g.outputs = append(g.outputs, v)
			}
		case 15:
			return errors.New("has sparse tensors, which are not read here")
		}
		return nil
	})
}

func decodeNode(b []byte) (*node, error) {
	n := &node{}
	err := fields(b, func(e field) error {
		switch e.number {
		case 1:
			n.inputs = append(n.inputs, e.text())
		case 2:
			n.outputs = append(n.outputs, e.text())
		case 3:
			n.name = e.text()
		case 4:
			n.op = e.text()
		case 5:
			a, err := decodeAttribute(e.b)
			if err != nil {
				return err
			}
			n.attrs = append(n.attrs, a)
		case 7:
			n.domain = e.text()
		}
		return nil
	})
	return n, err
}

func decodeAttribute(b []byte) (a attribute, err error) {
	err = fields(b, func(e field) (err error) {
		switch e.number {
		case 1:
			a.name = e.text()
		case 2:
			a.f = e.float()
		case 3:
			a.i = int64(e.v)
		case 4:
			a.s = e.b
		case 5:
			a.t, err = decodeConstant(e.b)
		case 7:
			a.floats, err = e.fixed(a.floats, 4)
		case 8:
			a.ints, err = e.ints(a.ints)
		case 9:
			a.strings = append(a.strings, e.b)
		case 20:
			a.typ = int64(e.v)
		case 13:
		default:
			a.more = true
		}
		return err
	})
	if err != nil {
		return a, fmt.Errorf("attribute %q: %w", a.name, err)
	}
	return a, nil
}

// decodeConstant reads a TensorProto. Its numbers are raw bytes, or in one of several
// fields that depend on the type.
func decodeConstant(b []byte) (*constant, error) {
	c := &constant{}
	var dims, ints []int64
	var raw, floats, doubles []byte
	elem, external, hasRaw := int64(0), false, false
	err := fields(b, func(e field) (err error) {
		switch e.number {
		case 1:
			dims, err = e.ints(dims)
		case 2:
			elem = int64(e.v)
		case 4:
			floats, err = e.fixed(floats, 4)
		case 5, 7, 11:
			ints, err = e.ints(ints)
		case 8:
			c.name = e.text()
		case 9:
			raw, hasRaw = e.b, true
		case 10:
			doubles, err = e.fixed(doubles, 8)
		case 14:
			external = e.v == 1
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if external {
		return nil, fmt.Errorf("tensor %q has its numbers in another file, which is not read here: save the model as one file", c.name)
	}
	var ok bool
	if c.typ, ok = elemTypes[elem]; !ok {
		return nil, fmt.Errorf("tensor %q has elements of type %d, which are not read here: numbers of 8 to 64 bits are", c.name, elem)
	}
	switch {
	case hasRaw:
		c.data = raw
	case c.typ == scalar.Float32:
		c.data = floats
	case c.typ == scalar.Float64:
		c.data = doubles
	default:
		for _, v := range ints {
			var e [8]byte
			binary.LittleEndian.PutUint64(e[:], uint64(v))
			c.data = append(c.data, e[:c.typ.Size()]...)
		}
	}
	for _, d := range dims {
		if d < 0 || d > 1<<40 {
			return nil, fmt.Errorf("tensor %q has a dimension of %d", c.name, d)
		}
		c.dims = append(c.dims, int(d))
	}
	if n, ok := c.typ.Count(c.dims, len(c.data)); !ok || n*c.typ.Size() != len(c.data) {
		return nil, fmt.Errorf("tensor %q has %d bytes, which are not shape %v of %v", c.name, len(c.data), c.dims, c.typ)
	}
	return c, nil
}

func decodeValue(b []byte) (v value, err error) {
	tensor := func(b []byte) error {
		return fields(b, func(e field) error {
			switch e.number {
			case 1:
				v.elem = int64(e.v)
			case 2:
				return fields(e.b, func(e field) error {
					d := -1
					err := fields(e.b, func(e field) error {
						if e.number == 1 && e.wire == wireVarint && int64(e.v) >= 0 && int64(e.v) < 1<<40 {
							d = int(e.v)
						}
						return nil
					})
					v.dims = append(v.dims, d)
					return err
				})
			}
			return nil
		})
	}
	err = fields(b, func(e field) error {
		switch e.number {
		case 1:
			v.name = e.text()
		case 2:
			return fields(e.b, func(e field) error {
				if e.number == 1 {
					return tensor(e.b)
				}
				return nil
			})
		}
		return nil
	})
	if err != nil {
		return v, fmt.Errorf("value %q: %w", v.name, err)
	}
	return v, nil
}
