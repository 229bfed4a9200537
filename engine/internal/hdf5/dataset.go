// This file reads datasets.

package hdf5

import (
	"errors"
	"fmt"
	"slices"

	"cajal/engine/internal/scalar"
)

// A Dataset is an array of numbers or of text.
type Dataset struct {
	Shape []int // empty for a single element
	f     *File
	h     *objectHeader
	typ   datatype
	count int
}

// dataset reads the header of a dataset.
func (f *File) dataset(addr uint64) (*Dataset, error) {
	h, err := f.header(addr)
	if err != nil {
		return nil, err
	}
	space, typ := h.find(msgDataspace), h.find(msgDatatype)
	if space == nil || typ == nil || !h.has(msgLayout) {
		return nil, errors.New("is a group, not a dataset")
	}
	d := &Dataset{f: f, h: h}
	if d.typ, err = typ.datatype(f); err != nil {
		return nil, err
	}
	if space.shared {
		return nil, errors.New("its shape is kept elsewhere, which is not read here")
	}
	var null bool
	if d.Shape, null, err = space.dataspace(f); err != nil {
		return nil, err
	}
	if null {
		d.Shape = []int{0}
	}
	var ok bool
	if d.count, ok = f.elements(d.Shape, d.typ.size); !ok {
		return nil, fmt.Errorf("shape %v of %d bytes an element is more than is read from a file of %d bytes", d.Shape, d.typ.size, len(f.b))
	}
	return d, nil
}

// A dataset may be a hundred times larger than its file, or 16 MB: packed weights
// hardly ever reach ten times.
const (
	maxPacked = 100
	minLimit  = 16 << 20
)

func (f *File) limit() int { return max(maxPacked*len(f.b), minLimit) }

// elements returns the product of a shape, and false when it is too large.
func (f *File) elements(shape []int, size int) (int, bool) {
	n, ok := scalar.Uint8.Count(shape, f.limit())
	return n, ok && (n == 0 || size <= f.limit()/n)
}

// Float32 returns the numbers, row by row. What float32 cannot hold is rounded.
func (d *Dataset) Float32() ([]float32, error) {
	b, err := d.numbers()
	if err != nil {
		return nil, err
	}
	return d.typ.num.Float32s(b, d.typ.order), nil
}

// Int64 returns the numbers, row by row. It fails when one is not whole.
func (d *Dataset) Int64() ([]int64, error) {
	b, err := d.numbers()
	if err != nil {
		return nil, err
	}
	v, err := d.typ.num.Int64s(b, d.typ.order)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	return v, nil
}

func (d *Dataset) numbers() ([]byte, error) {
	if d.typ.num == scalar.Invalid {
		return nil, errors.New("hdf5: the dataset is of text, not of numbers")
	}
	b, err := d.bytes()
	if err != nil {
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	return b, nil
}

// Strings returns text, row by row.
func (d *Dataset) Strings() ([]string, error) {
	if d.typ.num != scalar.Invalid {
		return nil, errors.New("hdf5: the dataset is of numbers, not of text")
	}
	b, err := d.bytes()
	if err != nil {
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	return d.f.text(b, d.typ)
}

// Kinds of layouts.
const (
	compact    = 0
	contiguous = 1
	chunked    = 2
)

// bytes returns the elements as they are stored, one after the other.
func (d *Dataset) bytes() ([]byte, error) {
	want := d.count * d.typ.size
	if d.h.has(msgExternal) {
		return nil, errors.New("its numbers are in another file")
	}
	r := d.h.find(msgLayout).reader(d.f)
	version := r.u8()
	switch version {
	case 1, 2:
		rank, class := int(r.u8()), r.u8()
		r.skip(5)
		addr := undefined
		if class != compact {
			addr = r.addr()
		}
		var dims []int
		for range rank {
			dims = append(dims, int(r.u32()))
		}
		switch class {
		case compact:
			return d.exactly(r.take(r.size(4)), want, r.err)
		case contiguous:
			return d.at(addr, want, r.err)
		case chunked:
			return d.chunks(version, r, addr, dims)
		}
	case 3, 4, 5: // 5 is 4 with room for larger chunks
		switch class := r.u8(); class {
		case compact:
			return d.exactly(r.take(int(r.u16())), want, r.err)
		case contiguous:
			return d.at(r.addr(), want, r.err)
		case chunked:
			if version == 3 {
				rank := int(r.u8())
				addr := r.addr()
				var dims []int
				for range rank {
					dims = append(dims, int(r.u32()))
				}
				return d.chunks(version, r, addr, dims)
			}
			return d.newChunks(r)
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	return nil, fmt.Errorf("its layout (version %d) is not read: compact, contiguous and chunked ones are", version)
}

func (d *Dataset) exactly(b []byte, want int, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	if len(b) < want {
		return nil, fmt.Errorf("has %d bytes, but shape %v needs %d", len(b), d.Shape, want)
	}
	return b[:want], nil
}

// at returns the bytes of a contiguous dataset.
func (d *Dataset) at(addr uint64, want int, err error) ([]byte, error) {
	if err != nil || want == 0 {
		return nil, err
	}
	if addr == undefined {
		return make([]byte, want), d.unwritten()
	}
	r := d.f.reader(addr)
	b := r.take(want)
	return b, r.err
}

// unwritten is the error for elements that were never written, unless they are 0: then
// there is none.
func (d *Dataset) unwritten() error {
	m := d.h.find(msgFill)
	if m == nil {
		return nil
	}
	r := m.reader(d.f)
	defined := false
	switch version := r.u8(); version {
	case 1, 2:
		r.skip(2)
		defined = r.u8() != 0
	case 3:
		defined = r.u8()&0x20 != 0
	}
	if defined {
		for _, c := range r.take(r.size(4)) {
			if c != 0 {
				return errors.New("has elements that were never written and are not 0, which is not read here")
			}
		}
	}
	return r.err
}

// A filter is a step of packing.
type filter struct {
	id     int
	values []uint32
}

const (
	deflate    = 1
	shuffle    = 2
	fletcher32 = 3
)

// filters reads how chunks are packed, in the order of packing.
func (d *Dataset) filters() ([]filter, error) {
	m := d.h.find(msgFilters)
	if m == nil {
		return nil, nil
	}
	r := m.reader(d.f)
	version, n := r.u8(), int(r.u8())
	if version == 1 {
		r.skip(6)
	}
	var out []filter
	for range n {
		f := filter{id: int(r.u16())}
		nameLen := 0
		if version == 1 || f.id >= 256 {
			nameLen = int(r.u16())
		}
		r.skip(2)
		values := int(r.u16())
		if version == 1 {
			nameLen = (nameLen + 7) / 8 * 8
		}
		r.skip(nameLen)
		for range values {
			f.values = append(f.values, r.u32())
		}
		if version == 1 && values%2 == 1 {
			r.skip(4)
		}
		if r.err != nil {
			return nil, r.err
		}
		if !slices.Contains([]int{deflate, shuffle, fletcher32}, f.id) {
			return nil, fmt.Errorf("is packed with filter %d, which is not read: deflate, shuffle and fletcher32 are", f.id)
		}
		out = append(out, f)
	}
	return out, r.err
}
