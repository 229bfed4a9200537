// This file reads a notebook, and says where it is wrong and how to mend it.

package nbformat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// ReadFile reads the notebook in the named file. Errors begin with the name.
func ReadFile(name string) (*Notebook, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading notebook: %w", err)
	}
	nb, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return nb, nil
}

// Parse reads a notebook from data.
func Parse(data []byte) (*Notebook, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	tree, err := decode(data)
	if err != nil {
		return nil, err
	}
	top, ok := tree.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("not a notebook: the file holds %s, a notebook is a JSON object with cells", kindOf(tree))
	}
	if err := checkVersion(top); err != nil {
		return nil, err
	}
	nb := &Notebook{}
	r := reader{at: "notebook", m: top}
	r.number("nbformat")
	nb.Minor = r.number("nbformat_minor")
	nb.Metadata = r.object("metadata")
	cells := r.list("cells")
	if r.err != nil {
		return nil, r.err
	}
	nb.rest = r.left()
	nb.Cells = make([]*Cell, 0, len(cells))
	for i, c := range cells {
		cell, err := readCell(fmt.Sprintf("cells[%d]", i), c)
		if err != nil {
			return nil, err
		}
		nb.Cells = append(nb.Cells, cell)
	}
	return nb, nil
}

// decode turns JSON into a tree with json.Number, and explains what is no JSON.
func decode(data []byte) (any, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("not a notebook: the file is empty, a notebook is a JSON object")
	}
	if !utf8.Valid(data) {
		return nil, errors.New("not a notebook: the file is not UTF-8 text")
	}
	for _, mark := range []string{"<<<<<<< ", ">>>>>>> "} {
		if bytes.HasPrefix(data, []byte(mark)) {
			return nil, fmt.Errorf("line 1: an unsolved merge conflict (%q): choose one side first", strings.TrimSpace(mark))
		}
		if i := bytes.Index(data, []byte("\n"+mark)); i >= 0 {
			return nil, fmt.Errorf("line %d: an unsolved merge conflict (%q): choose one side first", bytes.Count(data[:i+1], []byte("\n"))+1, strings.TrimSpace(mark))
		}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var tree any
	err := dec.Decode(&tree)
	if err == nil {
		_, err = dec.Token()
		if errors.Is(err, io.EOF) {
			return tree, nil
		}
		line, col := position(data, dec.InputOffset())
		return nil, fmt.Errorf("line %d, column %d: not JSON: text after the end of the notebook", line, col)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line, col := position(data, syntax.Offset-1)
		return nil, fmt.Errorf("line %d, column %d: not JSON: %w", line, col, err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		line, col := position(data, int64(len(data)))
		return nil, fmt.Errorf("line %d, column %d: not JSON: the file ends in the middle, it may be cut off", line, col)
	}
	return nil, fmt.Errorf("not JSON: %w", err)
}

func position(data []byte, offset int64) (line, col int) {
	offset = max(0, min(offset, int64(len(data))))
	before := data[:offset]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

// checkVersion refuses what is not format 4.
func checkVersion(top map[string]any) error {
	const mend = "open it in Jupyter and save it, or convert it with: jupyter nbconvert --to notebook --nbformat 4 FILE"
	v, ok := top["nbformat"]
	if !ok {
		return errors.New("not a notebook: JSON, but the field nbformat is missing")
	}
	n, ok := v.(json.Number)
	if !ok {
		return fmt.Errorf("notebook.nbformat: found %s, expected the number 4", kindOf(v))
	}
	major, err := n.Int64()
	switch {
	case err != nil:
		return fmt.Errorf("notebook.nbformat: found %s, expected the number 4", n)
	case major < 4:
		return fmt.Errorf("the notebook has format %d, cajal reads format 4: %s", major, mend)
	case major > 4:
		return fmt.Errorf("the notebook has format %d, newer than the format 4 that this cajal reads: save it as format 4", major)
	}
	return nil
}

func readCell(at string, v any) (*Cell, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: found %s, expected a cell", at, kindOf(v))
	}
	r := reader{at: at, m: m}
	c := &Cell{Type: CellType(r.text("cell_type", true))}
	c.ID = r.text("id", false)
	c.Source = r.lines("source")
	c.Metadata = r.object("metadata")
	if _, ok := m["attachments"]; ok {
		c.Attachments = map[string]map[string]any{}
		for name, b := range r.object("attachments") {
			bundle, ok := b.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("%s.attachments[%q]: found %s, expected an object", at, name, kindOf(b))
			}
			c.Attachments[name] = joinBundle(bundle)
		}
	}
	var outputs []any
	if c.Type == Code {
		c.ExecutionCount = r.count("execution_count")
		outputs = r.list("outputs")
	}
	if r.err != nil {
		return nil, r.err
	}
	c.rest = r.left()
	for i, o := range outputs {
		out, err := readOutput(fmt.Sprintf("%s.outputs[%d]", at, i), o)
		if err != nil {
			return nil, err
		}
		c.Outputs = append(c.Outputs, out)
	}
	return c, nil
}

