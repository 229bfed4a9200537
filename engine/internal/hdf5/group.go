// This file lists what is in a group.

package hdf5

import (
	"bytes"
	"errors"
	"fmt"
)

// list reads the links of a group, once.
func (g *Group) list() error {
	if g.read {
		return nil
	}
	var err error
	if g.tab != nil {
		g.link, err = g.f.oldLinks(g.tab)
	} else {
		g.link, err = g.f.newLinks(g.h)
	}
	if err != nil {
		return fmt.Errorf("hdf5: %s: %w", g.path, err)
	}
	g.read = true
	return nil
}

// A symbolTable is the older kind of group: a tree of nodes with addresses, and a
// heap of names.
type symbolTable struct{ tree, heap uint64 }

func (f *File) oldLinks(t *symbolTable) ([]link, error) {
	r := f.reader(t.heap)
	r.want("HEAP")
	r.skip(4)
	size := r.size(f.length)
	r.skip(f.length)
	at := r.addr()
	if r.err != nil {
		return nil, fmt.Errorf("heap of names: %w", r.err)
	}
	names := f.reader(at).take(size)
	if names == nil && size > 0 {
		return nil, errors.New("the heap of names ends early")
	}
	name := func(at uint64) (string, error) {
		if at >= uint64(len(names)) {
			return "", fmt.Errorf("name %d is behind the end of the heap of names, %d", at, len(names))
		}
		s, _, ok := bytes.Cut(names[at:], []byte{0})
		if !ok {
			return "", errors.New("a name does not end")
		}
		return string(s), nil
	}

	var out []link
	total := 0
	err := f.treeV1(t.tree, 0, f.length, func(_ *reader, child uint64) error {
		r := f.reader(child)
		r.want("SNOD")
		r.skip(2)
		n := int(r.u16())
		for range n {
			at := r.addr()
			l := link{addr: r.addr()}
			kind := r.u32()
			r.skip(4)
			scratch := r.take(16)
			if r.err != nil {
				return r.err
			}
			var err error
			if l.name, err = name(at); err != nil {
				return err
			}
			if kind == 2 {
				if l.soft, err = name(uint64(le.Uint32(scratch))); err != nil {
					return err
				}
			}
			if total += len(l.name) + len(l.soft); total > len(f.b) {
				return errors.New("its names are longer than the file")
			}
			out = append(out, l)
		}
		return r.err
	})
	return out, err
}

// treeV1 walks a B-tree of version 1, of the kind for groups (0) or chunks (1), whose
// keys have keySize bytes, and calls leaf with every child of the lowest level and its
// key.
func (f *File) treeV1(root uint64, kind, keySize int, leaf func(key *reader, child uint64) error) error {
	seen := map[uint64]bool{}
	var walk func(addr uint64, above int) error
	walk = func(addr uint64, above int) error {
		if seen[addr] {
			return errors.New("a tree leads back to itself")
		}
		seen[addr] = true
		r := f.reader(addr)
		r.want("TREE")
		k, level := int(r.u8()), int(r.u8())
		n := int(r.u16())
		r.skip(2 * f.offset)
		if r.err != nil {
			return r.err
		}
		if k != kind || level >= above {
			return fmt.Errorf("a node of a tree has kind %d and level %d, expected kind %d and a level below %d", k, level, kind, above)
		}
		for range n {
			key := &reader{f: f, b: r.take(keySize), err: r.err}
			child := r.addr()
			if r.err != nil {
				return r.err
			}
			if level > 0 {
				if err := walk(child, level); err != nil {
					return err
				}
			} else if err := leaf(key, child); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(root, 256)
}

// newLinks reads the newer kind of group: messages, and a heap when there are many.
func (f *File) newLinks(h *objectHeader) ([]link, error) {
	var out []link
	for _, m := range h.messages {
		switch m.typ {
		case msgLink:
			l, err := f.linkMessage(m.data)
			if err != nil {
				return nil, err
			}
			out = append(out, l...)
		case msgLinkInfo:
			r := m.reader(f)
			r.skip(1)
			flags := r.u8()
			if flags&1 != 0 {
				r.skip(8)
			}
			heap, tree := r.addr(), r.addr()
			if r.err != nil {
				return nil, r.err
			}
			if heap == undefined {
				continue
			}
			err := f.dense(heap, tree, 4, func(b []byte) error {
				l, err := f.linkMessage(b)
				out = append(out, l...)
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// linkMessage reads one link; one to another file gives none.
func (f *File) linkMessage(b []byte) ([]link, error) {
	r := &reader{f: f, b: b}
	if v := r.u8(); v != 1 && r.err == nil {
		return nil, fmt.Errorf("a link has version %d, but only 1 is known", v)
	}
	flags := r.u8()
	kind := uint8(0)
	if flags&8 != 0 {
		kind = r.u8()
	}
	if flags&4 != 0 {
		r.skip(8)
	}
	if flags&0x10 != 0 {
		r.skip(1)
	}
	l := link{name: string(r.take(r.size(1 << (flags & 3))))}
	switch kind {
	case 0:
		l.addr = r.addr()
	case 1:
		l.soft = string(r.take(int(r.u16())))
	default:
		return nil, r.err
	}
	if r.err != nil {
		return nil, r.err
	}
	return []link{l}, nil
}
