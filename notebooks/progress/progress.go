// This file shows a run, to a terminal or as plain lines.

package progress

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/term"

	"cajal/kernel/cell"
	"cajal/notebooks/report"
	"cajal/notebooks/run"
)

// Reporter is a [run.Watcher] that shows the run of one notebook.
type Reporter struct {
	w     io.Writer
	width func() int // columns of the terminal; nil if there is none
	name  string

	mu      sync.Mutex
	step    run.Step
	began   time.Time
	seen    seen
	drawn   bool // a line is on the screen that can be drawn again
	stop    chan struct{}
	stopped chan struct{}
}

// interval is the time between two drawings of the line.
const interval = 100 * time.Millisecond

// New returns a Reporter that writes to w, and announces the notebook. If w is
// a terminal, lines are drawn again; if w is nil, nothing is shown.
func New(w io.Writer, name string) *Reporter {
	if w == nil {
		return &Reporter{w: io.Discard, name: name}
	}
	r := &Reporter{w: w, name: name, width: terminal(w)}
	r.announce()
	return r
}

// terminal returns a function that tells how wide the terminal w is, nil if w is
// none.
func terminal(w io.Writer) func() int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return func() int {
		n, _, err := term.GetSize(int(f.Fd()))
		if err != nil || n < 20 {
			return 80
		}
		return n
	}
}

func (r *Reporter) announce() {
	if r.width != nil {
		fmt.Fprintf(r.w, "\x1b[1m%s\x1b[0m\n", clean(r.name))
		return
	}
	fmt.Fprintln(r.w, clean(r.name))
}

// Start implements [run.Watcher].
func (r *Reporter) Start(s run.Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.step, r.began = s, time.Now()
	r.seen = seen{}
	if r.width == nil {
		return
	}
	r.draw()
	r.stop, r.stopped = make(chan struct{}), make(chan struct{})
	go r.tick(r.stop, r.stopped)
}

func (r *Reporter) tick(stop, stopped chan struct{}) {
	defer close(stopped)
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-stop:
			return
		case <-t.C:
			r.mu.Lock()
			r.draw()
			r.mu.Unlock()
		}
	}
}

// Event implements [run.Watcher]; it only notes what to show.
func (r *Reporter) Event(e cell.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen.take(e)
}

