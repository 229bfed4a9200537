// This file reads datasets that are stored in chunks, packed or not.

package hdf5

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// A grid is how a dataset is cut into chunks.
type grid struct {
	d       *Dataset
	dims    []int // of a chunk, in elements
	size    int   // bytes of an unpacked chunk
	perAxis []int // chunks along each axis
	filters []filter
	out     []byte
	done    map[int]bool // chunks that were read
	buf     bytes.Buffer
}

// grid checks the dimensions of chunks against the dataset's. Like the dataset, all
// chunks together must not be too large.
func (d *Dataset) grid(dims []int) (*grid, error) {
	if len(dims) != len(d.Shape) {
		return nil, fmt.Errorf("has chunks of %d dimensions, but %d dimensions itself", len(dims), len(d.Shape))
	}
	g := &grid{d: d, dims: dims, done: map[int]bool{}}
	padded := make([]int, len(dims))
	for i, c := range dims {
		if c < 1 {
			return nil, fmt.Errorf("has chunks of shape %v", dims)
		}
		g.perAxis = append(g.perAxis, (d.Shape[i]+c-1)/c)
		padded[i] = g.perAxis[i] * c
	}
	n, fits := d.f.elements(dims, d.typ.size)
	if _, all := d.f.elements(padded, d.typ.size); !fits || !all {
		return nil, fmt.Errorf("has chunks of shape %v, more than is read from a file of %d bytes", dims, len(d.f.b))
	}
	g.size = n * d.typ.size
	var err error
	if g.filters, err = d.filters(); err != nil {
		return nil, err
	}
	g.out = make([]byte, d.count*d.typ.size)
	return g, nil
}

// finish returns the elements. A chunk that is not in the file was never written.
func (g *grid) finish(err error) ([]byte, error) {
	total := 1
	for _, n := range g.perAxis {
		total *= n
	}
	if err == nil && len(g.done) < total {
		err = g.d.unwritten()
	}
	return g.out, err
}

// chunks reads those that a B-tree of version 1 lists. The last of dims is the size
// of an element.
func (d *Dataset) chunks(version uint8, r *reader, addr uint64, dims []int) ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	if version >= 3 && len(dims) > 0 {
		dims = dims[:len(dims)-1]
	} else if len(dims) > len(d.Shape) {
		dims = dims[:len(d.Shape)]
	}
	g, err := d.grid(dims)
	if err != nil {
		return nil, err
	}
	if d.count == 0 {
		return nil, nil
	}
	if addr == undefined {
		return g.finish(nil)
	}
	keySize := 8 + 8*(len(dims)+1)
	return g.finish(d.f.treeV1(addr, 1, keySize, func(key *reader, child uint64) error {
		size, mask := int(key.u32()), key.u32()
		index := 0
		for i, c := range dims {
			at := key.uint(8)
			if at%uint64(c) != 0 || at >= uint64(max(d.Shape[i], 1)) {
				return fmt.Errorf("a chunk lies at %d of dimension %d", at, i)
			}
			index = index*g.perAxis[i] + int(at)/c
		}
		return g.read(index, child, size, mask)
	}))
}

// newChunks reads layout version 4, whose index depends on how the dataset may
// grow.
func (d *Dataset) newChunks(r *reader) ([]byte, error) {
	flags, rank, enc := r.u8(), int(r.u8()), int(r.u8())
	if enc < 1 || enc > 8 {
		r.fail("its chunks' dimensions have %d bytes", enc)
	}
	var dims []int
	for range rank {
		dims = append(dims, r.size(enc))
	}
	index := r.u8()
	if r.err != nil {
		return nil, r.err
	}
	g, err := d.grid(dims[:max(rank-1, 0)])
	if err != nil || d.count == 0 {
		return nil, err
	}
	total := 1
	for _, n := range g.perAxis {
		total *= n
	}
	switch index {
	case 1: // one chunk
		size, mask := g.size, uint32(0)
		if flags&2 != 0 {
			size, mask = r.size(d.f.length), r.u32()
		}
		addr := r.addr()
		if r.err != nil || addr == undefined {
			return g.finish(r.err)
		}
		return g.finish(g.read(0, addr, size, mask))
	case 2: // all chunks, one after the other
		addr := r.addr()
		if r.err != nil || addr == undefined {
			return g.finish(r.err)
		}
		for i := range total {
			if err := g.read(i, addr+uint64(i*g.size), g.size, 0); err != nil {
				return nil, err
			}
		}
		return g.finish(nil)
	case 3:
		r.skip(1)
		addr := r.addr()
		if r.err != nil || addr == undefined {
			return g.finish(r.err)
		}
		return g.finish(g.fixedArray(addr, total))
	}
	return nil, errors.New("can grow, and was written in HDF5's newest format: its index of chunks is not read; h5py writes others unless libver=\"latest\" is set")
}

