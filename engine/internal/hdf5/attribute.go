// This file reads attributes, and text wherever it lies.

package hdf5

import (
	"bytes"
	"errors"
	"fmt"

	"cajal/engine/internal/scalar"
)

// Attribute returns the text of an attribute of a group: one string, or as many as
// its shape has. It fails when there is none of that name, or when it is not text.
func (g *Group) Attribute(name string) ([]string, error) {
	out, err := g.f.attribute(g.h, name)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %s: attribute %q: %w", g.path, name, err)
	}
	return out, nil
}

// ErrNoAttribute is the error for an attribute that is not there.
var ErrNoAttribute = errors.New("is not there")

func (f *File) attribute(h *objectHeader, name string) ([]string, error) {
	for _, m := range h.messages {
		switch {
		case m.typ == msgAttribute && m.shared:
			return nil, errors.New("is shared between objects, which is not read here")
		case m.typ == msgAttribute:
			a, err := f.attributeMessage(m.data)
			if err != nil {
				return nil, err
			}
			if a.name == name {
				return a.text(f)
			}
		case m.typ == msgAttributeInfo:
			r := m.reader(f)
			r.skip(1)
			if r.u8()&1 != 0 {
				r.skip(2)
			}
			heap, tree := r.addr(), r.addr()
			if r.err != nil {
				return nil, r.err
			}
			if heap == undefined {
				continue
			}
			var found *attribute
			// Of a record, the place in the heap comes first.
			err := f.dense(heap, tree, 0, func(b []byte) error {
				a, err := f.attributeMessage(b)
				if err == nil && a.name == name {
					found = a
				}
				return err
			})
			if err != nil {
				return nil, err
			}
			if found != nil {
				return found.text(f)
			}
		}
	}
	return nil, ErrNoAttribute
}

type attribute struct {
	name       string
	typ, space []byte
	flags      uint8
	data       []byte
}

func (f *File) attributeMessage(b []byte) (*attribute, error) {
	r := &reader{f: f, b: b}
	version := r.u8()
	a := &attribute{flags: r.u8()}
	name, typ, space := int(r.u16()), int(r.u16()), int(r.u16())
	if version == 3 {
		r.skip(1)
	}
	part := func(n int) []byte {
		b := r.take(n)
		if version == 1 && n%8 != 0 {
			r.skip(8 - n%8)
		}
		return b
	}
	switch version {
	case 1, 2, 3:
	default:
		if r.err == nil {
			return nil, fmt.Errorf("has version %d, but only 1 to 3 are known", version)
		}
	}
	text, _, _ := bytes.Cut(part(name), []byte{0})
	a.name, a.typ, a.space = string(text), part(typ), part(space)
	if r.err != nil {
		return nil, r.err
	}
	if version == 1 {
		a.flags = 0 // reserved there
	}
	a.data = r.b[r.at:]
	return a, nil
}

func (a *attribute) text(f *File) ([]string, error) {
	if a.flags&3 != 0 {
		return nil, errors.New("has a type or shape that the file keeps elsewhere, which is not read here")
	}
	typ, err := f.parseType(a.typ)
	if err != nil {
		return nil, err
	}
	if typ.num != scalar.Invalid {
		return nil, errors.New("is a number, not text")
	}
	shape, null, err := (&message{data: a.space}).dataspace(f)
	if err != nil || null {
		return nil, err
	}
	n, ok := f.elements(shape, typ.size)
	if !ok || n*typ.size > len(a.data) {
		return nil, fmt.Errorf("has %d bytes, too few for shape %v", len(a.data), shape)
	}
	return f.text(a.data[:n*typ.size], typ)
}

// text reads strings of a type, one after the other.
func (f *File) text(b []byte, typ datatype) ([]string, error) {
	out := make([]string, 0, len(b)/typ.size)
	total := 0
	for ; len(b) >= typ.size; b = b[typ.size:] {
		s := b[:typ.size]
		switch {
		case typ.vlen:
			var err error
			if s, err = f.heapObject(s); err != nil {
				return nil, err
			}
		case typ.pad == 2:
			s = bytes.TrimRight(s, " ")
		default:
			s, _, _ = bytes.Cut(s, []byte{0})
		}
		if total += len(s); total > f.limit() {
			return nil, errors.New("hdf5: the text is much longer than the file")
		}
		out = append(out, string(s))
	}
	return out, nil
}

// heapObject returns what an element of variable length names: its length, the
// address of a global heap, and a number there.
func (f *File) heapObject(elem []byte) ([]byte, error) {
	e := &reader{f: f, b: elem}
	size, addr, index := int(e.u32()), e.addr(), e.u32()
	if size == 0 || addr == 0 {
		return nil, nil
	}
	r := f.reader(addr)
	r.want("GCOL")
	r.skip(4)
	end := r.at - 8 + r.size(f.length)
	for r.err == nil && r.at+8+f.length <= end {
		id := r.u16()
		r.skip(6)
		n := r.size(f.length)
		if id == 0 {
			break // what is free
		}
		b := r.take(n)
		if r.err != nil {
			break
		}
		if uint32(id) == index {
			if size > n {
				return nil, fmt.Errorf("hdf5: text of %d bytes is kept in %d", size, n)
			}
			return b[:size], nil
		}
		r.skip(min((8-n%8)%8, len(r.b)-r.at))
	}
	if r.err != nil {
		return nil, fmt.Errorf("hdf5: global heap: %w", r.err)
	}
	return nil, fmt.Errorf("hdf5: the global heap at %#x has no object %d", addr, index)
}
