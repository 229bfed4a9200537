// This file is the queue of requests that wait for their goroutine.

package session

import (
	"context"
	"sync"
	"time"

	"cajal/kernel/wire"
)

// queue is a queue of requests without bound: whoever can put requests in has
// the key of the connection file.
type queue struct {
	mu      sync.Mutex
	waiting []*wire.Message
	more    chan struct{} // holds one if there may be something waiting
}

func (q *queue) init() { q.more = make(chan struct{}, 1) }

// put appends a request.
func (q *queue) put(m *wire.Message) {
	q.mu.Lock()
	q.waiting = append(q.waiting, m)
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// next waits for a request and takes it; nil when ctx ends.
func (q *queue) next(ctx context.Context) *wire.Message {
	for {
		if ctx.Err() != nil {
			return nil
		}
		q.mu.Lock()
		if len(q.waiting) > 0 {
			m := q.waiting[0]
			q.waiting[0] = nil
			q.waiting = q.waiting[1:]
			q.mu.Unlock()
			return m
		}
		q.mu.Unlock()
		select {
		case <-q.more:
		case <-ctx.Done():
			return nil
		}
	}
}

// takeAll takes everything that waits, and what was on its way: Run All sends
// its cells at once, and the first may have failed before the second is here. It
// looks until nothing comes for 10 ms, for a fifth of a second at most.
func (q *queue) takeAll() (all []*wire.Message) {
	for range 20 {
		time.Sleep(10 * time.Millisecond)
		q.mu.Lock()
		more := q.waiting
		q.waiting = nil
		q.mu.Unlock()
		all = append(all, more...)
		if len(more) == 0 {
			break
		}
	}
	return all
}
