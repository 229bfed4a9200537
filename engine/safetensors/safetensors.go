// This file defines what a safetensors file holds, and reads it.

// Package safetensors reads and writes tensors in the file format of that name,
// which Hugging Face's libraries, PyTorch's and many others know: eight bytes with
// the length of a header, the header as JSON, then the numbers.
// (Source: the README and the Rust code of github.com/huggingface/safetensors.)
//
// It knows no models: nn.Model.Save and nn.Load use it. Floats of 8 bits and less
// are not read.
//
//	File, Tensor   what a file holds
//	Read, Decode   safetensors.go
//	Write, Encode  write.go
package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"

	"cajal/engine/internal/scalar"
	"cajal/engine/tensor"
)

// A File is what a safetensors file holds.
type File struct {
	Metadata map[string]string // text of whoever wrote it; nil when there is none
	Tensors  []Tensor          // in the order of their numbers
}

// A Tensor is one entry of a file. Shape is empty for a single number. Data has the
// numbers, the lowest byte first, the last index fastest.
type Tensor struct {
	Name  string
	DType string // such as "F32"
	Shape []int
	Data  []byte
}

// dtypes are the types that are read and written, by their names in the format.
var dtypes = map[string]scalar.Type{
	"BOOL": scalar.Bool, "I8": scalar.Int8, "I16": scalar.Int16, "I32": scalar.Int32, "I64": scalar.Int64,
	"U8": scalar.Uint8, "U16": scalar.Uint16, "U32": scalar.Uint32, "U64": scalar.Uint64,
	"F16": scalar.Float16, "BF16": scalar.BFloat16, "F32": scalar.Float32, "F64": scalar.Float64,
}

// maxHeader is the largest header that the format's own library takes.
const maxHeader = 100_000_000

// metadataKey is the one name that is not a tensor's.
const metadataKey = "__metadata__"

// Lookup returns the tensor of a name, nil when there is none.
func (f *File) Lookup(name string) *Tensor {
	for i := range f.Tensors {
		if f.Tensors[i].Name == name {
			return &f.Tensors[i]
		}
	}
	return nil
}

// Float32 returns the numbers as a tensor, a copy. What float32 cannot hold is
// rounded.
func (t *Tensor) Float32() (*tensor.Tensor, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return &tensor.Tensor{Shape: slices.Clone(t.Shape), Data: dtypes[t.DType].Float32s(t.Data, binary.LittleEndian)}, nil
}

// Int64s returns the numbers, row by row. It fails when one is not whole.
func (t *Tensor) Int64s() ([]int64, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	v, err := dtypes[t.DType].Int64s(t.Data, binary.LittleEndian)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %q: %w", t.Name, err)
	}
	return v, nil
}

// check reports whether type, shape and numbers agree.
func (t *Tensor) check() error {
	typ, ok := dtypes[t.DType]
	if !ok {
		return fmt.Errorf("safetensors: %q has the type %q, which is not read here: the types are those of 8 to 64 bits, without 8-bit floats", t.Name, t.DType)
	}
	n, ok := typ.Count(t.Shape, len(t.Data))
	if !ok || n*typ.Size() != len(t.Data) {
		return fmt.Errorf("safetensors: %q has %d bytes, which are not shape %v of %s", t.Name, len(t.Data), t.Shape, t.DType)
	}
	return nil
}

// Read reads a file.
func Read(path string) (*File, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	f, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	return f, nil
}

// Decode reads the bytes of a file; the tensors share them. As the format asks, it
// refuses names that come twice, and numbers that overlap, or that belong to no
// tensor. It never allocates much more than b has.
func Decode(b []byte) (*File, error) {
	if len(b) < 8 {
		return nil, fmt.Errorf("safetensors: %d bytes are too few: a file begins with the length of its header, 8 bytes", len(b))
	}
	size := binary.LittleEndian.Uint64(b)
	if size > maxHeader || size > uint64(len(b)-8) {
		return nil, fmt.Errorf("safetensors: the file says that its header has %d bytes, but %d follow: it is cut off, or another format", size, len(b)-8)
	}
	head, body := b[8:8+size], b[8+size:]
	f, spans, err := decodeHeader(head)
	if err != nil {
		return nil, fmt.Errorf("safetensors: header: %w", err)
	}
	sort.Stable(byStart{f, spans})
	at := uint64(0)
	for i := range f.Tensors {
		t, s := &f.Tensors[i], spans[i]
		if s[0] != at || s[1] < s[0] || s[1] > uint64(len(body)) {
			return nil, fmt.Errorf("safetensors: %q lies at bytes %d to %d, but should begin at %d and end by %d", t.Name, s[0], s[1], at, len(body))
		}
		t.Data, at = body[s[0]:s[1]:s[1]], s[1]
		if err := t.check(); err != nil {
			return nil, err
		}
	}
	if at != uint64(len(body)) {
		return nil, fmt.Errorf("safetensors: the tensors end at byte %d, but the file has %d", at, len(body))
	}
	return f, nil
}

// byStart sorts tensors by where their numbers begin, and empty ones before others
// there.
type byStart struct {
	f     *File
	spans [][2]uint64
}

func (s byStart) Len() int           { return len(s.spans) }
func (s byStart) Less(i, j int) bool { return slices.Compare(s.spans[i][:], s.spans[j][:]) < 0 }
func (s byStart) Swap(i, j int) {
	s.spans[i], s.spans[j] = s.spans[j], s.spans[i]
	s.f.Tensors[i], s.f.Tensors[j] = s.f.Tensors[j], s.f.Tensors[i]
}

// decodeHeader reads the header, a name at a time, since one that comes twice would
// otherwise be lost.
func decodeHeader(head []byte) (*File, [][2]uint64, error) {
	if len(head) == 0 || head[0] != '{' {
		return nil, nil, errors.New("does not begin with {")
	}
	d := json.NewDecoder(bytes.NewReader(head))
	if _, err := d.Token(); err != nil {
		return nil, nil, err
	}
	f := &File{}
	var spans [][2]uint64
	seen := map[string]bool{}
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		name := tok.(string) // a key: anything else is a syntax error
		if seen[name] {
			return nil, nil, fmt.Errorf("%q is there twice", name)
		}
		seen[name] = true
		if name == metadataKey {
			if err := d.Decode(&f.Metadata); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		var e struct {
			DType   string   `json:"dtype"`
			Shape   []int    `json:"shape"`
			Offsets []uint64 `json:"data_offsets"`
		}
		if err := d.Decode(&e); err != nil {
			return nil, nil, fmt.Errorf("%q: %w", name, err)
		}
		if len(e.Offsets) != 2 {
			return nil, nil, fmt.Errorf("%q has %d data_offsets, not 2", name, len(e.Offsets))
		}
		f.Tensors = append(f.Tensors, Tensor{Name: name, DType: e.DType, Shape: e.Shape})
		spans = append(spans, [2]uint64(e.Offsets))
	}
	if _, err := d.Token(); err != nil {
		return nil, nil, err
	}
	if rest := bytes.TrimLeft(head[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, nil, errors.New("has more than one value")
	}
	return f, spans, nil
}
