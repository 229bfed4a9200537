package bind

// This file lets a cell read where it gives os.Stdin to a compiled function: its
// standard input is asked of the reader line by line, which a file cannot do.

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
)

// replaceReading replaces what programs put over os.Stdin, and the methods of
// os.Stdin and os.Stdout themselves.
func (s *Set) replaceReading() {
	s.replace("bufio", map[string]any{
		"NewReader":     func(r io.Reader) *bufio.Reader { return bufio.NewReader(reader(r)) },
		"NewReaderSize": func(r io.Reader, n int) *bufio.Reader { return bufio.NewReaderSize(reader(r), n) },
		"NewScanner":    func(r io.Reader) *bufio.Scanner { return bufio.NewScanner(reader(r)) },
	})
	s.replace("io", map[string]any{
		"Copy":     func(w io.Writer, r io.Reader) (int64, error) { return io.Copy(w, reader(r)) },
		"ReadAll":  func(r io.Reader) ([]byte, error) { return io.ReadAll(reader(r)) },
		"ReadFull": func(r io.Reader, p []byte) (int, error) { return io.ReadFull(reader(r), p) },
	})
	s.replace("encoding/json", map[string]any{
		"NewDecoder": func(r io.Reader) *json.Decoder { return json.NewDecoder(reader(r)) },
	})
	s.replace("encoding/csv", map[string]any{
		"NewReader": func(r io.Reader) *csv.Reader { return csv.NewReader(reader(r)) },
	})
	s.replace("os", map[string]any{
		"(*File).Read":        func(f *os.File, p []byte) (int, error) { return reader(f).Read(p) },
		"(*File).Write":       func(f *os.File, p []byte) (int, error) { return writer(f).Write(p) },
		"(*File).WriteString": func(f *os.File, text string) (int, error) { return io.WriteString(writer(f), text) },
	})
}
