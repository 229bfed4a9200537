package exec

// This file notices that all goroutines of a run wait for each other. The
// runtime does that too, but in programs without cgo only that catch no signals,
// and this process may be neither.

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Asleep is a goroutine that waits for what will never happen.
type Asleep struct {
	For   string // "chan receive", "select", "sync.Mutex.Lock", …
	Trace []Frame
}

// watch keeps an eye on the goroutines of a run.
type watch struct {
	mu      sync.Mutex
	live    int
	waiting map[*Goroutine]string
	moves   uint64        // changes of the two above
	quiet   chan struct{} // tells that all that live wait
	over    chan struct{} // closed when nobody wants to know any more
}

// Watch calls standstill, at most once, when all goroutines of r wait for
// operations on channels, or for functions of package sync, that only they could
// make possible. It must be called before r runs anything. It tells nothing of
// runs that have met a compiled function which may make something happen later,
// such as [time.AfterFunc], nor after stop was called.
func (r *Run) Watch(standstill func([]Asleep)) (stop func()) {
	w := &watch{waiting: make(map[*Goroutine]string), quiet: make(chan struct{}, 1), over: make(chan struct{})}
	r.watch = w
	go func() {
		for {
			select {
			case <-w.quiet:
				if w.lasts(r.m) {
					standstill(w.asleep())
					return
				}
			case <-w.over:
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(w.over) })
}

// begin is told that a goroutine of the run has begun, and end that it has ended.
// A nil watch does not care.
func (w *watch) begin() {
	if w != nil {
		w.change(func() { w.live++ })
	}
}

func (w *watch) end() {
	if w != nil {
		w.change(func() { w.live-- })
	}
}

// sleep is told that g begins to wait, and wake that it has ceased to.
func (w *watch) sleep(g *Goroutine, what string) { w.change(func() { w.waiting[g] = what }) }
func (w *watch) wake(g *Goroutine)               { w.change(func() { delete(w.waiting, g) }) }

func (w *watch) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	w.moves++
	if len(w.waiting) == w.live {
		select {
		case w.quiet <- struct{}{}:
		default:
		}
	}
}

// still tells whether all that live wait, and how many changes there were so
// far.
func (w *watch) still() (bool, uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting) == w.live, w.moves
}

// lasts tells whether all that live will wait for ever; if not, it returns when
// one of them has woken up. Goroutines that hand each other the turn all seem to
// wait for moments, so it does not look at once.
func (w *watch) lasts(m *Machine) bool {
	const first, last = 20 * time.Millisecond, 5 * time.Second
	for pause := time.Duration(first); ; pause = min(2*pause, last) {
		_, before := w.still()
		select {
		case <-time.After(pause):
		case <-w.over:
			return false
		}
		switch still, after := w.still(); {
		case !still:
			return false
		case after != before:
			pause = first / 2
		case !m.later.Load() && allParked():
			return true
		}
	}
}

// asleep returns the goroutines that wait, the run's first one first.
func (w *watch) asleep() []Asleep {
	w.mu.Lock()
	defer w.mu.Unlock()
	var of []*Goroutine
	for g := range w.waiting {
		of = append(of, g)
	}
	slices.SortFunc(of, func(a, b *Goroutine) int { return int(a.number - b.number) })
	var out []Asleep
	for _, g := range of {
		out = append(out, Asleep{For: w.waiting[g], Trace: g.m.callers(g.places(nil, 0))})
	}
	return out
}

// parked are the states in which a goroutine waits for others.
var parked = []string{"chan receive", "chan send", "select", "semacquire", "sync."}

// apart are functions in which goroutines of the process wait for what does not
// come from a run: signals, and what it has written to a pipe.
var apart = []string{"os/signal.signal_recv(", "eval.(*pipe).run("}

// allParked tells whether all goroutines of the process wait for each other, but
// for the calling one and those that wait for something apart. The runtime stops
// them all for the moment of the answer.
func allParked() bool {
	buf := make([]byte, 1<<16)
	n := runtime.Stack(buf, true)
	for n == len(buf) {
		buf = make([]byte, 4*n)
		n = runtime.Stack(buf, true)
	}
	own := true // the first one
	for stack := range bytes.SplitSeq(buf[:n], []byte("\n\n")) {
		if own {
			own = false
			continue
		}
		_, state, _ := strings.Cut(string(stack), "[")
		is := func(p string) bool { return strings.HasPrefix(state, p) }
		within := func(f string) bool { return strings.Contains(state, f) }
		if !slices.ContainsFunc(parked, is) && !slices.ContainsFunc(apart, within) {
			return false
		}
	}
	return true
}

// later tells whether a compiled function may make something happen by itself
// after it has returned, or lets signals do so: it sets a timer, say. Goroutines
// that it leaves behind are seen by allParked.
func later(pkgPath, name string) bool {
	switch pkgPath {
	case "time":
		switch name {
		case "After", "AfterFunc", "NewTicker", "NewTimer", "Tick":
			return true
		}
	case "context":
		return strings.HasPrefix(name, "WithDeadline") || strings.HasPrefix(name, "WithTimeout")
	case "net", "os/exec", "os/signal", "testing":
		return true
	}
	return strings.HasPrefix(pkgPath, "net/") || strings.HasPrefix(pkgPath, "cajal/")
}
