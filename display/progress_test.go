package display

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		withOutlet(t, r)
		sum := 0
		for i := range Progress(100) {
			sum += i
			time.Sleep(10 * time.Millisecond)
		}
		if sum != 4950 {
			t.Errorf("counted to a sum of %d", sum)
		}
		want := []string{"25/100 · 25% · ETA 0:01 · 100/s", "50/100 · 50% · ETA 0:01 · 100/s", "75/100 · 75% · ETA 0:00 · 100/s", "100/100 · 1s"}
		if len(r.outputs) != len(want) {
			t.Fatalf("%d outputs: %v", len(r.outputs), r.outputs)
		}
		for i, o := range r.outputs {
			if o.Data["text/plain"] != want[i] || o.ID != r.outputs[0].ID || (o.Kind == KindDisplay) != (i == 0) {
				t.Errorf("output %d: %s %q, want %q", i, o.Kind, o.Data["text/plain"], want[i])
			}
		}
	})
}

func TestProgressEnds(t *testing.T) {
	r := &recorder{err: errors.New("gone")}
	withOutlet(t, r)
	for range Progress(0) {
		t.Error("a loop of none")
	}
	for i := range Progress(10) {
		if i == 3 {
			break
		}
	}
	func() {
		defer func() { _ = recover() }()
		for range Progress(10) {
			panic("boom")
		}
	}()
	for i, want := range []string{"0/0 · ", "stopped after 3 of 10 · ", "stopped after 0 of 10 · "} {
		if got := r.outputs[i].Data["text/plain"].(string); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	SetOutlet(nil)
	n := 0
	for range Progress(5) {
		if n++; n == 4 {
			break
		}
	}
	if n != 4 || len(r.outputs) != 3 {
		t.Errorf("outside of a cell: %d rounds, %d outputs", n, len(r.outputs))
	}
}
