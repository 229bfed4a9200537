// This file holds what waits to be written to one peer, so that a slow one
// delays nobody else, and decides what is dropped when too much waits.

package wire

import "sync"

// parcel is one encoded message in a queue.
type parcel struct {
	bytes []byte
	class Class
	key   string        // of an Update: the display it changes
	note  func() []byte // of a Stream: what stands in its place when it is dropped
}

// queue is the outbound queue of one peer. put never blocks.
type queue struct {
	soft, hard int // bytes: above soft what may be dropped is, above hard the peer is

	mu      sync.Mutex
	ready   sync.Cond // signalled when there is something to write, or nothing left
	waiting []parcel
	size    int  // bytes waiting
	busy    bool // the writer holds parcels that it has not finished
	noted   bool // the oldest parcel is a note
	closed  bool
}

func newQueue(soft, hard int) *queue {
	q := &queue{soft: soft, hard: hard}
	q.ready.L = &q.mu
	return q
}

// put appends a parcel. It returns false if the queue is closed or so much
// waits that cannot be dropped that the peer has to go.
func (q *queue) put(p parcel) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.waiting = append(q.waiting, p)
	q.size += len(p.bytes)
	if q.size > q.soft {
		q.shed()
	}
	q.ready.Broadcast()
	return q.size <= q.hard
}

// shed drops updates that a later one supersedes, then the oldest streams, until
// the queue is within three quarters of its bound or nothing is left to drop. A
// note takes the place of the first stream that it drops.
func (q *queue) shed() {
	last := map[string]int{}
	for i, p := range q.waiting {
		if p.class == Update {
			last[p.key] = i
		}
	}
	target := q.soft / 4 * 3
	kept := q.waiting[:0]
	for i, p := range q.waiting {
		switch {
		case p.class == Update && last[p.key] != i:
			q.size -= len(p.bytes)
		case p.class == Stream && q.size > target:
			q.size -= len(p.bytes)
			if !q.noted && p.note != nil {
				q.noted = true
				n := parcel{bytes: p.note()}
				q.size += len(n.bytes)
				kept = append(kept, n)
			}
		default:
			kept = append(kept, p)
		}
	}
	clear(q.waiting[len(kept):])
	q.waiting = kept
}

// take waits for parcels and takes all of them; it returns nil when the queue
// is closed. The taker calls done when they are written.
func (q *queue) take() []parcel {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.ready.Wait()
	}
	if q.closed {
		return nil
	}
	batch := q.waiting
	q.waiting, q.size, q.busy, q.noted = nil, 0, true, false
	return batch
}

// done tells that what take returned was written.
func (q *queue) done() {
	q.mu.Lock()
	q.busy = false
	q.mu.Unlock()
	q.ready.Broadcast()
}

// drained waits until everything was written or the queue is closed.
func (q *queue) drained() {
	q.mu.Lock()
	for (len(q.waiting) > 0 || q.busy) && !q.closed {
		q.ready.Wait()
	}
	q.mu.Unlock()
}

// close drops what waits and wakes everybody.
func (q *queue) close() {
	q.mu.Lock()
	q.closed, q.waiting, q.size = true, nil, 0
	q.mu.Unlock()
	q.ready.Broadcast()
}
