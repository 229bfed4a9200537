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
	maxRows    = 40 // shown of a table; of more, the first and last ones
	maxColumns = 24
	endRows    = 10 // shown of a longer one at each end
	endColumns = 8
)

// table is a rectangle of texts.
type table struct {
	caption string
	head    []string
	types   []string   // of the columns; nil if the caption says it
	rows    [][]string // nil for those that are left out
	right   []bool     // columns of numbers
	named   bool       // the first column names its row
	notes   []string
}

const (
	leftOut  = "⋮" // in a row for those that are left out
	leftOver = "…" // in a column
)

// ends returns which of n things are shown: all of them, up to a limit, or so many
// at both ends, with -1 between.
func ends(n, limit, each int) []int {
	var out []int
	for i := range n {
		switch {
		case n <= limit || i < each || i >= n-each:
			out = append(out, i)
		case i == each:
			out = append(out, -1)
		}
	}
	return out
}

func (t *table) rowsOf(n int) []int {
	shown := ends(n, maxRows, endRows)
	t.more(n, shown, "row")
	return shown
}

func (t *table) columnsOf(n int) []int {
	shown := ends(n, maxColumns, endColumns)
	t.more(n, shown, "column")
	return shown
}

// more notes how many things are left out.
func (t *table) more(n int, shown []int, what string) {
	if left := n - len(shown) + 1; slices.Contains(shown, -1) {
		t.notes = append(t.notes, say("%s left out", count(left, what)))
	}
}

// add adds a row of the columns that are shown, each made by cell.
func (t *table) add(name string, columns []int, cell func(j int) string) {
	row := make([]string, 0, len(columns)+1)
	if t.named {
		row = append(row, name)
	}
	for _, j := range columns {
		if j < 0 {
			row = append(row, leftOver)
			continue
		}
		row = append(row, cell(j))
	}
	t.rows = append(t.rows, row)
}

// numbered makes the head of columns without names.
func (t *table) numbered(columns []int) {
	t.head, t.named = []string{""}, true
	for _, j := range columns {
		if j < 0 {
			t.head = append(t.head, leftOver)
			continue
		}
		t.head = append(t.head, strconv.Itoa(j))
	}
}

// matrixTable shows a matrix with the numbers of its rows and columns.
func matrixTable(m mat.Matrix) *table {
	r, c := m.Dims()
	t := &table{caption: fmt.Sprintf("%d×%d %T", r, c, m)}
	rows, columns := t.rowsOf(r), t.columnsOf(c)
	t.numbered(columns)
	for _, i := range rows {
		if i < 0 {
			t.rows = append(t.rows, nil)
			continue
		}
		t.add(strconv.Itoa(i), columns, func(j int) string { return numberText(m.At(i, j)) })
	}
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
	rows, columns := t.rowsOf(v.Len()), t.columnsOf(len(fields))
	for _, j := range columns {
		if j < 0 {
			t.head, t.types = append(t.head, leftOver), append(t.types, "")
			continue
		}
		t.head, t.types = append(t.head, fields[j].Name), append(t.types, typeText(fields[j].Type))
	}
	for _, i := range rows {
		if i < 0 {
			t.rows = append(t.rows, nil)
			continue
		}
		s := v.Index(i)
		if s.Kind() == reflect.Pointer && s.IsNil() {
			row := make([]string, len(columns))
			row[0] = "nil"
			t.rows = append(t.rows, row)
			continue
		}
		s = reflect.Indirect(s)
		t.add("", columns, func(j int) string {
			if x, err := s.FieldByIndexErr(fields[j].Index); err == nil {
				return cellText(x)
			}
			return ""
		})
	}
	return t.align()
}

// typeText is the name of a type for the head of a table.
func typeText(t reflect.Type) string {
	return cut(strings.ReplaceAll(t.String(), "interface {}", "any"), maxType)
}

