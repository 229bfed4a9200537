// This file tests what a reader sees of a run.

package progress

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cajal/kernel/cell"
	"cajal/notebooks/run"
)

func update(text string) cell.Event {
	return cell.Event{Kind: cell.Update, Bundle: cell.Bundle{Data: map[string]any{"text/plain": text}}}
}

func out(text string) cell.Event { return cell.Event{Kind: cell.Stdout, Text: text} }

func TestPlainLines(t *testing.T) {
	var b strings.Builder
	r := New(&b, "07.ipynb")
	one := run.Step{Number: 1, Of: 12, Source: "import (\n\t\"fmt\"\n)\n\n// comment\nx := 1\n"}
	r.Start(one)
	r.End(one, run.Timing{Elapsed: 12 * time.Millisecond})
	two := run.Step{Number: 2, Of: 12, Source: "// train\nm.Fit(train)"}
	r.Start(two)
	r.Event(update("epoch 1/5 · loss 0.6\nmore"))
	r.Event(out("test acc"))
	r.Event(out("uracy 0.93\nand \x1b[31mred\x1b[0m\n\n"))
	r.Event(update("\n epoch 5/5 · loss 0.2\nmore"))
	r.Event(cell.Event{Kind: cell.Result, Bundle: cell.Bundle{Data: map[string]any{"text/plain": "5 epochs"}}})
	r.End(two, run.Timing{Elapsed: 41 * time.Second})
	three := run.Step{Number: 3, Of: 12, Source: "boom()"}
	r.Start(three)
	r.Event(out("half a line"))
	e := &cell.Error{Name: "panic", Value: "boom", Traceback: []string{"panic: boom", "  \x1b]0;title\x07line 1"}, Line: 1}
	r.End(three, run.Timing{Elapsed: time.Second, Err: e})
	r.Close()
	r.Failed(&run.Failure{Step: three, Err: e}, 42*time.Second, []string{"out/07.ipynb"})
	r.Done(time.Minute, []string{"out/07.ipynb", "out/07.html"})
	want := `07.ipynb
[ 1/12]     12 ms  x := 1
[ 2/12]    41.0 s  m.Fit(train)
                   epoch 5/5 · loss 0.2
                   5 epochs
failed [ 3/12]    1.00 s  boom()
                          half a line
panic: boom
  line 1
stopped after 42.0 s; what ran is in out/07.ipynb
done in 1 min 00 s: out/07.ipynb, out/07.html
`
	if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(b.String(), "\n")); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
}

// screen keeps what was written, as a terminal of 40 columns would show it.
type screen struct{ strings.Builder }

func (s *screen) lines() []string {
	var lines []string
	for line := range strings.SplitSeq(s.String(), "\n") {
		if i := strings.LastIndex(line, "\r\x1b[K"); i >= 0 {
			line = line[i+len("\r\x1b[K"):]
		}
		lines = append(lines, clean(line))
	}
	return lines
}

func TestTerminal(t *testing.T) {
	var s screen
	r := New(&s, "07.ipynb")
	r.width = func() int { return 40 }
	step := run.Step{Number: 3, Of: 9, Source: "hist, err := mlp.Fit(train, nn.Fit{Epochs: 5})"}
	r.Start(step)
	r.Event(update("epoch 2/5 · 神经网络神经网络神经网络"))
	time.Sleep(3 * interval)
	r.mu.Lock()
	lines := s.lines()
	r.mu.Unlock()
	running := lines[len(lines)-1]
	if !strings.Contains(running, " 3/9      0:00  epoch 2/5 · 神经") || !strings.HasSuffix(running, "…") {
		t.Errorf("the running line is %q", running)
	}
	width := 0
	for _, c := range running {
		width += columns(c)
	}
	if width > 39 {
		t.Errorf("the running line takes %d of 40 columns: %q", width, running)
	}
	r.End(step, run.Timing{Elapsed: 300 * time.Millisecond, Err: &cell.Error{Name: "x"}})
	r.Close()
	lines = s.lines()
	want := []string{"07.ipynb", "✗ 3/9    0.30 s  hist, err := mlp.Fit(…", "                 epoch 2/5 · 神经网络…", ""}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("the screen at the end (-want +got):\n%s", d)
	}
}

