// This file opens HDF5 files and walks their groups.

// Package hdf5 reads HDF5 files, as far as h5py writes them for numbers and text.
// (Source: the HDF5 File Format Specification, version 3.0, of The HDF Group.)
//
// It reads superblocks 0 to 3, groups of the old and the new kind, attributes, and
// datasets of numbers and strings: compact, contiguous or in chunks, packed with
// deflate and shuffle. It does not write, and does not know compound types,
// references, virtual or external datasets, and filters of others.
//
// A file is bytes in memory, and whatever it claims is checked against them: a
// damaged or hostile one gives an error, and takes no more memory than a small
// multiple of its size.
//
//	File, Group    hdf5.go      superblock, Lookup
//	object header  header.go    the messages that describe an object
//	links          group.go     the two kinds of groups
//	heaps, trees   dense.go     what the newer kind keeps many things in
//	Dataset        dataset.go, chunk.go
//	types          datatype.go  numbers and strings
//	Attribute      attribute.go
package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// A File is an open file.
type File struct {
	b       []byte // from the base address
	offset  int    // bytes of an address
	length  int    // bytes of a length
	root    uint64 // the root group's header
	rootTab *symbolTable
}

// signature begins the superblock.
const signature = "\x89HDF\r\n\x1a\n"

// undefined is the address of what is not there, cut to the file's size of offsets.
const undefined = ^uint64(0)

// Open looks at the beginning of a file. The File keeps b.
func Open(b []byte) (*File, error) {
	at := 0
	for !bytes.HasPrefix(b[min(at, len(b)):], []byte(signature)) {
		// What stands before the superblock is the user's, of 512 bytes or a power of
		// two above.
		if at = max(2*at, 512); at >= len(b) {
			return nil, errors.New("hdf5: this is no HDF5 file: its signature, \\x89HDF, is not there")
		}
	}
	f := &File{b: b[at:]}
	r := f.reader(8)
	switch version := r.u8(); version {
	case 0, 1:
		r.skip(4)
		f.offset, f.length = int(r.u8()), int(r.u8())
		r.skip(1 + 2 + 2 + 4)
		if version == 1 {
			r.skip(4)
		}
		if err := f.checkSizes(r); err != nil {
			return nil, err
		}
		f.base(r.addr(), b)
		r.skip(3 * f.offset) // free space, end of file, driver
		r.skip(f.offset)     // the root's name
		f.root = r.addr()
		if cached := r.u32(); cached == 1 {
			r.skip(4)
			f.rootTab = &symbolTable{tree: r.addr(), heap: r.addr()}
		}
	case 2, 3:
		f.offset, f.length = int(r.u8()), int(r.u8())
		r.skip(1)
		if err := f.checkSizes(r); err != nil {
			return nil, err
		}
		f.base(r.addr(), b)
		r.skip(2 * f.offset) // extension, end of file
		f.root = r.addr()
	default:
		return nil, fmt.Errorf("hdf5: superblock version %d is not known: 0 to 3 are", version)
	}
	if r.err != nil {
		return nil, fmt.Errorf("hdf5: superblock: %w", r.err)
	}
	return f, nil
}

func (f *File) checkSizes(r *reader) error {
	for _, n := range []int{f.offset, f.length} {
		if n != 2 && n != 4 && n != 8 && r.err == nil {
			return fmt.Errorf("hdf5: addresses of %d bytes are not known: 2, 4 and 8 are", n)
		}
	}
	return nil
}

// base takes addresses as counted from a in the whole file b, which is where the
// superblock is unless the file was moved.
func (f *File) base(a uint64, b []byte) {
	if a < uint64(len(b)) {
		f.b = b[a:]
	}
}

// A Group is a folder of groups and datasets.
type Group struct {
	f    *File
	path string
	h    *objectHeader
	tab  *symbolTable // of the old kind, nil for the new
	link []link
	read bool
}

// A link is a name in a group: an object's address, or the path of another.
type link struct {
	name string
	addr uint64
	soft string
}

// Root returns the group that holds everything.
func (f *File) Root() (*Group, error) { return f.group(f.root, "/") }

// group reads the header of a group.
func (f *File) group(addr uint64, path string) (*Group, error) {
	h, err := f.header(addr)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %s: %w", path, err)
	}
	g := &Group{f: f, path: path, h: h}
	for _, m := range h.messages {
		if m.typ == msgSymbolTable {
			r := m.reader(f)
			g.tab = &symbolTable{tree: r.addr(), heap: r.addr()}
			if r.err != nil {
				return nil, fmt.Errorf("hdf5: %s: %w", path, r.err)
			}
		}
	}
	if g.tab == nil && !h.has(msgLinkInfo) && !h.has(msgLink) && !h.has(msgGroupInfo) {
		if h.has(msgLayout) {
			return nil, fmt.Errorf("hdf5: %s is a dataset, not a group", path)
		}
		if path != "/" || f.rootTab == nil {
			return nil, fmt.Errorf("hdf5: %s is not a group", path)
		}
		g.tab = f.rootTab
	}
	return g, nil
}

