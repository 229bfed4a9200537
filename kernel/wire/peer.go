// This file serves one connection: its handshake, the goroutine that reads it
// and the one that writes what waits in its queue.

package wire

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

const (
	handshakeTime = 5 * time.Second  // a peer that has not greeted by then goes
	stallTime     = 10 * time.Second // a peer that takes not one piece in this time goes
	pieceSize     = 128 << 10        // bytes of one write
)

// peer is one connection of a socket, greeted and ready.
type peer struct {
	id    string // the identity that it announced, or one of ours
	conn  net.Conn
	guard *guard
	zmtp  *zmq4.Conn
	queue *queue

	mu     sync.Mutex
	topics map[string]int // on iopub: subscriptions, each as often as it was made
}

// greet performs the handshake on a new connection. It may be called for many
// connections at once; none of them delays another.
func greet(c net.Conn, kind zmq4.SocketType, limit uint64, q *queue) (p *peer, err error) {
	defer func() {
		// The library slices metadata by lengths that the peer claims.
		if r := recover(); r != nil {
			err = fmt.Errorf("malformed handshake: %v", r)
		}
		if err != nil {
			c.Close()
		}
	}()
	g := newGuard(c, limit)
	if err := c.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		return nil, err
	}
	z, err := zmq4.Open(g, null.Security(), kind, nil, true, nil)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Time{}); err != nil {
		return nil, err
	}
	g.open.Store(true)
	id := z.Peer.Meta["Identity"]
	if id == "" {
		id = "\x00" + NewID() // an identity that starts with zero cannot be announced
	}
	return &peer{id: id, conn: c, guard: g, zmtp: z, queue: q, topics: map[string]int{}}, nil
}

// read hands every message of the peer to take, until the connection ends.
// Commands are dropped: after the handshake none concerns a kernel.
func (p *peer) read(take func(frames [][]byte)) {
	defer func() { recover() }() // whatever a malformed command does to the library ends this connection only
	for {
		m, err := p.zmtp.RecvMsg()
		if err != nil {
			return
		}
		if m.Type == zmq4.UsrMsg && len(m.Frames) > 0 {
			take(m.Frames)
		}
	}
}

// write writes what the queue holds, many small messages in one go, until the
// queue is closed or the peer has not taken a piece for too long.
func (p *peer) write() {
	defer p.conn.Close()
	defer p.queue.close()
	var small []byte
	for {
		batch := p.queue.take()
		if batch == nil {
			return
		}
		small = small[:0]
		for _, q := range batch {
			if len(q.bytes) < pieceSize/2 {
				small = append(small, q.bytes...)
				if len(small) < pieceSize/2 {
					continue
				}
			}
			if p.pieces(small) != nil {
				return
			}
			small = small[:0]
			if len(q.bytes) >= pieceSize/2 && p.pieces(q.bytes) != nil {
				return
			}
		}
		if p.pieces(small) != nil {
			return
		}
		p.queue.done()
	}
}

// pieces writes b. The deadline is renewed after every piece: it measures
// progress, so that a large message to a slow peer still arrives.
func (p *peer) pieces(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), pieceSize)
		p.conn.SetWriteDeadline(time.Now().Add(stallTime))
		if _, err := p.conn.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// subscribe counts a subscription, or with on false takes one back.
func (p *peer) subscribe(topic string, on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case on:
		p.topics[topic]++
	case p.topics[topic] > 1:
		p.topics[topic]--
	default:
		delete(p.topics, topic)
	}
}

// subscribed tells whether a subscription is a prefix of topic.
func (p *peer) subscribed(topic string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for t := range p.topics {
		if len(t) <= len(topic) && topic[:len(t)] == t {
			return true
		}
	}
	return false
}

// frame writes a message as ZMTP 3.0 has it on the wire: a flag byte, the
// length in one or eight bytes, the body, for each frame.
func frame(frames [][]byte) []byte {
	n := 0
	for _, f := range frames {
		n += 9 + len(f)
	}
	b := make([]byte, 0, n)
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = 1
		}
		if len(f) > 255 {
			b = append(b, flags|2)
			b = binary.BigEndian.AppendUint64(b, uint64(len(f)))
		} else {
			b = append(b, flags, byte(len(f)))
		}
		b = append(b, f...)
	}
	return b
}
