// This file tests what a reader sees of runs side by side.

package progress

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cajal/kernel/cell"
	"cajal/notebooks/run"
)

// side runs two notebooks side by side on a board: one fails, one ends, and
// look is called while both run.
func side(b *Board, look func()) {
	long, short := b.Notebook("07-long.ipynb"), b.Notebook("08.ipynb")
	step := run.Step{Number: 2, Of: 3, Source: "m.Fit(train)"}
	long.Start(step)
	long.Event(update("epoch 1/5 · loss 0.6"))
	short.Start(step)
	look()
	e := &cell.Error{Name: "panic", Value: "boom", Traceback: []string{"panic: boom", "cell 2, line 1"}}
	long.End(step, run.Timing{Err: e})
	long.Failed(&run.Failure{Step: step, Err: e}, 2*time.Second, []string{"out/07-long.html"})
	short.End(step, run.Timing{})
	short.Done(3*time.Second, []string{"out/08.ipynb", "out/08.html"})
	b.Notebook("refused.ipynb").Close()
	b.Close()
}

func TestBoardInPlainLines(t *testing.T) {
	var w strings.Builder
	side(NewBoard(&w, []string{"07-long.ipynb", "08.ipynb"}), func() {
		if w.Len() > 0 {
			t.Errorf("written while cells run: %q", w.String())
		}
	})
	want := `✗ 07-long.ipynb     2.00 s  cell 2 of 3
  panic: boom
  cell 2, line 1
  stopped after 2.00 s; what ran is in out/07-long.html
✓ 08.ipynb          3.00 s  out/08.ipynb, out/08.html
`
	if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(w.String(), "\n")); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
}

func TestBoardInATerminal(t *testing.T) {
	var w strings.Builder
	b := newBoard(&w, func() int { return 46 }, []string{"07-long.ipynb", "08.ipynb"})
	side(b, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.draw()
		drawn := w.String()
		drawn = drawn[strings.LastIndex("\x1b[J"+drawn, "\x1b[J"):] // after what was erased
		for i, want := range []string{" 07-long.ipynb  2/3      0:00  epoch 1/5 · …", " 08.ipynb       2/3      0:00  m.Fit(train)"} {
			if line := []rune(strings.Split(drawn, "\n")[i]); string(line[1:]) != want {
				t.Errorf("line %d while they run is %q", i, string(line))
			}
		}
	})
	// What was erased is gone; what is left are the lines that stay.
	text := w.String()
	for up := regexp.MustCompile(`\x1b\[(\d)A\r\x1b\[J`); ; {
		at := up.FindStringSubmatchIndex(text)
		if at == nil {
			break
		}
		before := strings.SplitAfter(text[:at[0]], "\n")
		keep := len(before) - 1 - int(text[at[2]]-'0')
		text = strings.Join(before[:keep], "") + text[at[1]:]
	}
	want := []string{
		"✗ 07-long.ipynb     2.00 s  cell 2 of 3", "  panic: boom", "  cell 2, line 1", "  stopped after 2.00 s; what ran is in out/07-long.html",
		"✓ 08.ipynb          3.00 s  out/08.ipynb, out/08.html", "",
	}
	for i, line := range strings.Split(text, "\n") {
		if i >= len(want) || clean(line) != want[i] {
			t.Errorf("line %d at the end is %q", i, clean(line))
		}
	}
}
