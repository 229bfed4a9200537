// This file tests findings against notebooks.

package review

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cajal/notebooks/nbformat"
	"cajal/notebooks/provenance"
)

// book makes a notebook of code cells; one that begins with "[n] " was run as n.
func book(cells ...string) *nbformat.Notebook {
	nb := nbformat.New()
	nb.Cells = append(nb.Cells, &nbformat.Cell{Type: nbformat.Markdown, Source: "x"})
	for _, source := range cells {
		c := &nbformat.Cell{Type: nbformat.Code, Source: source}
		if n, rest, ok := strings.Cut(source, "] "); ok && strings.HasPrefix(n, "[") {
			count := int(n[1] - '0')
			c.ExecutionCount, c.Source = &count, rest
		}
		nb.Cells = append(nb.Cells, c)
	}
	return nb
}

func TestNotebook(t *testing.T) {
	for _, test := range []struct {
		name  string
		cells []string
		want  []string
	}{
		{"sound", []string{"[1] x := 1\nfunc f() int { return x }", "[2] y := f() + x", "[5] fmt.Println(y, len(\"a\"))"}, nil},
		{"out of order", []string{"[3] x := 1", "y := 2", "[2] y := x", "[4] y"}, []string{"cell 3: it was run as [2], and cell 1 above it as [3]: the outputs are not those of a run from top to bottom"}},
		{"twice the same", []string{"[1] 1", "[1] 2"}, []string{"cell 2: it was run as [1], and cell 1 above it as [1]: the outputs are not those of a run from top to bottom"}},
		{"used before", []string{"fmt.Println(1)\ny + y", "", "x := y", "var y = 1", "y"}, []string{"cell 1, line 2: y is used here, and declared only in cell 3", "cell 2, line 1: y is used here, and declared only in cell 3"}},
		{"declared before and again", []string{"x := 1", "x + 1", "x := \"a\""}, nil},
		{"packages are no later variables", []string{"import \"math/rand/v2\"\nr := rand.New(rand.NewPCG(1, 2))", "rand := 3"}, nil},
		{"a server", []string{"import \"net/http\"\n\nr, err := http.Get(\"https://example.org\")"}, []string{"cell 1, line 3: http.Get asks a server, whose answer may change: nothing pins it down"}},
		{"a file", []string{"text, err := os.ReadFile(\"data/a.csv\")\nmore, err := os.ReadFile(name)\nknown, err := os.Open(\"./known.csv\")"}, []string{"cell 1, line 1: os.ReadFile reads data/a.csv, whose content nothing records: cajal freeze notes its hash"}},
		{"a file that the notebook writes", []string{"os.WriteFile(\"a\", nil, 0o600)", "os.ReadFile(\"a\")"}, nil},
		{"random numbers", []string{"x := rand.Float64()", "r := rand.New(rand.NewPCG(1, 2))\nr.Float64()"}, []string{"cell 1, line 1: rand.Float64 draws without a seed: rand.New(rand.NewPCG(1, 2)) gives the same numbers each time"}},
		{"seeded", []string{"rand.Seed(1)", "rand.Float64()"}, nil},
		{"a variable named rand", []string{"rand := tool{}\nrand.Float64()"}, nil},
		{"in a function", []string{"func f() {\n\tm.Fit(d, nn.Fit{Seed: nn.RandomSeed})\n}"}, []string{"cell 1, line 2: nn.RandomSeed gives another result each time: a number as the seed gives the same"}},
		{"no Go", []string{"%magic", "x", "x := 1"}, []string{"cell 2, line 1: x is used here, and declared only in cell 3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			nb := book(test.cells...)
			if err := provenance.Store(nb, &provenance.Record{Data: []provenance.File{{Name: "known.csv", SHA256: "1"}}}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range Notebook(nb) {
				got = append(got, f.String())
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