// Names returns the names in a group: as they were made where the file keeps that,
// else sorted.
func (g *Group) Names() ([]string, error) {
	if err := g.list(); err != nil {
		return nil, err
	}
	names := make([]string, len(g.link))
	for i, l := range g.link {
		names[i] = l.name
	}
	return names, nil
}

// Has reports whether a group has something of a name.
func (g *Group) Has(name string) bool {
	_, err := g.find(name, 0)
	return err == nil
}

// Group returns the group at a path such as "layers/dense/vars".
func (g *Group) Group(path string) (*Group, error) {
	addr, err := g.find(path, 0)
	if err != nil {
		return nil, err
	}
	return g.f.group(addr, g.join(path))
}

// Dataset returns the dataset at a path such as "layers/dense/vars/0".
func (g *Group) Dataset(path string) (*Dataset, error) {
	addr, err := g.find(path, 0)
	if err != nil {
		return nil, err
	}
	d, err := g.f.dataset(addr)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %s: %w", g.join(path), err)
	}
	return d, nil
}

// IsGroup reports whether there is a group at a path.
func (g *Group) IsGroup(path string) bool {
	_, err := g.Group(path)
	return err == nil
}

func (g *Group) join(path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	return strings.TrimSuffix(g.path, "/") + "/" + path
}

// find returns the address of the object at a path.
func (g *Group) find(path string, links int) (uint64, error) {
	if strings.HasPrefix(path, "/") {
		root, err := g.f.Root()
		if err != nil {
			return 0, err
		}
		g, path = root, strings.TrimLeft(path, "/")
		if path == "" {
			return g.f.root, nil
		}
	}
	first, rest, _ := strings.Cut(path, "/")
	rest = strings.TrimLeft(rest, "/")
	if err := g.list(); err != nil {
		return 0, err
	}
	for _, l := range g.link {
		if l.name != first {
			continue
		}
		if l.soft != "" {
			if links++; links > 16 {
				return 0, fmt.Errorf("hdf5: %s: a link leads to a link, and so on 16 times", g.join(first))
			}
			addr, err := g.find(l.soft, links)
			if err != nil {
				return 0, err
			}
			l.addr = addr
		}
		if rest == "" {
			return l.addr, nil
		}
		sub, err := g.f.group(l.addr, g.join(first))
		if err != nil {
			return 0, err
		}
		return sub.find(rest, links)
	}
	return 0, fmt.Errorf("hdf5: %s has no %q", g.path, first)
}

// A reader reads numbers one after the other. Beyond the end it gives zeros and
// keeps an error.
type reader struct {
	f   *File
	b   []byte
	at  int
	err error
}

// reader reads the file from an address on.
func (f *File) reader(addr uint64) *reader {
	r := &reader{f: f, b: f.b}
	if addr > uint64(len(f.b)) {
		r.fail("address %#x is behind the end, %#x", addr, len(f.b))
		return r
	}
	r.at = int(addr)
	return r
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// take returns the next n bytes, nil when they are not there.
func (r *reader) take(n int) []byte {
	if r.err != nil {
		return nil
	}
	if n < 0 || n > len(r.b)-r.at {
		r.fail("ends at byte %#x, but %d bytes should follow", r.at, n)
		return nil
	}
	b := r.b[r.at : r.at+n : r.at+n]
	r.at += n
	return b
}

func (r *reader) skip(n int) { r.take(n) }

// uint reads a number of n bytes, the lowest first.
func (r *reader) uint(n int) uint64 {
	v := uint64(0)
	for i, c := range r.take(n) {
		if i >= 8 {
			break
		}
		v |= uint64(c) << (8 * i)
	}
	return v
}

func (r *reader) u8() uint8   { return uint8(r.uint(1)) }
func (r *reader) u16() uint16 { return uint16(r.uint(2)) }
func (r *reader) u32() uint32 { return uint32(r.uint(4)) }
func (r *reader) len() uint64 { return r.uint(r.f.length) }

// addr reads an address; the one of what is not there becomes undefined, whatever
// its size.
func (r *reader) addr() uint64 {
	n := r.f.offset
	v := r.uint(n)
	if n < 8 && v == 1<<(8*n)-1 {
		return undefined
	}
	return v
}

// size reads a length that must fit into what follows it in the file, or at least
// into the file.
func (r *reader) size(n int) int {
	v := r.uint(n)
	if v > uint64(len(r.f.b)) {
		r.fail("%d bytes are claimed, but the file has %d", v, len(r.f.b))
		return 0
	}
	return int(v)
}

// want checks that a signature comes next.
func (r *reader) want(sig string) {
	if b := r.take(len(sig)); r.err == nil && string(b) != sig {
		r.fail("%q should be at byte %#x, found %q", sig, r.at-len(sig), b)
	}
}

var le = binary.LittleEndian