// fixedArray reads chunks that an array lists.
func (g *grid) fixedArray(addr uint64, total int) error {
	f := g.d.f
	r := f.reader(addr)
	r.want("FAHD")
	r.skip(1)
	packed, entry, pageBits := r.u8() == 1, int(r.u8()), int(r.u8())
	n := r.len()
	block := r.addr()
	if r.err != nil || block == undefined {
		return r.err
	}
	sizeLen := entry - f.offset - 4
	if n != uint64(total) || pageBits > 32 || packed && (sizeLen < 1 || sizeLen > 8) || !packed && entry != f.offset {
		return fmt.Errorf("its index of chunks has %d entries of %d bytes for %d chunks", n, entry, total)
	}
	r = f.reader(block)
	r.want("FADB")
	r.skip(2 + f.offset)
	page := total
	if total > 1<<pageBits {
		page = 1 << pageBits
		pages := (total + page - 1) / page
		r.skip((pages + 7) / 8) // which pages were written
		r.skip(4)               // check sum
	}
	for i := range total {
		if i > 0 && i%page == 0 {
			r.skip(4)
		}
		at, size, mask := r.addr(), g.size, uint32(0)
		if packed {
			size, mask = r.size(sizeLen), r.u32()
		}
		if r.err != nil {
			return r.err
		}
		if at == undefined {
			continue
		}
		if err := g.read(i, at, size, mask); err != nil {
			return err
		}
	}
	return nil
}

// read copies one chunk to its place, each once.
func (g *grid) read(index int, addr uint64, size int, mask uint32) error {
	if g.done[index] {
		return fmt.Errorf("chunk %d is there twice", index)
	}
	g.done[index] = true
	r := g.d.f.reader(addr)
	b := r.take(size)
	if r.err != nil {
		return fmt.Errorf("chunk %d: %w", index, r.err)
	}
	b, err := g.unpack(b, mask)
	if err != nil {
		return fmt.Errorf("chunk %d: %w", index, err)
	}
	if len(b) < g.size {
		return fmt.Errorf("chunk %d has %d bytes, expected %d", index, len(b), g.size)
	}
	g.place(index, b)
	return nil
}

// unpack undoes the filters, from the last to the first; mask names those that were
// left out.
func (g *grid) unpack(b []byte, mask uint32) ([]byte, error) {
	for i := len(g.filters) - 1; i >= 0; i-- {
		if i < 32 && mask>>i&1 != 0 {
			continue
		}
		switch f := g.filters[i]; f.id {
		case deflate:
			z, err := zlib.NewReader(bytes.NewReader(b))
			if err != nil {
				return nil, err
			}
			g.buf.Reset()
			// Beyond its size a chunk may have a check sum of four bytes.
			if _, err := io.Copy(&g.buf, io.LimitReader(z, int64(g.size)+4)); err != nil {
				return nil, err
			}
			b = g.buf.Bytes()
		case shuffle:
			n := g.d.typ.size
			if len(f.values) > 0 && f.values[0] > 0 {
				n = int(f.values[0])
			}
			b = unshuffle(b, n)
		case fletcher32:
			if len(b) < 4 {
				return nil, errors.New("is too short for its check sum")
			}
			b = b[:len(b)-4]
		}
	}
	return b, nil
}

// unshuffle puts the bytes of every element together again, which were stored all
// first bytes, all second, and so on. What is left over at the end stays.
func unshuffle(b []byte, size int) []byte {
	n := len(b) / size
	if size < 2 || n < 2 {
		return b
	}
	out := make([]byte, len(b))
	for k := range size {
		for i, v := range b[k*n : (k+1)*n] {
			out[i*size+k] = v
		}
	}
	copy(out[n*size:], b[n*size:])
	return out
}

// place copies a chunk's rows, as far as they are part of the dataset.
func (g *grid) place(index int, b []byte) {
	rank, size := len(g.dims), g.d.typ.size
	if rank == 0 {
		copy(g.out, b)
		return
	}
	start := make([]int, rank)
	for i := rank - 1; i >= 0; i-- {
		start[i] = index % g.perAxis[i] * g.dims[i]
		index /= g.perAxis[i]
	}
	last := rank - 1
	run := min(g.dims[last], g.d.Shape[last]-start[last]) * size
	at := make([]int, rank) // a row of the chunk
	for {
		from, to := 0, 0
		for i := range rank {
			from = from*g.dims[i] + at[i]
			to = to*g.d.Shape[i] + start[i] + at[i]
		}
		copy(g.out[to*size:to*size+run], b[from*size:])
		i := last - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] < g.dims[i] && start[i]+at[i] < g.d.Shape[i] {
				break
			}
			at[i] = 0
		}
		if i < 0 {
			return
		}
	}
}
