// This file tests parameters against cells.

package params

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cajal/notebooks/nbformat"
)

const source = `import (
	"time" // für später
)

// how long to train
epochs := 5
rate, name := 0.001, "adam" // é
seed := int64(1)
shuffle := true
layers := []int{32, 10}
var momentum float32 = 0.9
const classes = 10
wait := 2 * time.Second
shares := map[string]float64{"train": 0.9}
steps := epochs * 100
`

func notebook(cells ...string) *nbformat.Notebook {
	nb := nbformat.New()
	for _, c := range cells {
		nb.Cells = append(nb.Cells, &nbformat.Cell{Type: nbformat.Code, Source: c, Metadata: map[string]any{"tags": []any{Tag}}})
	}
	return nb
}

func TestFind(t *testing.T) {
	all, err := Find(notebook(source))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range all {
		got = append(got, strings.Join([]string{p.Name, p.Type, p.Value}, "|"))
	}
	want := []string{
		"epochs|int|5", "rate|float64|0.001", `name|string|"adam"`, "seed|int64|int64(1)", "shuffle|bool|true", "layers|[]int|[]int{32, 10}",
		"momentum|float32|0.9", "classes|int|10", "wait||2 * time.Second", `shares|map[string]float64|map[string]float64{"train": 0.9}`, "steps|int|epochs * 100",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("parameters (-want +got):\n%s", d)
	}
}

func TestSet(t *testing.T) {
	for _, test := range []struct {
		arg  string
		want string // the line, or the error
	}{
		{"epochs=3", "epochs := 3"},
		{"epochs=-0x10", "epochs := -0x10"},
		{"epochs=three", `epochs is int, got "three"`},
		{"epochs=3.5", `epochs is int, got "3.5"`},
		{"epochs=", `epochs is int, got ""`},
		{"epochs=3; panic(1)", `epochs is int, got "3; panic(1)"`},
		{"epochs=99999999999999999999", "epochs is int, got"},
		{"rate=1", `rate, name := 1.0, "adam" // é`},
		{"rate=1e-4", `rate, name := 1e-4, "adam" // é`},
		{"rate=NaN", "rate is float64, got"},
		{"name=sgd", `rate, name := 0.001, "sgd" // é`},
		{`name="a=b"`, `rate, name := 0.001, "a=b" // é`},
		{`name=say "hi"`, `rate, name := 0.001, "say \"hi\"" // é`},
		{"seed=7", "seed := int64(7)"},
		{"shuffle=false", "shuffle := false"},
		{"shuffle=no", `shuffle is bool, got "no"`},
		{"layers=[64, 32]", "layers := []int{64, 32}"},
		{"layers=[64, 0.5]", `layers is []int, got "[64, 0.5]"`},
		{"layers=[]int{1}", "layers := []int{1}"},
		{`layers=[]string{"a"}`, "layers is []int, got"},
		{"layers=make([]int, 3)", "layers := make([]int, 3)"},
		{"momentum=0.5", "var momentum float32 = 0.5"},
		{"momentum=1e300", "momentum is float32, got"},
		{"classes=3", "const classes = 3"},
		{"wait=time.Minute", "wait := time.Minute"},
		{"wait=time.", "wait = 2 * time.Second, got \"time.\", which is no Go expression"},
		{`shares={"train": 1, "test": 0.5}`, `shares := map[string]float64{"test": 0.5, "train": 1.0}`},
		{"epoch=3", "no parameter epoch: the notebook has epochs int, rate float64, name string, seed int64, shuffle bool, layers []int, momentum float32, classes int, wait, shares map[string]float64, steps int; did you mean epochs?"},
		{"steps=7", "steps := 7"},
	} {
		t.Run(test.arg, func(t *testing.T) {
			v, err := ParseArg(test.arg)
			if err != nil {
				t.Fatal(err)
			}
			nb := notebook(source)
			err = Set(nb, []Value{v})
			if err != nil {
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want …%s…", err, test.want)
				}
				if nb.Cells[0].Source != source {
					t.Error("the cell was changed all the same")
				}
				return
			}
			var changed []string
			old := strings.Split(source, "\n")
			for i, line := range strings.Split(nb.Cells[0].Source, "\n") {
				if line != old[i] {
					changed = append(changed, line)
				}
			}
			if d := cmp.Diff([]string{test.want}, changed); d != "" {
				t.Errorf("changed lines (-want +got):\n%s", d)
			}
		})
	}
}

func TestSetSeveral(t *testing.T) {
	nb := notebook("a := 1\nb := \"x\"")
	file := filepath.Join(t.TempDir(), "p.json")
	if err := os.WriteFile(file, []byte(`{"b": "long text", "a": 1234567}`), 0o644); err != nil {
		t.Fatal(err)
	}
	values, err := ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := Set(nb, values); err != nil || nb.Cells[0].Source != "a := 1234567\nb := \"long text\"" {
		t.Errorf("source %q, error %v", nb.Cells[0].Source, err)
	}
	if err := Set(nb, []Value{{"a", json.Number("2")}, {"a", json.Number("3")}}); err == nil || !strings.Contains(err.Error(), "given twice") {
		t.Errorf("error %v", err)
	}
	if err := Set(nb, []Value{{"a", "2"}, {"b", true}, {"c", "3"}}); err == nil || !strings.HasPrefix(nb.Cells[0].Source, "a := 1234567\n") {
		t.Errorf("source %q, error %v", nb.Cells[0].Source, err)
	}
}

func TestRefuses(t *testing.T) {
	one := []Value{{"a", "1"}}
	for _, test := range []struct {
		nb   *nbformat.Notebook
		want string
	}{
		{nbformat.New(), `no cell has the tag "parameters"`},
		{notebook("a := 1", "b := 2"), "two cells have the tag"},
		{notebook("a := := 1"), "is no Go"},
		{notebook("fmt.Println(1)"), "sets none"},
	} {
		if err := Set(test.nb, one); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want …%s…", err, test.want)
		}
	}
	for _, arg := range []string{"", "a", "=1", "a b=1", "1a=2"} {
		if _, err := ParseArg(arg); err == nil {
			t.Errorf("%q was taken", arg)
		}
	}
	if err := Set(nbformat.New(), nil); err != nil {
		t.Errorf("no values for no cell: %v", err)
	}
}
