package kernel_test

// This file runs the notebooks of testdata/cells. Each is a txtar archive: a
// line that says what it shows, and cells with what becomes of them.
//
//	-- 1.go --      the cell
//	-- 1.in --      lines that the reader types when the cell asks
//	-- 1.out --     what it prints and shows, in order
//	-- 1.stderr --  what it prints to standard error, and warnings
//	-- 1.err --     how it fails
//	-- 1.mime --    MIME types of what it shows besides text/plain
//
// A section that is missing says that there is nothing of it. A comment
// // ERROR "text" in a cell says that it must not compile, for a reason on that
// line whose message matches the regular expression, and for no other.
//
// go test ./kernel -run Cells -update writes the sections anew.

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cajal/kernel/bind"
	"cajal/kernel/cell"
	"cajal/kernel/eval"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the cells of testdata show")

// recorder is the host of an evaluator under test.
type recorder struct {
	mu     sync.Mutex
	events []cell.Event
	input  []string
	blocks bool // the reader types nothing more, instead of leaving
}

func (r *recorder) host() cell.Host {
	return cell.Host{
		Emit: func(e cell.Event) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.events = append(r.events, e)
		},
		Input: func(ctx context.Context, id cell.ID, prompt string, password bool) (string, error) {
			if r.blocks {
				<-ctx.Done()
				return "", ctx.Err()
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			if len(r.input) == 0 {
				return "", errors.New("no more lines were typed")
			}
			line := r.input[0]
			r.input = r.input[1:]
			return line, nil
		},
	}
}

// of returns the events of a cell so far.
func (r *recorder) of(id cell.ID) (events []cell.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Cell == id {
			events = append(events, e)
		}
	}
	return events
}

func init() { bind.Connect() }

// newEvaluator returns an evaluator with all packages, as the kernel has it.
func newEvaluator(t testing.TB) (*eval.Evaluator, *recorder) {
	t.Helper()
	r := &recorder{}
	set := bind.New()
	e, err := eval.New(eval.Config{Host: r.host(), Lookup: set.Lookup, ByName: set.ByName, Paths: set.Paths, Render: bind.Render})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e, r
}

// sections returns what became of a cell, by the endings of section names.
func sections(events []cell.Event, failed *cell.Error) map[string]string {
	var out, stderr strings.Builder
	var mimes []string
	for _, e := range events {
		switch e.Kind {
		case cell.Stdout:
			out.WriteString(e.Text)
			continue
		case cell.Stderr:
			stderr.WriteString(e.Text)
			continue
		}
		if s := out.String(); s != "" && !strings.HasSuffix(s, "\n") {
			out.WriteString("\n")
		}
		text, _ := e.Bundle.Data["text/plain"].(string)
		switch e.Kind {
		case cell.Update:
			out.WriteString("(updated) ")
		case cell.Clear:
			text = "(cleared)"
		}
		out.WriteString(text + "\n")
		for _, m := range slices.Sorted(maps.Keys(e.Bundle.Data)) {
			if m != "text/plain" {
				mimes = append(mimes, m+"\n")
			}
		}
	}
	s := map[string]string{"out": out.String(), "stderr": stderr.String(), "mime": strings.Join(mimes, "")}
	if failed != nil {
		s["err"] = strings.Join(failed.Traceback, "\n") + "\n"
	}
	for k, v := range s {
		if v == "" {
			delete(s, k)
		} else if !strings.HasSuffix(v, "\n") {
			s[k] = v + "\n"
		}
	}
	return s
}

func TestCells(t *testing.T) {
	files, err := filepath.Glob("testdata/cells/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no notebooks in testdata/cells: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runNotebook(t, file) })
	}
}

