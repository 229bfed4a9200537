package eval

// This file measures statements for %time and %timeit.

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// measure repeats statements: batches, each long enough for the clock, until
// there are enough of them. Its methods are called in turns, from one goroutine.
type measure struct {
	times   int             // how often a batch runs the statements
	started time.Time       // the batch under way; zero before the first
	first   time.Time       // the first batch
	batches []time.Duration // of the same length, once that was found
}

const (
	batchTime  = 60 * time.Millisecond // a batch takes as long
	batches    = 7
	measureFor = 3 * time.Second // no batch begins later
)

// begin begins a batch and returns how often it runs the statements.
func (m *measure) begin() int {
	m.started = time.Now()
	return m.times
}

// more ends a batch, if one is under way, and tells whether another one is
// wanted. When none is, it prints the result.
func (m *measure) more(r *Running) bool {
	took := time.Since(m.started)
	if m.started.IsZero() {
		m.first = time.Now()
		m.times = 1
		return true
	}
	if len(m.batches) == 0 && took < batchTime {
		// A tenth more than it seems to need, but not all at once: the first run is
		// seldom like the others.
		grow := 1.1 * float64(batchTime) / float64(max(took, 1))
		m.times = int(math.Ceil(float64(m.times) * min(grow, 10)))
		return true
	}
	m.batches = append(m.batches, took)
	if len(m.batches) < batches && time.Since(m.first) < measureFor {
		return true
	}
	fmt.Fprintln(r.stdout, m.result())
	return false
}

// result words the mean of the batches and their standard deviation.
func (m *measure) result() string {
	var mean, square float64
	for _, b := range m.batches {
		mean += float64(b) / float64(m.times) / float64(len(m.batches))
	}
	for _, b := range m.batches {
		d := float64(b)/float64(m.times) - mean
		square += d * d / float64(len(m.batches))
	}
	return fmt.Sprintf("%s ± %s per loop (mean ± std. dev. of %s, %s each)", perLoop(mean), perLoop(math.Sqrt(square)), count(len(m.batches), "run"), count(m.times, "loop"))
}

// count words a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text + " " + thing + "s"
}

// perLoop words a number of nanoseconds, with three digits.
func perLoop(ns float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}} {
		if ns >= unit.size {
			return fmt.Sprintf("%.3g %s", ns/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%.3g ns", ns)
}

// duration words how long something took, with three digits.
func duration(d time.Duration) string {
	if d >= time.Minute {
		return d.Round(time.Second).String()
	}
	return perLoop(float64(d))
}