func readOutput(at string, v any) (*Output, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: found %s, expected an output", at, kindOf(v))
	}
	r := reader{at: at, m: m}
	o := &Output{Type: OutputType(r.text("output_type", true))}
	switch o.Type {
	case Stream:
		o.Name = r.text("name", true)
		o.Text = r.lines("text")
	case DisplayData, ExecuteResult:
		o.Data = joinBundle(r.object("data"))
		o.Metadata = r.object("metadata")
		if o.Type == ExecuteResult {
			o.ExecutionCount = r.count("execution_count")
		}
	case ErrorOutput:
		o.EName = r.text("ename", true)
		o.EValue = r.text("evalue", true)
		for i, line := range r.list("traceback") {
			s, ok := line.(string)
			if !ok {
				return nil, fmt.Errorf("%s.traceback[%d]: found %s, expected a string", at, i, kindOf(line))
			}
			o.Traceback = append(o.Traceback, s)
		}
	}
	o.rest = r.left()
	return o, r.err
}

// reader takes fields out of a JSON object and remembers the first error.
// What was not taken is left.
type reader struct {
	at   string
	m    map[string]any
	used []string
	err  error
}

func (r *reader) take(key string) (any, bool) {
	r.used = append(r.used, key)
	v, ok := r.m[key]
	return v, ok
}

func (r *reader) wrong(key string, v any, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s.%s: found %s, expected %s", r.at, key, kindOf(v), want)
	}
}

func (r *reader) missing(key, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: the field %s is missing, expected %s", r.at, key, want)
	}
}

func (r *reader) text(key string, required bool) string {
	v, ok := r.take(key)
	if !ok {
		if required {
			r.missing(key, "a string")
		}
		return ""
	}
	s, ok := v.(string)
	if !ok {
		r.wrong(key, v, "a string")
	}
	return s
}

// lines takes a string or a list of strings.
func (r *reader) lines(key string) string {
	v, ok := r.take(key)
	if !ok {
		r.missing(key, "a string or a list of strings")
		return ""
	}
	s, ok := join(v)
	if !ok {
		r.wrong(key, v, "a string or a list of strings")
	}
	return s
}

func (r *reader) object(key string) map[string]any {
	v, ok := r.take(key)
	if !ok {
		return map[string]any{}
	}
	m, ok := v.(map[string]any)
	if !ok {
		r.wrong(key, v, "an object")
	}
	return m
}

func (r *reader) list(key string) []any {
	v, ok := r.take(key)
	if !ok {
		r.missing(key, "a list")
		return nil
	}
	l, ok := v.([]any)
	if !ok {
		r.wrong(key, v, "a list")
	}
	return l
}

func (r *reader) number(key string) int {
	v, ok := r.take(key)
	if !ok {
		r.missing(key, "a whole number")
		return 0
	}
	return r.whole(key, v)
}

// count takes a whole number or null.
func (r *reader) count(key string) *int {
	v, ok := r.take(key)
	if !ok || v == nil {
		return nil
	}
	n := r.whole(key, v)
	return &n
}

func (r *reader) whole(key string, v any) int {
	num, _ := v.(json.Number)
	n, err := num.Int64()
	if err != nil || int64(int(n)) != n {
		r.wrong(key, v, "a whole number")
	}
	return int(n)
}

func (r *reader) left() map[string]any {
	rest := map[string]any{}
	for k, v := range r.m {
		rest[k] = v
	}
	for _, k := range r.used {
		delete(rest, k)
	}
	return rest
}

// kindOf names a JSON value for messages.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case json.Number:
		return "the number " + v.String()
	case string:
		if utf8.RuneCountInString(v) > 20 {
			v = string([]rune(v)[:20]) + "…"
		}
		return fmt.Sprintf("the string %q", v)
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("%T", v)
}
