// This file tests runs with an evaluator whose cells are commands.

package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cajal/kernel/cell"
	"cajal/notebooks/nbformat"
)

// fake is an evaluator of a small language: one command a line.
//
//	out TEXT, err TEXT        write on a stream (with \n, \r, \b, \e)
//	show ID TEXT, update ID TEXT, result TEXT, clear, clear-wait
//	late N TEXT               write on stdout of cell N, which may have ended
//	fail TEXT, crash, spin, hang
type fake struct {
	cell.Evaluator
	host   cell.Host
	ran    []string
	keys   []string
	closed bool
}

func (f *fake) Close() error { f.closed = true; return nil }

func bundle(text string) cell.Bundle {
	return cell.Bundle{Data: map[string]any{"text/plain": text}}
}

var unescape = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\b`, "\b", `\e`, "\x1b")

func (f *fake) Execute(ctx context.Context, r cell.Request) cell.Outcome {
	f.ran, f.keys = append(f.ran, r.Code), append(f.keys, r.Key)
	for line := range strings.Lines(r.Code) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		rest = unescape.Replace(rest)
		id, text, _ := strings.Cut(rest, " ")
		e := cell.Event{Cell: r.ID}
		switch word {
		case "out":
			e.Kind, e.Text = cell.Stdout, rest
		case "err":
			e.Kind, e.Text = cell.Stderr, rest
		case "show":
			e.Kind, e.DisplayID, e.Bundle = cell.Display, id, bundle(text)
		case "update":
			e.Kind, e.DisplayID, e.Bundle = cell.Update, id, bundle(text)
		case "result":
			e.Kind, e.Bundle = cell.Result, bundle(rest)
		case "clear":
			e.Kind = cell.Clear
		case "clear-wait":
			e.Kind, e.Wait = cell.Clear, true
		case "late":
			var n int
			fmt.Sscan(id, &n)
			e.Cell, e.Kind, e.Text = cell.ID(n), cell.Stdout, text
		case "fail":
			return cell.Outcome{Err: &cell.Error{Kind: cell.ErrPanic, Name: "panic", Value: rest, Traceback: []string{"panic: " + rest, "  line 1"}, Line: 1, Column: 3}}
		case "crash":
			panic("evaluator broke")
		case "spin":
			<-ctx.Done()
			return cell.Outcome{Err: &cell.Error{Kind: cell.ErrInterrupt, Name: "interrupted", Value: "interrupted"}}
		case "hang":
			select {}
		default:
			return cell.Outcome{Err: &cell.Error{Kind: cell.ErrCompile, Name: "syntax error", Value: word}}
		}
		f.host.Emit(e)
	}
	return cell.Outcome{}
}

func book(cells ...string) *nbformat.Notebook {
	nb := nbformat.New()
	for _, source := range cells {
		nb.Cells = append(nb.Cells, &nbformat.Cell{Type: nbformat.Code, Source: source, Outputs: []*nbformat.Output{{Type: nbformat.Stream, Name: "stdout", Text: "stale"}}})
	}
	return nb
}

func start(f *fake) func(cell.Host) (cell.Evaluator, error) {
	return func(h cell.Host) (cell.Evaluator, error) {
		f.host = h
		return f, nil
	}
}

// brief writes the outputs of a cell in one line.
func brief(c *nbformat.Cell) string {
	var parts []string
	for _, o := range c.Outputs {
		switch o.Type {
		case nbformat.Stream:
			parts = append(parts, fmt.Sprintf("%s %q", o.Name, o.Text))
		case nbformat.ErrorOutput:
			parts = append(parts, fmt.Sprintf("error %s: %s %q", o.EName, o.EValue, o.Traceback))
		case nbformat.ExecuteResult:
			parts = append(parts, fmt.Sprintf("result[%d] %v", *o.ExecutionCount, o.Data["text/plain"]))
		default:
			parts = append(parts, fmt.Sprintf("display %v", o.Data["text/plain"]))
		}
	}
	return strings.Join(parts, "; ")
}

func TestOutputs(t *testing.T) {
	for _, test := range []struct {
		name  string
		cells []string
		want  []string
	}{
		{"streams of one name are merged", []string{`out a
