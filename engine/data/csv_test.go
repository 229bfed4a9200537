// This file checks what CSV makes of tables, and what it refuses.

package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func table(t testing.TB, text string, tb Table) *Dataset {
	t.Helper()
	d, err := ReadCSV(strings.NewReader(text), tb)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const flowers = `length, width ,kind
5.1,3.5,setosa
7.0,3.2,versicolor
6.3,3.3,virginica
4.9,3,setosa
`

func TestCSV(t *testing.T) {
	for _, c := range []struct {
		name, text string
		tb         Table
		names      string
		x          []float32
		labels     []int
		classes    string
		y          []float32
		notes      string
	}{
		{"classes by text", flowers, Table{Target: "kind"}, "length width", []float32{5.1, 3.5, 7, 3.2, 6.3, 3.3, 4.9, 3}, []int{0, 1, 2, 0}, "setosa versicolor virginica", nil, ""},
		{"target by number from the end", flowers, Table{Target: "-1", Features: []string{"width", "0"}}, "width length", []float32{3.5, 5.1, 3.2, 7, 3.3, 6.3, 3, 4.9}, []int{0, 1, 2, 0}, "setosa versicolor virginica", nil, ""},
		{"regression", flowers, Table{Target: "length", Ignore: []string{"kind"}}, "width", []float32{3.5, 3.2, 3.3, 3}, nil, "", []float32{5.1, 7, 6.3, 4.9}, ""},
		{"one-hot", flowers, Table{OneHot: true, Ignore: []string{"length"}}, "width kind=setosa kind=versicolor kind=virginica", []float32{3.5, 1, 0, 0, 3.2, 0, 1, 0, 3.3, 0, 0, 1, 3, 1, 0, 0}, nil, "", nil, ""},
		{"whole numbers count", "x,y\n1,0\n2,1\n3,0\n", Table{Target: "y"}, "x", []float32{1, 2, 3}, []int{0, 1, 0}, "0 1", nil, `the whole numbers of column "y" were taken as classes; Table{Kind: data.KindNumbers} takes them as targets`},
		{"whole numbers with a gap", "x,y\n1,0\n2,7\n3,0\n", Table{Target: "y"}, "x", []float32{1, 2, 3}, nil, "", []float32{0, 7, 0}, ""},
		{"classes that are numbers", "x,y\n1,7\n2,-1.5\n3,7\n", Table{Target: "y", Kind: KindClasses}, "x", []float32{1, 2, 3}, []int{1, 0, 1}, "-1.5 7", nil, ""},
		{"targets that count", "x,y\n1,0\n2,1\n", Table{Target: "y", Kind: KindNumbers}, "x", []float32{1, 2}, nil, "", []float32{0, 1}, ""},
		{"no header, other comma, comments", "# made\n1;2;a\n3;4;b\n", Table{Target: "2", NoHeader: true, Comma: ';', Comment: '#'}, "0 1", []float32{1, 2, 3, 4}, []int{0, 1}, "a b", nil, ""},
		{"tabs, with fields left empty", "x\tz\ty\n\t2\ta\n3\t\tb\n", Table{Target: "y", Comma: '\t', Missing: MissingZero}, "x z", []float32{0, 2, 3, 0}, []int{0, 1}, "a b", nil, ""},
		{"columns set by spaces", "x   z y\n1   2 a\n30  4 b\n", Table{Target: "y", Comma: ' '}, "x z", []float32{1, 2, 30, 4}, []int{0, 1}, "a b", nil, ""},
		{"codes", "code,y\n02,1.5\n1,2\n02,3\n", Table{Target: "y", Categories: []string{"code"}}, "code=02 code=1", []float32{1, 0, 0, 1, 1, 0}, nil, "", []float32{1.5, 2, 3}, ""},
		{"quotes, byte order mark, line ends", "\uFEFFx,y\r\n1,\"a, b\"\r\n2,c\r\n", Table{Target: "y"}, "x", []float32{1, 2}, []int{0, 1}, "a, b c", nil, ""},
		{"skip", "x,z,y\n1,,a\n2,5,b\n3,6,?\n4,7,a\n", Table{Target: "y", Missing: MissingSkip}, "x z", []float32{2, 5, 4, 7}, []int{1, 0}, "a b", nil, "2 lines were left out for missing values"},
		{"skipped lines leave no class", "x,y\n1,a\n,b\n2,c\n", Table{Target: "y", Missing: MissingSkip}, "x", []float32{1, 2}, []int{0, 1}, "a c", nil, "1 line was left out for missing values"},
		{"mean", "x,z\n1,a\nNA,\n4,b\n", Table{OneHot: true, Missing: MissingMean}, "x z=a z=b z=", []float32{1, 1, 0, 0, 2.5, 0, 0, 1, 4, 0, 1, 0}, nil, "", nil, ""},
		{"zero", "x,z\n1,a\n-9,\n4,b\n", Table{OneHot: true, Missing: MissingZero, MissingWords: []string{"-9"}}, "x z=a z=b", []float32{1, 1, 0, 0, 0, 0, 4, 0, 1}, nil, "", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := table(t, c.text, c.tb)
			if got := strings.Join(d.FeatureNames(), " "); got != c.names || !slices.Equal(d.ExampleShape(), []int{len(d.FeatureNames())}) {
				t.Errorf("features %s of %v, want %s", got, d.ExampleShape(), c.names)
			}
			if !slices.Equal(inputs(d), c.x) {
				t.Errorf("inputs %v, want %v", inputs(d), c.x)
			}
			if !slices.Equal(d.Labels(), c.labels) || strings.Join(d.Classes(), " ") != c.classes {
				t.Errorf("labels %v of %q, want %v of %s", d.Labels(), d.Classes(), c.labels, c.classes)
			}
			if (c.y != nil) != d.HasTargets() || c.y != nil && !slices.Equal(d.Targets().Data, c.y) {
				t.Errorf("targets %v, want %v", d.Targets(), c.y)
			}
			if got := strings.Join(d.Notes(), "|"); got != c.notes {
				t.Errorf("notes %q, want %q", got, c.notes)
			}
		})
	}
}