// mapsTable has a column for each key.
func mapsTable(v reflect.Value) *table {
	t := &table{caption: countText(v)}
	rows := t.rowsOf(v.Len())
	var names []string
	seen := map[string]bool{}
	for _, i := range rows {
		if i < 0 {
			continue
		}
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
	columns := t.columnsOf(len(names))
	for _, j := range columns {
		if j < 0 {
			t.head = append(t.head, leftOver)
			continue
		}
		t.head = append(t.head, names[j])
	}
	for _, i := range rows {
		if i < 0 {
			t.rows = append(t.rows, nil)
			continue
		}
		m := reflect.Indirect(v.Index(i))
		t.add("", columns, func(j int) string {
			if m.IsValid() {
				if x := m.MapIndex(reflect.ValueOf(names[j]).Convert(m.Type().Key())); x.IsValid() {
					return cellText(x)
				}
			}
			return ""
		})
	}
	return t.align()
}

// mapTable has a row for each key, in order.
func mapTable(v reflect.Value) *table {
	if v.Len() == 0 {
		return nil
	}
	t := &table{caption: typeText(v.Type()) + say(", ") + count(v.Len(), "entry"), head: []string{say("key"), say("value")}, named: true}
	entries := sortedEntries(v)
	for _, i := range t.rowsOf(len(entries)) {
		if i < 0 {
			t.rows = append(t.rows, nil)
			continue
		}
		t.rows = append(t.rows, []string{cellText(entries[i].key), cellText(entries[i].value)})
	}
	return t.align()
}

// gridTable has a row for each inner slice.
func gridTable(v reflect.Value) *table {
	longest, equal := 0, true
	for i := range v.Len() {
		n := 0
		if s := reflect.Indirect(v.Index(i)); s.IsValid() {
			n = s.Len()
		}
		equal = equal && (i == 0 || n == longest)
		longest = max(longest, n)
	}
	if longest == 0 {
		return nil
	}
	t := &table{caption: countText(v)}
	if equal && v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Slice {
		t.caption = fmt.Sprintf("%d×%d %s", v.Len(), longest, v.Type())
	}
	rows, columns := t.rowsOf(v.Len()), t.columnsOf(longest)
	t.numbered(columns)
	for _, i := range rows {
		if i < 0 {
			t.rows = append(t.rows, nil)
			continue
		}
		s := reflect.Indirect(v.Index(i))
		t.add(strconv.Itoa(i), columns, func(j int) string {
			if s.IsValid() && j < s.Len() {
				return cellText(s.Index(j))
			}
			return ""
		})
	}
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

// align notes which columns hold numbers only, and puts the points of these under
// each other: what is short behind its point gets figure spaces.
func (t *table) align() *table {
	t.right = make([]bool, len(t.head))
	for j := range t.head {
		numbers, behind := 0, 0
		t.right[j] = true
		for _, row := range t.rows {
			if row == nil || row[j] == "" || row[j] == leftOver {
				continue
			}
			if _, err := strconv.ParseFloat(row[j], 64); err != nil {
				t.right[j] = false
				break
			}
			numbers++
			behind = max(behind, len(fraction(row[j])))
		}
		if t.right[j] = t.right[j] && numbers > 0; !t.right[j] {
			continue
		}
		for i, row := range t.rows {
			if row == nil || row[j] == leftOver {
				t.rows[i] = row
				continue
			}
			if short := fraction(row[j]); len(short) < behind && row[j] != "" {
				pad := strings.Repeat(figureSpace, behind-len(short))
				if short == "" { // a point is narrower than a figure
					pad = pointSpace + strings.Repeat(figureSpace, behind-1)
				}
				row[j] += pad
			}
		}
	}
	return t
}

// Spaces as wide as a figure and as a point. [strings.TrimSpace] takes them away.
const (
	figureSpace = "\u2007"
	pointSpace  = "\u2008"
)

// fraction is what a number has from its point, or from its exponent.
func fraction(s string) string {
	if i := strings.IndexAny(s, ".e"); i >= 0 {
		return s[i:]
	}
	return ""
}

// text lays the table out in columns of equal width.
func (t *table) text() string {
	lines := [][]string{t.head}
	if t.types != nil {
		lines = append(lines, t.types)
	}
	for _, row := range t.rows {
		if row == nil {
			row = slices.Repeat([]string{leftOut}, len(t.head))
		}
		lines = append(lines, row)
	}
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
	b.WriteString(strings.Join(t.notes, say(", ")))
	return strings.TrimRight(b.String(), "\n")
}

// printable keeps a cell in its line.
func printable(r rune) rune {
	switch r {
	case '\n', '\r', '\t', '\v', '\f', '\u2028', '\u2029', '\u2007', '\u2008':
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
	b.WriteString(`<table class="cajal-table" style="font-variant-numeric:tabular-nums"><caption style="caption-side:bottom;text-align:left">`)
	b.WriteString(html.EscapeString(strings.Join(append([]string{t.caption}, t.notes...), say(", "))) + "</caption>\n<thead><tr>")
	for j, s := range t.head {
		cell("th", j, s)
	}
	b.WriteString("</tr>")
	if t.types != nil {
		b.WriteString(`<tr style="font-size:85%;opacity:.7">`)
		for j, s := range t.types {
			cell("td", j, s)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</thead>\n<tbody>\n")
	for _, row := range t.rows {
		if row == nil {
			row = slices.Repeat([]string{leftOut}, len(t.head))
		}
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
		return count(v.Len(), "row")
	}
	return fmt.Sprintf("%d × %s", v.Len(), e)
}
