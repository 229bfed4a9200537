// This file reads what newer files keep many links and attributes in: a fractal
// heap with the messages, and a B-tree of version 2 that tells where they are in it.

package hdf5

import (
	"errors"
	"fmt"
	"math/bits"
)

// dense calls f with every message of a heap. skip is how many bytes of a record of
// the tree come before the message's place in the heap; what follows is not looked
// at.
func (f *File) dense(heap, tree uint64, skip int, each func(b []byte) error) error {
	h, err := f.fractalHeap(heap)
	if err != nil {
		return fmt.Errorf("fractal heap: %w", err)
	}
	total := 0
	return f.treeV2(tree, func(rec *reader) error {
		rec.skip(skip)
		b, err := h.object(rec)
		if err != nil {
			return fmt.Errorf("fractal heap: %w", err)
		}
		if total += len(b); total > len(f.b) {
			return errors.New("fractal heap: holds more than the file")
		}
		return each(b)
	})
}

// treeV2 walks a B-tree of version 2 and calls f with every record, in order.
func (f *File) treeV2(addr uint64, each func(rec *reader) error) error {
	r := f.reader(addr)
	r.want("BTHD")
	r.skip(1)
	kind := r.u8()
	node := r.size(4)
	rec, depth := int(r.u16()), int(r.u16())
	r.skip(2)
	root := r.addr()
	n := int(r.u16())
	if r.err != nil {
		return r.err
	}
	if rec == 0 || node < 10+rec || depth > 16 {
		return fmt.Errorf("a tree has records of %d bytes in nodes of %d, %d levels deep", rec, node, depth)
	}
	// A node tells of each child how many records it has, in width bytes, and from
	// depth 2 on how many there are beneath it, in whole[depth of the child] bytes: as
	// many as the largest possible number needs.
	most := uint64((node - 10) / rec)
	width, whole, all := byteLen(most), make([]int, depth+1), most
	for d := 1; d <= depth; d++ {
		pointer := f.offset + width + whole[d-1]
		if node < 10+pointer {
			return errors.New("the nodes of a tree are too small")
		}
		most = uint64((node - 10 - pointer) / (rec + pointer))
		all = min((most+1)*all+most, 1<<32)
		whole[d] = byteLen(all)
	}
	seen := map[uint64]bool{}
	var walk func(addr uint64, n, depth int) error
	walk = func(addr uint64, n, depth int) error {
		if n == 0 && addr == undefined {
			return nil
		}
		if seen[addr] {
			return errors.New("a tree leads back to itself")
		}
		seen[addr] = true
		r := f.reader(addr)
		if depth == 0 {
			r.want("BTLF")
		} else {
			r.want("BTIN")
		}
		r.skip(1)
		if k := r.u8(); k != kind && r.err == nil {
			return fmt.Errorf("a node of a tree has type %d, expected %d", k, kind)
		}
		recs := r.take(n * rec)
		if r.err != nil {
			return r.err
		}
		for i := range n + 1 {
			if depth > 0 {
				child := r.addr()
				k := int(r.uint(width))
				if depth > 1 {
					r.skip(whole[depth-1])
				}
				if r.err != nil {
					return r.err
				}
				if err := walk(child, k, depth-1); err != nil {
					return err
				}
			}
			if i < n {
				if err := each(&reader{f: f, b: recs[i*rec : (i+1)*rec]}); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return walk(root, n, depth)
}

// byteLen is how many bytes a number needs.
func byteLen(v uint64) int { return (bits.Len64(v) + 7) / 8 }

// A fractalHeap is a heap whose blocks double in size, row by row.
type fractalHeap struct {
	f        *File
	width    int    // blocks a row
	first    uint64 // size of a block of row 0
	largest  uint64 // of a block that holds objects
	offLen   int    // bytes of a place in the heap
	sizeLen  int    // bytes of an object's size
	root     uint64
	rootRows int // 0 when the root is one block
	direct   int // rows of blocks that hold objects; further rows hold blocks of blocks
}

func (f *File) fractalHeap(addr uint64) (*fractalHeap, error) {
	r := f.reader(addr)
	r.want("FRHP")
	r.skip(1 + 2)
	filters := r.u16()
	r.skip(1)
	maxObject := r.u32()
	r.skip(f.length + f.offset + f.length + f.offset + 4*f.length + 4*f.length)
	h := &fractalHeap{f: f, width: int(r.u16()), first: r.len(), largest: r.len()}
	heapBits := int(r.u16())
	r.skip(2)
	h.root, h.rootRows = r.addr(), int(r.u16())
	if r.err != nil {
		return nil, r.err
	}
	switch {
	case filters != 0:
		return nil, errors.New("it is packed, which is not read here")
	case h.width == 0 || h.first == 0 || h.largest < h.first || bits.OnesCount64(h.first) != 1 || bits.OnesCount64(h.largest) != 1 || heapBits > 64 || h.largest > 1<<32:
		return nil, fmt.Errorf("has %d blocks a row, from %d to %d bytes", h.width, h.first, h.largest)
	}
	h.offLen = (heapBits + 7) / 8
	h.sizeLen = min((bits.Len64(h.largest)+6)/8, byteLen(uint64(maxObject)))
	h.direct = bits.Len64(h.largest/h.first) + 1
	return h, nil
}

// rowSize is the size of a block of a row.
func (h *fractalHeap) rowSize(row int) uint64 {
	if row == 0 {
		return h.first
	}
	return h.first << min(row-1, 62)
}

// object returns what a heap ID names.
func (h *fractalHeap) object(r *reader) ([]byte, error) {
	kind := r.u8() >> 4 & 3
	if kind == 2 {
		return nil, errors.New("an object is kept in its ID, which is not read here")
	}
	if kind == 1 {
		return nil, errors.New("an object is kept outside of the heap, which is not read here")
	}
	at, size := r.uint(h.offLen), r.uint(h.sizeLen)
	if r.err != nil {
		return nil, r.err
	}
	block, start, err := h.block(at)
	if err != nil {
		return nil, err
	}
	if size > h.largest {
		return nil, fmt.Errorf("an object of %d bytes is larger than a block", size)
	}
	b := h.f.reader(block)
	b.want("FHDB")
	if at-start < 4 || at-start > h.largest {
		return nil, fmt.Errorf("an object lies at %d of a block", at-start)
	}
	b.skip(int(at-start) - 4) // places count from the block's signature
	out := b.take(int(size))
	return out, b.err
}

// block returns the address of the block in which a place of the heap is, and the
// place where the block begins.
func (h *fractalHeap) block(at uint64) (addr, start uint64, err error) {
	addr = h.root
	if h.rootRows == 0 {
		return addr, 0, nil
	}
	rows := h.rootRows
	for range 64 {
		r := h.f.reader(addr)
		r.want("FHIB")
		r.skip(1 + h.f.offset + h.offLen)
		// The row, and the block in it.
		row, col, begin := 0, uint64(0), start
		for ; ; row++ {
			if row >= rows {
				return 0, 0, fmt.Errorf("place %d is behind the end", at)
			}
			size := h.rowSize(row)
			span := size * uint64(h.width)
			if at-begin < span {
				col = (at - begin) / size
				begin += col * size
				break
			}
			begin += span
		}
		r.skip((row*h.width + int(col)) * h.f.offset)
		addr, start = r.addr(), begin
		if r.err != nil {
			return 0, 0, r.err
		}
		if row < h.direct {
			return addr, start, nil
		}
		// A block of blocks: as many rows as make up its size.
		rows = bits.Len64(h.rowSize(row) / (h.first * uint64(h.width)))
	}
	return 0, 0, errors.New("its blocks lie too deep")
}
