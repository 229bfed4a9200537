// This file tests runs from files to files, and that the chapters are sound.

package notebooks

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"cajal/kernel/cell"
	"cajal/notebooks/compare"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/provenance"
	"cajal/notebooks/run"
	"cajal/notebooks/syntax"
	"cajal/notebooks/verify"
)

// echo is an evaluator that prints the cell, and fails at the word "fail".
type echo struct {
	cell.Evaluator
	host cell.Host
}

func newEcho(_ string, h cell.Host) (cell.Evaluator, error) { return echo{host: h}, nil }

func (echo) Close() error { return nil }

func (e echo) Execute(_ context.Context, r cell.Request) cell.Outcome {
	e.host.Emit(cell.Event{Cell: r.ID, Kind: cell.Stdout, Text: "ran " + r.Code})
	if strings.Contains(r.Code, "fail") {
		return cell.Outcome{Err: &cell.Error{Kind: cell.ErrPanic, Name: "panic", Value: "asked to", Line: 1}}
	}
	return cell.Outcome{}
}

// book writes a notebook of code cells into dir.
func book(t *testing.T, dir, name string, cells ...string) string {
	t.Helper()
	nb := nbformat.New()
	for _, c := range cells {
		nb.Cells = append(nb.Cells, &nbformat.Cell{Type: nbformat.Code, ID: "c", Source: c})
	}
	data, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func holds(t *testing.T, file string, words ...string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	for _, w := range words {
		if !strings.Contains(string(data), w) {
			t.Errorf("%s does not hold %q", file, w)
		}
	}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	a, b := book(t, dir, "a.ipynb", "one", "two"), book(t, dir, "b.ipynb", "three")
	var show strings.Builder
	if err := Run(t.Context(), []string{a, b}, Options{Out: out, Start: newEcho, Show: &show, Producer: "cajal test"}); err != nil {
		t.Fatal(err)
	}
	holds(t, filepath.Join(out, "a.ipynb"), "ran one", "ran two", `"execution_count": 2`)
	holds(t, filepath.Join(out, "a.html"), "ran one", "cajal test", "Executed in")
	holds(t, filepath.Join(out, "b.html"), "ran three")
	if entries, _ := os.ReadDir(out); len(entries) != 4 {
		t.Errorf("%d files were written, want 4", len(entries))
	}
	if !strings.Contains(show.String(), "[2/2]") || !strings.Contains(show.String(), filepath.Join(out, "b.html")) {
		t.Errorf("shown:\n%s", show.String())
	}
}

func TestFailureKeepsWhatRan(t *testing.T) {
	dir := t.TempDir()
	a, b := book(t, dir, "a.ipynb", "one", "fail", "three"), book(t, dir, "b.ipynb", "four", "fail")
	err := Run(t.Context(), []string{a, b}, Options{Out: filepath.Join(dir, "out"), Start: newEcho})
	var failure *run.Failure
	if !errors.Is(err, ErrFailed) || !errors.As(err, &failure) || failure.Step.Number != 2 {
		t.Errorf("error %v", err)
	}
	if want := a + ": cell 2, line 1: panic: asked to\n" + b + ": cell 2, line 1: panic: asked to"; err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
	holds(t, filepath.Join(dir, "out", "a.ipynb"), "ran one", "asked to")
	holds(t, filepath.Join(dir, "out", "a.html"), "Executed in part", "cell 2, line 1: panic: asked to")
	holds(t, filepath.Join(dir, "out", "b.ipynb"), "ran four", "asked to")
}

// meet is an evaluator that waits until as many others wait.
type meet struct {
	echo
	group *sync.WaitGroup
}

func (m meet) Execute(ctx context.Context, r cell.Request) cell.Outcome {
	m.group.Done()
	m.group.Wait()
	return m.echo.Execute(ctx, r)
}

func TestSideBySide(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	files := []string{book(t, dir, "a.ipynb", "one"), book(t, dir, "b.ipynb", "fail"), book(t, filepath.Join(dir, "sub"), "c.ipynb", "three")}
	var group sync.WaitGroup
	group.Add(len(files))
	var mu sync.Mutex
	var dirs []string
	var show strings.Builder
	err := Run(t.Context(), files, Options{
		Out: filepath.Join(dir, "out"), Show: &show, Jobs: 8,
		Start: func(dir string, h cell.Host) (cell.Evaluator, error) {
			mu.Lock()
			defer mu.Unlock()
			dirs = append(dirs, dir)
			return meet{echo{host: h}, &group}, nil
		},
	})
	if !errors.Is(err, ErrFailed) || !strings.HasPrefix(err.Error(), files[1]) {
		t.Errorf("error %v", err)
	}
	slices.Sort(dirs)
	if want := []string{dir, dir, filepath.Join(dir, "sub")}; !slices.Equal(dirs, want) {
		t.Errorf("the cells begin in %q, want %q", dirs, want)
	}
	holds(t, filepath.Join(dir, "out", "a.html"), "ran one")
	holds(t, filepath.Join(dir, "out", "c.html"), "ran three")
	for _, want := range []string{"✓ a.ipynb ", "✗ b.ipynb ", "✓ c.ipynb ", "b.ipynb, "} {
		if !strings.Contains(show.String(), want) {
			t.Errorf("%q was not shown in\n%s", want, show.String())
		}
	}
}

func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a, b := book(t, dir, "a.ipynb", "one"), book(t, dir, "b.ipynb", "fail")
	err := Run(ctx, []string{a, b}, Options{Out: filepath.Join(dir, "out"), Start: newEcho})
	var code interface{ ExitCode() int }
	if !errors.Is(err, ErrInterrupted) || !errors.Is(err, ErrFailed) || !errors.As(err, &code) || code.ExitCode() != 130 {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "out", "b.ipynb")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the second notebook ran: %v", err)
	}
	err = Run(t.Context(), []string{b}, Options{Out: filepath.Join(dir, "out"), Start: newEcho})
	if errors.Is(err, ErrInterrupted) || !errors.Is(err, ErrFailed) || !errors.As(err, &code) || code.ExitCode() != 2 {
		t.Errorf("error %v", err)
	}
}