func TestCloseInTheMiddle(t *testing.T) {
	var s screen
	r := New(&s, "x")
	r.width = func() int { return 40 }
	r.Start(run.Step{Number: 1, Of: 1, Source: "for {}"})
	r.Close()
	r.Close()
	if lines := s.lines(); lines[len(lines)-1] != "" {
		t.Errorf("a line is left: %q", lines)
	}
	if r.stop != nil {
		t.Error("the drawing goes on")
	}
}

func TestNobodyLooks(t *testing.T) {
	r := New(nil, "x")
	r.Start(run.Step{Number: 1, Of: 1})
	r.End(run.Step{Number: 1, Of: 1}, run.Timing{Err: &cell.Error{}})
	r.Failed(&run.Failure{Err: &cell.Error{Name: "a"}}, 0, nil)
	if r.width != nil {
		t.Error("nothing is taken for a terminal")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("closed pipe") }

// TestBrokenPipe: a reader who went away must not stop the run.
func TestBrokenPipe(t *testing.T) {
	r := New(broken{}, "x")
	r.Start(run.Step{Number: 1, Of: 1, Source: "x"})
	r.End(run.Step{Number: 1, Of: 1, Source: "x"}, run.Timing{})
	r.Done(0, nil)
}

func TestSummary(t *testing.T) {
	result := func(text string) cell.Event {
		return cell.Event{Kind: cell.Result, Bundle: cell.Bundle{Data: map[string]any{"text/plain": text}}}
	}
	display := func(text string) cell.Event {
		return cell.Event{Kind: cell.Display, Bundle: cell.Bundle{Data: map[string]any{"text/plain": text}}}
	}
	warn := func(text string) cell.Event { return cell.Event{Kind: cell.Stderr, Text: text} }
	for _, test := range []struct {
		name   string
		events []cell.Event
		now    string
		want   []string
	}{
		{"a line", []cell.Event{out("accuracy 0.9"), out("3\n")}, "accuracy 0.93", []string{"accuracy 0.93"}},
		{"a listing", []cell.Event{out("1  2\n3  4\n")}, "3  4", nil},
		{"two lines, one without an end", []cell.Event{out("1\n2")}, "2", nil},
		{"a warning", []cell.Event{out("1\n2\n"), warn("it is "), warn("odd\n")}, "2", []string{"it is odd"}},
		{"a log", []cell.Event{warn("first\nsecond\n\nthi"), out("3\n"), warn("rd")}, "3", []string{"first (2 more on standard error)", "3"}},
		{"a value", []cell.Event{result("42")}, "x", []string{"42"}},
		{"a table", []cell.Event{result("layer  kind\n1      Dense\n")}, "x", nil},
		{"a picture", []cell.Event{display("SVG, 3 kB")}, "SVG, 3 kB", nil},
		{"a training", []cell.Event{display("0/5"), update("5/5 · loss 0.2\nmore")}, "5/5 · loss 0.2", []string{"5/5 · loss 0.2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s seen
			for _, e := range test.events {
				s.take(e)
			}
			if got := s.now(run.Step{Source: "x"}); got != test.now {
				t.Errorf("while it runs: %q, want %q", got, test.now)
			}
			if d := cmp.Diff(test.want, s.summary()); d != "" {
				t.Errorf("afterwards (-want +got):\n%s", d)
			}
		})
	}
}

func TestTitle(t *testing.T) {
	for source, want := range map[string]string{
		"":                                  "",
		"// only a comment":                 "// only a comment",
		"import \"fmt\"\nfmt.Println(1)":    "fmt.Println(1)",
		"\n\n  x\t:= 1 \x1b[31m\n":          "x := 1",
		"import (\n\t\"a\"\n\t\"b\"\n)\n\n": "import (",
	} {
		if got := title(source); got != want {
			t.Errorf("title(%q) = %q, want %q", source, got, want)
		}
	}
}
