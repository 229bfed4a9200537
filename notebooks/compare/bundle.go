// This file compares the outputs of a cell.

package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"cajal/notebooks/nbformat"
	"cajal/notebooks/run"

	"cajal/notebooks/pattern"
)

// Outputs compares the outputs that a cell has with those that it had.
//
// What a cell wrote on a stream is one text, however it was cut; rich outputs
// are compared in their order. Where streams and rich outputs stand between
// each other is not compared: it depends on when buffers are emptied.
func Outputs(was, is []*nbformat.Output, r Rule) []Difference {
	if r.Skip {
		return nil
	}
	all := bands(is, r)
	if r.BandsOnly {
		return all
	}
	for _, name := range []string{"stdout", "stderr"} {
		all = append(all, Texts(name, stream(was, name), stream(is, name), r)...)
	}
	a, b := rich(was), rich(is)
	for i := range max(len(a), len(b)) {
		where := "output"
		if len(a) > 1 || len(b) > 1 {
			where = fmt.Sprintf("output %d", i+1)
		}
		switch {
		case i >= len(a):
			all = append(all, Difference{Where: where, Old: "nothing", New: brief(b[i])})
		case i >= len(b):
			all = append(all, Difference{Where: where, Old: brief(a[i]), New: "nothing"})
		default:
			all = append(all, output(where, a[i], b[i], r)...)
		}
	}
	return all
}

// stream joins what was written on a stream, as a terminal shows it.
func stream(outputs []*nbformat.Output, name string) string {
	var b strings.Builder
	for _, o := range outputs {
		if o.Type == nbformat.Stream && o.Name == name {
			b.WriteString(o.Text)
		}
	}
	return run.Settled(b.String())
}

func rich(outputs []*nbformat.Output) []*nbformat.Output {
	return slices.DeleteFunc(slices.Clone(outputs), func(o *nbformat.Output) bool { return o.Type == nbformat.Stream })
}

// brief names an output.
func brief(o *nbformat.Output) string {
	if o.Type == nbformat.ErrorOutput {
		return "the error " + quoted(o.EName+": "+o.EValue, 0)
	}
	if text, ok := o.Data["text/plain"].(string); ok {
		line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
		return quoted(line, 0)
	}
	var types []string
	for mime := range o.Data {
		types = append(types, mime)
	}
	slices.Sort(types)
	return strings.Join(types, ", ")
}

func output(where string, a, b *nbformat.Output, r Rule) []Difference {
	switch {
	case (a.Type == nbformat.ErrorOutput) != (b.Type == nbformat.ErrorOutput):
		return []Difference{{Where: where, Old: brief(a), New: brief(b)}}
	case a.Type == nbformat.ErrorOutput:
		if a.EName != b.EName {
			return []Difference{{Where: where, Old: brief(a), New: brief(b)}}
		}
		return Texts("error", a.EValue, b.EValue, r)
	}
	if r.Exact {
		return everything(where, a, b, r)
	}
	for _, form := range forms {
		va, ok1 := a.Data[form.mime]
		vb, ok2 := b.Data[form.mime]
		if !ok1 || !ok2 {
			continue
		}
		if all, ok := form.compare(where, va, vb, r); ok {
			return all
		}
	}
	return everything(where, a, b, r)
}

// form is a way to compare a MIME type; ok is false if it cannot be.
type form struct {
	mime    string
	compare func(where string, was, is any, r Rule) (all []Difference, ok bool)
}

// forms are the types in the order in which they are preferred: data before
// text, text before pixels.
var forms = []form{
	{"image/svg+xml", charts},
	{"application/json", func(where string, was, is any, r Rule) ([]Difference, bool) {
		return Trees(where, was, is, r), true
	}},
	{"text/html", asText(hypertexts)},
	{"text/markdown", asText(Texts)},
	{"text/latex", asText(Texts)},
	{"image/svg+xml", asText(strokes)},
	{"image/png", asText(pictures)},
	{"image/jpeg", asText(pictures)},
	{"image/gif", asText(pictures)},
	{"text/plain", asText(Texts)},
}

