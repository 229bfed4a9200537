package eval

// This file emits what a cell prints, and asks for what it reads.

import (
	"context"
	"errors"
	"sync"
	"unicode/utf8"

	"cajal/kernel/cell"
)

// flush emits what is left in files and streams.
func (r *Running) flush() {
	r.eval.files.drain()
	r.out.flush()
	r.err.flush()
}

// stream is one of a cell's output streams.
type stream struct {
	r    *Running
	kind cell.EventKind
	mu   sync.Mutex
	rest []byte // the start of a character whose end is still to come
}

// Write emits p after what was written to files.
func (s *stream) Write(p []byte) (int, error) {
	s.r.eval.files.drain()
	return s.emit(p)
}

// emit emits p, but for a character that is not complete yet.
func (s *stream) emit(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := p
	if len(s.rest) > 0 {
		text = append(s.rest, p...)
		s.rest = nil
	}
	if n := incomplete(text); n > 0 {
		s.rest = append([]byte(nil), text[len(text)-n:]...)
		text = text[:len(text)-n]
	}
	if len(text) > 0 {
		s.r.Emit(cell.Event{Kind: s.kind, Text: string(text)})
	}
	return len(p), nil
}

// flush emits what is left of a character that was never completed.
func (s *stream) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) > 0 {
		s.r.Emit(cell.Event{Kind: s.kind, Text: string(s.rest)})
		s.rest = nil
	}
}

// incomplete returns the number of bytes at the end of p that begin a character
// without ending it.
func incomplete(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if c := p[len(p)-n]; utf8.RuneStart(c) {
			if utf8.FullRune(p[len(p)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}

// input reads lines from the host.
type input struct {
	r    *Running
	mu   sync.Mutex
	rest []byte
}

// Read asks the reader for a line when the last one is used up.
func (in *input) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	if len(in.rest) == 0 {
		ask := in.r.eval.cfg.Host.Input
		if ask == nil {
			return 0, errors.New("standard input: this front end cannot ask for input")
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go func() {
			select {
			case <-in.r.Done():
				cancel()
			case <-ctx.Done():
			}
		}()
		line, err := ask(ctx, in.r.id, "", false)
		if err != nil {
			in.r.Poll()
			return 0, err
		}
		in.rest = []byte(line + "\n")
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}
