// This file checks the pool: every task once, sleep and wake, panics.

package par

import (
	"sync/atomic"
	"testing"
	"time"
)

func TestEveryTaskRunsOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		p := New(threads)
		if p.Threads() != threads {
			t.Errorf("%d threads, want %d", p.Threads(), threads)
		}
		for _, n := range []int{0, 1, 2, 3, 100} {
			for round := range 50 {
				ran := make([]atomic.Int32, n)
				p.Run(n, func(i int) { ran[i].Add(1) })
				for i := range ran {
					if k := ran[i].Load(); k != 1 {
						t.Fatalf("%d threads, round %d: task %d of %d ran %d times", threads, round, i, n, k)
					}
				}
			}
		}
		p.Close()
	}
}

func TestWorkersWakeUp(t *testing.T) {
	p := New(3)
	defer p.Close()
	for range 5 {
		time.Sleep(5 * time.Millisecond) // far longer than they spin
		// Each task waits for the others: all must run at the same time.
		var here atomic.Int32
		p.Run(3, func(int) {
			here.Add(1)
			for here.Load() < 3 {
				time.Sleep(10 * time.Microsecond)
			}
		})
	}
}

func TestPanicComesOut(t *testing.T) {
	for _, threads := range []int{1, 2} {
		p := New(threads)
		for range 3 {
			func() {
				defer func() {
					if e := recover(); e != "boom" {
						t.Errorf("%d threads: recovered %v", threads, e)
					}
				}()
				p.Run(20, func(i int) {
					if i == 7 {
						panic("boom")
					}
				})
				t.Errorf("%d threads: Run returned", threads)
			}()
		}
		ok := atomic.Int32{}
		p.Run(4, func(int) { ok.Add(1) })
		if ok.Load() != 4 {
			t.Errorf("%d threads: after a panic %d of 4 tasks ran", threads, ok.Load())
		}
		p.Close()
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	p := New(2)
	defer p.Close()
	var sum [64]int
	task := func(i int) { sum[i]++ }
	if n := testing.AllocsPerRun(100, func() { p.Run(64, task) }); n != 0 {
		t.Errorf("%v allocations a run", n)
	}
}
