// This file reads the columns of a table.

package data

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A tableReader reads one file.
type tableReader struct {
	Table
	csv    *csv.Reader
	names  []string // of all columns
	first  []string // the first line of values, when it was read with the head
	fields []*field // the features, then the target
	target *field
	rows   int
	left   int // lines left out for missing values

	noTarget string // the target of Like, when the file has no such column
}

// A field is a column that is read. Its values are numbers, or for text the number of
// a word; NaN stands for a missing one.
type field struct {
	column
	known  bool // whether it is text has been seen
	fixed  bool // words and mean are those of another dataset
	values []float32
	index  map[string]int // of words
}

// head reads the first line and finds the columns.
func (t *tableReader) head() error {
	line, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("the file has no lines")
	}
	if err != nil {
		return err
	}
	t.names = slices.Clone(line)
	if i := strings.IndexAny(line[0], ";\t|"); t.Comma == 0 && len(line) == 1 && i >= 0 {
		return fmt.Errorf("the first line has one column, %q\nhint: Table{Comma: %q} if that is what stands between columns, Table{Comma: ','} if not", clip(line[0]), line[0][i])
	}
	if t.NoHeader {
		t.first = slices.Clone(line)
		for i := range t.names {
			t.names[i] = strconv.Itoa(i)
		}
	} else {
		numbers := 0
		for i, n := range t.names {
			t.names[i] = strings.TrimSpace(n)
			if _, err := parse(n); err == nil {
				numbers++
			}
		}
		if numbers == len(t.names) {
			return fmt.Errorf("the first line has numbers only (%s), but should name the columns\nhint: Table{NoHeader: true} reads it as an example", clip(strings.Join(line, ",")))
		}
	}
	if t.Like != nil {
		return t.alike()
	}
	target, used := -1, map[int]bool{}
	if t.Target != "" {
		if target, err = t.find(t.Target, "Target"); err != nil {
			return err
		}
		used[target] = true
	}
	for _, n := range t.Ignore {
		i, err := t.find(n, "Ignore")
		if err != nil {
			return err
		}
		used[i] = true
	}
	texts := map[int]bool{}
	for _, n := range t.Categories {
		i, err := t.find(n, "Categories")
		if err != nil {
			return err
		}
		texts[i] = true
	}
	add := func(i int) *field {
		f := &field{column: column{name: t.names[i], number: i, text: texts[i]}, known: texts[i], index: map[string]int{}}
		t.fields = append(t.fields, f)
		return f
	}
	if t.Features != nil {
		for _, n := range t.Features {
			i, err := t.find(n, "Features")
			if err != nil {
				return err
			}
			if used[i] {
				return fmt.Errorf("column %q is among Table.Features, but also in Target, Ignore or Features", n)
			}
			used[i] = true
			add(i)
		}
	} else {
		for i := range t.names {
			if !used[i] {
				add(i)
			}
		}
	}
	if len(t.fields) == 0 {
		return errors.New("no column is left for the features")
	}
	if target >= 0 {
		t.target = add(target)
	}
	return nil
}

// alike takes the columns of another dataset.
func (t *tableReader) alike() error {
	s := t.Like.schema
	if s == nil {
		return errors.New("the dataset Table.Like was not made by CSV")
	}
	add := func(c column) (*field, error) {
		name := c.name
		if t.NoHeader {
			name = strconv.Itoa(c.number)
		}
		i := c.number
		if i >= len(t.names) || t.names[i] != name { // the columns are in another order
			var err error
			if i, err = t.find(name, "Like"); err != nil {
				return nil, err
			}
		}
		f := &field{column: c, known: true, fixed: true, index: map[string]int{}}
		f.number = i
		for k, w := range c.words {
			f.index[w] = k
		}
		t.fields = append(t.fields, f)
		return f, nil
	}
	for _, c := range s.features {
		if _, err := add(c); err != nil {
			return err
		}
	}
	if s.target == nil {
		return nil
	}
	var err error
	if t.target, err = add(*s.target); errors.Is(err, errNoColumn) { // examples to predict
		t.noTarget, err = s.target.name, nil
	}
	return err
}

var errNoColumn = errors.New("no column")

// find returns the number of a column.
func (t *tableReader) find(name, where string) (int, error) {
	if i := slices.Index(t.names, name); i >= 0 {
		if k := slices.Index(t.names[i+1:], name); k >= 0 {
			return 0, fmt.Errorf("two columns are called %q: Table.%s has to say the number, %d or %d", name, where, i, i+1+k)
		}
		return i, nil
	}
	if i, err := strconv.Atoi(name); err == nil && i >= -len(t.names) && i < len(t.names) {
		return (i + len(t.names)) % len(t.names), nil
	}
	return 0, fmt.Errorf("%w %q, which Table.%s names: the columns are %s", errNoColumn, name, where, clip(strings.Join(t.names, ", ")))
}