func TestCSVLike(t *testing.T) {
	train := table(t, "x,z,y\n1,a,no\n,b,yes\n5,c,no\n", Table{Target: "y", OneHot: true, Missing: MissingMean})
	test := table(t, "y,z,more,x\nyes,b,?,\nyes,,8,2\n", Table{Like: train, Missing: MissingMean})
	if !slices.Equal(test.FeatureNames(), train.FeatureNames()) || !slices.Equal(inputs(test), []float32{3, 0, 1, 0, 2, 0, 0, 0}) || !slices.Equal(test.Labels(), []int{1, 1}) || !slices.Equal(test.Classes(), []string{"no", "yes"}) {
		t.Errorf("%v, inputs %v, labels %v", test, inputs(test), test.Labels())
	}
	numbers := table(t, "x,y\n1,3\n1,5\n", Table{Target: "y", Kind: KindClasses})
	if got := table(t, "x,y\n9,5\n", Table{Like: numbers}); !slices.Equal(got.Labels(), []int{1}) || got.Label(0) != 1 {
		t.Errorf("classes that are numbers: %v", got.Labels())
	}
	for text, want := range map[string]string{
		"x,z,y\n1,d,no\n":    `line 2, column "z": "d" is not among those of Table.Like: a, b, c`,
		"x,z,y\n1,a,maybe\n": `line 2, column "y": "maybe" is not among those of Table.Like: no, yes`,
		"x,y\n1,no\n":        `no column "z", which Table.Like names: the columns are x, y`,
		"y,y,x,z\nno,,1,a\n": `two columns are called "y"`,
	} {
		_, err := ReadCSV(strings.NewReader(text), Table{Like: train})
		wantError(t, err, want)
	}
	_, err := ReadCSV(strings.NewReader("x,y\n1,4\n"), Table{Like: numbers})
	wantError(t, err, "4 is not among the classes of Table.Like: 3, 5")
	_, err = ReadCSV(strings.NewReader("x\n1\n"), Table{Like: ten(t)})
	wantError(t, err, "was not made by CSV")
}

// A file of examples that are still to be predicted has no target.
func TestCSVLikeWithoutTarget(t *testing.T) {
	for _, c := range []struct {
		train, test string
		tb          Table
	}{
		{"x,y,z\n1,no,a\n2,yes,b\n", "x,z\n5,b\n", Table{Target: "y", OneHot: true}},
		{"1,a,no\n2,b,yes\n", "5,b\n", Table{Target: "-1", OneHot: true, NoHeader: true}},
	} {
		train := table(t, c.train, c.tb)
		test := table(t, c.test, Table{Like: train, NoHeader: c.tb.NoHeader})
		if !slices.Equal(inputs(test), []float32{5, 0, 1}) || test.HasLabels() || test.HasTargets() || !strings.Contains(strings.Join(test.Notes(), ""), "so the examples have neither classes nor targets") {
			t.Errorf("%v, inputs %v", test, inputs(test))
		}
	}
	// Without names, columns behind a missing target would be taken for their neighbours.
	_, err := ReadCSV(strings.NewReader("5,1\n"), Table{Like: table(t, "no,1,2\nyes,3,4\n", Table{Target: "0", NoHeader: true}), NoHeader: true})
	wantError(t, err, `no column "2"`)
}

// Texts that all differ must not take memory that grows with the square of the file.
func TestCSVManyCategories(t *testing.T) {
	var text strings.Builder
	text.WriteString("id,y\n")
	for i := range 1<<14 + 8 {
		fmt.Fprintf(&text, "u%d,%d\n", i, i%2)
	}
	_, err := ReadCSV(strings.NewReader(text.String()), Table{Target: "y", OneHot: true})
	wantError(t, err, `column "id" has 16392 categories, which makes 16392 examples of 16392 numbers`, `hint: Table{Ignore: []string{"id"}} leaves it out`)
	d := table(t, text.String(), Table{Target: "id"})
	if len(d.Classes()) != 1<<14+8 {
		t.Errorf("%d classes", len(d.Classes()))
	}
	_, err = ReadCSV(strings.NewReader("x\n?\n"), Table{Categories: []string{"x"}, Missing: MissingZero})
	wantError(t, err, "no column that is left for the features has values")
}

