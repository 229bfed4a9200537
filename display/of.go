// This file defines Of, the choice of how a value is shown.

package display

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
)

// Of returns the content that shows v, MIME type to content as in [Bundler], and
// its metadata, which may be nil. There is always content, of type text/plain at
// least. It never panics: a method of v that does leads to a note about it and to
// the next way of showing v. What it returns is a snapshot, unless v makes its
// own content and keeps hold of it. Maps that another goroutine writes meanwhile
// are the one thing that it cannot survive, as nothing in Go can.
func Of(v any) (data, metadata map[string]any) {
	var notes []string
	for _, way := range []func(any) (data, meta map[string]any){bundled, drawn, tabled, spoken} {
		var err error
		if data, metadata, err = attempt(way, v); err != nil {
			notes = append(notes, err.Error())
		}
		if len(data) > 0 {
			break
		}
	}
	if len(data) == 0 {
		data = map[string]any{"text/plain": formatted(v)}
	}
	if len(notes) > 0 {
		text, _ := data["text/plain"].(string)
		data["text/plain"] = strings.TrimLeft(text+"\n"+strings.Join(notes, "\n"), "\n")
	}
	return data, metadata
}

// attempt shows v in one way and turns a panic into an error.
func attempt(way func(any) (data, meta map[string]any), v any) (data, meta map[string]any, err error) {
	defer func() {
		if p := recover(); p != nil {
			data, meta = nil, nil
			if !isNilPointer(v) { // that a nil has no content needs no words
				err = fmt.Errorf("(while it was shown, %T panicked: %s)", v, panicText(p))
			}
		}
	}()
	data, meta = way(v)
	return data, meta, nil
}

// panicText describes what was panicked with, which may panic when asked.
func panicText(p any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("a %T", p)
		}
	}()
	switch p := p.(type) {
	case error:
		s = p.Error()
	case string:
		s = p
	default:
		s = formatted(p)
	}
	return cut(s, 300)
}

func isNilPointer(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// bundled asks the value itself.
func bundled(v any) (data, meta map[string]any) {
	b, ok := v.(Bundler)
	if !ok {
		return nil, nil
	}
	data = map[string]any{}
	var notes []string
	said := b.MIMEBundle()
	for _, mime := range slices.Sorted(maps.Keys(said)) {
		content, err := contentOf(said[mime])
		switch {
		case err != nil:
			notes = append(notes, fmt.Sprintf("(the %s of %T cannot be sent: %v)", mime, v, err))
		case content != nil:
			data[mime] = content
		}
	}
	if len(data) == 0 && len(notes) == 0 {
		return nil, nil
	}
	text, ok := data["text/plain"].(string)
	if !ok {
		text = fmt.Sprintf("%T", v)
	}
	data["text/plain"] = strings.Join(append([]string{text}, notes...), "\n")
	if m, ok := v.(MetadataBundler); ok {
		if c, err := contentOf(m.MIMEMetadata()); err == nil {
			meta, _ = c.(map[string]any)
		}
	}
	return data, meta
}

// contentOf returns content as a string, or as what its JSON says.
func contentOf(content any) (any, error) {
	switch c := content.(type) {
	case nil:
		return nil, nil
	case string:
		return c, nil
	case []byte: // text in bytes is meant as text
		return string(c), nil
	}
	if r := reflect.ValueOf(content); r.Kind() == reflect.String {
		return r.String(), nil
	}
	text, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	return decoded(text)
}

// drawn shows plots and pictures.
func drawn(v any) (data, meta map[string]any) {
	switch v := v.(type) {
	case *plot.Plot:
		if v != nil {
			return plotted(v)
		}
	case image.Image:
		return Image{Picture: v}.MIMEBundle(), nil
	}
	return nil, nil
}

// spoken shows values that have a text of their own, and bytes.
func spoken(v any) (data, meta map[string]any) {
	var s string
	switch v := v.(type) {
	case nil:
		s = "nil"
	case string:
		s = stringText(v)
	case []byte:
		s = hexText(v)
	case error:
		s = v.Error()
	case fmt.Stringer:
		s = v.String()
	default:
		return nil, nil
	}
	return map[string]any{"text/plain": cut(s, maxText)}, nil
}

// stringText quotes a string so that its ends and its spaces can be seen. Text of
// several lines is for reading, and is left as it is.
func stringText(s string) string {
	if strings.Contains(s, "\n") && utf8.ValidString(s) {
		return s
	}
	if len(s) > maxText {
		return strconv.Quote(s[:maxText]) + fmt.Sprintf(" … %s in all", bytesText(len(s)))
	}
	return strconv.Quote(s)
}

const hexRows = 32

// hexText shows bytes as a dump, with their text beside.
func hexText(b []byte) string {
	if len(b) == 0 {
		return "[]byte{}"
	}
	head := fmt.Sprintf("[]byte, %s\n", bytesText(len(b)))
	if len(b) > 16*hexRows {
		return head + hex.Dump(b[:16*hexRows]) + fmt.Sprintf("… %d more bytes", len(b)-16*hexRows)
	}
	return head + strings.TrimRight(hex.Dump(b), "\n")
}

// tabled shows matrices and what else has rows.
func tabled(v any) (data, meta map[string]any) {
	var t *table
	if m, ok := v.(mat.Matrix); ok {
		t = matrixTable(m)
	} else {
		t = reflectTable(reflect.ValueOf(v))
	}
	if t == nil {
		return nil, nil
	}
	return map[string]any{"text/plain": t.text(), "text/html": t.html()}, nil
}
