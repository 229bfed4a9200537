// This file tests both ends together: the test binary is its own worker.

package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"cajal/kernel/cell"
)

// serving, in the environment, makes the test binary a worker.
const serving = "CAJAL_TEST_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(serving) == "" {
		os.Exit(m.Run())
	}
	in, out, err := Files()
	if err != nil {
		os.Exit(8)
	}
	if os.Getenv(serving) == "garbles" {
		out.Write([]byte("hello\n"))
	}
	err = Serve(in, out, Config{
		New: func(h cell.Host) (cell.Evaluator, error) {
			if os.Getenv(serving) == "broken" {
				return nil, errors.New("no packages")
			}
			return fake{host: h}, nil
		},
		Facts: func() any { return map[string]any{"threads": 2} },
	})
	if err != nil {
		os.Exit(9)
	}
	os.Exit(0)
}

// fake is an evaluator whose cells are one word.
type fake struct {
	cell.Evaluator
	host cell.Host
}

func (f fake) Execute(ctx context.Context, r cell.Request) cell.Outcome {
	word, rest, _ := strings.Cut(r.Code, " ")
	switch word {
	case "print":
		for i := range len(rest) { // byte by byte, through the middle of characters
			f.host.Emit(cell.Event{Cell: r.ID, Kind: cell.Stdout, Text: rest[i : i+1]})
		}
	case "folder":
		dir, _ := os.Getwd()
		f.host.Emit(cell.Event{Cell: r.ID, Kind: cell.Result, Bundle: cell.Bundle{Data: map[string]any{"text/plain": dir, "application/json": 1.50}}})
	case "nan":
		f.host.Emit(cell.Event{Cell: r.ID, Kind: cell.Display, Bundle: cell.Bundle{Data: map[string]any{"application/json": math.NaN()}}})
	case "printf": // past the evaluator
		os.Stdout.WriteString(rest)
		n, err := os.Stdin.Read(make([]byte, 1))
		f.host.Emit(cell.Event{Cell: r.ID, Kind: cell.Stdout, Text: fmt.Sprint(n, " ", err)})
	case "fail":
		return cell.Outcome{Err: &cell.Error{Kind: cell.ErrPanic, Name: "panic", Value: rest, Line: 3}}
	case "wait":
		<-ctx.Done()
		return cell.Outcome{Err: &cell.Error{Kind: cell.ErrInterrupt, Name: "interrupted"}}
	case "hang":
		select {}
	case "exit":
		os.Exit(3)
	case "die":
		go panic("lost") // in a goroutine that no evaluator looks after
		select {}
	}
	return cell.Outcome{}
}

func (fake) Close() error { return nil }

// start starts a worker and returns what its cells show.
func start(t *testing.T, how string) (*Evaluator, func() []cell.Event) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan cell.Event, 1000)
	e, err := Start(Command{Path: exe, Args: []string{exe}, Dir: t.TempDir(), Env: append(os.Environ(), serving+"="+how)}, cell.Host{Emit: func(e cell.Event) { events <- e }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Kill() })
	return e, func() []cell.Event {
		var all []cell.Event
		for len(events) > 0 {
			all = append(all, <-events)
		}
		return all
	}
}

func TestCells(t *testing.T) {
	e, shown := start(t, "yes")
	if out := e.Execute(t.Context(), cell.Request{ID: 1, Code: "print é网络"}); out.Err != nil {
		t.Fatal(out.Err)
	}
	text := ""
	for _, ev := range shown() {
		if ev.Cell != 1 || ev.Kind != cell.Stdout {
			t.Errorf("event %+v", ev)
		}
		text += ev.Text
	}
	if text != "é网络" {
		t.Errorf("printed %q: characters cut in two must come as they are", text)
	}
	if out := e.Execute(t.Context(), cell.Request{ID: 2, Code: "folder"}); out.Err != nil {
		t.Fatal(out.Err)
	}
	got := shown()[0].Bundle.Data
	dir, _ := filepath.EvalSymlinks(got["text/plain"].(string))
	want, _ := filepath.EvalSymlinks(e.cmd.Dir)
	if dir != want || fmt.Sprint(got["application/json"]) != "1.5" {
		t.Errorf("shown %v, want folder %s", got, want)
	}
	e.Execute(t.Context(), cell.Request{ID: 3, Code: "nan"})
	if text := fmt.Sprint(shown()[0].Bundle.Data); !strings.Contains(text, "cannot be written as JSON") {
		t.Errorf("shown %s", text)
	}
	if out := e.Execute(t.Context(), cell.Request{ID: 5, Code: "printf {}\n"}); out.Err != nil {
		t.Errorf("a cell that writes to the standard output of its process: %v", out.Err)
	}
	if got := shown(); len(got) != 1 || got[0].Text != "0 EOF" {
		t.Errorf("a cell that reads the standard input of its process: %+v", got)
	}
	out := e.Execute(t.Context(), cell.Request{ID: 4, Code: "fail boom"})
	if out.Err == nil || out.Err.Value != "boom" || out.Err.Line != 3 {
		t.Errorf("outcome %+v", out.Err)
	}
	if facts, err := e.Facts(); err != nil || string(facts) != `{"threads":2}` {
		t.Errorf("facts %s, %v", facts, err)
	}
	if err := e.Close(); err != nil || e.lost != nil {
		t.Errorf("closed: %v, %v", err, e.lost)
	}
}

