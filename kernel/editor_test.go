package kernel_test

// This file asks the evaluator what an editor asks, with all packages.

import (
	"context"
	"slices"
	"strings"
	"testing"

	"cajal/kernel/cell"
)

func TestComplete(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, `
type Point struct{ X, Y int }
func (p Point) Norm() float64 { return math.Hypot(float64(p.X), float64(p.Y)) }
origin := Point{}
import "strings"`)
	for _, test := range []struct{ code, want, kind string }{
		{"fmt.Printl|", "Println", "function"},
		{"strings.Bu|", "Builder", "class"},
		{"nn.Den|", "Dense", "function"},
		{"orig|", "origin", "instance"},
		{"origin.|", "Norm", "method"},
		{"origin.|", "X", "field"},
		{"Poin|", "Point", "class"},
		{"math.P|", "Pi", "constant"},
		{"for i := ra|", "range", "keyword"},
		{"ma|", "math", "module"},
		{"import \"enco|", "encoding/json", "module"},
		{"x := strings.NewReader(\"\"); x.Le|", "Len", "method"},
	} {
		pos := strings.Index(test.code, "|")
		c := e.Complete(strings.Replace(test.code, "|", "", 1), pos)
		i := slices.IndexFunc(c.Items, func(i cell.CompletionItem) bool { return i.Text == test.want })
		if i < 0 {
			t.Errorf("%s proposes %v, not %q", test.code, c.Items[:min(len(c.Items), 10)], test.want)
			continue
		}
		if c.Items[i].Kind != test.kind {
			t.Errorf("%s: %s is of kind %q, want %q", test.code, test.want, c.Items[i].Kind, test.kind)
		}
		if c.End != pos || c.Start > pos {
			t.Errorf("%s replaces [%d:%d]", test.code, c.Start, c.End)
		}
	}
}

// TestCompleteOptions looks for what cells write most: options of layers and charts,
// where nothing has been imported.
func TestCompleteOptions(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, "rate := 0.5")
	for code, want := range map[string]string{
		"nn.Sequential(nn.Dense(3, |":                          "nn.ELU",
		"nn.Sequential(nn.Dense(3, nn.ReLU), |)":               "nn.Act",
		"m := nn.Sequential(nn.Dense(3, Re|))":                 "nn.ReLU",
		"m := nn.Sequential()\nm.Fit(nil, nn.Fit{Optimizer: |": "nn.Adagrad",
		"nn.Fit{Epochs: 3, Metrics: []nn.Metric{|":             "nn.Accuracy",
		"nn.Fit{Epochs: 3, EarlyStop: |":                       "&nn.EarlyStop",
		"nn.Fit{Epochs: 3, Opt|":                               "Optimizer: ",
		"chart.Line(nil, nil, |":                               "chart.Activations",
		"chart.Line(nil, nil, chart.|":                         "Activations",
		"time.Sleep(|":                                         "time.Hour",
		"io.Copy(os.Stdout, |":                                 "&io.LimitedReader",
		"nn.Fit{Epochs: 3, Optimizer: nn.|":                    "Adagrad",
		"nn.Dropout(|":                                         "rate",
	} {
		pos := strings.Index(code, "|")
		c := e.Complete(strings.Replace(code, "|", "", 1), pos)
		if len(c.Items) == 0 || c.Items[0].Text != want {
			t.Errorf("%q: got %.200v first, want %s", code, c.Items, want)
		}
	}
}

func TestInspect(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, "// twice doubles n.\nfunc twice(n int) int { return 2 * n }\nx := twice(2)")
	for _, test := range []struct {
		code   string
		detail int
		want   []string
	}{
		{"fmt.Println|(1)", 0, []string{"func fmt.Println(a ...any) (n int, err error)", "Println formats using the default formats"}},
		{"twice|", 0, []string{"func twice(n int) int", "twice doubles n.", "declared by cell 1"}},
		{"twice|", 1, []string{"return 2 * n"}},
		{"x|", 0, []string{"var x int"}},
		{"nn.Dense(|", 0, []string{"func nn.Dense(units int", "Dense"}},
		{"append(|", 0, []string{"func append"}},
		{"var m mat.Dense; m.Mul|", 0, []string{"func (m *mat.Dense) Mul(a mat.Matrix, b mat.Matrix)"}},
	} {
		pos := strings.Index(test.code, "|")
		got := e.Inspect(strings.Replace(test.code, "|", "", 1), pos, test.detail)
		text, _ := got.Data["text/plain"].(string)
		for _, want := range test.want {
			if !got.Found() || !strings.Contains(text, want) {
				t.Errorf("%s describes\n%s\nwithout %q", test.code, text, want)
			}
		}
	}
	if got := e.Inspect("nothingOfThatName", 3, 0); got.Found() {
		t.Errorf("a name that means nothing is described: %v", got.Data)
	}
}

func TestIsComplete(t *testing.T) {
	e, _ := newEvaluator(t)
	for code, want := range map[string]cell.Completeness{
		"x := 1":                {Status: "complete"},
		"for {":                 {Status: "incomplete", Indent: "\t"},
		"f(":                    {Status: "incomplete", Indent: "\t"},
		"\tif x {\n\t\ty = 1":   {Status: "incomplete", Indent: "\t\t"},
		"x := )":                {Status: "invalid"},
		"s := `raw":             {Status: "incomplete"},
		"undefined.Thing(1, 2)": {Status: "complete"},
	} {
		if got := e.IsComplete(code); got != want {
			t.Errorf("IsComplete(%q) = %+v, want %+v", code, got, want)
		}
	}
}

// TestEditorWhileRunning asks while a cell runs, and while cells are checked.
func TestEditorWhileRunning(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, `
type Node struct{ Next *Node; N int }
func (n Node) String() string { return fmt.Sprint("node ", n.N) }
stop := make(chan bool)
n := 0
go func() {
	for { select { case <-stop: return; default: n = len(fmt.Sprint(Node{N: 1}, []any{Node{}})) } }
}()`)
	done := make(chan bool)
	go func() {
		defer close(done)
		for i := range 200 {
			e.Complete("nod", 3)
			e.Inspect("Node", 2, 1)
			e.IsComplete("for {")
			_ = i
		}
	}()
	for i := 2; i < 60; i++ {
		run(t, e, host, i, `type T struct{ Node }; func (t T) Twice() int { return 2 * t.N }; fmt.Sprint(T{}.Twice(), T{Node{N: 3}})`)
	}
	<-done
	run(t, e, host, 100, "stop <- true")
	ctx, cancel := context.WithCancel(context.Background())
	finished := make(chan cell.Outcome)
	go func() {
		finished <- e.Execute(ctx, cell.Request{ID: 101, Number: 101, Code: `fmt.Println("begun"); select {}`})
	}()
	waitFor(t, host, 101, "begun")
	if c := e.Complete("sto", 3); len(c.Items) == 0 {
		t.Error("no completions while a cell runs")
	}
	cancel()
	<-finished
}