out b\n
err c
out d`}, []string{`stdout "ab\n"; stderr "c"; stdout "d"`}},
		{"carriage return overwrites", []string{`out 10%\r50%
out \r100%\nend\n`}, []string{`stdout "100%\nend\n"`}},
		{"a shorter line leaves the rest", []string{`out abcdef\rXY`}, []string{`stdout "XYcdef"`}},
		{"windows line ends", []string{`out a\r\nb\r\n`}, []string{`stdout "a\nb\n"`}},
		{"backspace", []string{`out abc\b\bX`}, []string{`stdout "aXc"`}},
		{"erase in line", []string{`out abcdef\r\e[Kxy`}, []string{`stdout "xy"`}},
		{"colours stay with their characters", []string{`out \e[31mab\e[0m\rX`}, []string{`stdout "X\x1b[31mb\x1b[0m"`}},
		{"an escape sequence cut in two", []string{`out a\e[
out 31mb`}, []string{`stdout "a\x1b[31mb"`}},
		{"colours are switched off where they were", []string{`out \e[32mok\e[0m\nplain\n`}, []string{`stdout "\x1b[32mok\x1b[0m\nplain\n"`}},
		{"colours go on over lines", []string{`out \e[1m\e[32mok\nmore`}, []string{`stdout "\x1b[1m\x1b[32mok\nmore"`}},
		{"result", []string{`result 3`}, []string{`result[1] 3`}},
		{"update in place, in all cells", []string{"show x one\nout z\nshow x two", "update x new"}, []string{`display new; stdout "z"; display new`, ``}},
		{"update of what was never shown", []string{"update y new"}, []string{``}},
		{"clear", []string{"out a\nclear\nout b"}, []string{`stdout "b"`}},
		{"clear at once", []string{"out a\nclear"}, []string{``}},
		{"clear that waits in vain", []string{"out a\nclear-wait"}, []string{`stdout "a"`}},
		{"clear that waits", []string{"out a\nclear-wait\nresult 1"}, []string{`result[1] 1`}},
		{"cleared displays take no updates", []string{"show x one\nclear\nshow y two\nupdate x new"}, []string{`display two`}},
		{"late output goes to its cell", []string{"out a", "late 1 b"}, []string{`stdout "ab"`, ``}},
		{"output of no cell is lost", []string{"late 7 b"}, []string{``}},
		{"empty cells are not executed", []string{" \n", "result 1"}, []string{``, `result[1] 1`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{}
			nb := book(test.cells...)
			res, err := Run(t.Context(), nb, Config{New: start(f)})
			if err != nil {
				t.Fatal(err)
			}
			if res.Failure != nil {
				t.Fatalf("failed: %v", res.Failure)
			}
			var got []string
			for _, c := range res.Notebook.Cells {
				got = append(got, brief(c))
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("outputs (-want +got):\n%s", d)
			}
			if nb.Cells[0].Outputs[0].Text != "stale" {
				t.Error("the notebook given was changed")
			}
			if !f.closed {
				t.Error("the evaluator was not closed")
			}
		})
	}
}

func TestStopsAtTheFirstError(t *testing.T) {
	f := &fake{}
	res, err := Run(t.Context(), book("out a", "out b\nfail boom", "out c"), Config{New: start(f)})
	if err != nil {
		t.Fatal(err)
	}
	if res.Failure == nil || res.Failure.Error() != "cell 2, line 1, column 3: panic: boom" {
		t.Errorf("failure %v", res.Failure)
	}
	if len(f.ran) != 2 {
		t.Errorf("%d cells ran, want 2", len(f.ran))
	}
	cells := res.Notebook.Cells
	if got, want := brief(cells[1]), `stdout "b"; error panic: boom ["panic: boom" "  line 1"]`; got != want {
		t.Errorf("cell 2 has %s, want %s", got, want)
	}
	if cells[2].ExecutionCount != nil || len(cells[2].Outputs) != 0 {
		t.Errorf("cell 3 was not run, but has count %v and outputs %s", cells[2].ExecutionCount, brief(cells[2]))
	}
}

func TestExpectedErrorsGoOn(t *testing.T) {
	f := &fake{}
	nb := book("fail boom", "result 2")
	nb.Cells[0].Metadata = map[string]any{"tags": []any{"raises-exception"}}
	res, err := Run(t.Context(), nb, Config{New: start(f)})
	if err != nil || res.Failure != nil {
		t.Fatalf("error %v, failure %v", err, res.Failure)
	}
	if got := brief(res.Notebook.Cells[1]); got != "result[2] 2" {
		t.Errorf("cell 2 has %s", got)
	}
}

func TestEvaluatorPanics(t *testing.T) {
	res, err := Run(t.Context(), book("crash", "out a"), Config{New: start(&fake{})})
	if err != nil {
		t.Fatal(err)
	}
	if res.Failure == nil || res.Failure.Err.Name != "internal error" || !strings.Contains(res.Failure.Err.Value, "evaluator broke") {
		t.Errorf("failure %v", res.Failure)
	}
}

// watcher calls a function at each start of a cell.
type watcher struct {
	mu     sync.Mutex
	start  func(Step)
	events []cell.Event
	ends   []Timing
}

func (w *watcher) Start(s Step) { w.start(s) }
func (w *watcher) Event(e cell.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}
func (w *watcher) End(_ Step, t Timing) { w.ends = append(w.ends, t) }

func TestInterrupt(t *testing.T) {
	for _, test := range []struct {
		name, cell string
		closed     bool
	}{{"obeyed", "out a\nspin", true}, {"not obeyed", "out a\nhang", false}} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w := &watcher{start: func(s Step) {
				if s.Number == 2 {
					time.AfterFunc(20*time.Millisecond, cancel)
				}
			}}
			f := &fake{}
			res, err := Run(ctx, book("out first", test.cell, "out never"), Config{New: start(f), Watch: w, Grace: 50 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			if res.Failure == nil || !res.Failure.Interrupted() || res.Failure.Step.Number != 2 {
				t.Fatalf("failure %v", res.Failure)
			}
			got := []string{brief(res.Notebook.Cells[0]), brief(res.Notebook.Cells[2])}
			if d := cmp.Diff([]string{`stdout "first"`, ``}, got); d != "" {
				t.Errorf("cells 1 and 3 (-want +got):\n%s", d)
			}
			if got := brief(res.Notebook.Cells[1]); !strings.HasPrefix(got, `stdout "a"; error interrupted:`) {
				t.Errorf("cell 2 has %s", got)
			}
			if f.closed != test.closed {
				t.Errorf("evaluator closed: %v, want %v", f.closed, test.closed)
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	res, err := Run(t.Context(), book("out a", "spin", "out never"), Config{New: start(&fake{}), Timeout: 30 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	f := res.Failure
	if f == nil || f.Interrupted() || !f.TimedOut || f.Error() != "cell 2: timeout: the notebook did not end within 30ms" {
		t.Errorf("failure %v", f)
	}
	if got := brief(res.Notebook.Cells[1]); got != `error timeout: the notebook did not end within 30ms ["timeout: the notebook did not end within 30ms"]` {
		t.Errorf("cell 2 has %s", got)
	}
}

// killed is an evaluator that does not stop, but can be killed.
type killed struct {
	fake
	dead bool
}

func (k *killed) Kill() { k.dead = true }

func TestKillsWhatDoesNotStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	k := &killed{}
	_, err := Run(ctx, book("hang"), Config{Grace: 20 * time.Millisecond, New: func(h cell.Host) (cell.Evaluator, error) { k.host = h; return k, nil }})
	if err != nil || !k.dead || k.closed {
		t.Errorf("error %v, killed %v, closed %v", err, k.dead, k.closed)
	}
}

func TestTimesAreNoted(t *testing.T) {
	res, err := Run(t.Context(), book("out a"), Config{New: start(&fake{})})
	if err != nil {
		t.Fatal(err)
	}
	when, _ := res.Notebook.Cells[0].Metadata["execution"].(map[string]any)
	for _, key := range []string{"iopub.execute_input", "iopub.status.idle", "shell.execute_reply"} {
		text, _ := when[key].(string)
		if at, err := time.Parse(time.RFC3339Nano, text); err != nil || time.Since(at) > time.Hour {
			t.Errorf("%s is %q (%v)", key, text, err)
		}
	}
}

func TestCancelledBeforeTheStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := &fake{}
	res, err := Run(ctx, book("out a"), Config{New: start(f)})
	if err != nil || res.Failure == nil || !res.Failure.Interrupted() || len(f.ran) != 0 {
		t.Errorf("error %v, result %+v, ran %q", err, res, f.ran)
	}
}

func TestRefuses(t *testing.T) {
	nb := book("out a")
	nb.Metadata["kernelspec"] = map[string]any{"name": "python3", "language": "python"}
	if _, err := Run(t.Context(), nb, Config{New: start(&fake{})}); err == nil || !strings.Contains(err.Error(), "python3") {
		t.Errorf("another kernel's notebook: %v", err)
	}
	boom := errors.New("no room")
	_, err := Run(t.Context(), book("out a"), Config{New: func(cell.Host) (cell.Evaluator, error) { return nil, boom }})
	if !errors.Is(err, boom) {
		t.Errorf("evaluator that does not start: %v", err)
	}
}

func TestWatcher(t *testing.T) {
	var steps []Step
	w := &watcher{start: func(s Step) { steps = append(steps, s) }}
	nb := book("out a", "", "result 2")
	nb.Cells[0].ID = "first"
	f := &fake{}
	if _, err := Run(t.Context(), nb, Config{New: start(f), Watch: w}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"first", ""}; !slices.Equal(f.keys, want) {
		t.Errorf("the evaluator was told of the cells %q, want %q", f.keys, want)
	}
	want := []Step{{Index: 0, Number: 1, Of: 2, Key: "first", Source: "out a"}, {Index: 2, Number: 2, Of: 2, Source: "result 2"}}
	if d := cmp.Diff(want, steps); d != "" {
		t.Errorf("steps (-want +got):\n%s", d)
	}
	if len(w.ends) != 2 || len(w.events) != 2 {
		t.Errorf("%d ends and %d events, want 2 and 2", len(w.ends), len(w.events))
	}
}

// TestManyGoroutines lets goroutines write after their cell has ended; the race
// detector has the last word.
func TestManyGoroutines(t *testing.T) {
	c := newCollector(book("a"))
	c.begin(1, Step{Index: 0, Number: 1})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				c.take(cell.Event{Cell: 1, Kind: cell.Stdout, Text: "x\n"})
				c.take(cell.Event{Cell: 1, Kind: cell.Update, DisplayID: "d", Bundle: bundle("y")})
			}
		})
	}
	wg.Wait()
	nb := c.close()
	c.take(cell.Event{Cell: 1, Kind: cell.Stdout, Text: "too late"})
	o := nb.Cells[0].Outputs[len(nb.Cells[0].Outputs)-1]
	if got := strings.Count(o.Text, "x\n"); got != 800 || len(o.Text) != 1600 {
		t.Errorf("got %d lines in %d bytes, want 800 in 1600", got, len(o.Text))
	}
}

func TestLongStream(t *testing.T) {
	s := &screen{}
	line := strings.Repeat("x", 99) + "\n"
	for range 300_000 { // 30 MB
		s.write(line)
	}
	s.write("end")
	text := s.String()
	if len(text) > 14<<20 || len(text) < 8<<20 {
		t.Errorf("%d bytes were kept", len(text))
	}
	if !strings.HasPrefix(text, line) || !strings.HasSuffix(text, line+"end") || !strings.Contains(text, "MB of output left out]\n"+line) {
		t.Error("head, gap or tail is missing")
	}
	s = &screen{}
	s.write(strings.Repeat("y", 10*maxLine))
	if got := len(s.String()); got != 10*maxLine {
		t.Errorf("of a line of %d characters %d are left", 10*maxLine, got)
	}
}

func TestBundles(t *testing.T) {
	got := data(cell.Bundle{Data: map[string]any{
		"image/png":        []byte("png"),
		"application/json": struct{ A []int }{[]int{1}},
		"text/html":        func() {},
	}})
	want := map[string]any{"image/png": "cG5n", "application/json": map[string]any{"A": []any{"1"}}}
	note, _ := got["text/plain"].(string)
	delete(got, "text/plain")
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Transformer("number", func(n fmt.Stringer) string { return n.String() })); d == "" || !strings.Contains(note, "func()") {
		t.Errorf("note %q, rest (-want +got):\n%s", note, d)
	}
}
