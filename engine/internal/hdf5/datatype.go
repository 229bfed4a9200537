// This file reads types of elements.

package hdf5

import (
	"encoding/binary"
	"errors"
	"fmt"

	"cajal/engine/internal/scalar"
)

// A datatype is the type of an element: a number, or text.
type datatype struct {
	size  int
	num   scalar.Type // Invalid for text
	order binary.ByteOrder
	vlen  bool // text that lies in a heap, of which an element has the place
	pad   byte // what fills text of fixed length
}

// datatype reads the message of a type.
func (m *message) datatype(f *File) (datatype, error) {
	if m.shared {
		return datatype{}, errors.New("its type is one that the file has named, which is not read here")
	}
	return f.parseType(m.data)
}

func (f *File) parseType(b []byte) (datatype, error) {
	r := &reader{f: f, b: b}
	class := r.u8() & 15
	flags := r.uint(3)
	d := datatype{size: int(r.u32()), order: binary.LittleEndian}
	if r.err != nil {
		return d, r.err
	}
	if d.size < 1 || d.size > 1<<30 {
		return d, fmt.Errorf("its elements have %d bytes", d.size)
	}
	if flags&1 != 0 && class <= 1 {
		d.order = binary.BigEndian
	}
	switch class {
	case 0: // whole numbers
		types := map[int][2]scalar.Type{
			1: {scalar.Uint8, scalar.Int8}, 2: {scalar.Uint16, scalar.Int16}, 4: {scalar.Uint32, scalar.Int32}, 8: {scalar.Uint64, scalar.Int64},
		}
		d.num = types[d.size][flags>>3&1]
		offset, precision := r.u16(), int(r.u16())
		if r.err != nil || offset != 0 || precision != 8*d.size {
			return d, fmt.Errorf("its elements are integers of %d bits in %d bytes", precision, d.size)
		}
	case 1: // floats: known by size and bits of the exponent
		r.skip(4)
		r.skip(1)
		exponent := r.u8()
		switch {
		case d.size == 2 && exponent == 5:
			d.num = scalar.Float16
		case d.size == 2 && exponent == 8:
			d.num = scalar.BFloat16
		case d.size == 4 && exponent == 8:
			d.num = scalar.Float32
		case d.size == 8 && exponent == 11:
			d.num = scalar.Float64
		}
		if r.err != nil || flags&0x40 != 0 {
			d.num = scalar.Invalid
		}
	case 3: // text of fixed length
		d.pad = byte(flags & 15)
		return d, nil
	case 8: // names for whole numbers, as h5py has them for bool
		base, err := f.parseType(r.b[r.at:])
		if err != nil || base.size != d.size {
			return d, errors.New("its elements are names for numbers of a type that is not read")
		}
		return base, nil
	case 9:
		if flags&15 != 1 || d.size != 4+f.offset+4 {
			return d, errors.New("its elements are lists of different lengths, which are not read")
		}
		d.vlen = true
		return d, nil
	}
	if d.num == scalar.Invalid {
		return d, fmt.Errorf("its elements have a type (class %d, %d bytes) that is not read: numbers of 8 to 64 bits and text are", class, d.size)
	}
	return d, nil
}

// dataspace reads the shape; none is a single element, and null says that there
// are no elements at all.
func (m *message) dataspace(f *File) (shape []int, null bool, err error) {
	r := m.reader(f)
	version := r.u8()
	rank, flags := int(r.u8()), r.u8()
	switch version {
	case 1:
		r.skip(5)
	case 2:
		null = r.u8() == 2
	default:
		if r.err == nil {
			return nil, false, fmt.Errorf("its shape has version %d, but only 1 and 2 are known", version)
		}
	}
	_ = flags // tells whether largest dimensions follow, which do not matter here
	if rank > 32 {
		return nil, false, fmt.Errorf("it has %d dimensions, more than HDF5 allows", rank)
	}
	shape = make([]int, rank)
	for i := range shape {
		n := r.len()
		if n > 1<<40 {
			return nil, false, fmt.Errorf("dimension %d is %d", i, n)
		}
		shape[i] = int(n)
	}
	return shape, null, r.err
}
