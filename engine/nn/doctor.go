// This file looks at data before a training and at units after it, and says in words
// what will cost accuracy.

package nn

import (
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
		f.duplicates(train, test)
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

// duplicates counts examples whose numbers are the same, by a hash of them.
func (f *Findings) duplicates(train, test *data.Dataset) {
	seed := maphash.MakeSeed()
	row := make([]float32, train.ExampleSize())
	digest := func(d *data.Dataset, i int) uint64 {
		d.ReadRows(row, i)
		var h maphash.Hash
		h.SetSeed(seed)
		for _, v := range row {
			maphash.WriteComparable(&h, math.Float32bits(v))
		}
		return h.Sum64()
	}
	seen := make(map[uint64]bool, train.Len())
	twice := 0
	for i := range train.Len() {
		h := digest(train, i)
		if seen[h] {
			twice++
		}
		seen[h] = true
	}
	if twice > 0 {
		f.add(fmt.Sprintf("%s: %d examples are there twice or more", called(train), twice), "leave the copies out, unless they are meant to count more")
	}
	if test == nil || test.ExampleSize() != train.ExampleSize() {
		return
	}
	both, first := 0, -1
	for i := range test.Len() {
		if seen[digest(test, i)] {
			if both++; first < 0 {
				first = i
			}
		}
	}
	if both > 0 {
		f.add(fmt.Sprintf("%d examples of %s are in %s too, first number %d: what is measured on them is memory", both, called(test), called(train), first), "leave them out of one of the two")
	}
}

// unitExamples is how many examples Units looks at.
const unitExamples = 2000

// Units looks at what the units of every layer with an activation give for the first
// examples of in, up to 2000: those that never fire have learnt nothing and, behind a
// ReLU, no longer can; those that are always at their limit hardly.
func (m *Model) Units(in Inputs) (*Findings, error) {
	f := &Findings{Title: "the units"}
	if err := m.Err(); err != nil {
		return nil, err
	}
	if d, ok := in.(*data.Dataset); ok && d != nil {
		in = d.Take(unitExamples)
	}
	for i, l := range m.Layers() {
		act, ok := m.nodes[i].activation()
		if !ok || i == len(m.nodes)-1 {
			continue
		}
		y, err := m.Outputs(in, i)
		if err != nil {
			return nil, err
		}
		units := l.Out[len(l.Out)-1]
		places := len(y.Data) / units
		if places == 0 {
			continue
		}
		fires, limits := make([]int, units), make([]int, units)
		for k, v := range y.Data {
			u := k % units
			if v > 0 {
				fires[u]++
			}
			switch {
			case act == Sigmoid && (v < 0.01 || v > 0.99), act == Tanh && (v < -0.99 || v > 0.99):
				limits[u]++
			}
		}
		what := "units"
		if len(l.Out) == 3 {
			what = "filters"
		}
		dead, stuck := 0, 0
		for u := range fires {
			if fires[u] == 0 {
				dead++
			}
			if float64(limits[u]) > 0.95*float64(places) {
				stuck++
			}
		}
		if (act == ReLU || act == ReLU6) && dead > 0 {
			f.add(fmt.Sprintf("layer %d %s: %d of %d %s never fire", i, l.Name, dead, units, what),
				"a smaller learning rate, inputs scaled to about 1, nn.HeNormal, or nn.LeakyReLU, whose units cannot die")
		}
		if stuck > 0 {
			f.add(fmt.Sprintf("layer %d %s: %d of %d %s are at the limit of their %s for nearly all examples", i, l.Name, stuck, units, what, act),
				"inputs scaled to about 1, nn.BatchNorm or nn.LayerNorm before it, or nn.ReLU")
		}
	}
	return f, nil
}