// End implements [run.Watcher].
func (r *Reporter) End(s run.Step, t run.Timing) {
	if r.stop != nil {
		close(r.stop)
		<-r.stopped
		r.stop = nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.erase()
	mark, shade, plain := "✓", "\x1b[32m", "\x1b[0m"
	if t.Err != nil {
		mark, shade = "✗", "\x1b[31m"
	}
	if r.width == nil {
		mark, shade, plain = map[bool]string{true: "failed ", false: ""}[t.Err != nil], "", ""
	}
	place := fmt.Sprintf("%s%*d/%d", mark+gap(mark), digits(s.Of), s.Number, s.Of)
	if r.width == nil {
		place = fmt.Sprintf("%s[%*d/%d]", mark, digits(s.Of), s.Number, s.Of)
	}
	fmt.Fprintf(r.w, "%s%s%s %9s  %s\n", shade, place, plain, report.Duration(t.Elapsed), r.fit(title(s.Source), len([]rune(place))+12))
	for _, line := range r.seen.summary() {
		r.say(line, len([]rune(place))+12)
	}
}

func gap(mark string) string {
	if mark == "" {
		return ""
	}
	return " "
}

// say writes a line under the cell's, indented.
func (r *Reporter) say(line string, indent int) {
	if r.width != nil {
		fmt.Fprintf(r.w, "%s\x1b[2m%s\x1b[0m\n", strings.Repeat(" ", indent), r.fit(line, indent))
		return
	}
	fmt.Fprintf(r.w, "%s%s\n", strings.Repeat(" ", indent), r.fit(line, indent))
}

// maxPlain is how long a line becomes where no terminal has a width.
const maxPlain = 240

// draw shows the running cell; the caller holds the lock.
func (r *Reporter) draw() {
	since := time.Since(r.began)
	head := fmt.Sprintf("%c %*d/%d %9s  ", wheel(since), digits(r.step.Of), r.step.Number, r.step.Of, clock(since))
	fmt.Fprintf(r.w, "\r\x1b[K%s%s", head, r.fit(r.seen.now(r.step), len([]rune(head))))
	r.drawn = true
}

// wheel turns while something runs.
func wheel(since time.Duration) rune {
	frames := [...]rune{'⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'}
	return frames[int(since/interval)%len(frames)]
}

func (r *Reporter) erase() {
	if r.drawn {
		fmt.Fprint(r.w, "\r\x1b[K")
		r.drawn = false
	}
}

// Close ends the drawing if a run ended in the middle of a cell.
func (r *Reporter) Close() {
	if r.stop != nil {
		close(r.stop)
		<-r.stopped
		r.stop = nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.erase()
}

// Done says that all cells ran, and what was written.
func (r *Reporter) Done(elapsed time.Duration, wrote []string) {
	fmt.Fprintf(r.w, "done in %s: %s\n", report.Duration(elapsed), strings.Join(wrote, ", "))
}

// Failed says where the run stopped, and what was written of it. The message
// itself is the caller's; here stands what the cell's author sees, with its
// carets.
func (r *Reporter) Failed(f *run.Failure, elapsed time.Duration, wrote []string) {
	for _, line := range f.Err.Traceback {
		fmt.Fprintln(r.w, clean(line))
	}
	fmt.Fprintln(r.w, stopped(elapsed, wrote))
}

func stopped(elapsed time.Duration, wrote []string) string {
	text := "stopped after " + report.Duration(elapsed)
	if len(wrote) > 0 {
		text += "; what ran is in " + strings.Join(wrote, ", ")
	}
	return text
}

// fit cuts text so that it ends before the terminal's last column.
func (r *Reporter) fit(text string, used int) string {
	if r.width == nil {
		return fit(text, maxPlain)
	}
	return fit(text, r.width()-used)
}

// fit cuts text so that it takes less than width columns.
func fit(text string, width int) string {
	room := max(8, width-1)
	cells := 0
	for i, c := range text {
		if cells += columns(c); cells > room-1 {
			return text[:i] + "…"
		}
	}
	return text
}

// columns tells how wide a terminal draws a character; East Asian ones take
// two columns.
func columns(c rune) int {
	switch {
	case unicode.Is(unicode.Mn, c):
		return 0
	case c >= 0x1100 && c <= 0x115f, c >= 0x2e80 && c <= 0xa4cf, c >= 0xac00 && c <= 0xd7a3,
		c >= 0xf900 && c <= 0xfaff, c >= 0xfe30 && c <= 0xfe6f, c >= 0xff00 && c <= 0xff60, c >= 0x1f300 && c <= 0x1faff, c >= 0x20000 && c <= 0x3fffd:
		return 2
	}
	return 1
}

// title is the first line of a cell that says something: not a comment, an
// import or a lone bracket, if there is a better one.
func title(source string) string {
	first := ""
	block := false
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(clean(line))
		if line == "" {
			continue
		}
		if first == "" {
			first = line
		}
		switch {
		case block:
			block = line != ")"
		case strings.HasPrefix(line, "import ("):
			block = true
		case strings.HasPrefix(line, "import"), strings.HasPrefix(line, "//"):
		default:
			return line
		}
	}
	return first
}

// clean removes what could move the cursor or change colours: a cell's output
// must not take over the reader's terminal.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t':
			return ' '
		case unicode.IsControl(c), unicode.Is(unicode.Bidi_Control, c):
			return -1
		}
		return c
	}, escapes.ReplaceAllString(s, ""))
}

var escapes = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)`)

// clock writes a running time: "0:07", "1:02:03".
func clock(d time.Duration) string {
	s := int(d.Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func digits(n int) int { return len(fmt.Sprint(n)) }