func runNotebook(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for _, f := range archive.Files {
		want[f.Name] = string(f.Data)
	}
	e, host := newEvaluator(t)
	result := &txtar.Archive{Comment: archive.Comment}
	failures := make(map[int]*cell.Error)
	count := 0
	for n := 1; ; n++ {
		name := strconv.Itoa(n)
		code, ok := want[name+".go"]
		if !ok {
			break
		}
		count = n
		if in, ok := want[name+".in"]; ok {
			host.mu.Lock()
			host.input = strings.Split(strings.TrimSuffix(in, "\n"), "\n")
			host.mu.Unlock()
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		outcome := e.Execute(ctx, cell.Request{ID: cell.ID(n), Number: n, Code: strings.TrimSuffix(code, "\n")})
		cancel()
		failures[n] = outcome.Err
		if strings.Contains(code, "// ERROR ") {
			wantCompileError(t, name, code, outcome.Err)
			failures[n] = nil
		}
		if ctx.Err() == context.DeadlineExceeded {
			t.Fatalf("cell %d ran for a minute", n)
		}
	}
	// What goroutines print may come later.
	if *update {
		time.Sleep(100 * time.Millisecond)
	}
	for n := 1; n <= count; n++ {
		name := strconv.Itoa(n)
		var got map[string]string
		var diff string
		for patience := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
			got, diff = sections(host.of(cell.ID(n)), failures[n]), ""
			for _, ending := range endings {
				if d := cmp.Diff(want[name+"."+ending], got[ending]); d != "" {
					diff += fmt.Sprintf("%s, section %s.%s (-want +got):\n%s", file, name, ending, d)
				}
			}
			if diff == "" || *update || time.Now().After(patience) {
				break
			}
		}
		result.Files = append(result.Files, txtar.File{Name: name + ".go", Data: []byte(want[name+".go"])})
		if in, ok := want[name+".in"]; ok {
			result.Files = append(result.Files, txtar.File{Name: name + ".in", Data: []byte(in)})
		}
		for _, ending := range endings {
			if g, ok := got[ending]; ok {
				result.Files = append(result.Files, txtar.File{Name: name + "." + ending, Data: []byte(g)})
			}
		}
		if diff != "" && !*update {
			t.Error(diff)
		}
		for _, ending := range append(endings, "go", "in") {
			delete(want, name+"."+ending)
		}
	}
	for name := range want {
		t.Errorf("%s: section %s belongs to no cell; cells are numbered from 1", file, name)
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(file, txtar.Format(result), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// endings are those of the sections that a cell produces.
var endings = []string{"out", "stderr", "err", "mime"}

var wanted = regexp.MustCompile(`// ERROR "(.*)"`)

// wantCompileError compares why a cell did not compile with its comments.
func wantCompileError(t *testing.T, name, code string, failed *cell.Error) {
	t.Helper()
	if failed == nil || failed.Kind != cell.ErrCompile {
		t.Errorf("cell %s compiled; it has an // ERROR comment", name)
		return
	}
	got := make(map[int][]string)
	head := regexp.MustCompile(`^cell ` + name + `:(\d+):\d+: (.*)`)
	for _, line := range failed.Traceback {
		if m := head.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1])
			got[n] = append(got[n], m[2])
		}
	}
	for i, line := range strings.Split(code, "\n") {
		m := wanted.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		re, err := regexp.Compile(m[1])
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(got[i+1], re.MatchString) {
			t.Errorf("cell %s, line %d: no error matches %q; its errors: %q", name, i+1, m[1], got[i+1])
		}
		delete(got, i+1)
	}
	for n, msgs := range got {
		t.Errorf("cell %s, line %d: unexpected errors %q", name, n, msgs)
	}
}

// run executes a cell that must succeed and returns what it shows.
func run(t testing.TB, e *eval.Evaluator, host *recorder, number int, code string) string {
	t.Helper()
	out := e.Execute(context.Background(), cell.Request{ID: cell.ID(number), Number: number, Code: code})
	if out.Err != nil {
		t.Fatalf("cell %d: %s", number, strings.Join(out.Err.Traceback, "\n"))
	}
	s := sections(host.of(cell.ID(number)), nil)
	return fmt.Sprint(s["out"], s["stderr"])
}
