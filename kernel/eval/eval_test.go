package eval

// This file tests the evaluator without any package to import; kernel/cells_test.go
// runs whole notebooks.

import (
	"context"
	"fmt"
	"go/token"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	"cajal/kernel/cell"
	"cajal/kernel/eval/check"
	"cajal/kernel/eval/exec"
)

// host collects events.
type host struct {
	mu     sync.Mutex
	events []cell.Event
}

func (h *host) emit(e cell.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

// text returns what was printed to kind, and results.
func (h *host) text(kind cell.EventKind) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b strings.Builder
	for _, e := range h.events {
		if e.Kind == kind {
			b.WriteString(e.Text)
			if s, ok := e.Bundle.Data["text/plain"].(string); ok {
				b.WriteString(s)
			}
		}
	}
	return b.String()
}

func newTest(t *testing.T, cfg Config) (*Evaluator, *host) {
	t.Helper()
	h := &host{}
	cfg.Host.Emit = h.emit
	if cfg.Lookup == nil {
		cfg.Lookup = func(string) (*check.Package, bool) { return nil, false }
	}
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e, h
}

func execute(e *Evaluator, number int, code string) *cell.Error {
	return e.Execute(context.Background(), cell.Request{ID: cell.ID(number), Number: number, Code: code}).Err
}

func TestNewWantsLookup(t *testing.T) {
	if _, err := New(Config{}); err == nil || !strings.Contains(err.Error(), "Lookup") {
		t.Errorf("New without Lookup: %v", err)
	}
}

func TestSilent(t *testing.T) {
	e, h := newTest(t, Config{})
	out := e.Execute(context.Background(), cell.Request{ID: 1, Code: "x := 1\nx", Silent: true})
	if out.Err != nil || h.text(cell.Result) != "" {
		t.Errorf("a silent cell ends with %v and shows %q", out.Err, h.text(cell.Result))
	}
	if err := execute(e, 2, "x + 1"); err != nil || h.text(cell.Result) != "2" {
		t.Errorf("after it, the cell ends with %v and shows %q", err, h.text(cell.Result))
	}
}

func TestRender(t *testing.T) {
	e, h := newTest(t, Config{Render: func(v any) (data, metadata map[string]any) {
		return map[string]any{"text/plain": fmt.Sprintf("<%v>", v)}, nil
	}})
	if err := execute(e, 1, "func two() (int, string) { return 1, \"b\" }\ntwo()"); err != nil {
		t.Fatal(err)
	}
	if got := h.text(cell.Result); got != "<1>\n<b>" {
		t.Errorf("two values are shown as %q", got)
	}
}

// TestNoResultAfterStop interrupts a cell whose value is about to be shown.
func TestNoResultAfterStop(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	e, h := newTest(t, Config{Render: func(v any) (data, metadata map[string]any) {
		if v == 1 {
			cancel()
			<-Current().Done()
		}
		return map[string]any{"text/plain": fmt.Sprint(v)}, nil
	}})
	err := e.Execute(ctx, cell.Request{ID: 1, Number: 1, Code: "1"}).Err
	if err == nil || err.Kind != cell.ErrInterrupt {
		t.Errorf("the cell ends with %v, want an interruption", err)
	}
	if err := execute(e, 2, "2"); err != nil || h.text(cell.Result) != "2" {
		t.Errorf("the next cell ends with %v, and both show %q, want 2 alone", err, h.text(cell.Result))
	}
}

func TestMemoryLimit(t *testing.T) {
	e, _ := newTest(t, Config{MemoryLimit: 1 << 20})
	if err := execute(e, 1, "n := 1 << 18\nsmall := make([]byte, n)"); err != nil {
		t.Errorf("a make below the limit: %v", err)
	}
	if err := execute(e, 2, "n = 1 << 21\nlarge := make([]byte, n)"); err == nil || !strings.Contains(err.Value, "out of memory") {
		t.Errorf("a make above the limit: %v", err)
	}
}

func TestCloseEndsGoroutines(t *testing.T) {
	e, h := newTest(t, Config{})
	if err := execute(e, 1, "go func() { for { println(1) } }()"); err != nil {
		t.Fatal(err)
	}
	for h.text(cell.Stderr) == "" {
		time.Sleep(time.Millisecond)
	}
	e.Close()
	count := func() int { return len(h.text(cell.Stderr)) }
	for end := time.Now().Add(10 * time.Second); ; {
		before := count()
		time.Sleep(20 * time.Millisecond)
		if count() == before {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the goroutine goes on after Close")
		}
	}
}

// TestForgetsRuns wants that nothing is kept of the run of a cell that has ended
// and left no goroutine behind.
func TestForgetsRuns(t *testing.T) {
	e, _ := newTest(t, Config{})
	ran := func(number int, code string) weak.Pointer[exec.Run] {
		if err := execute(e, number, code); err != nil {
			t.Fatal(err)
		}
		return weak.Make(e.latest.Load().run)
	}
	stop := ran(1, "stop := make(chan bool)")
	left := ran(2, "go func() { <-stop }()")
	ran(3, "x := 1")
	forgotten := func(p weak.Pointer[exec.Run]) bool {
		for range 1000 {
			runtime.GC()
			if p.Value() == nil {
				return true
			}
			time.Sleep(time.Millisecond)
		}
		return false
	}
	if !forgotten(stop) {
		t.Error("the run of a cell that has ended is kept")
	}
	if left.Value() == nil {
		t.Error("the run of a goroutine that waits is forgotten")
	}
	ran(4, "close(stop)")
	ran(5, "x = 2")
	if !forgotten(left) {
		t.Error("the run of a goroutine that has ended is kept")
	}
}

