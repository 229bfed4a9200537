package kernel_test

// This file tests commands such as %time as a front end sees them, where
// testdata/cells cannot: what is measured, files, and an editor's questions.

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

func TestMeasure(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, "x := 0")
	for i, c := range []struct{ code, want string }{
		{"%time x++", `^wall time: [0-9.e+]+ (ns|µs|ms|s)\n$`},
		{"%time for range 3 {\n\tx++\n}\nx", `^wall time: .*\n4\n$`},
		{"%time x + 1", `^5\nwall time: .*\n$`},
		{"%%time\ny := x\ny", `^4\nwall time: .*\n$`},
		{"%timeit fmt.Sprint(x)", `^[0-9.e+]+ (ns|µs) ± .* per loop \(mean ± std. dev. of \d runs, [0-9,]+ loops each\)\n$`},
		{"%timeit x + 1", `per loop`},
		{"%timeit z := x + 1", `per loop`},
		{"%timeit len(\"abc\")", `per loop`},
		{"%%timeit\na := x\na++", `per loop`},
		{"%%timeit\nfmt.Sprint(x)\nlen(\"abc\")\nx + 1", `^[0-9.e+]+ (ns|µs) ± .* per loop .*\n$`},
		{"%timeit time.Sleep(70 * time.Millisecond)", `^([7-9]\d|\d{3,})(\.\d+)? ms ± .* runs, 1 loop each\)\n$`},
	} {
		if got := run(t, e, host, i+2, c.code); !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%s: got %q, want %s", c.code, got, c.want)
		}
	}
	if got := run(t, e, host, 20, "x"); got != "4\n" {
		t.Errorf("x is %s", got)
	}
}

func TestWriteFile(t *testing.T) {
	e, host := newEvaluator(t)
	t.Chdir(t.TempDir())
	run(t, e, host, 1, "%%writefile a.txt\none\n two")
	run(t, e, host, 2, "%%writefile -a a.txt\nthree\n")
	run(t, e, host, 3, "os.Mkdir(\"folder\", 0o777)\n%cd folder")
	text, err := os.ReadFile(filepath.Join("..", "a.txt"))
	if err != nil || string(text) != "one\n two\nthree\n" {
		t.Errorf("found %q, %v", text, err)
	}
}

func TestCommandsInEditor(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, "value := 1")
	for _, c := range []struct{ code, want string }{
		{"%", "%time"},
		{"%ti", "%timeit"},
		{"%%wr", "%%writefile"},
		{"x := 1\n  %wh", "%who"},
		{"%time val", "value"},
		{"!ls\nval", "value"},
		{"%time fmt.Printl", "Println"},
	} {
		got := e.Complete(c.code, len(c.code))
		var names []string
		for _, i := range got.Items {
			names = append(names, i.Text)
		}
		if !slices.Contains(names, c.want) {
			t.Errorf("%q: %s is missing in %.200v", c.code, c.want, names)
		}
	}
	for _, code := range []string{"%%bash\nval", "!val", "%%html\n"} {
		if got := e.Complete(code, len(code)); len(got.Items) > 0 {
			t.Errorf("%q: what is no Go is completed as Go: %.200v", code, got.Items)
		}
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{"data.csv", "day one.txt", ".hidden"} {
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll("deep/down", 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CAJAL_TEST_NAME", "x")
	sep := string(filepath.Separator)
	for _, c := range []struct{ code, want, not string }{
		{"!cat d", "data.csv", ".hidden"},
		{"!cat ", "data.csv", ".hidden"},
		{"%cd d", "deep" + sep, "data.csv"},
		{"%cd deep/", "deep/down" + sep, "data.csv"},
		{"%cd ~/", "", "data.csv"},
		{"%use de", "deep" + sep, "data.csv"},
		{"%%writefile -a da", "data.csv", "%%writefile"},
		{"%env CAJAL_TEST_N", "CAJAL_TEST_NAME", ""},
		{"%help ti", "timeit", "%time"},
		{"%help %ti", "%timeit", "%%bash"},
		{"os.ReadFile(\"da", "data.csv", ""},
		{"os.ReadFile(\"deep/", "deep/down" + sep, "data.csv"},
		{"x := \"", "data.csv", "value"},
		{"%who va", "", "value"},
	} {
		var names []string
		for _, i := range e.Complete(c.code, len(c.code)).Items {
			names = append(names, i.Text)
		}
		if c.want != "" && !slices.Contains(names, c.want) || c.not != "" && slices.Contains(names, c.not) {
			t.Errorf("%q: got %.200v, want %q and not %q", c.code, names, c.want, c.not)
		}
	}
	if got := e.Inspect("%timeit f()", 3, 0); !got.Found() {
		t.Error("the command timeit is not described")
	}
	if got := e.Inspect("%time value", 8, 0); !got.Found() {
		t.Error("a name after the command time is not described")
	}
	for code, want := range map[string]string{
		"%time x": "complete", "%time for {": "incomplete", "!ls": "complete", "%%bash": "incomplete", "%%bash\nls": "incomplete", "%%bash\nls\n": "complete",
		"%%time": "incomplete", "%%time\nx": "complete", "%nothing": "invalid", "%who": "complete", "x := 1\n!ls": "complete", "!ls\nif x {": "incomplete",
	} {
		if got := e.IsComplete(code); got.Status != want {
			t.Errorf("%q is %s, want %s", code, got.Status, want)
		}
	}
}
