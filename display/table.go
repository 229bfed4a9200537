// This file shows what has rows as a table: aligned text, and HTML.

package display

import (
	"fmt"
	"html"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

const (
	maxRows    = 40 // shown of a table; how many there are is said
	maxColumns = 24
)

// table is a rectangle of texts.
type table struct {
	caption string
	head    []string
	rows    [][]string
	right   []bool // columns of numbers
	named   bool   // the first column names its row
	notes   []string
}

// matrixTable shows a matrix with the numbers of its rows and columns.
func matrixTable(m mat.Matrix) *table {
	r, c := m.Dims()
	t := &table{caption: fmt.Sprintf("%d×%d matrix", r, c), head: []string{""}, named: true}
	rows, cols := min(r, maxRows), min(c, maxColumns)
	for j := range cols {
		t.head = append(t.head, strconv.Itoa(j))
	}
	for i := range rows {
		row := []string{strconv.Itoa(i)}
		for j := range cols {
			row = append(row, numberText(m.At(i, j)))
		}
		t.rows = append(t.rows, row)
	}
	t.more(r-rows, "row")
	t.more(c-cols, "column")
	return t.align()
}

// numberText writes a number with five digits.
func numberText(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', 5, 64)
}

// reflectTable returns the table of a slice of structs, maps or slices, or of a
// map; nil if v is none of these.
func reflectTable(v reflect.Value) *table {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && (v.Elem().Kind() == reflect.Slice || v.Elem().Kind() == reflect.Array) {
			return reflectTable(v.Elem())
		}
	case reflect.Map:
		return mapTable(v)
	case reflect.Slice, reflect.Array:
		if v.Len() == 0 || speaks(v.Type().Elem()) {
			return nil
		}
		e := v.Type().Elem()
		if e.Kind() == reflect.Pointer {
			e = e.Elem()
		}
		switch {
		case e.Kind() == reflect.Struct:
			return structsTable(v, e)
		case e.Kind() == reflect.Map && e.Key().Kind() == reflect.String:
			return mapsTable(v)
		case (e.Kind() == reflect.Slice || e.Kind() == reflect.Array) && e.Elem().Kind() != reflect.Uint8 && scalar(e.Elem()):
			return gridTable(v)
		}
	}
	return nil
}

var (
	stringerType = reflect.TypeFor[fmt.Stringer]()
	errorType    = reflect.TypeFor[error]()
)

// speaks tells whether values of the type have a text of their own, so that they
// are no rows of fields.
func speaks(t reflect.Type) bool {
	return t.Implements(stringerType) || t.Implements(errorType)
}

func scalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct, reflect.Pointer, reflect.Func, reflect.Chan, reflect.Interface:
		return false
	}
	return true
}

