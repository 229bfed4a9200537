// This file is the queue of requests that wait for their goroutine.

package session

import (
	"context"
	"sync"

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

// takeAll takes everything that waits.
func (q *queue) takeAll() []*wire.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting
	q.waiting = nil
	return all
}
