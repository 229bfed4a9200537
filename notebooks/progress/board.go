// This file shows notebooks that run side by side.

package progress

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"cajal/kernel/cell"
	"cajal/notebooks/report"
	"cajal/notebooks/run"
)

// Board shows several runs at a time: in a terminal a line for each notebook
// that runs, drawn again, below one for each that has ended; elsewhere only the
// latter.
type Board struct {
	w     io.Writer
	width func() int // columns of the terminal; nil if there is none
	names int        // width of the longest name

	mu    sync.Mutex
	lanes []*Lane // those that run
	drawn int     // lines on the screen that can be drawn again
	stop  chan struct{}
	ended chan struct{}
}

// NewBoard returns a Board that writes to w; names are the notebooks that will
// run, for the width of their column. If w is nil, nothing is shown.
func NewBoard(w io.Writer, names []string) *Board {
	if w == nil {
		w = io.Discard
	}
	return newBoard(w, terminal(w), names)
}

func newBoard(w io.Writer, width func() int, names []string) *Board {
	b := &Board{w: w, width: width, stop: make(chan struct{}), ended: make(chan struct{})}
	for _, n := range names {
		b.names = max(b.names, len([]rune(clean(n))))
	}
	go b.tick()
	return b
}

func (b *Board) tick() {
	defer close(b.ended)
	if b.width == nil {
		return
	}
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-t.C:
			b.mu.Lock()
			b.draw()
			b.mu.Unlock()
		}
	}
}

// Close ends the drawing.
func (b *Board) Close() {
	close(b.stop)
	<-b.ended
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
}

// draw writes the lines of what runs; the caller holds the lock.
func (b *Board) draw() {
	if b.width == nil {
		return
	}
	b.erase()
	width := b.width()
	for _, l := range b.lanes {
		since := time.Since(l.began)
		head := fmt.Sprintf("%c %s  %*d/%d %9s  ", wheel(since), b.name(l), digits(l.step.Of), l.step.Number, l.step.Of, clock(since))
		fmt.Fprintf(b.w, "%s\n", head+fit(l.seen.now(l.step), width-len([]rune(head))))
	}
	b.drawn = len(b.lanes)
}

// erase takes the drawn lines away and leaves the cursor where they began.
func (b *Board) erase() {
	if b.drawn > 0 {
		fmt.Fprintf(b.w, "\x1b[%dA\r\x1b[J", b.drawn)
		b.drawn = 0
	}
}

func (b *Board) name(l *Lane) string {
	return l.name + strings.Repeat(" ", max(0, b.names-len([]rune(l.name))))
}

// Lane is the part of a Board that shows one notebook. It is a [run.Watcher].
type Lane struct {
	b     *Board
	name  string
	began time.Time
	step  run.Step
	seen  seen
}

// Notebook begins the run of a notebook.
func (b *Board) Notebook(name string) *Lane {
	l := &Lane{b: b, name: clean(name), began: time.Now()}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lanes = append(b.lanes, l)
	return l
}

// Start implements [run.Watcher].
func (l *Lane) Start(s run.Step) {
	l.b.mu.Lock()
	defer l.b.mu.Unlock()
	l.step, l.seen = s, seen{}
}

// Event implements [run.Watcher]; it only notes what to show.
func (l *Lane) Event(e cell.Event) {
	l.b.mu.Lock()
	defer l.b.mu.Unlock()
	l.seen.take(e)
}

// End implements [run.Watcher].
func (l *Lane) End(run.Step, run.Timing) {}

// Close takes the line of a run away that ended without a word.
func (l *Lane) Close() { l.finish(nil) }

// Done says that all cells ran, and what was written.
func (l *Lane) Done(elapsed time.Duration, wrote []string) {
	l.finish(func(w io.Writer) {
		l.line(w, "✓", "\x1b[32m", elapsed, strings.Join(wrote, ", "))
	})
}

// Failed says where the run stopped, and what was written of it.
func (l *Lane) Failed(f *run.Failure, elapsed time.Duration, wrote []string) {
	l.finish(func(w io.Writer) {
		l.line(w, "✗", "\x1b[31m", elapsed, fmt.Sprintf("cell %d of %d", f.Step.Number, f.Step.Of))
		for _, line := range f.Err.Traceback {
			fmt.Fprintln(w, "  "+clean(line))
		}
		fmt.Fprintln(w, "  "+stopped(elapsed, wrote))
	})
}

// line writes what stays of a run.
func (l *Lane) line(w io.Writer, mark, shade string, elapsed time.Duration, text string) {
	plain := "\x1b[0m"
	if l.b.width == nil {
		shade, plain = "", ""
	}
	fmt.Fprintf(w, "%s%s %s%s  %9s  %s\n", shade, mark, l.b.name(l), plain, report.Duration(elapsed), text)
}

// finish writes last words above the lines of those that still run.
func (l *Lane) finish(say func(io.Writer)) {
	l.b.mu.Lock()
	defer l.b.mu.Unlock()
	if i := slices.Index(l.b.lanes, l); i >= 0 {
		l.b.lanes = slices.Delete(l.b.lanes, i, i+1)
	}
	l.b.erase()
	if say != nil {
		say(l.b.w)
	}
	l.b.draw()
}
