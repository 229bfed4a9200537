// Copyright 2009 The Go Authors. All rights reserved.
// Use of this source code is governed by a BSD-style
// license that can be found in the LICENSE file.

package iter

// This file holds Pull and Pull2 with goroutines in place of the runtime's
// coroutines.

//bind:drop coro newcoro coroswitch goexitPanicValue

import "runtime"

// puller hands control back and forth between a sequence, which runs on a
// goroutine of its own, and whoever pulls from it.
type puller struct {
	resume  chan bool // true: next value; false: stop
	yielded chan struct{}
	started bool
	done    bool
	busy    bool
	ended   bool // seq returned; it neither panicked nor called Goexit
	panics  any
	goexit  bool
}

// step lets the sequence, which run starts, go on to its next value or end.
func (p *puller) step(more bool, run func()) {
	p.busy = true
	if !p.started {
		p.started = true
		p.resume = make(chan bool)
		p.yielded = make(chan struct{})
		go func() {
			defer func() {
				if r := recover(); r != nil {
					p.panics = r
				} else if !p.ended {
					p.goexit = true
				}
				p.done = true
				p.yielded <- struct{}{}
			}()
			run()
			p.ended = true
		}()
	} else {
		p.resume <- more
	}
	<-p.yielded
	p.busy = false
	if p.goexit {
		runtime.Goexit()
	}
	if r := p.panics; r != nil {
		panic(r)
	}
}

// wait is called by the sequence after it has left a value. It reports whether
// another one is wanted.
func (p *puller) wait() bool {
	p.yielded <- struct{}{}
	return <-p.resume
}

func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	var (
		p  puller
		v  V
		ok bool
	)
	run := func() {
		seq(func(v1 V) bool {
			if p.done {
				return false
			}
			if !p.busy {
				panic("iter.Pull: yield called again before next")
			}
			v, ok = v1, true
			return p.wait()
		})
	}
	next = func() (v1 V, ok1 bool) {
		if p.done {
			return
		}
		if p.busy {
			panic("iter.Pull: next called again before yield")
		}
		var zero V
		v, ok = zero, false
		p.step(true, run)
		return v, ok
	}
	stop = func() {
		if p.done {
			return
		}
		p.done = true
		if p.started {
			p.step(false, run)
		}
	}
	return next, stop
}

func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	type pair struct {
		k K
		v V
	}
	next1, stop := Pull(func(yield func(pair) bool) {
		seq(func(k K, v V) bool { return yield(pair{k, v}) })
	})
	next = func() (K, V, bool) {
		p, ok := next1()
		return p.k, p.v, ok
	}
	return next, stop
}
