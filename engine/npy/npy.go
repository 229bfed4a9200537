// This file defines Array, and reads files of one array.

// Package npy reads and writes arrays in the file formats of NumPy: npy, one array,
// and npz, a zip file of several.
// (Source: numpy.lib.format in NumPy's documentation, and its enhancement proposal 1.)
//
// Numbers of every size are read, in both byte orders and both orders of indices.
// Complex numbers, text, dates, records and Python objects are not.
//
//	x, err := npy.Read("x.npy")
//	err := npy.Write("x.npy", x)
//	arrays, err := npy.ReadZip("data.npz")
//	err := npy.WriteZip("data.npz", map[string]*npy.Array{"x": npy.Of(t)})
package npy

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"cajal/engine/internal/scalar"
	"cajal/engine/tensor"
)

// An Array is a block of numbers. Shape is empty for a single number. Data is a
// slice of the type that the file has, such as []uint8, []int64, []float64 or
// []bool, the last index fastest; 16-bit floats come as []float32.
type Array struct {
	Shape []int
	Data  any
}

// Of makes an array that shares the numbers of a tensor.
func Of(t *tensor.Tensor) *Array { return &Array{Shape: slices.Clone(t.Shape), Data: t.Data} }

// Float32 returns the numbers as a tensor. What float32 cannot hold is rounded.
// Float32 data is shared, everything else a copy.
func (a *Array) Float32() (*tensor.Tensor, error) {
	typ, err := a.check()
	if err != nil {
		return nil, err
	}
	t := &tensor.Tensor{Shape: slices.Clone(a.Shape)}
	if f, ok := a.Data.([]float32); ok {
		t.Data = f
	} else {
		t.Data = typ.Float32s(scalar.Append(nil, a.Data), binary.LittleEndian)
	}
	return t, nil
}

// Ints returns the numbers, row by row. It fails when one is not whole.
func (a *Array) Ints() ([]int, error) {
	typ, err := a.check()
	if err != nil {
		return nil, err
	}
	v, err := typ.Int64s(scalar.Append(nil, a.Data), binary.LittleEndian)
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	out := make([]int, len(v))
	for i, n := range v {
		if int64(int(n)) != n {
			return nil, fmt.Errorf("npy: number %d is %d, more than an int can hold here", i, n)
		}
		out[i] = int(n)
	}
	return out, nil
}

// String tells type and shape, as in "uint8 [28 28]".
func (a *Array) String() string {
	typ, _ := scalar.Of(a.Data)
	return fmt.Sprintf("%v %v", typ, a.Shape)
}

// check reports whether the shape fits the data, and returns its type.
func (a *Array) check() (scalar.Type, error) {
	if a == nil {
		return 0, errors.New("npy: the array is nil")
	}
	typ, n := scalar.Of(a.Data)
	if typ == scalar.Invalid {
		return 0, fmt.Errorf("npy: Array.Data is a %T, but must be a slice of numbers or of bool", a.Data)
	}
	if c, ok := typ.Count(a.Shape, n*typ.Size()); !ok || c != n {
		return 0, fmt.Errorf("npy: shape %v is not that of %d numbers", a.Shape, n)
	}
	return typ, nil
}

// Read reads an npy file.
func Read(path string) (*Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	defer f.Close()
	a, err := Decode(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	return a, nil
}

// magic begins every npy file; a version in two bytes follows.
const magic = "\x93NUMPY"

// maxHeader bounds the text that describes the array; NumPy's are below 200 bytes.
const maxHeader = 1 << 16

// maxBytes bounds an array. What a file claims is not allocated before it is there.
const maxBytes = 1 << 40

// Decode reads an npy stream. Whatever follows the array is left unread.
func Decode(r io.Reader) (*Array, error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, fmt.Errorf("npy: too short for its first 8 bytes: %w", err)
	}
	if string(start[:6]) != magic {
		return nil, fmt.Errorf("npy: begins with % x, but an npy file begins with % x", start[:6], magic)
	}
	var size uint32
	switch start[6] {
	case 1:
		var b [2]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return nil, fmt.Errorf("npy: header: %w", err)
		}
		size = uint32(binary.LittleEndian.Uint16(b[:]))
	case 2, 3:
		if err := binary.Read(r, binary.LittleEndian, &size); err != nil {
			return nil, fmt.Errorf("npy: header: %w", err)
		}
	default:
		return nil, fmt.Errorf("npy: has version %d.%d of the format, but only 1.0 to 3.0 are known", start[6], start[7])
	}
	if size > maxHeader {
		return nil, fmt.Errorf("npy: the header has %d bytes, more than the %d that this reader takes", size, maxHeader)
	}
	head := make([]byte, size)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, fmt.Errorf("npy: header: %w", err)
	}
	h, err := parseHeader(string(head))
	if err != nil {
		return nil, fmt.Errorf("npy: header %q: %w", strings.TrimSpace(string(head)), err)
	}
	n, ok := h.typ.Count(h.shape, maxBytes)
	if !ok {
		return nil, fmt.Errorf("npy: shape %v of %v is more than this reader takes", h.shape, h.typ)
	}
	want := int64(n * h.typ.Size())
	var buf bytes.Buffer // grows with what is there, not with what is claimed
	got, err := io.Copy(&buf, io.LimitReader(r, want))
	if err != nil {
		return nil, fmt.Errorf("npy: after %d of %d bytes of numbers: %w", got, want, err)
	}
	if got < want {
		return nil, fmt.Errorf("npy: ends after %d of %d bytes of numbers", got, want)
	}
	b := buf.Bytes()
	if h.fortran {
		b = rowMajor(b, h.shape, h.typ.Size())
	}
	return &Array{Shape: h.shape, Data: h.typ.Slice(b, h.order)}, nil
}