// body reads the values.
func (t *tableReader) body() error {
	row := make([]float32, len(t.fields))
	for {
		line := t.first
		if t.first = nil; line == nil {
			var err error
			if line, err = t.csv.Read(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
		if t.rows == math.MaxInt32 {
			return errors.New("the file has more lines than a dataset can count")
		}
		var missing *field
		for _, f := range t.fields {
			if t.isMissing(line[f.number]) {
				missing = f
				break
			}
		}
		switch {
		case missing == nil:
		case t.Missing == MissingSkip:
			t.left++
			continue
		case t.Missing == MissingError:
			return t.at(missing, fmt.Errorf("the value is missing (%q)\nhint: Table{Missing: data.MissingSkip} leaves such lines out, MissingMean and MissingZero fill them in", line[missing.number]))
		case t.target != nil && t.isMissing(line[t.target.number]):
			return t.at(t.target, errors.New("the target is missing, and only data.MissingSkip can do with that"))
		}
		for k, f := range t.fields {
			var err error
			if row[k], err = t.value(f, strings.TrimSpace(line[f.number])); err != nil {
				return t.at(f, err)
			}
		}
		for k, f := range t.fields {
			f.values = append(f.values, row[k])
		}
		t.rows++
	}
}

// at says where an error is.
func (t *tableReader) at(f *field, err error) error {
	line, _ := t.csv.FieldPos(f.number)
	return fmt.Errorf("line %d, column %q: %w", line, f.name, err)
}

func (t *tableReader) isMissing(s string) bool {
	s = strings.TrimSpace(s)
	return s == "" || slices.Contains(t.MissingWords, s)
}

// value reads a field.
func (t *tableReader) value(f *field, s string) (float32, error) {
	if t.isMissing(s) {
		return float32(math.NaN()), nil
	}
	if !f.known {
		_, err := parse(s)
		f.known, f.text = true, err != nil
	}
	if !f.text {
		v, err := parse(s)
		if err != nil {
			return 0, fmt.Errorf("%q is not a number, but the values before it are\nhint: Table{Categories: []string{%q}} reads the column as text, MissingWords names words for a missing value", clip(s), f.name)
		}
		return v, nil
	}
	if f != t.target && !t.OneHot && !f.fixed && !slices.Contains(t.Categories, f.name) && !slices.Contains(t.Categories, strconv.Itoa(f.number)) {
		return 0, fmt.Errorf("%q is not a number\nhint: Table{OneHot: true} makes one number a category of such columns, Ignore leaves them out", clip(s))
	}
	i, ok := f.index[s]
	if !ok {
		if f.fixed {
			return 0, fmt.Errorf("%q is not among those of Table.Like: %s", clip(s), clip(strings.Join(f.words, ", ")))
		}
		if i = len(f.words); i > 1<<16 {
			return 0, fmt.Errorf("has more than %d different texts", 1<<16)
		}
		s = strings.Clone(s)
		f.words = append(f.words, s)
		f.index[s] = i
	}
	return float32(i), nil
}

// parse reads a number that float32 can hold.
func parse(s string) (float32, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 32)
	if err == nil && (math.IsInf(v, 0) || math.IsNaN(v)) {
		err = strconv.ErrRange
	}
	return float32(v), err
}

// clip shortens what was found in a file.
func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

// sortWords puts the words of a field in order.
func (f *field) sortWords() {
	if f.fixed || !f.text {
		return
	}
	sorted := slices.Clone(f.words)
	slices.Sort(sorted)
	for k, w := range sorted {
		f.index[w] = k
	}
	for i, v := range f.values {
		if v == v {
			f.values[i] = float32(f.index[f.words[int(v)]])
		}
	}
	f.words = sorted
}

// fill replaces missing values.
func (f *field) fill(m Missing) {
	gaps := false
	sum, n := 0.0, 0
	for _, v := range f.values {
		if v == v {
			sum, n = sum+float64(v), n+1
		} else {
			gaps = true
		}
	}
	if !f.fixed && !f.text && n > 0 {
		f.mean = float32(sum / float64(n))
	}
	if !gaps {
		return
	}
	with := float32(0)
	switch {
	case f.text && m == MissingMean:
		i, ok := f.index[""]
		if !ok && f.fixed {
			i = -1 // no category
		} else if !ok {
			i = len(f.words)
			f.words, f.index[""] = append(f.words, ""), i
		}
		with = float32(i)
	case f.text:
		with = -1
	case m == MissingMean:
		with = f.mean
	}
	for i, v := range f.values {
		if v != v {
			f.values[i] = with
		}
	}
}

// dataset makes a dataset of the columns.
func (t *tableReader) dataset() (*Dataset, error) {
	if t.rows == 0 {
		return nil, fmt.Errorf("there are no examples: %s left out for missing values", were(t.left, "line"))
	}
	d := &Dataset{n: t.rows, scale: 1, look: new(look), schema: &schema{}}
	width := 0
	for _, f := range t.fields {
		f.sortWords()
		if f == t.target {
			continue
		}
		if !f.known {
			return nil, fmt.Errorf("column %q has no values\nhint: Table{Ignore: []string{%q}} leaves it out", f.name, f.name)
		}
		f.fill(t.Missing)
		width++
		if f.text {
			width += len(f.words) - 1
		}
		d.schema.features = append(d.schema.features, f.column)
	}
	if err := t.fits(width); err != nil {
		return nil, err
	}
	d.shape = []int{width}
	d.floats = make([]float32, t.rows*width)
	col := 0
	for _, f := range t.fields {
		if f == t.target {
			continue
		}
		for i, v := range f.values {
			switch {
			case !f.text:
				d.floats[i*width+col] = v
			case v >= 0:
				d.floats[i*width+col+int(v)] = 1
			}
		}
		if f.text {
			col += len(f.words)
		} else {
			col++
		}
	}
	if t.left > 0 {
		d.notes = append(d.notes, fmt.Sprintf("%s left out for missing values", were(t.left, "line")))
	}
	if t.noTarget != "" {
		d.notes = append(d.notes, fmt.Sprintf("there is no column %q, so the examples have neither classes nor targets", t.noTarget))
	}
	if t.target != nil {
		if err := t.truths(d); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// maxMade bounds how many numbers categories may add to those of the file.
const maxMade = 1 << 28

// fits reports whether examples of so many numbers are to be made: a column of texts
// that all differ would become a square as wide as the file is long.
func (t *tableReader) fits(width int) error {
	if width == 0 {
		return errors.New("no column that is left for the features has values")
	}
	if width <= len(t.fields)+maxMade/t.rows {
		return nil
	}
	widest := t.fields[0]
	for _, f := range t.fields {
		if f != t.target && f.text && (!widest.text || len(f.words) > len(widest.words)) {
			widest = f
		}
	}
	return fmt.Errorf("column %q has %d categories, which makes %d examples of %d numbers, more than %d in all\nhint: Table{Ignore: []string{%q}} leaves it out",
		widest.name, len(widest.words), t.rows, width, maxMade, widest.name)
}

// truths makes labels or targets of the target's column.
func (t *tableReader) truths(d *Dataset) error {
	f := t.target
	kind := t.Kind
	switch {
	case t.Like != nil:
		kind = t.Like.schema.kind
	case kind == KindAuto && (f.text || counts(f.values)):
		kind = KindClasses
	case kind == KindAuto:
		kind = KindNumbers
	}
	if kind == KindNumbers && f.text {
		return fmt.Errorf("column %q is to give target numbers, but has texts such as %q", f.name, clip(f.words[0]))
	}
	d.schema.kind = kind
	if kind == KindNumbers {
		d.targets, d.tshape = f.values, []int{1}
		d.schema.target = &f.column
		return nil
	}
	if !f.text {
		// The numbers are names of classes: in order, and whole where they can be.
		distinct := slices.Clone(f.values)
		slices.Sort(distinct)
		distinct = slices.Compact(distinct)
		if f.fixed {
			distinct = distinct[:0]
			for _, w := range f.words {
				v, _ := parse(w)
				distinct = append(distinct, v)
			}
		} else if len(distinct) > 1<<16 {
			return fmt.Errorf("column %q has more than %d different numbers: are they classes?\nhint: Table{Kind: data.KindNumbers} takes them as targets", f.name, 1<<16)
		}
		for i, v := range f.values {
			k, ok := slices.BinarySearch(distinct, v)
			if !ok {
				return fmt.Errorf("column %q: %v is not among the classes of Table.Like: %s", f.name, v, clip(strings.Join(f.words, ", ")))
			}
			f.values[i] = float32(k)
		}
		if !f.fixed {
			f.words = nil
			for _, v := range distinct {
				f.words = append(f.words, strconv.FormatFloat(float64(v), 'g', -1, 32))
			}
		}
	}
	d.labels = make([]int32, t.rows)
	for i, v := range f.values {
		d.labels[i] = int32(v)
	}
	d.classes = slices.Clone(f.words)
	d.schema.target = &f.column
	if t.Kind == KindAuto && t.Like == nil && !f.text {
		d.notes = append(d.notes, fmt.Sprintf("the whole numbers of column %q were taken as classes; Table{Kind: data.KindNumbers} takes them as targets", f.name))
	}
	return nil
}

// counts reports whether the values are whole numbers with none left out from 0 to the
// largest.
func counts(values []float32) bool {
	const most = 1000
	seen := make([]bool, most)
	top := 0
	for _, v := range values {
		i := int(v)
		if !(v >= 0 && v < most) || float32(i) != v {
			return false
		}
		seen[i], top = true, max(top, i)
	}
	return !slices.Contains(seen[:top+1], false)
}
