// This file serves the five sockets of a kernel: who connects, what comes in,
// and who gets what goes out.

package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-zeromq/zmq4"
)

// ErrClosed is what a closed transport answers.
var ErrClosed = errors.New("the transport is closed")

// Options adjusts the sockets; the zero value works.
type Options struct {
	// Log takes lines about what was dropped and why; nil drops them too.
	Log func(format string, args ...any)
	// QueueBytes bounds what waits for one peer before streams are dropped;
	// 0 means 32 MiB. Eight times as much ends the connection.
	QueueBytes int
	// MessageBytes bounds a message on shell and control; 0 means 256 MiB.
	// Stdin takes 16 MiB at most, heartbeat and iopub 64 KiB.
	MessageBytes int
	// Linger bounds how long Close waits for slow peers; 0 means a second.
	Linger time.Duration
}

const maxPeers = 1024 // of one socket

// Sockets are the five listening sockets of a kernel.
type Sockets struct {
	codec *Codec
	opt   Options
	all   [5]*socket
	in    [3]chan *Message // shell, control, stdin
	done  chan struct{}
	once  sync.Once

	welcome  func(topic string) *Message
	welcomes chan struct{} // closed when welcome is set: subscribers wait for it
}

// socket is one listener and its peers.
type socket struct {
	ch       Channel
	kind     zmq4.SocketType
	limit    uint64
	listener net.Listener

	mu    sync.Mutex
	peers map[*peer]bool
	byID  map[string]*peer // the newest with an identity: a client that reconnects is faster than the news that it had gone
	count int              // with those that are still greeting
}

// Listen opens the sockets that a connection file names. They accept peers at
// once; what comes in waits until it is received.
func Listen(c Connection, opt Options) (*Sockets, error) {
	codec, err := NewCodec(c.Key, c.SignatureScheme)
	if err != nil {
		return nil, err
	}
	if opt.Log == nil {
		opt.Log = func(string, ...any) {}
	}
	if opt.QueueBytes == 0 {
		opt.QueueBytes = 32 << 20
	}
	if opt.MessageBytes == 0 {
		opt.MessageBytes = 256 << 20
	}
	if opt.Linger == 0 {
		opt.Linger = time.Second
	}
	s := &Sockets{codec: codec, opt: opt, done: make(chan struct{}), welcomes: make(chan struct{})}
	for ch := range s.in {
		s.in[ch] = make(chan *Message)
	}
	for ch := Shell; ch <= Heartbeat; ch++ {
		sock := &socket{ch: ch, kind: zmq4.Router, limit: 64 << 10, peers: map[*peer]bool{}, byID: map[string]*peer{}}
		switch ch {
		case Shell, Control:
			sock.limit = uint64(opt.MessageBytes)
		case Stdin:
			sock.limit = 16 << 20
		case IOPub:
			sock.kind = zmq4.XPub
		}
		l, err := c.listen(ch)
		if err != nil {
			for _, open := range s.all[:ch] {
				open.listener.Close()
			}
			return nil, err
		}
		sock.listener = l
		s.all[ch] = sock
	}
	for _, sock := range s.all {
		go s.accept(sock)
	}
	return s, nil
}

func (s *Sockets) accept(sock *socket) {
	for {
		conn, err := sock.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, for one: it may pass
			select {
			case <-s.done:
				return
			case <-time.After(20 * time.Millisecond):
			}
			continue
		}
		sock.mu.Lock()
		full := sock.count >= maxPeers
		if !full {
			sock.count++
		}
		sock.mu.Unlock()
		if full {
			conn.Close()
			s.opt.Log("%s: more than %d connections, one refused", sock.ch, maxPeers)
			continue
		}
		go s.serve(sock, conn)
	}
}

// serve greets one peer and reads it to its end.
func (s *Sockets) serve(sock *socket, conn net.Conn) {
	defer func() {
		sock.mu.Lock()
		sock.count--
		sock.mu.Unlock()
	}()
	p, err := greet(conn, sock.kind, sock.limit, newQueue(s.opt.QueueBytes, 8*s.opt.QueueBytes))
	if err != nil {
		s.opt.Log("%s: a peer could not be greeted: %v", sock.ch, err)
		return
	}
	sock.mu.Lock()
	select {
	case <-s.done:
		sock.mu.Unlock()
		conn.Close()
		return
	default:
	}
	sock.peers[p] = true
	sock.byID[p.id] = p
	sock.mu.Unlock()
	go p.write()

	p.read(func(frames [][]byte) { s.take(sock, p, frames) })

	if err := p.guard.err; err != nil {
		s.opt.Log("%s: a connection was ended: %v", sock.ch, err)
	}
	p.queue.close()
	conn.Close()
	sock.mu.Lock()
	delete(sock.peers, p)
	if sock.byID[p.id] == p {
		delete(sock.byID, p.id)
	}
	sock.mu.Unlock()
}

// take handles one message of a peer.
func (s *Sockets) take(sock *socket, p *peer, frames [][]byte) {
	switch sock.ch {
	case Heartbeat:
		p.queue.put(parcel{bytes: frame(frames)})
	case IOPub:
		s.subscription(p, frames[0])
	default:
		m, err := s.codec.Decode(append([][]byte{[]byte(p.id)}, frames...))
		if err != nil {
			s.opt.Log("%s: message dropped: %v", sock.ch, err)
			return
		}
		select {
		case s.in[sock.ch] <- m:
		case <-s.done:
		}
	}
}