func TestInterrupt(t *testing.T) {
	e, _ := start(t, "yes")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if out := e.Execute(ctx, cell.Request{ID: 1, Code: "wait"}); out.Err == nil || out.Err.Kind != cell.ErrInterrupt {
		t.Errorf("outcome %+v", out.Err)
	}
	// One that ended before it began, and the cell after it, which is not meant.
	if out := e.Execute(ctx, cell.Request{ID: 2, Code: "wait"}); out.Err == nil || out.Err.Kind != cell.ErrInterrupt {
		t.Errorf("outcome %+v", out.Err)
	}
	if out := e.Execute(t.Context(), cell.Request{ID: 3, Code: "print x"}); out.Err != nil {
		t.Errorf("outcome %+v", out.Err)
	}
}

// TestSignals wants that a signal to the whole group stops a cell in the way that
// the one process chooses which started the other.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals can be sent to processes")
	}
	e, _ := start(t, "yes")
	e.Execute(t.Context(), cell.Request{ID: 1, Code: "print x"}) // it is under way
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		if err := e.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if out := e.Execute(ctx, cell.Request{ID: 2, Code: "wait"}); out.Err == nil || out.Err.Kind != cell.ErrInterrupt {
		t.Errorf("outcome %+v", out.Err)
	}
}

func TestDeath(t *testing.T) {
	for _, test := range []struct{ how, code, want string }{
		{"yes", "exit", "the process of the cells ended: exit status 3"},
		{"yes", "die", "the process of the cells ended: panic: lost"},
		{"garbles", "wait", "the process of the cells ended: something other than its messages came through its pipe (invalid character 'h' looking for beginning of value)"},
		{"broken", "print x", "the evaluator did not start: no packages"},
	} {
		t.Run(test.code, func(t *testing.T) {
			e, _ := start(t, test.how)
			out := e.Execute(t.Context(), cell.Request{ID: 1, Code: test.code})
			if out.Err == nil || out.Err.Error() != test.want || len(out.Err.Traceback) == 0 || out.Err.Traceback[0] != test.want || len(out.Err.Traceback) > 50 {
				t.Errorf("outcome %+v, want %s", out.Err, test.want)
			}
			if out := e.Execute(t.Context(), cell.Request{ID: 2, Code: "print x"}); out.Err == nil {
				t.Error("a dead process ran a cell")
			}
			if _, err := e.Facts(); err == nil {
				t.Error("a dead process told facts")
			}
			_ = e.Close()
		})
	}
}

func TestKill(t *testing.T) {
	e, _ := start(t, "yes")
	died := make(chan cell.Outcome)
	go func() { died <- e.Execute(t.Context(), cell.Request{ID: 1, Code: "hang"}) }()
	e.Kill()
	if out := <-died; out.Err == nil {
		t.Error("a killed process ended a cell")
	}
}

// TestLeft wants that a worker ends when nobody is there who started it.
func TestLeft(t *testing.T) {
	in, asker := io.Pipe()
	ended := make(chan error)
	go func() {
		ended <- Serve(in, io.Discard, Config{New: func(h cell.Host) (cell.Evaluator, error) { return fake{host: h}, nil }})
	}()
	p := pipe{w: asker}
	if err := p.send(message{Execute: &cell.Request{ID: 1, Code: "hang"}}); err != nil {
		t.Fatal(err)
	}
	_ = asker.Close()
	if err := <-ended; !errors.Is(err, ErrLeft) {
		t.Errorf("it ended with %v", err)
	}
}
