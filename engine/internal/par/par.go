// This file has the pool that runs a list of tasks on a few goroutines.

// Package par runs numbered tasks on a fixed number of goroutines.
//
// It knows nothing of sums: a task must write only what no other task touches,
// and then the number of threads cannot change the result. It is not for tasks
// that block.
package par

import (
	"runtime"
	"sync/atomic"
)

// spins is how long a worker looks for new work before it sleeps: a few tens
// of microseconds, longer than the gap between two phases of a step and much
// shorter than anything a user would notice as load.
const spins = 20_000

// A Pool is a set of goroutines that belong to one training. Run must be
// called by one goroutine at a time.
type Pool struct {
	workers []worker
	task    func(int)
	n       int64
	next    atomic.Int64
	busy    atomic.Int64
	round   atomic.Uint32
	closed  atomic.Bool
	failure atomic.Pointer[any]
}

type worker struct {
	asleep atomic.Bool
	wake   chan struct{}
	_      [64]byte // keep flags of different workers on different cache lines
}

// New returns a pool that runs tasks on threads goroutines, the caller's among
// them; threads < 1 means as many as GOMAXPROCS.
func New(threads int) *Pool {
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	p := &Pool{workers: make([]worker, threads-1)}
	for i := range p.workers {
		w := &p.workers[i]
		w.wake = make(chan struct{}, 1)
		go p.loop(w)
	}
	return p
}

// Threads returns the number of goroutines that share the work.
func (p *Pool) Threads() int { return len(p.workers) + 1 }

// Close ends the workers. The pool must be idle.
func (p *Pool) Close() {
	p.closed.Store(true)
	p.start()
}

// Run calls task(0) … task(n-1), each once, and returns when all are done. It
// allocates nothing. A panic of a task comes out of Run.
func (p *Pool) Run(n int, task func(int)) {
	if n == 1 || len(p.workers) == 0 {
		for i := range n {
			task(i)
		}
		return
	}
	p.task, p.n = task, int64(n)
	p.next.Store(0)
	p.busy.Store(int64(len(p.workers)))
	p.start()
	p.drain()
	for i := 0; p.busy.Load() > 0; i++ {
		if i > 1000 {
			runtime.Gosched()
		}
	}
	p.task = nil
	if f := p.failure.Swap(nil); f != nil {
		panic(*f)
	}
}

func (p *Pool) start() {
	p.round.Add(1)
	for i := range p.workers {
		if w := &p.workers[i]; w.asleep.Swap(false) {
			w.wake <- struct{}{}
		}
	}
}

// drain runs tasks until none is left, and keeps the first panic.
func (p *Pool) drain() {
	defer func() {
		if e := recover(); e != nil {
			kept := e // its own variable: e itself must not escape on every call
			p.failure.CompareAndSwap(nil, &kept)
			p.next.Store(p.n)
		}
	}()
	for {
		i := p.next.Add(1) - 1
		if i >= p.n {
			return
		}
		p.task(int(i))
	}
}

func (p *Pool) loop(w *worker) {
	seen := uint32(0)
	for {
		for i := 0; p.round.Load() == seen; i++ {
			if i < spins {
				continue
			}
			w.asleep.Store(true)
			// Work that came before the flag was seen is taken now; then the flag
			// is already down, or this goroutine takes it down itself.
			if p.round.Load() != seen && w.asleep.Swap(false) {
				break
			}
			<-w.wake
			break
		}
		seen = p.round.Load()
		if p.closed.Load() {
			return
		}
		p.drain()
		p.busy.Add(-1)
	}
}
