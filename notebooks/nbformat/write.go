// This file writes a notebook byte for byte as Jupyter does.

package nbformat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Write writes the notebook to w.
func (nb *Notebook) Write(w io.Writer) error {
	data, err := nb.Bytes()
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// Bytes returns the notebook as it stands on disk. It fails only if a value in
// a MIME bundle or in metadata is nothing that encoding/json can write.
func (nb *Notebook) Bytes() ([]byte, error) {
	top := maps.Clone(nb.rest)
	if top == nil {
		top = map[string]any{}
	}
	cells := make([]any, len(nb.Cells))
	for i, c := range nb.Cells {
		cells[i] = c.tree()
	}
	top["nbformat"] = 4
	top["nbformat_minor"] = nb.Minor
	top["metadata"] = object(nb.Metadata)
	top["cells"] = cells
	var b bytes.Buffer
	if err := encode(&b, top, 0); err != nil {
		return nil, fmt.Errorf("writing notebook: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (c *Cell) tree() map[string]any {
	t := maps.Clone(c.rest)
	if t == nil {
		t = map[string]any{}
	}
	t["cell_type"] = string(c.Type)
	t["source"] = split(c.Source)
	t["metadata"] = object(c.Metadata)
	if c.ID != "" {
		t["id"] = c.ID
	}
	if c.Attachments != nil {
		a := map[string]any{}
		for name, bundle := range c.Attachments {
			a[name] = splitBundle(bundle)
		}
		t["attachments"] = a
	}
	if c.Type == Code {
		t["execution_count"] = count(c.ExecutionCount)
		outputs := make([]any, len(c.Outputs))
		for i, o := range c.Outputs {
			outputs[i] = o.tree()
		}
		t["outputs"] = outputs
	}
	return t
}

func (o *Output) tree() map[string]any {
	t := maps.Clone(o.rest)
	if t == nil {
		t = map[string]any{}
	}
	t["output_type"] = string(o.Type)
	switch o.Type {
	case Stream:
		t["name"] = o.Name
		t["text"] = split(o.Text)
	case DisplayData, ExecuteResult:
		t["data"] = splitBundle(o.Data)
		t["metadata"] = object(o.Metadata)
		if o.Type == ExecuteResult {
			t["execution_count"] = count(o.ExecutionCount)
		}
	case ErrorOutput:
		t["ename"] = o.EName
		t["evalue"] = o.EValue
		lines := make([]any, len(o.Traceback))
		for i, l := range o.Traceback {
			lines[i] = l
		}
		t["traceback"] = lines
	}
	return t
}

func object(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func count(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

// encode writes v as Python's json.dumps(v, ensure_ascii=False, indent=1,
// sort_keys=True, separators=(",", ": ")) does, but for numbers, which keep
// their spelling.
func encode(b *bytes.Buffer, v any, depth int) error {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case json.Number:
		b.WriteString(v.String())
	case string:
		quote(b, v)
	case []any:
		if len(v) == 0 {
			b.WriteString("[]")
			return nil
		}
		for i, e := range v {
			b.WriteByte(",["[btoi(i == 0)])
			indent(b, depth+1)
			if err := encode(b, e, depth+1); err != nil {
				return err
			}
		}
		indent(b, depth)
		b.WriteByte(']')
	case map[string]any:
		if len(v) == 0 {
			b.WriteString("{}")
			return nil
		}
		for i, k := range slices.Sorted(maps.Keys(v)) {
			b.WriteByte(",{"[btoi(i == 0)])
			indent(b, depth+1)
			quote(b, k)
			b.WriteString(": ")
			if err := encode(b, v[k], depth+1); err != nil {
				return err
			}
		}
		indent(b, depth)
		b.WriteByte('}')
	default:
		// What an evaluator put into a bundle: bring it into the types above.
		tree, err := Tree(v)
		if err != nil {
			return err
		}
		return encode(b, tree, depth)
	}
	return nil
}

// Tree turns any value that encoding/json can write into the tree that reading
// it back would give, with json.Number.
func Tree(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var tree any
	err = dec.Decode(&tree)
	return tree, err
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func indent(b *bytes.Buffer, depth int) {
	b.WriteByte('\n')
	for range depth {
		b.WriteByte(' ')
	}
}

// quote escapes what Python escapes, and no more: quotation mark, backslash
// and the control characters below space.
func quote(b *bytes.Buffer, s string) {
	const hex = "0123456789abcdef"
	b.WriteByte('"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			continue
		}
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || n > 1 {
				i += n - 1
				continue
			}
		}
		b.WriteString(s[start:i])
		start = i + 1
		switch c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		default:
			if c >= utf8.RuneSelf { // a byte that is no UTF-8
				b.WriteString("\ufffd")
				continue
			}
			b.WriteString(`\u00`)
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	b.WriteString(s[start:])
	b.WriteByte('"')
}