func TestCSVRefuses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		tb         Table
		want       string
	}{
		{"empty", "", Table{}, "the file has no lines"},
		{"header only", "x,y\n", Table{}, "there are no examples"},
		{"another separator", "x;y\n1,5;a\n", Table{Target: "y"}, "the first line has one column, \"x;y\"\nhint: Table{Comma: ';'} if that is what stands between columns"},
		{"no header", "1,2\n3,4\n", Table{}, "the first line has numbers only (1,2)"},
		{"no such target", flowers, Table{Target: "sort"}, `no column "sort", which Table.Target names: the columns are length, width, kind`},
		{"no such number", flowers, Table{Target: "3"}, `no column "3", which Table.Target names`},
		{"two of one name", "x,x\n1,a\n", Table{Target: "x"}, "two columns are called \"x\": Table.Target has to say the number, 0 or 1"},
		{"nothing left", "x\n1\n", Table{Target: "x"}, "no column is left"},
		{"target among features", flowers, Table{Target: "kind", Features: []string{"kind"}}, `column "kind" is among Table.Features, but also`},
		{"text", flowers, Table{}, `line 2, column "kind": "setosa" is not a number`},
		{"text after numbers", "x\n1\n2\n\"a\n b\"\n", Table{}, `line 4, column "x": "a\n b" is not a number, but the values before it are`},
		{"infinite", "x,y\n1,b\n1e40,a\n", Table{Target: "y"}, `line 3, column "x"`},
		{"missing", "x,y\n1,2\n2,\n", Table{}, `line 3, column "y": the value is missing ("")`},
		{"missing target", "x,y\n1,a\n2,NA\n", Table{Target: "y", Missing: MissingMean}, `line 3, column "y": the target is missing`},
		{"all missing", "x,y\n?,2\n", Table{Missing: MissingSkip}, "no examples: 1 line was left out"},
		{"a column without values", "x,z\n1,\n2,\n", Table{Missing: MissingMean}, `column "z" has no values`},
		{"too few fields", "x,y\n1,2\n3\n", Table{}, "record on line 3: wrong number of fields"},
		{"open quote", "x,y\n1,\"2\n", Table{}, "line 2"},
		{"bad comma", "x,y\n1,2\n", Table{Comma: '"'}, "invalid field or comment delimiter"},
		{"numbers of text", flowers, Table{Target: "kind", Kind: KindNumbers}, `column "kind" is to give target numbers, but has texts such as "setosa"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := ReadCSV(strings.NewReader(c.text), c.tb)
			if d != nil {
				t.Errorf("got %v", d)
			}
			wantError(t, err, "data: csv: ", c.want)
		})
	}
}

func TestCSVFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "iris.csv")
	put(t, path, []byte(flowers))
	d, err := CSV(path, Table{Target: "kind"})
	if err != nil || d.Name() != "iris" || d.Len() != 4 {
		t.Errorf("%v, %v", d, err)
	}
	if s := d.String(); !strings.Contains(s, "setosa: 2, versicolor: 1") || !strings.Contains(s, "from 25.0% to 50.0% of the examples each") {
		t.Errorf("it tells %s", s)
	}
	_, err = CSV(path, Table{})
	wantError(t, err, path, "line 2")
	_, err = CSV(path+"x", Table{})
	wantError(t, err, path+"x")
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add(flowers, "kind", uint8(0))
	f.Add("a,b\n1,\n,x\n", "-1", uint8(255))
	f.Add("1;2\n3;\"4\n", "0", uint8(4))
	f.Fuzz(func(t *testing.T, text, target string, flags uint8) {
		tb := Table{Target: target, OneHot: flags&1 != 0, NoHeader: flags&2 != 0, Missing: Missing(flags >> 2 & 3), Kind: Kind(flags >> 4 % 3)}
		if flags&64 != 0 {
			tb.Comma = ';'
		}
		d, err := ReadCSV(strings.NewReader(text), tb)
		if err != nil {
			return
		}
		if d.Len() < 1 || len(inputs(d)) != d.Len()*len(d.FeatureNames()) {
			t.Errorf("%v has %d numbers", d, len(inputs(d)))
		}
		if s := d.Stats(); s.BadExample >= 0 || s.BadTarget >= 0 {
			t.Errorf("%v has a NaN", d)
		}
		for _, l := range d.Labels() {
			if l < 0 || l >= len(d.Classes()) {
				t.Errorf("label %d with classes %q", l, d.Classes())
			}
		}
		// A dataset of the same text, made like this one, is the same.
		tb.Like = d
		again, err := ReadCSV(strings.NewReader(text), tb)
		if err != nil || !slices.Equal(inputs(again), inputs(d)) || !slices.Equal(again.Labels(), d.Labels()) {
			t.Errorf("read again: %v, %v", again, err)
		}
	})
}
