// This file writes safetensors files.

package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"cajal/engine/internal/atomicfile"
	"cajal/engine/internal/scalar"
	"cajal/engine/tensor"
)

// FromFloat32 makes an entry of a tensor's numbers, a copy.
func FromFloat32(name string, t *tensor.Tensor) Tensor {
	return Tensor{Name: name, DType: "F32", Shape: slices.Clone(t.Shape), Data: scalar.Append(make([]byte, 0, 4*len(t.Data)), t.Data)}
}

// FromInt64s makes an entry of whole numbers, a copy; without a shape it is a
// vector.
func FromInt64s(name string, v []int64, shape ...int) Tensor {
	if len(shape) == 0 {
		shape = []int{len(v)}
	}
	return Tensor{Name: name, DType: "I64", Shape: slices.Clone(shape), Data: scalar.Append(make([]byte, 0, 8*len(v)), v)}
}

// Write makes or replaces a file. When it fails, what was there before stays.
func (f *File) Write(path string) error {
	if err := atomicfile.Write(path, f.Encode); err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return nil
}

// Encode writes the file to w. Numbers of large types come first, so that all of
// them lie at multiples of their size. It fails when names are missing or come
// twice, when a shape does not fit, and when w fails.
func (f *File) Encode(w io.Writer) error {
	order := make([]*Tensor, len(f.Tensors))
	seen := map[string]bool{metadataKey: true}
	for i := range f.Tensors {
		t := &f.Tensors[i]
		if err := t.check(); err != nil {
			return err
		}
		if t.Name == "" || seen[t.Name] || !utf8.ValidString(t.Name) {
			return fmt.Errorf("safetensors: tensor %d cannot be called %q: a name is text, not %q, and there once", i, t.Name, metadataKey)
		}
		seen[t.Name] = true
		order[i] = t
	}
	slices.SortStableFunc(order, func(a, b *Tensor) int { return dtypes[b.DType].Size() - dtypes[a.DType].Size() })

	// The header is written by hand, in order: a map would sort it by name.
	var head bytes.Buffer
	head.WriteByte('{')
	entry := func(name string, v any) error {
		if head.Len() > 1 {
			head.WriteByte(',')
		}
		k, err := json.Marshal(name)
		if err != nil {
			return err
		}
		val, err := json.Marshal(v)
		if err != nil {
			return err
		}
		head.Write(k)
		head.WriteByte(':')
		head.Write(val)
		return nil
	}
	if len(f.Metadata) > 0 {
		if err := entry(metadataKey, f.Metadata); err != nil {
			return err
		}
	}
	at := 0
	for _, t := range order {
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		e := struct {
			DType   string `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{t.DType, shape, [2]int{at, at + len(t.Data)}}
		if err := entry(t.Name, e); err != nil {
			return err
		}
		at += len(t.Data)
	}
	head.WriteByte('}')
	for head.Len()%8 != 0 {
		head.WriteByte(' ')
	}
	if head.Len() > maxHeader {
		return fmt.Errorf("safetensors: the header would have %d bytes, more than the %d that the format allows", head.Len(), maxHeader)
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(head.Len()))); err != nil {
		return err
	}
	if _, err := w.Write(head.Bytes()); err != nil {
		return err
	}
	for _, t := range order {
		if _, err := w.Write(t.Data); err != nil {
			return err
		}
	}
	return nil
}
