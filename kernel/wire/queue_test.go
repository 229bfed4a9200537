// This file tests what a slow peer's queue drops and what it keeps.

package wire

import (
	"strings"
	"testing"
	"time"
)

func text(ps []parcel) string {
	var s []string
	for _, p := range ps {
		s = append(s, string(p.bytes))
	}
	return strings.Join(s, " ")
}

func TestQueueDropsOldStreams(t *testing.T) {
	q := newQueue(10, 1000)
	note := func() []byte { return []byte("N") }
	q.put(parcel{bytes: []byte("busy")})
	for _, s := range []string{"s1", "s2"} {
		q.put(parcel{bytes: []byte(s), class: Stream, note: note})
	}
	q.put(parcel{bytes: []byte("s3"), class: Stream, note: note})
	q.put(parcel{bytes: []byte("idle")})
	if got, want := text(q.take()), "busy N idle"; !strings.HasPrefix(got, "busy N") || !strings.HasSuffix(got, "idle") {
		t.Errorf("left %q, want something like %q", got, want)
	}
	q.done()
	if q.size != 0 {
		t.Errorf("size is %d after everything was taken", q.size)
	}
}

func TestQueueKeepsLastUpdate(t *testing.T) {
	q := newQueue(6, 1000)
	for _, s := range []string{"a1", "b1", "a2", "a3"} {
		q.put(parcel{bytes: []byte(s), class: Update, key: s[:1]})
	}
	q.put(parcel{bytes: []byte("result")})
	if got, want := text(q.take()), "b1 a3 result"; got != want {
		t.Errorf("left %q, want %q", got, want)
	}
}

func TestQueueTellsWhenItIsFull(t *testing.T) {
	q := newQueue(4, 8)
	if !q.put(parcel{bytes: []byte("12345678")}) {
		t.Error("a peer at the limit is to go")
	}
	if q.put(parcel{bytes: []byte("9")}) {
		t.Error("a peer over the limit may stay")
	}
}

func TestQueueDrains(t *testing.T) {
	q := newQueue(100, 100)
	q.put(parcel{bytes: []byte("x")})
	drained := make(chan bool)
	go func() { q.drained(); close(drained) }()
	q.take()
	select {
	case <-drained:
		t.Fatal("drained while the writer still holds a parcel")
	case <-time.After(20 * time.Millisecond):
	}
	q.done()
	<-drained
	q.close()
	if q.put(parcel{bytes: []byte("y")}) || q.take() != nil {
		t.Error("a closed queue works on")
	}
}