// subscription handles what a subscriber sends: a byte 1 or 0, then the topic.
// The welcome is put into that subscriber's own queue before the topic counts,
// so it is the first message that comes.
func (s *Sockets) subscription(p *peer, f []byte) {
	if len(f) == 0 || f[0] > 1 {
		return
	}
	topic := string(f[1:])
	if f[0] == 0 {
		p.subscribe(topic, false)
		return
	}
	select {
	case <-s.welcomes:
	case <-s.done:
		return
	}
	if s.welcome != nil && utf8.ValidString(topic) {
		if m := s.welcome(topic); m != nil {
			if frames, err := s.codec.Encode(m); err == nil {
				p.queue.put(parcel{bytes: frame(frames)})
			}
		}
	}
	p.subscribe(topic, true)
}

// OnSubscribe sets what is sent to a subscriber before anything else, for each
// of its subscriptions; nil is nothing. The message's identities are its topic
// frame. It must be called, once: subscriptions that come before it wait.
func (s *Sockets) OnSubscribe(f func(topic string) *Message) {
	s.welcome = f
	close(s.welcomes)
}

// Receive waits for the next message on shell, control or stdin.
func (s *Sockets) Receive(ctx context.Context, ch Channel) (*Message, error) {
	select {
	case m := <-s.in[ch]:
		return m, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.done:
		return nil, ErrClosed
	}
}

// Send queues a message for the peer whose identity its first one is. A peer
// that is gone gets nothing, which is no error. It does not block.
func (s *Sockets) Send(ch Channel, m *Message) error {
	if len(m.Identities) == 0 {
		return errors.New(m.Header.Type + " has no identity to be sent to")
	}
	frames, err := s.codec.Encode(m)
	if err != nil {
		return err
	}
	sock := s.all[ch]
	sock.mu.Lock()
	p := sock.byID[string(frames[0])]
	sock.mu.Unlock()
	if p != nil {
		s.put(p, sock, parcel{bytes: frame(frames[1:])})
	}
	return nil
}

// Publish queues a message for all subscribers of its topic, which is its one
// identity. class and key say what may be dropped for a subscriber that does
// not keep up. It does not block.
func (s *Sockets) Publish(m *Message, class Class, key string) error {
	if len(m.Identities) != 1 {
		return errors.New(m.Header.Type + " has no topic to be published under")
	}
	frames, err := s.codec.Encode(m)
	if err != nil {
		return err
	}
	out := parcel{bytes: frame(frames), class: class, key: key}
	if class == Stream {
		out.note = func() []byte { return s.note(m) }
	}
	topic := string(m.Identities[0])
	sock := s.all[IOPub]
	sock.mu.Lock()
	defer sock.mu.Unlock()
	for p := range sock.peers {
		if p.subscribed(topic) {
			s.put(p, sock, out)
		}
	}
	return nil
}

// put queues a parcel; a peer for which too much waits loses its connection.
func (s *Sockets) put(p *peer, sock *socket, out parcel) {
	if !p.queue.put(out) {
		p.queue.close()
		p.conn.Close()
		s.opt.Log("%s: a peer that does not read was disconnected", sock.ch)
	}
}

// note is what a subscriber finds in the place of streams that were dropped.
func (s *Sockets) note(dropped *Message) []byte {
	m := *dropped
	m.Header.ID += "_note"
	m.Content, _ = marshal(map[string]string{
		"name": "stderr",
		"text": "\n[output dropped: this client reads more slowly than the cell prints]\n",
	})
	m.Identities = [][]byte{[]byte("stream.stderr")}
	frames, err := s.codec.Encode(&m)
	if err != nil {
		return nil
	}
	return frame(frames)
}

// Close waits until every peer has got what was queued for it, but no longer
// than Linger, and closes the sockets. Messages sent after it are dropped.
func (s *Sockets) Close() error {
	s.once.Do(func() {
		var all []*peer
		for _, sock := range s.all {
			sock.listener.Close() // of an ipc socket, this removes its file
			sock.mu.Lock()
			for p := range sock.peers {
				all = append(all, p)
			}
			sock.mu.Unlock()
		}
		idle := make(chan struct{})
		go func() {
			for _, p := range all {
				p.queue.drained()
			}
			close(idle)
		}()
		select {
		case <-idle:
		case <-time.After(s.opt.Linger):
		}
		close(s.done)
		for _, sock := range s.all {
			sock.mu.Lock()
			for p := range sock.peers {
				p.queue.close()
				p.conn.Close()
			}
			sock.mu.Unlock()
		}
	})
	return nil
}

// Stderr is a Log for [Options] and for a session: one line each on standard
// error as it was when the function was made, whoever captures it later.
func Stderr() func(format string, args ...any) { return logTo(os.Stderr) }

// logTo returns a function that writes lines to w, "cajal: " before each.
func logTo(w io.Writer) func(format string, args ...any) {
	var mu sync.Mutex
	return func(format string, args ...any) {
		line := "cajal: " + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ") + "\n"
		mu.Lock()
		io.WriteString(w, line)
		mu.Unlock()
	}
}
