// This file reads object headers: lists of messages, each of which tells one thing
// about a group or dataset.

package hdf5

import (
	"errors"
	"fmt"
	"math"
)

// Types of messages.
const (
	msgDataspace     = 0x01
	msgLinkInfo      = 0x02
	msgDatatype      = 0x03
	msgFill          = 0x05
	msgLink          = 0x06
	msgExternal      = 0x07
	msgLayout        = 0x08
	msgGroupInfo     = 0x0a
	msgFilters       = 0x0b
	msgAttribute     = 0x0c
	msgContinuation  = 0x10
	msgSymbolTable   = 0x11
	msgAttributeInfo = 0x15
)

type message struct {
	typ    int
	shared bool // the data only tells where the message is
	data   []byte
}

func (m message) reader(f *File) *reader { return &reader{f: f, b: m.data} }

type objectHeader struct{ messages []message }

func (h *objectHeader) has(typ int) bool { return h.find(typ) != nil }

func (h *objectHeader) find(typ int) *message {
	for i := range h.messages {
		if h.messages[i].typ == typ {
			return &h.messages[i]
		}
	}
	return nil
}

// A piece is part of a header, which may be spread over the file.
type piece struct {
	addr uint64
	size int
}

// header reads the object header at an address.
func (f *File) header(addr uint64) (*objectHeader, error) {
	r := f.reader(addr)
	if r.err != nil {
		return nil, r.err
	}
	h := &objectHeader{}
	var err error
	if r.at+4 <= len(f.b) && string(f.b[r.at:r.at+4]) == "OHDR" {
		err = h.readNew(f, r)
	} else {
		err = h.readOld(f, r)
	}
	if err != nil {
		return nil, fmt.Errorf("object header at %#x: %w", addr, err)
	}
	return h, nil
}

// pieces reads the first piece of a header, then those that it names. No piece is
// read twice, so that a circle ends.
func (h *objectHeader) pieces(f *File, first piece, read func(p piece) ([]piece, error)) error {
	todo := []piece{first}
	seen := map[uint64]bool{}
	for len(todo) > 0 {
		p := todo[0]
		todo = todo[1:]
		if seen[p.addr] {
			return errors.New("two pieces lie at one address")
		}
		seen[p.addr] = true
		more, err := read(p)
		if err != nil {
			return err
		}
		todo = append(todo, more...)
	}
	return nil
}

// continuation reads where a piece goes on.
func (m message) continuation(f *File) (piece, error) {
	r := m.reader(f)
	p := piece{addr: r.addr(), size: r.size(f.length)}
	return p, r.err
}

// readOld reads version 1.
func (h *objectHeader) readOld(f *File, r *reader) error {
	if v := r.u8(); v != 1 && r.err == nil {
		return fmt.Errorf("begins with version %d, but only 1 and OHDR are known", v)
	}
	r.skip(1)
	left := int(r.u16()) // messages
	r.skip(4)
	size := r.size(4)
	r.skip(4) // to a multiple of 8
	if r.err != nil {
		return r.err
	}
	return h.pieces(f, piece{uint64(r.at), size}, func(p piece) ([]piece, error) {
		r := f.reader(p.addr)
		return h.read(f, &reader{f: f, b: r.take(p.size), err: r.err}, 8, &left, func(r *reader) (message, int) {
			m := message{typ: int(r.u16())}
			n := int(r.u16())
			m.shared = r.u8()&2 != 0
			r.skip(3)
			return m, n
		})
	})
}

// readNew reads version 2.
func (h *objectHeader) readNew(f *File, r *reader) error {
	r.want("OHDR")
	if v := r.u8(); v != 2 && r.err == nil {
		return fmt.Errorf("has version %d, but only 2 is known", v)
	}
	flags := r.u8()
	if flags&0x20 != 0 {
		r.skip(16) // times
	}
	if flags&0x10 != 0 {
		r.skip(4) // limits for attributes
	}
	size := r.size(1 << (flags & 3))
	if r.err != nil {
		return r.err
	}
	first := uint64(r.at)
	left := math.MaxInt
	beginning := 4
	if flags&4 != 0 {
		beginning = 6
	}
	return h.pieces(f, piece{first, size}, func(p piece) ([]piece, error) {
		r := f.reader(p.addr)
		if p.addr != first {
			r.want("OCHK")
			p.size -= 8 // signature and check sum
		}
		return h.read(f, &reader{f: f, b: r.take(p.size), err: r.err}, beginning, &left, func(r *reader) (message, int) {
			m := message{typ: int(r.u8())}
			n := int(r.u16())
			m.shared = r.u8()&2 != 0
			r.skip(beginning - 4) // order of creation
			return m, n
		})
	})
}

// read reads the messages of one piece, of which at most left are still to come in the
// header, and returns the pieces that they name. begin reads what stands before a
// message's data, with their size; what is shorter than that is a gap.
func (h *objectHeader) read(f *File, r *reader, beginning int, left *int, begin func(r *reader) (message, int)) (more []piece, err error) {
	for ; *left > 0 && r.err == nil && len(r.b)-r.at >= beginning; *left-- {
		m, n := begin(r)
		m.data = r.take(n)
		if r.err != nil {
			break
		}
		if m.typ != msgContinuation {
			h.messages = append(h.messages, m)
			continue
		}
		p, err := m.continuation(f)
		if err != nil {
			return nil, err
		}
		more = append(more, p)
	}
	return more, r.err
}
