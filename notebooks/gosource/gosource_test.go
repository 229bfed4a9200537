// This file makes programs of notebooks, builds and runs them, and compares
// what they print with what the notebooks show.

package gosource

import (
	"errors"
	"flag"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"cajal/kernel/bind"
	kernelcell "cajal/kernel/cell"
	"cajal/kernel/eval"
	"cajal/notebooks/compare"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/run"
)

var update = flag.Bool("update", false, "write the programs in testdata anew")

func TestMain(m *testing.M) {
	bind.Connect() // what cells show reaches them
	os.Exit(m.Run())
}

func config(t *testing.T, name string) Config {
	t.Helper()
	p := bind.New()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	packages, err := eval.NewPackages(eval.Config{Lookup: p.Lookup, ByName: p.ByName})
	if err != nil {
		t.Fatal(err)
	}
	return Config{Name: name, Packages: packages, Module: root}
}

// archive reads a notebook from a txtar archive: N.go are code cells, N.md text.
func archive(t *testing.T, file string) (*txtar.Archive, *nbformat.Notebook) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	nb := nbformat.New()
	for _, f := range a.Files {
		c := &nbformat.Cell{Source: strings.TrimSuffix(string(f.Data), "\n")}
		switch {
		case f.Name == "main.go":
			continue
		case strings.HasSuffix(f.Name, ".go"):
			c.Type = nbformat.Code
		case strings.HasSuffix(f.Name, ".md"):
			c.Type = nbformat.Markdown
		default:
			t.Fatalf("%s: %s is neither N.go nor N.md", file, f.Name)
		}
		nb.Cells = append(nb.Cells, c)
	}
	return a, nb
}

// shows runs a notebook in an evaluator and returns what it shows.
func shows(t *testing.T, nb *nbformat.Notebook) string {
	t.Helper()
	res, err := run.Run(t.Context(), nb, run.Config{New: func(h kernelcell.Host) (kernelcell.Evaluator, error) {
		p := bind.New()
		return eval.New(eval.Config{Host: h, Lookup: p.Lookup, ByName: p.ByName, Paths: p.Paths, Render: bind.Render})
	}})
	if err != nil {
		t.Fatal(err)
	}
	if res.Failure != nil {
		t.Fatal(res.Failure)
	}
	var b strings.Builder
	for _, c := range res.Notebook.Cells {
		for _, o := range c.Outputs {
			switch {
			case o.Type == nbformat.Stream && o.Name == "stdout":
				b.WriteString(o.Text)
			case training(o): // a program has no panel, and its History has the figures
			case o.Data != nil:
				text, _ := o.Data["text/plain"].(string)
				b.WriteString(strings.TrimRight(text, "\n") + "\n")
			}
		}
	}
	return b.String()
}

func training(o *nbformat.Output) bool {
	svg, _ := o.Data["image/svg+xml"].(string)
	return strings.Contains(html.UnescapeString(svg), `"Kind":"training"`)
}

// seconds is the last column of a history of a training.
var seconds = regexp.MustCompile(`(?m)^( +\d+ .*\S) +\d+\.\d\d$`)

// write writes a module and has it vetted, which type-checks it.
func write(t *testing.T, files map[string][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	command(t, files, dir, "go", "vet", ".")
	return dir
}

// prints builds a module and returns what its program prints.
func prints(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := write(t, files)
	command(t, files, dir, "go", "build", "-o", "program", ".")
	return command(t, files, dir, filepath.Join(dir, "program"))
}

// command runs a command in dir, without a network.
func command(t *testing.T, files map[string][]byte, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		text := ""
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			text = string(exit.Stderr)
		}
		t.Fatalf("%s %v: %v\n%s\n%s", name, args, err, text, files["main.go"])
	}
	return string(out)
}

func TestPrograms(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		t.Fatal("no notebooks in testdata")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, nb := archive(t, file)
			made, err := Convert(nb, config(t, strings.TrimSuffix(filepath.Base(file), ".txtar")))
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			at := -1
			for i, f := range a.Files {
				if f.Name == "main.go" {
					want, at = string(f.Data), i
				}
			}
			if got := string(made["main.go"]); got != want && *update {
				if at < 0 {
					a.Files = append(a.Files, txtar.File{Name: "main.go"})
					at = len(a.Files) - 1
				}
				a.Files[at].Data = made["main.go"]
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("the program is not the one in %s; if that is meant: go test ./notebooks/gosource -update\n%s", file, got)
			}
			if testing.Short() {
				return
			}
			if d := compare.Texts("output", shows(t, nb), prints(t, made), compare.Rule{}); len(d) > 0 {
				t.Errorf("the notebook and the program differ: %v\n%s", d, made["main.go"])
			}
		})
	}
}

// TestChapters makes a program of every chapter and type-checks it; the first
// network is also built and run, where MNIST is at hand, and all of them are with
// CAJAL_CHAPTERS=run.
func TestChapters(t *testing.T) {
	if testing.Short() {
		t.Skip("makes many programs")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	files, _ := filepath.Glob("../en/*.ipynb")
	if len(files) == 0 {
		t.Fatal("no chapters")
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".ipynb")
		t.Run(name, func(t *testing.T) {
			nb, err := nbformat.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			made, err := Convert(nb, config(t, name))
			if err != nil {
				t.Fatal(err)
			}
			if os.Getenv("CAJAL_CHAPTERS") != "run" && (name != "07-first-network" || !mnist()) {
				write(t, made)
				return
			}
			want, got := seconds.ReplaceAllString(shows(t, nb), "$1"), seconds.ReplaceAllString(prints(t, made), "$1")
			if d := compare.Texts("output", want, got, compare.Rule{Rtol: 1e-6}); len(d) > 0 {
				t.Errorf("the notebook and the program differ: %v\n%s", d, made["main.go"])
			}
		})
	}
}

// mnist tells whether MNIST needs no download.
func mnist() bool {
	dir := os.Getenv("CAJAL_DATA")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return false
		}
		dir = filepath.Join(cache, "cajal", "mnist")
	}
	all, _ := filepath.Glob(filepath.Join(dir, "*ubyte*"))
	return len(all) >= 4
}

func TestRefuses(t *testing.T) {
	for _, test := range []struct {
		want  string
		cells []string
	}{
		{"the notebook has no code", nil},
		{"cell 1: line 1, column 6: ", []string{"x := := 1"}},
		{"cell 2, line 1: undefined: y", []string{"x := 1", "y + x"}},
		{"cell 3 declares the function f again, which cell 2 calls", []string{"func f() int { return 1 }", "func g() int { return f() }", "func f() int { return 2 }"}},
		{`cell 1: import . "fmt" has no counterpart`, []string{"import . \"fmt\""}},
		{"cell 1: cannot use", []string{"var x int = \"a\""}},
	} {
		nb := nbformat.New()
		for _, source := range test.cells {
			nb.Cells = append(nb.Cells, &nbformat.Cell{Type: nbformat.Code, Source: source})
		}
		if _, err := Convert(nb, config(t, "x")); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q: error %v, want %s…", test.cells, err, test.want)
		}
	}
}