func TestCurrentOutside(t *testing.T) {
	if r := Current(); r != nil {
		t.Errorf("outside of cells there is %v", r)
	}
}

// TestCurrentInside holds that compiled functions find the cell that calls them.
func TestCurrentInside(t *testing.T) {
	var seen []string
	e, _ := newTest(t, Config{})
	note := func(...any) {
		r := Current()
		seen = append(seen, fmt.Sprint(r.name, " ", r.Caller()))
	}
	hooks := e.state.Program().ImportedPackage(check.HooksPath)
	e.machine.Bind(hooks.Func(check.HookShow), note)
	for i := range 2 {
		if err := execute(e, i+1, "\n\nfunc() int { return 1 }()"); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"cell 1 cell 1, line 3", "cell 2 cell 2, line 3"}; !reflect.DeepEqual(seen, want) {
		t.Errorf("saw %q, want %q", seen, want)
	}
}

func TestStreamKeepsCharactersWhole(t *testing.T) {
	e, h := newTest(t, Config{})
	r := e.newRunning(cell.Request{}, "cell 1")
	for _, b := range []byte("aé世\U0001f600\xffz") {
		r.stdout.Write([]byte{b})
	}
	r.stdout.Write([]byte{0xe4, 0xb8})
	for _, ev := range h.events {
		if strings.ContainsRune(ev.Text, '\ufffd') && ev.Text != "\xff" && !strings.Contains(ev.Text, "\xff") {
			t.Errorf("a character was split: %q", ev.Text)
		}
	}
	if got := h.text(cell.Stdout); got != "aé世\U0001f600\xffz" {
		t.Errorf("before the end: %q", got)
	}
	r.flush()
	if got := h.text(cell.Stdout); got != "aé世\U0001f600\xffz\xe4\xb8" {
		t.Errorf("at the end: %q", got)
	}
}

// TestFilesKeepOrder writes to the stream and to the file in turns.
func TestFilesKeepOrder(t *testing.T) {
	e, h := newTest(t, Config{})
	r := e.newRunning(cell.Request{}, "cell 1")
	file := *e.files.variable("Stdout")
	var want strings.Builder
	for i := range 500 {
		w := io.Writer(file)
		if i%3 == 0 {
			w = r.Stdout()
		}
		text := fmt.Sprintf("%d ", i)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		want.WriteString(text)
	}
	large := strings.Repeat("x", 1<<18) // more than a pipe holds
	io.WriteString(file, large)
	r.flush()
	if got := h.text(cell.Stdout); got != want.String()+large {
		t.Errorf("%d bytes came in another order, or not at all; %d were written", len(got), want.Len()+len(large))
	}
	if r.Writer(file) != r.stdout || r.Writer(os.Stdout) == r.stdout {
		t.Error("the file of a cell and that of the process are mixed up")
	}
}

// TestFilesExchanged sets os.Stdout as programs do that capture their output.
func TestFilesExchanged(t *testing.T) {
	e, _ := newTest(t, Config{})
	r := e.newRunning(cell.Request{}, "cell 1")
	variable := e.files.variable("Stdout")
	was := *variable
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	*variable = file
	if r.Stdout() != io.Writer(file) {
		t.Error("standard output is not what os.Stdout was set to")
	}
	*variable = was
	if r.Stdout() != r.stdout {
		t.Error("standard output is not the cell's after os.Stdout was set back")
	}
}

func TestTraceback(t *testing.T) {
	s := sources{"cell 7": strings.Split("a\n\tif 世界(x)[3] {\nb", "\n")}
	frame := exec.Frame{Func: "main.f", Pos: token.Position{Filename: "cell 7", Line: 2, Column: 11, Offset: 1}}
	other := exec.Frame{Func: "fmt.Println", Pos: token.Position{Filename: "print.go", Line: 1, Column: 1, Offset: 1}}
	err := s.panicError("boom\nboom\n", []exec.Frame{other, frame, frame, frame})
	want := []string{
		"panic: boom", "boom",
		"cell 7, line 2, column 5, in f, again and again",
		"        if 世界(x)[3] {",
		"           ^",
	}
	if !reflect.DeepEqual(err.Traceback, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(err.Traceback, "\n"), strings.Join(want, "\n"))
	}
	if err.Line != 2 || err.Column != 5 || err.Kind != cell.ErrPanic {
		t.Errorf("the error is at %d:%d and of kind %s", err.Line, err.Column, err.Kind)
	}
}

type bad struct{}

func (bad) Error() string { panic("no text") }

type code int

func TestPanicText(t *testing.T) {
	for _, test := range []struct {
		v    any
		want string
	}{
		{"text", "text"},
		{42, "42"},
		{code(7), "eval.code(7)"},
		{fmt.Errorf("e"), "e"},
		{nil, "nil"},
		{[]int{1}, "([]int) [1]"},
		{bad{}, "(eval.bad) whose own text panics: no text"},
		{1.5, "1.5"},
		{true, "true"},
	} {
		if got := panicText(test.v); got != test.want {
			t.Errorf("panic(%#v) is worded %q, want %q", test.v, got, test.want)
		}
	}
}

func TestTotalMemory(t *testing.T) {
	if n := totalMemory(); n != 0 && n < 1<<24 {
		t.Errorf("the machine has %d bytes", n)
	}
}