func asText(f func(where, was, is string, r Rule) []Difference) func(string, any, any, Rule) ([]Difference, bool) {
	return func(where string, was, is any, r Rule) ([]Difference, bool) {
		a, ok1 := was.(string)
		b, ok2 := is.(string)
		if !ok1 || !ok2 {
			return nil, false
		}
		return f(where, a, b, r), true
	}
}

// command is a letter of a path before a number, which would be a word.
var command = pattern.New(`([MLHVCSQTAZmlhvcsqtaz])(-?\.?\d)`)

// strokes compares SVG by its text.
func strokes(where, was, is string, r Rule) []Difference {
	return Texts(where, command().ReplaceAllString(was, "$1 $2"), command().ReplaceAllString(is, "$1 $2"), r)
}

// charts compares the data that pictures carry.
func charts(where string, was, is any, r Rule) ([]Difference, bool) {
	a, ok1 := data(was)
	b, ok2 := data(is)
	if !ok1 || !ok2 {
		return nil, false
	}
	return Trees("chart of "+where, a, b, r), true
}

var metadata = pattern.New(`(?s)<metadata>\s*(.*?)\s*</metadata>`)

// data returns the JSON in the metadata of an SVG document.
func data(v any) (tree any, ok bool) {
	text, _ := v.(string)
	m := metadata().FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(html.UnescapeString(m[1]))))
	dec.UseNumber()
	err := dec.Decode(&tree)
	return tree, err == nil
}

// everything compares all MIME types that the two have, and which those are.
func everything(where string, a, b *nbformat.Output, r Rule) []Difference {
	types := func(o *nbformat.Output) string {
		var all []string
		for mime := range o.Data {
			all = append(all, mime)
		}
		slices.Sort(all)
		return strings.Join(all, ", ")
	}
	if types(a) != types(b) {
		return []Difference{{Where: where, Old: types(a), New: types(b)}}
	}
	_, isChart := data(a.Data["image/svg+xml"])
	_, isHTML := a.Data["text/html"]
	var all []Difference
	for _, mime := range strings.Split(types(a), ", ") {
		// Pixels and aligned text do not tell what is a duration, and are made of
		// the same values.
		pixels := strings.HasPrefix(mime, "image/") && mime != "image/svg+xml"
		if !r.Bare && (isChart && pixels || isHTML && mime == "text/plain") {
			continue
		}
		for _, form := range forms {
			if form.mime != mime {
				continue
			}
			if d, ok := form.compare(where+" as "+mime, a.Data[mime], b.Data[mime], r); ok {
				all = append(all, d...)
				if len(d) > 0 || !isChart {
					break // else the strokes, too
				}
			}
		}
	}
	return all
}

// bands checks that numbers lie where they should.
func bands(outputs []*nbformat.Output, r Rule) []Difference {
	if len(r.Bands) == 0 {
		return nil
	}
	said := Said(outputs)
	var all []Difference
	for _, b := range r.Bands {
		where := "band"
		if b.Name != "" {
			where = "band of " + b.Name
		}
		switch v, text, ok := Number(said, b.Name); {
		case !ok:
			all = append(all, Difference{Where: where, Old: b.String(), New: "no such number"})
		case !(v >= b.Lo && v <= b.Hi):
			all = append(all, Difference{Where: where, Old: b.String(), New: text})
		}
	}
	return all
}

// Said returns what outputs say in words and numbers.
func Said(outputs []*nbformat.Output) string {
	var b strings.Builder
	for _, o := range outputs {
		switch {
		case o.Type == nbformat.Stream:
			b.WriteString(run.Settled(o.Text))
		case o.Data != nil:
			if text, ok := o.Data["text/plain"].(string); ok {
				b.WriteString(text)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Number finds a number in a text: the first one behind name, or the first of
// all if name is "".
func Number(text, name string) (value float64, spelt string, ok bool) {
	if name != "" {
		at := regexp.MustCompile(`(?i)(^|[^\pL\pN_])` + regexp.QuoteMeta(name) + `($|[^\pL\pN_])`).FindStringIndex(text)
		if at == nil {
			return 0, "", false
		}
		text = text[at[1]-1:]
	}
	for line := range strings.Lines(text) {
		for _, t := range tokens(line) {
			if t.num {
				return t.value, t.text, true
			}
		}
	}
	return 0, "", false
}