func TestFreeze(t *testing.T) {
	dir := t.TempDir()
	good, bad := book(t, dir, "good.ipynb", "one"), book(t, dir, "bad.ipynb", "fail")
	before, _ := os.ReadFile(bad)
	err := Freeze(t.Context(), []string{good, bad}, Options{Start: newEcho})
	if !errors.Is(err, ErrFailed) || !strings.HasPrefix(err.Error(), bad) || !strings.Contains(err.Error(), "the file stays as it was") {
		t.Errorf("error %v", err)
	}
	if after, _ := os.ReadFile(bad); string(after) != string(before) {
		t.Error("a notebook that failed was changed")
	}
	nb, err := nbformat.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	code, outputs := provenance.Hashes(nb)
	if r := provenance.Load(nb); r == nil || r.Code != code || r.Outputs != outputs || len(nb.Cells[0].Outputs) != 1 {
		t.Errorf("provenance %+v", r)
	}
	// It is verified; a full disk leaves it as it is.
	statuses := func(files ...string) (all []verify.Status) {
		for _, v := range Verify(t.Context(), files, compare.Rule{}, Options{Start: newEcho, Jobs: 2}) {
			all = append(all, v.Status)
		}
		return all
	}
	if got := statuses(good, bad, filepath.Join(dir, "none.ipynb")); !slices.Equal(got, []verify.Status{verify.Same, verify.Broken, verify.Broken}) {
		t.Errorf("statuses %v", got)
	}
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("TMP", os.Getenv("TMPDIR"))
	err = Freeze(t.Context(), []string{good}, Options{Start: newEcho, write: func(name string, _ []byte) error { return syscall.ENOSPC }})
	if !errors.Is(err, syscall.ENOSPC) || statuses(good)[0] != verify.Same {
		t.Errorf("error %v", err)
	}
	// After the end of the context nothing is said to be sound.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, v := range Verify(ctx, []string{good, good + "x"}, compare.Rule{}, Options{Start: newEcho}) {
		if v.Status != verify.Broken {
			t.Errorf("%s is %v", v.File, v.Status)
		}
	}
}

func TestExpand(t *testing.T) {
	dir := t.TempDir()
	b, a := book(t, dir, "b.ipynb", "1"), book(t, dir, "a.ipynb", "1")
	if got, err := Expand([]string{dir, "x.ipynb"}); err != nil || !slices.Equal(got, []string{a, b, "x.ipynb"}) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Expand([]string{a, dir}); err == nil || !strings.Contains(err.Error(), "named twice") {
		t.Errorf("error %v", err)
	}
	if _, err := Expand([]string{t.TempDir()}); err == nil || !strings.Contains(err.Error(), "no notebooks") {
		t.Errorf("error %v", err)
	}
}

