// This file shows how far a loop is.

package display

import (
	"fmt"
	"html"
	"iter"
	"time"
)

// progressInterval is the least time between two updates.
const progressInterval = 250 * time.Millisecond

// Progress counts from 0 to n-1 for a loop, and shows in the cell how far that is:
//
//	for i := range display.Progress(1000) {
//		…
//	}
//
// It is one output, updated at most four times a second by the loop itself, and
// stays when the loop has ended, also by break or panic. Outside of a cell
// nothing is shown.
func Progress(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		outlet, err := Current()
		if err != nil {
			for i := range n {
				if !yield(i) {
					return
				}
			}
			return
		}
		p := progress{outlet: outlet, n: n, start: time.Now()}
		p.shown = p.start
		done := 0
		defer func() { p.show(done, true) }()
		for i := range n {
			if !yield(i) {
				return
			}
			done++
			if time.Since(p.shown) >= progressInterval && done < n {
				p.show(done, false)
			}
		}
	}
}

// progress is a loop that is shown.
type progress struct {
	outlet Outlet
	n      int
	start  time.Time
	shown  time.Time
	id     string // once it is shown
}

// show shows the state. An outlet that fails is no reason for the loop to end.
func (p *progress) show(done int, over bool) {
	now := time.Now()
	text := p.text(done, now.Sub(p.start), over)
	o := Output{Kind: KindUpdate, ID: p.id, Data: map[string]any{
		"text/plain": text,
		"text/html":  fmt.Sprintf(`<div><progress value="%d" max="%d" style="vertical-align:middle;width:16em"></progress> %s</div>`, done, max(p.n, 1), html.EscapeString(text)),
	}}
	if p.id == "" {
		p.id = NewID()
		o.Kind, o.ID = KindDisplay, p.id
	}
	_ = p.outlet.Emit(o)
	p.shown = time.Now()
}

func (p *progress) text(done int, took time.Duration, over bool) string {
	took = max(took, 1)
	switch {
	case over && done < p.n:
		return say("stopped after %d of %d", done, p.n) + " · " + took.Round(time.Millisecond).String()
	case over:
		return fmt.Sprintf("%d/%d · %s", done, p.n, took.Round(time.Millisecond))
	}
	left := time.Duration(float64(took) / float64(done) * float64(p.n-done)).Round(time.Second)
	clock := fmt.Sprintf("%d:%02d", int(left.Minutes()), int(left.Seconds())%60)
	return say("%d/%d · %d%% · ETA %s · %.3g/s", done, p.n, 100*done/p.n, clock, float64(done)/took.Seconds())
}
