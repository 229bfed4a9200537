// This file has the types of numbers and their decoding.

// Package scalar turns the bytes of numbers, as files of other programs have them,
// into Go slices and back.
//
// It knows no file format, and no type that needs more than its bytes: no strings,
// no complex numbers, nothing smaller than a byte.
package scalar

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A Type is a type of number.
type Type uint8

const (
	Invalid Type = iota
	Bool         // one byte, 0 or not
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Float16  // IEEE 754 half precision
	BFloat16 // the upper half of a Float32
	Float32
	Float64
)

var types = [...]struct {
	name string
	size int
}{
	{"invalid", 0},
	{"bool", 1},
	{"int8", 1},
	{"int16", 2},
	{"int32", 4},
	{"int64", 8},
	{"uint8", 1},
	{"uint16", 2},
	{"uint32", 4},
	{"uint64", 8},
	{"float16", 2},
	{"bfloat16", 2},
	{"float32", 4},
	{"float64", 8},
}

// String returns the name, such as "float32".
func (t Type) String() string { return types[t].name }

// Size returns the number of bytes a number takes.
func (t Type) Size() int { return types[t].size }

// Whole reports whether the type has whole numbers only.
func (t Type) Whole() bool { return t >= Bool && t <= Uint64 }

// Float32s decodes b, whose length is a multiple of the size. What float32 cannot
// hold is rounded.
func (t Type) Float32s(b []byte, order binary.ByteOrder) []float32 {
	out := make([]float32, len(b)/t.Size())
	switch t {
	case Bool:
		for i, v := range b {
			out[i] = float32(min(v, 1))
		}
	case Int8:
		for i, v := range b {
			out[i] = float32(int8(v))
		}
	case Uint8:
		for i, v := range b {
			out[i] = float32(v)
		}
	case Int16:
		for i := range out {
			out[i] = float32(int16(order.Uint16(b[2*i:])))
		}
	case Uint16:
		for i := range out {
			out[i] = float32(order.Uint16(b[2*i:]))
		}
	case Int32:
		for i := range out {
			out[i] = float32(int32(order.Uint32(b[4*i:])))
		}
	case Uint32:
		for i := range out {
			out[i] = float32(order.Uint32(b[4*i:]))
		}
	case Int64:
		for i := range out {
			out[i] = float32(int64(order.Uint64(b[8*i:])))
		}
	case Uint64:
		for i := range out {
			out[i] = float32(order.Uint64(b[8*i:]))
		}
	case Float16:
		for i := range out {
			out[i] = half(order.Uint16(b[2*i:]))
		}
	case BFloat16:
		for i := range out {
			out[i] = math.Float32frombits(uint32(order.Uint16(b[2*i:])) << 16)
		}
	case Float32:
		for i := range out {
			out[i] = math.Float32frombits(order.Uint32(b[4*i:]))
		}
	case Float64:
		for i := range out {
			out[i] = float32(math.Float64frombits(order.Uint64(b[8*i:])))
		}
	}
	return out
}

// Int64s decodes b. It fails when a number is not whole or beyond int64.
func (t Type) Int64s(b []byte, order binary.ByteOrder) ([]int64, error) {
	out := make([]int64, len(b)/t.Size())
	for i := range out {
		e := b[i*t.Size():]
		switch t {
		case Bool:
			out[i] = int64(min(e[0], 1))
		case Int8:
			out[i] = int64(int8(e[0]))
		case Uint8:
			out[i] = int64(e[0])
		case Int16:
			out[i] = int64(int16(order.Uint16(e)))
		case Uint16:
			out[i] = int64(order.Uint16(e))
		case Int32:
			out[i] = int64(int32(order.Uint32(e)))
		case Uint32:
			out[i] = int64(order.Uint32(e))
		case Int64:
			out[i] = int64(order.Uint64(e))
		case Uint64:
			v := order.Uint64(e)
			if v > math.MaxInt64 {
				return nil, fmt.Errorf("number %d is %d, more than an int64 can hold", i, v)
			}
			out[i] = int64(v)
		default:
			var v float64
			if t == Float64 {
				v = math.Float64frombits(order.Uint64(e))
			} else {
				v = float64(t.Float32s(e[:t.Size()], order)[0])
			}
			if v != math.Trunc(v) || math.Abs(v) >= 1<<63 {
				return nil, fmt.Errorf("number %d is %v, but must be whole", i, v)
			}
			out[i] = int64(v)
		}
	}
	return out, nil
}

// half widens a number of half precision: a sign, 5 bits of exponent, 10 of
// fraction.
func half(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exp {
	case 0:
		f := float32(frac) * (1.0 / (1 << 24)) // 0 or subnormal, exact in float32
		return math.Float32frombits(math.Float32bits(f) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}