// TestFolderIsTriedFirst wants that nothing runs for a folder that cannot be
// written to.
func TestFolderIsTriedFirst(t *testing.T) {
	dir := t.TempDir()
	a := book(t, dir, "a.ipynb", "one")
	start := func(string, cell.Host) (cell.Evaluator, error) {
		t.Error("a session was started")
		return nil, errors.New("no")
	}
	err := Run(t.Context(), []string{a}, Options{Out: filepath.Join(a, "out"), Start: start})
	if err == nil || !strings.Contains(err.Error(), "cannot be written to") {
		t.Errorf("error %v", err)
	}
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("TMP", os.Getenv("TMPDIR")) // as Windows has it
	a := book(t, dir, "a.ipynb", "one")
	out := filepath.Join(dir, "out")
	if err := Run(t.Context(), []string{a}, Options{Out: out, Start: newEcho}); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(filepath.Join(out, "a.html"))
	err := Run(t.Context(), []string{a}, Options{Out: out, Start: newEcho, write: func(name string, _ []byte) error {
		return &fs.PathError{Op: "write", Path: name, Err: syscall.ENOSPC}
	}})
	if !errors.Is(err, syscall.ENOSPC) || strings.Count(err.Error(), "no space left") != 2 {
		t.Errorf("error %v, want one for each file", err)
	}
	spare, _ := filepath.Glob(filepath.Join(os.TempDir(), "cajal-*", "a.*"))
	if len(spare) != 2 {
		t.Fatalf("%v are in the temporary folder, want the notebook and the report", spare)
	}
	for _, file := range spare {
		if !strings.Contains(err.Error(), "it is in "+file+" instead") {
			t.Errorf("error %v does not name %s", err, file)
		}
		holds(t, file, "ran one")
	}
	if after, _ := os.ReadFile(filepath.Join(out, "a.html")); string(after) != string(before) || len(after) == 0 {
		t.Error("the old report was changed")
	}
}

func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	a, twin := book(t, dir, "a.ipynb", "one"), book(t, sub, "a.ipynb", "one")
	bad := filepath.Join(dir, "bad.ipynb")
	if err := os.WriteFile(bad, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	python := filepath.Join(dir, "python.ipynb")
	if err := os.WriteFile(python, []byte(`{"nbformat":4,"nbformat_minor":5,"metadata":{"kernelspec":{"name":"python3","language":"python"}},"cells":[]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	ran := false
	spy := func(string, cell.Host) (cell.Evaluator, error) { ran = true; return nil, errors.New("no") }
	for _, test := range []struct {
		name, out, want string
		files           []string
	}{
		{"no file", "out", "no notebook: name at least one", nil},
		{"missing", "out", "no such file", []string{filepath.Join(dir, "none.ipynb")}},
		{"not JSON", "out", "not JSON", []string{a, bad}},
		{"python", "out", `kernel "python3"`, []string{a, python}},
		{"same names", "out", "would both be written", []string{a, twin}},
		{"own folder", ".", "would be overwritten", []string{a}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Run(t.Context(), test.files, Options{Out: filepath.Join(dir, test.out), Start: spy})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want …%s…", err, test.want)
			}
			if ran {
				t.Error("something was run before all was read")
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "out")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
}

// TestChapters wants of each chapter that Jupyter would save it as it stands, for
// our kernel, with an id for each cell and code that parses; either without
// outputs or frozen, with those of the code that stands there.
func TestChapters(t *testing.T) {
	files, _ := filepath.Glob("*/*.ipynb")
	if len(files) == 0 {
		t.Fatal("no chapters")
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			nb, err := nbformat.Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := nb.Bytes(); err != nil || string(again) != string(data) {
				t.Errorf("not as Jupyter writes it (%v)", err)
			}
			spec, _ := nb.Metadata["kernelspec"].(map[string]any)
			if err := nb.CheckKernel(); err != nil || spec["name"] != nbformat.KernelName || nb.Minor < 5 || nb.Title() == "" {
				t.Errorf("kernel %v (%v), format 4.%d, title %q", spec["name"], err, nb.Minor, nb.Title())
			}
			ids := map[string]bool{}
			executed := false
			for i, c := range nb.Cells {
				if c.ID == "" || ids[c.ID] {
					t.Errorf("cells[%d]: the id %q is missing or not its own", i, c.ID)
				}
				ids[c.ID] = true
				if c.Type != nbformat.Code {
					continue
				}
				executed = executed || len(c.Outputs) > 0 || c.ExecutionCount != nil
				if _, err := syntax.Parse(c.Source); err != nil {
					t.Errorf("cells[%d] (%s): %v", i, c.ID, err)
				}
			}
			if !executed {
				return
			}
			code, outputs := provenance.Hashes(nb)
			if r := provenance.Load(nb); r == nil || r.Code != code || r.Outputs != outputs {
				t.Error("the outputs are not those that cajal freeze wrote for this code: freeze it again, or strip it")
			}
		})
	}
}