// structsTable has a column for each exported field, also of embedded structs.
func structsTable(v reflect.Value, e reflect.Type) *table {
	var fields []reflect.StructField
	for _, f := range reflect.VisibleFields(e) {
		if f.IsExported() && !f.Anonymous {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	t := &table{caption: countText(v)}
	cols := min(len(fields), maxColumns)
	for _, f := range fields[:cols] {
		t.head = append(t.head, f.Name)
	}
	for i := range min(v.Len(), maxRows) {
		s := v.Index(i)
		row := make([]string, cols)
		if s.Kind() == reflect.Pointer {
			if s.IsNil() {
				row[0] = "nil"
				t.rows = append(t.rows, row)
				continue
			}
			s = s.Elem()
		}
		for j, f := range fields[:cols] {
			if x, err := s.FieldByIndexErr(f.Index); err == nil {
				row[j] = cellText(x)
			}
		}
		t.rows = append(t.rows, row)
	}
	t.more(v.Len()-len(t.rows), "row")
	t.more(len(fields)-cols, "column")
	return t.align()
}

// mapsTable has a column for each key.
func mapsTable(v reflect.Value) *table {
	var names []string
	seen := map[string]bool{}
	rows := min(v.Len(), maxRows)
	for i := range rows {
		m := reflect.Indirect(v.Index(i))
		if !m.IsValid() {
			continue
		}
		for _, e := range sortedEntries(m) {
			if name := e.key.String(); !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	t := &table{caption: countText(v)}
	cols := min(len(names), maxColumns)
	t.head = names[:cols]
	for i := range rows {
		m := reflect.Indirect(v.Index(i))
		row := make([]string, cols)
		for j, name := range t.head {
			if m.IsValid() {
				if x := m.MapIndex(reflect.ValueOf(name).Convert(m.Type().Key())); x.IsValid() {
					row[j] = cellText(x)
				}
			}
		}
		t.rows = append(t.rows, row)
	}
	t.more(v.Len()-rows, "row")
	t.more(len(names)-cols, "column")
	return t.align()
}

// mapTable has a row for each key, in order.
func mapTable(v reflect.Value) *table {
	if v.Len() == 0 {
		return nil
	}
	t := &table{caption: v.Type().String() + ", " + plural(v.Len(), "entry", "entries"), head: []string{"key", "value"}, named: true}
	for i, e := range sortedEntries(v) {
		if i == maxRows {
			break
		}
		t.rows = append(t.rows, []string{cellText(e.key), cellText(e.value)})
	}
	t.more(v.Len()-len(t.rows), "row")
	return t.align()
}

// gridTable has a row for each inner slice.
func gridTable(v reflect.Value) *table {
	longest := 0
	rows := min(v.Len(), maxRows)
	for i := range rows {
		if s := reflect.Indirect(v.Index(i)); s.IsValid() {
			longest = max(longest, s.Len())
		}
	}
	if longest == 0 {
		return nil
	}
	t := &table{caption: countText(v), head: []string{""}, named: true}
	cols := min(longest, maxColumns)
	for j := range cols {
		t.head = append(t.head, strconv.Itoa(j))
	}
	for i := range rows {
		row := make([]string, cols+1)
		row[0] = strconv.Itoa(i)
		if s := reflect.Indirect(v.Index(i)); s.IsValid() {
			for j := range min(s.Len(), cols) {
				row[j+1] = cellText(s.Index(j))
			}
		}
		t.rows = append(t.rows, row)
	}
	t.more(v.Len()-rows, "row")
	t.more(longest-cols, "column")
	return t.align()
}

// cellText writes a value for a table: strings without quotes, numbers short.
func cellText(v reflect.Value) string {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	if v.IsValid() && !speaks(v.Type()) {
		switch v.Kind() {
		case reflect.String:
			return cut(v.String(), maxCell)
		case reflect.Float64:
			return numberText(v.Float())
		case reflect.Float32:
			return strconv.FormatFloat(v.Float(), 'g', 5, 32)
		}
	}
	f := formatter{limit: maxCell}
	f.value(v, 1)
	return cut(f.b.String(), maxCell)
}

func (t *table) more(n int, what string) {
	if n > 0 {
		t.notes = append(t.notes, "… "+plural(n, "more "+what, "more "+what+"s"))
	}
}

// align notes which columns hold numbers only.
func (t *table) align() *table {
	t.right = make([]bool, len(t.head))
	for j := range t.head {
		numbers := 0
		t.right[j] = true
		for _, row := range t.rows {
			if row[j] == "" {
				continue
			}
			if _, err := strconv.ParseFloat(row[j], 64); err != nil {
				t.right[j] = false
				break
			}
			numbers++
		}
		t.right[j] = t.right[j] && numbers > 0
	}
	return t
}

// text lays the table out in columns of equal width.
func (t *table) text() string {
	lines := append([][]string{t.head}, t.rows...)
	width := make([]int, len(t.head))
	for i, row := range lines {
		lines[i] = slices.Clone(row)
		for j, s := range row {
			lines[i][j] = strings.Map(printable, s)
			width[j] = max(width[j], columns(lines[i][j]))
		}
	}
	var b strings.Builder
	b.WriteString(t.caption + "\n")
	for _, row := range lines {
		var l strings.Builder
		for j, s := range row {
			if j > 0 {
				l.WriteString("  ")
			}
			pad := strings.Repeat(" ", width[j]-columns(s))
			if t.right[j] {
				s = pad + s
			} else {
				s += pad
			}
			l.WriteString(s)
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	b.WriteString(strings.Join(t.notes, ", "))
	return strings.TrimRight(b.String(), "\n")
}

// printable keeps a cell in its line.
func printable(r rune) rune {
	switch r {
	case '\n', '\r', '\t', '\v', '\f', '\u2028', '\u2029':
		return ' '
	}
	return r
}

// columns counts the columns of a terminal that s takes: two for the characters
// of East Asia.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd) {
			n++
		}
	}
	return n
}

// html writes the table, everything escaped.
func (t *table) html() string {
	var b strings.Builder
	cell := func(tag string, j int, s string) {
		b.WriteString("<" + tag)
		if t.right[j] {
			b.WriteString(` style="text-align:right"`)
		} else {
			b.WriteString(` style="text-align:left"`)
		}
		b.WriteString(">" + html.EscapeString(s) + "</" + tag + ">")
	}
	b.WriteString(`<table class="cajal-table"><caption style="caption-side:bottom;text-align:left">`)
	b.WriteString(html.EscapeString(strings.Join(append([]string{t.caption}, t.notes...), ", ")) + "</caption>\n<thead><tr>")
	for j, s := range t.head {
		cell("th", j, s)
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for _, row := range t.rows {
		b.WriteString("<tr>")
		for j, s := range row {
			if j == 0 && t.named {
				cell("th", j, s)
			} else {
				cell("td", j, s)
			}
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}

// countText says how many rows of what there are.
func countText(v reflect.Value) string {
	e := v.Type().Elem()
	if e.Kind() == reflect.Pointer && e.Elem().Name() == "" || e.Kind() == reflect.Struct && e.Name() == "" {
		return plural(v.Len(), "row", "rows")
	}
	return fmt.Sprintf("%d × %s", v.Len(), e)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
