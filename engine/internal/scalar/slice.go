// This file goes between bytes and slices of the type they have.

package scalar

import (
	"encoding/binary"
	"math"
)

// Slice decodes b into a slice of the type: []int16 for Int16, []bool for Bool, and
// so on; the two types of 16-bit floats come as []float32.
func (t Type) Slice(b []byte, order binary.ByteOrder) any {
	n := len(b) / t.Size()
	switch t {
	case Bool:
		return each(n, func(i int) bool { return b[i] != 0 })
	case Int8:
		return each(n, func(i int) int8 { return int8(b[i]) })
	case Uint8:
		return append(make([]uint8, 0, n), b...)
	case Int16:
		return each(n, func(i int) int16 { return int16(order.Uint16(b[2*i:])) })
	case Uint16:
		return each(n, func(i int) uint16 { return order.Uint16(b[2*i:]) })
	case Int32:
		return each(n, func(i int) int32 { return int32(order.Uint32(b[4*i:])) })
	case Uint32:
		return each(n, func(i int) uint32 { return order.Uint32(b[4*i:]) })
	case Int64:
		return each(n, func(i int) int64 { return int64(order.Uint64(b[8*i:])) })
	case Uint64:
		return each(n, func(i int) uint64 { return order.Uint64(b[8*i:]) })
	case Float64:
		return each(n, func(i int) float64 { return math.Float64frombits(order.Uint64(b[8*i:])) })
	}
	return t.Float32s(b, order)
}

func each[T any](n int, at func(int) T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = at(i)
	}
	return out
}

// Of returns the type of the elements of a slice, Invalid when it is none of
// numbers, and their number.
func Of(slice any) (t Type, n int) {
	switch s := slice.(type) {
	case []bool:
		return Bool, len(s)
	case []int8:
		return Int8, len(s)
	case []int16:
		return Int16, len(s)
	case []int32:
		return Int32, len(s)
	case []int64:
		return Int64, len(s)
	case []int:
		return Int64, len(s)
	case []uint8:
		return Uint8, len(s)
	case []uint16:
		return Uint16, len(s)
	case []uint32:
		return Uint32, len(s)
	case []uint64:
		return Uint64, len(s)
	case []float32:
		return Float32, len(s)
	case []float64:
		return Float64, len(s)
	}
	return Invalid, 0
}

// Append encodes a slice that Of knows behind b, the lowest byte first.
func Append(b []byte, slice any) []byte {
	le := binary.LittleEndian
	switch s := slice.(type) {
	case []bool:
		for _, v := range s {
			if v {
				b = append(b, 1)
			} else {
				b = append(b, 0)
			}
		}
	case []int8:
		for _, v := range s {
			b = append(b, byte(v))
		}
	case []int16:
		for _, v := range s {
			b = le.AppendUint16(b, uint16(v))
		}
	case []int32:
		for _, v := range s {
			b = le.AppendUint32(b, uint32(v))
		}
	case []int64:
		for _, v := range s {
			b = le.AppendUint64(b, uint64(v))
		}
	case []int:
		for _, v := range s {
			b = le.AppendUint64(b, uint64(v))
		}
	case []uint8:
		return append(b, s...)
	case []uint16:
		for _, v := range s {
			b = le.AppendUint16(b, v)
		}
	case []uint32:
		for _, v := range s {
			b = le.AppendUint32(b, v)
		}
	case []uint64:
		for _, v := range s {
			b = le.AppendUint64(b, v)
		}
	case []float32:
		for _, v := range s {
			b = le.AppendUint32(b, math.Float32bits(v))
		}
	case []float64:
		for _, v := range s {
			b = le.AppendUint64(b, math.Float64bits(v))
		}
	}
	return b
}

// Count returns the product of a shape, and false when a dimension is negative or
// the numbers would take more than limit bytes.
func (t Type) Count(shape []int, limit int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d < 0 {
			return 0, false
		}
		if d > 0 && n > limit/t.Size()/d {
			// Another dimension may still be 0, and then there is nothing at all.
			n = limit/t.Size() + 1
			continue
		}
		n *= d
	}
	return n, n <= limit/t.Size()
}
