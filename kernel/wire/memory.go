// This file is a transport without sockets, for tests of whoever sits on one.

package wire

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
)

// Sent is what went out through a [Memory].
type Sent struct {
	Channel Channel
	Message *Message
}

// Memory is a transport in memory: Deliver puts messages in, Out gives what was
// sent and published, in order. It stands in for [Sockets].
type Memory struct {
	Out  chan Sent // everything that goes out; it holds 65,536 messages
	in   [3]chan *Message
	done chan struct{}
	once sync.Once
	hook atomic.Pointer[func(topic string) *Message]
}

// NewMemory returns a transport in memory.
func NewMemory() *Memory {
	m := &Memory{Out: make(chan Sent, 1<<16), done: make(chan struct{})}
	for ch := range m.in {
		m.in[ch] = make(chan *Message, 1024)
	}
	return m
}

// Deliver lets a message come in on shell, control or stdin.
func (t *Memory) Deliver(ch Channel, m *Message) { t.in[ch] <- m }

// Subscribe lets a subscriber come, who gets what OnSubscribe set.
func (t *Memory) Subscribe(topic string) {
	if f := t.hook.Load(); f != nil {
		if m := (*f)(topic); m != nil {
			t.Out <- Sent{IOPub, m}
		}
	}
}

// Receive waits for the next message on a channel.
func (t *Memory) Receive(ctx context.Context, ch Channel) (*Message, error) {
	select {
	case m := <-t.in[ch]:
		return m, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-t.done:
		return nil, ErrClosed
	}
}

// Send passes a message on.
func (t *Memory) Send(ch Channel, m *Message) error { return t.pass(ch, m) }

// Publish passes a message on.
func (t *Memory) Publish(m *Message, _ Class, _ string) error { return t.pass(IOPub, m) }

func (t *Memory) pass(ch Channel, m *Message) error {
	select {
	case <-t.done:
		return ErrClosed
	case t.Out <- Sent{ch, m}:
		return nil
	}
}

// OnSubscribe sets what Subscribe answers.
func (t *Memory) OnSubscribe(f func(topic string) *Message) { t.hook.Store(&f) }

// Close ends the transport; what went out can still be read.
func (t *Memory) Close() error {
	t.once.Do(func() { close(t.done) })
	return nil
}

// String names the message for failing tests: channel, type, content.
func (s Sent) String() string {
	return strings.Join([]string{s.Channel.String(), s.Message.Header.Type, string(s.Message.Content)}, " ")
}
