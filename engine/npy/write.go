// This file writes npy files.

package npy

import (
	"fmt"
	"io"
	"strings"

	"cajal/engine/internal/atomicfile"
	"cajal/engine/internal/scalar"
)

// descr are the types as NumPy writes them, little-endian.
var descr = map[scalar.Type]string{
	scalar.Bool: "|b1", scalar.Int8: "|i1", scalar.Int16: "<i2", scalar.Int32: "<i4", scalar.Int64: "<i8",
	scalar.Uint8: "|u1", scalar.Uint16: "<u2", scalar.Uint32: "<u4", scalar.Uint64: "<u8",
	scalar.Float32: "<f4", scalar.Float64: "<f8",
}

// Write makes or replaces an npy file. When it fails, what was there before stays.
func Write(path string, a *Array) error {
	if _, err := a.check(); err != nil {
		return err
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { return Encode(w, a) }); err != nil {
		return fmt.Errorf("npy: %w", err)
	}
	return nil
}

// Encode writes an npy stream, in version 1.0 of the format.
func Encode(w io.Writer, a *Array) error {
	typ, err := a.check()
	if err != nil {
		return err
	}
	var dims strings.Builder
	for _, d := range a.Shape {
		fmt.Fprintf(&dims, "%d, ", d)
	}
	shape := strings.TrimSuffix(dims.String(), " ")
	if len(a.Shape) > 1 {
		shape = strings.TrimSuffix(shape, ",")
	}
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr[typ], shape)
	// Numbers begin at a multiple of 64 bytes, behind a line's end.
	pad := 63 - (len(magic)+4+len(head))%64
	head += strings.Repeat(" ", pad) + "\n"
	if len(head) >= maxHeader {
		return fmt.Errorf("npy: shape %v has too many dimensions", a.Shape)
	}
	start := append([]byte(magic), 1, 0, byte(len(head)), byte(len(head)>>8))
	if _, err := w.Write(append(start, head...)); err != nil {
		return err
	}
	_, err = w.Write(scalar.Append(nil, a.Data))
	return err
}
