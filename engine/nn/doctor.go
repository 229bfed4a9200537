// This file looks at data before a training, and says in words what will cost accuracy.

package nn

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"html"
	"math"
	"strings"

	"cajal/engine/data"
)

// A Finding is something that costs accuracy, or makes a training fail.
type Finding struct {
	Fatal bool   // Fit would refuse it
	Text  string // what was found
	Fix   string // how to mend it, "" when there is nothing to do
}

// String writes the finding in one line.
func (f Finding) String() string {
	if f.Fix == "" {
		return f.Text
	}
	return f.Text + "; fix: " + f.Fix
}

// Findings are what [Model.Doctor] and [Model.Units] have to say.
type Findings struct {
	Title string
	List  []Finding
}

func (f *Findings) add(text, fix string) { f.List = append(f.List, Finding{Text: text, Fix: fix}) }

// String writes one finding a line, each fix beneath.
func (f *Findings) String() string {
	var b strings.Builder
	b.WriteString(f.Title)
	if len(f.List) == 0 {
		b.WriteString(": nothing to mend")
	}
	for _, l := range f.List {
		mark := "warning"
		if l.Fatal {
			mark = "error"
		}
		fmt.Fprintf(&b, "\n%-10s %s", mark, l.Text)
		if l.Fix != "" {
			fmt.Fprintf(&b, "\n  fix      %s", l.Fix)
		}
	}
	return b.String()
}

// MIMEBundle returns the findings as text/plain and, as a list, text/html.
func (f *Findings) MIMEBundle() map[string]any {
	var b strings.Builder
	b.WriteString(`<div class="cajal-findings"><div>` + html.EscapeString(f.Title) + "</div><ul>")
	for _, l := range f.List {
		b.WriteString("<li>" + html.EscapeString(l.Text))
		if l.Fix != "" {
			b.WriteString("<br>fix: " + html.EscapeString(l.Fix))
		}
		b.WriteString("</li>")
	}
	b.WriteString("</ul></div>")
	return map[string]any{"text/plain": f.String(), "text/html": b.String()}
}

// Doctor looks at a training set, and at a second set unless it is nil, as Fit with its
// defaults would use them: whether they fit the model, numbers that are NaN or large,
// labels out of range, classes that are rare, examples that come twice or stand in both
// sets.
func (m *Model) Doctor(train, test *data.Dataset) *Findings {
	f := &Findings{Title: "the data"}
	if err := m.Err(); err != nil {
		f.List = append(f.List, Finding{Fatal: true, Text: err.Error()})
		return f
	}
	for i, d := range []*data.Dataset{train, test} {
		if i == 1 && d == nil {
			continue
		}
		err := checkData(m, d, "the training set")
		if err == nil {
			_, err = inferLoss(m, d).resolve(m, d)
		}
		if err != nil {
			l := Finding{Fatal: true, Text: err.Error()}
			if e, ok := err.(*DataError); ok {
				l.Text, l.Fix = e.Text, e.Fix
			}
			f.List = append(f.List, l)
			continue
		}
		for _, w := range warnings(d) {
			f.add(w, "")
		}
		f.balance(d)
	}
	if train != nil && train.Len() > 0 {
		f.duplicates(train, test, true)
	}
	return f
}

// rare is the share of an even spread below which a class is called rare.
const rare = 0.2

func (f *Findings) balance(d *data.Dataset) {
	counts := d.Stats().Counts
	if len(counts) < 2 {
		return
	}
	for c, n := range counts {
		even := float64(d.Len()) / float64(len(counts))
		if float64(n) >= rare*even {
			continue
		}
		name := fmt.Sprint(c)
		if names := d.Classes(); c < len(names) {
			name = names[c]
		}
		fix := "more examples of it"
		if n > 0 {
			fix = fmt.Sprintf("more examples of it, or nn.Fit{ClassWeights: map[int]float64{%d: %.3g}}", c, even/float64(n))
		}
		f.add(fmt.Sprintf("%s: class %s has %d of %d examples", called(d), name, n, d.Len()), fix)
	}
}

func called(d *data.Dataset) string {
	if d.Name() == "" {
		return "the dataset"
	}
	return d.Name()
}

// digester hashes examples, so that equal ones are found.
type digester struct {
	seed  maphash.Seed
	row   []float32
	bytes []byte
}

func newDigester(size int) *digester {
	return &digester{seed: maphash.MakeSeed(), row: make([]float32, size), bytes: make([]byte, 4*size)}
}

func (g *digester) of(d *data.Dataset, i int) uint64 {
	d.ReadRows(g.row, i)
	for k, v := range g.row {
		binary.LittleEndian.PutUint32(g.bytes[4*k:], math.Float32bits(v))
	}
	return maphash.Bytes(g.seed, g.bytes)
}

// overlapNumbers bounds what Fit looks at before it trains, to a few hundredths of a
// second; the Doctor looks at everything.
const overlapNumbers = 1 << 23

// duplicates finds examples that are in both sets, of which test may be nil, and, if
// twice, those that train has more than once.
func (f *Findings) duplicates(train, test *data.Dataset, twice bool) {
	g := newDigester(train.ExampleSize())
	seen := make(map[uint64]bool, train.Len())
	copies := 0
	for i := range train.Len() {
		h := g.of(train, i)
		if seen[h] {
			copies++
		}
		seen[h] = true
	}
	if copies > 0 && twice {
		f.add(fmt.Sprintf("%s: %d examples are copies of others before them", called(train), copies), "leave the copies out, unless they are meant to count more")
	}
	if test == nil || test.ExampleSize() != train.ExampleSize() {
		return
	}
	both, first := 0, -1
	for i := range test.Len() {
		if seen[g.of(test, i)] {
			if both++; first < 0 {
				first = i
			}
		}
	}
	if both > 0 {
		of, in := called(test), called(train)
		if of == in { // as parts of one dataset are, and those without a name
			of, in = "the second set", "the training set"
		}
		f.add(fmt.Sprintf("%d examples of %s are in %s too, first number %d: what is measured on them is memory", both, of, in, first), "leave them out of one of the two")
	}
}
