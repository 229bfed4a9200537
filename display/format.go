// This file writes any value as Go would, within bounds: in depth, in length, and
// without following a cycle. fmt's %+v overflows the stack on a slice that
// contains itself.

package display

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxText  = 64 << 10 // bytes of a text
	maxDepth = 12       // values in values
	maxItems = 200      // elements of a slice or map
	maxCell  = 200      // bytes of a table's cell
	maxType  = 40       // and of a type in its head
)

// formatted returns v as Go would write it.
func formatted(v any) string { return formatValue(reflect.ValueOf(v), maxText) }

func formatValue(v reflect.Value, limit int) string {
	f := formatter{limit: limit}
	f.value(v, 0)
	return cut(f.b.String(), limit)
}

// cut shortens s to about n bytes, at the end of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// formatter writes one value.
type formatter struct {
	b     strings.Builder
	limit int
	path  []visit // pointers, maps and slices that the present value is in
}

type visit struct {
	at  uintptr
	len int
	typ reflect.Type
}

// enter notes that a value at an address is being written, and tells whether it
// is not inside of itself.
func (f *formatter) enter(v reflect.Value, n int) bool {
	at := visit{v.Pointer(), n, v.Type()}
	if slices.Contains(f.path, at) {
		return false
	}
	f.path = append(f.path, at)
	return true
}

func (f *formatter) leave() { f.path = f.path[:len(f.path)-1] }

func (f *formatter) value(v reflect.Value, depth int) {
	if f.b.Len() > f.limit {
		return
	}
	if !v.IsValid() {
		f.b.WriteString("nil")
		return
	}
	if depth > maxDepth {
		f.b.WriteString("…")
		return
	}
	if depth > 0 && f.spoken(v) {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		f.b.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		f.b.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		f.b.WriteString(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32:
		f.b.WriteString(strconv.FormatFloat(v.Float(), 'g', -1, 32))
	case reflect.Float64:
		f.b.WriteString(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case reflect.Complex64, reflect.Complex128:
		f.b.WriteString(strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits()))
	case reflect.String:
		s := v.String()
		f.b.WriteString(strconv.Quote(cut(s, f.limit)))
	case reflect.Interface:
		f.value(v.Elem(), depth)
	case reflect.Pointer:
		f.pointer(v, depth)
	case reflect.Struct:
		f.fields(v, depth)
	case reflect.Map:
		f.entries(v, depth)
	case reflect.Slice:
		if v.IsNil() {
			f.b.WriteString("nil")
			return
		}
		if v.Len() > 0 {
			if !f.enter(v, v.Len()) {
				f.b.WriteString("(itself)")
				return
			}
			defer f.leave()
		}
		f.elements(v, depth)
	case reflect.Array:
		f.elements(v, depth)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		f.b.WriteString(v.Type().String())
		if v.IsNil() {
			f.b.WriteString("(nil)")
		} else if v.Kind() == reflect.Chan && v.Cap() > 0 {
			fmt.Fprintf(&f.b, " (%d of %d)", v.Len(), v.Cap())
		}
	default:
		f.b.WriteString(v.Type().String())
	}
}

// spoken lets a value inside of another say its text, where that is allowed and
// it does not panic.
func (f *formatter) spoken(v reflect.Value) (done bool) {
	if !v.CanInterface() || v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer && v.IsNil() {
		return false
	}
	defer func() {
		if recover() != nil {
			done = false
		}
	}()
	var s string
	switch v := v.Interface().(type) {
	case error:
		s = v.Error()
	case fmt.Stringer:
		s = v.String()
	default:
		return false
	}
	f.b.WriteString(cut(s, f.limit))
	return true
}

func (f *formatter) pointer(v reflect.Value, depth int) {
	if v.IsNil() {
		f.b.WriteString("nil")
		return
	}
	if !f.enter(v, 0) {
		f.b.WriteString("(itself)")
		return
	}
	defer f.leave()
	f.b.WriteByte('&')
	f.value(v.Elem(), depth+1)
}

func (f *formatter) fields(v reflect.Value, depth int) {
	t := v.Type()
	f.b.WriteString(t.String() + "{")
	for i := range t.NumField() {
		if i > 0 {
			f.b.WriteString(", ")
		}
		if f.b.Len() > f.limit {
			break
		}
		f.b.WriteString(t.Field(i).Name + ": ")
		f.value(v.Field(i), depth+1)
	}
	f.b.WriteByte('}')
}

func (f *formatter) elements(v reflect.Value, depth int) {
	f.b.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			f.b.WriteByte(' ')
		}
		if i == maxItems {
			fmt.Fprintf(&f.b, "… %d more", v.Len()-i)
			break
		}
		if f.b.Len() > f.limit {
			break
		}
		f.value(v.Index(i), depth+1)
	}
	f.b.WriteByte(']')
}

func (f *formatter) entries(v reflect.Value, depth int) {
	if v.IsNil() {
		f.b.WriteString("nil")
		return
	}
	if !f.enter(v, 0) {
		f.b.WriteString("(itself)")
		return
	}
	defer f.leave()
	f.b.WriteString("map[")
	entries := sortedEntries(v)
	for i, e := range entries {
		if i > 0 {
			f.b.WriteByte(' ')
		}
		if i == maxItems {
			fmt.Fprintf(&f.b, "… %d more", len(entries)-i)
			break
		}
		if f.b.Len() > f.limit {
			break
		}
		f.value(e.key, depth+1)
		f.b.WriteByte(':')
		f.value(e.value, depth+1)
	}
	f.b.WriteByte(']')
}

// entry is one of a map.
type entry struct {
	key, value reflect.Value
	text       string // of a key without an order of its own
}

// sortedEntries returns the entries of a map in the order of their keys, mixed
// kinds in that of their texts. NaN, which no key finds, is among them.
func sortedEntries(v reflect.Value) []entry {
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		e := entry{key: it.Key(), value: it.Value()}
		if k := e.key; !k.CanInt() && !k.CanUint() && !k.CanFloat() && k.Kind() != reflect.String {
			e.text = formatValue(k, maxCell)
		}
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		x, y := a.key, b.key
		switch {
		case x.Kind() != y.Kind():
		case x.CanInt():
			return cmp.Compare(x.Int(), y.Int())
		case x.CanUint():
			return cmp.Compare(x.Uint(), y.Uint())
		case x.CanFloat():
			return cmp.Compare(x.Float(), y.Float())
		case x.Kind() == reflect.String:
			return strings.Compare(x.String(), y.String())
		}
		return strings.Compare(a.text, b.text)
	})
	return entries
}
