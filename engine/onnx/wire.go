// This file writes and reads the wire format of protocol buffers, as far as ONNX uses
// it: numbers of variable length, of four and of eight bytes, and bytes.
// (Source: the page "Encoding" of the documentation of protocol buffers.)

package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Wire types.
const (
	wireVarint = 0
	wireFixed8 = 1
	wireBytes  = 2
	wireFixed4 = 5
)

// A message is one that is being written.
type message struct{ b []byte }

func (m *message) tag(field, wire int) { m.b = binary.AppendUvarint(m.b, uint64(field<<3|wire)) }

func (m *message) int(field int, v int64) {
	m.tag(field, wireVarint)
	m.b = binary.AppendUvarint(m.b, uint64(v))
}

func (m *message) float(field int, v float32) {
	m.tag(field, wireFixed4)
	m.b = binary.LittleEndian.AppendUint32(m.b, math.Float32bits(v))
}

func (m *message) bytes(field int, v []byte) {
	m.tag(field, wireBytes)
	m.b = binary.AppendUvarint(m.b, uint64(len(v)))
	m.b = append(m.b, v...)
}

func (m *message) text(field int, v string) {
	if v != "" {
		m.bytes(field, []byte(v))
	}
}

func (m *message) message(field int, v *message) { m.bytes(field, v.b) }

// A field is one that was read: v of a number, b of bytes.
type field struct {
	number int
	wire   int
	v      uint64
	b      []byte
}

var errCut = errors.New("ends inside a field")

// fields calls f with every field of a message, until f fails.
func fields(b []byte, f func(field) error) error {
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return errCut
		}
		b = b[n:]
		e := field{number: int(key >> 3), wire: int(key & 7)}
		if key>>3 == 0 || key>>3 > 1<<29-1 {
			return fmt.Errorf("has a field of number %d", key>>3)
		}
		switch e.wire {
		case wireVarint:
			if e.v, n = binary.Uvarint(b); n <= 0 {
				return errCut
			}
		case wireFixed4:
			if n = 4; len(b) < n {
				return errCut
			}
			e.v = uint64(binary.LittleEndian.Uint32(b))
		case wireFixed8:
			if n = 8; len(b) < n {
				return errCut
			}
			e.v = binary.LittleEndian.Uint64(b)
		case wireBytes:
			size, k := binary.Uvarint(b)
			if k <= 0 || size > uint64(len(b)-k) {
				return errCut
			}
			n = k + int(size)
			e.b = b[k:n:n]
		default:
			return fmt.Errorf("has a field of wire type %d, which is not known", e.wire)
		}
		b = b[n:]
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// text returns the field as text.
func (e field) text() string { return string(e.b) }

// float returns the field as a float of four bytes.
func (e field) float() float32 { return math.Float32frombits(uint32(e.v)) }

// ints appends the numbers of a repeated field, which come one by one or packed.
func (e field) ints(to []int64) ([]int64, error) {
	if e.wire != wireBytes {
		return append(to, int64(e.v)), nil
	}
	for b := e.b; len(b) > 0; {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errCut
		}
		to, b = append(to, int64(v)), b[n:]
	}
	return to, nil
}

// fixed appends the bytes of a repeated field of numbers of a fixed size.
func (e field) fixed(to []byte, size int) ([]byte, error) {
	if e.wire == wireBytes {
		if len(e.b)%size != 0 {
			return nil, errCut
		}
		return append(to, e.b...), nil
	}
	for i := range size {
		to = append(to, byte(e.v>>(8*i)))
	}
	return to, nil
}