// rowMajor puts numbers whose first index runs fastest into the order in which the
// last one does.
func rowMajor(b []byte, shape []int, size int) []byte {
	if len(b) == 0 || len(shape) < 2 {
		return b
	}
	stride := make([]int, len(shape)) // of each index in b
	s := size
	for d, n := range shape {
		stride[d] = s
		s *= n
	}
	out := make([]byte, 0, len(b))
	index, at := make([]int, len(shape)), 0
	for len(out) < len(b) {
		out = append(out, b[at:at+size]...)
		for d := len(shape) - 1; d >= 0; d-- {
			index[d]++
			at += stride[d]
			if index[d] < shape[d] {
				break
			}
			at -= index[d] * stride[d]
			index[d] = 0
		}
	}
	return out
}

// header is what an npy file says of its array.
type header struct {
	typ     scalar.Type
	order   binary.ByteOrder
	fortran bool
	shape   []int
}

// parseHeader reads the Python dictionary that describes the array.
func parseHeader(s string) (h header, err error) {
	p := &literal{s: s}
	var descr string
	seen := map[string]bool{}
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		key := p.text()
		if seen[key] {
			p.fail("%q is there twice", key)
		}
		seen[key] = true
		p.expect(":")
		switch key {
		case "descr":
			if p.accept("[") {
				return h, errors.New("the array is of records, which are not read: save each field as an array of its own")
			}
			descr = p.text()
		case "fortran_order":
			h.fortran = p.boolean()
		case "shape":
			h.shape = p.tuple()
		default:
			p.fail("%q is not known", key)
		}
		if !p.accept(",") {
			p.expect("}")
			break
		}
	}
	if p.skip(); p.err == nil && p.at != len(s) {
		p.fail("more follows at character %d", p.at)
	}
	if p.err == nil && len(seen) != 3 {
		p.fail("a header has descr, fortran_order and shape")
	}
	if p.err != nil {
		return h, p.err
	}
	h.typ, h.order, err = parseType(descr)
	return h, err
}

// parseType reads a type as NumPy writes it: byte order, kind, size in bytes.
func parseType(descr string) (scalar.Type, binary.ByteOrder, error) {
	kinds := map[string]scalar.Type{
		"b1": scalar.Bool, "i1": scalar.Int8, "i2": scalar.Int16, "i4": scalar.Int32, "i8": scalar.Int64,
		"u1": scalar.Uint8, "u2": scalar.Uint16, "u4": scalar.Uint32, "u8": scalar.Uint64,
		"f2": scalar.Float16, "f4": scalar.Float32, "f8": scalar.Float64,
	}
	var order binary.ByteOrder = binary.LittleEndian
	kind := descr
	if descr != "" && strings.ContainsRune("<>|=", rune(descr[0])) {
		if descr[0] == '>' {
			order = binary.BigEndian
		}
		kind = descr[1:]
	}
	if t, ok := kinds[kind]; ok {
		return t, order, nil
	}
	switch {
	case strings.HasPrefix(kind, "O"):
		return 0, nil, errors.New("the array is of Python objects, which are not read: in Python, a.astype(\"float32\") makes numbers of it")
	case strings.HasPrefix(kind, "U"), strings.HasPrefix(kind, "S"):
		return 0, nil, errors.New("the array is of text, which is not read")
	case strings.HasPrefix(kind, "c"):
		return 0, nil, errors.New("the array is of complex numbers, which are not read: save a.real and a.imag")
	}
	return 0, nil, fmt.Errorf("the type %q is not read: it must be bool, an integer or a float of up to 64 bits", descr)
}

// A literal is Python text of which the beginning up to at was read.
type literal struct {
	s   string
	at  int
	err error
}

func (p *literal) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

func (p *literal) skip() {
	for p.at < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.at]) >= 0 {
		p.at++
	}
}

func (p *literal) accept(tok string) bool {
	p.skip()
	if p.err != nil || !strings.HasPrefix(p.s[p.at:], tok) {
		return false
	}
	p.at += len(tok)
	return true
}

func (p *literal) expect(tok string) {
	if !p.accept(tok) {
		p.fail("%q is missing at character %d", tok, p.at)
	}
}

func (p *literal) text() string {
	quote := "'"
	if !p.accept(quote) {
		quote = `"`
		p.expect(quote)
	}
	if p.err != nil {
		return ""
	}
	end := strings.Index(p.s[p.at:], quote)
	if end < 0 {
		p.fail("a text does not end")
		return ""
	}
	t := p.s[p.at : p.at+end]
	p.at += end + 1
	return t
}

func (p *literal) boolean() bool {
	if p.accept("True") {
		return true
	}
	p.expect("False")
	return false
}

func (p *literal) tuple() []int {
	shape := []int{}
	p.expect("(")
	for p.err == nil && !p.accept(")") {
		p.skip()
		end := p.at
		for end < len(p.s) && p.s[end] >= '0' && p.s[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(p.s[p.at:end])
		if err != nil {
			p.fail("%q is no dimension", p.s[p.at:min(end+1, len(p.s))])
		}
		p.at = end
		p.accept("L") // Python 2 wrote long integers so
		if shape = append(shape, n); len(shape) > 64 {
			p.fail("there are more than 64 dimensions")
		}
		if !p.accept(",") {
			p.expect(")")
			break
		}
	}
	return shape
}
