// This file guards the bytes that come from a peer before anybody has checked
// who it is: the library allocates whatever length a frame claims.

package wire

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"sync/atomic"
)

// Limits of what a peer may send. A message is counted with a little for each
// of its frames, so that a million empty ones do not come for free.
const (
	greetingSize  = 64
	handshakeSize = 64 << 10
	frameCost     = 64
)

// guard is a net.Conn for the library: it watches the byte stream as it is read
// and ends it where a length is out of bounds, without handing on the header
// that claims it. Reads are buffered below. Writes reach the network during the
// handshake only; later the peer's queue writes, and the one thing that the
// library would still write, the answer to a PING, is swallowed: a peer that
// was greeted with version 3.0 sends none.
type guard struct {
	net.Conn
	r     *bufio.Reader
	limit uint64 // bytes of a message
	open  atomic.Bool

	greeting int     // bytes of the greeting still to come
	header   [9]byte // of the frame that is being read
	have     int     // bytes of it so far
	body     uint64  // bytes of the body still to come
	total    uint64  // of the message so far
	first    bool    // the next frame is the first: it must be the READY command
	err      error   // once the stream was ended
}

func newGuard(c net.Conn, limit uint64) *guard {
	return &guard{Conn: c, r: bufio.NewReaderSize(c, 32<<10), limit: limit, greeting: greetingSize, first: true}
}

// Read reads what the peer sent, up to the first header out of bounds.
func (g *guard) Read(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.r.Read(p)
	if bad := g.scan(p[:n]); bad != nil {
		g.err = bad
		g.Conn.Close()
		return 0, bad
	}
	return n, err
}

// Write writes during the handshake.
func (g *guard) Write(p []byte) (int, error) {
	if g.open.Load() {
		return len(p), nil
	}
	return g.Conn.Write(p)
}

// scan follows the stream: a greeting, then frames of a flag byte (bit 0 more,
// bit 1 long, bit 2 command), a length of one or eight bytes, and a body. It
// takes the stream in pieces of any size.
func (g *guard) scan(p []byte) error {
	for len(p) > 0 {
		switch {
		case g.greeting > 0:
			n := min(g.greeting, len(p))
			g.greeting -= n
			p = p[n:]
		case g.body > 0:
			n := min(g.body, uint64(len(p)))
			g.body -= n
			p = p[n:]
		default:
			g.header[g.have] = p[0]
			g.have++
			p = p[1:]
			flags := g.header[0]
			long := flags&2 != 0
			switch {
			case !long && g.have == 2:
				g.body = uint64(g.header[1])
			case long && g.have == 9:
				g.body = binary.BigEndian.Uint64(g.header[1:])
			default:
				continue
			}
			g.have = 0
			if err := g.check(flags); err != nil {
				return err
			}
		}
	}
	return nil
}

// check looks at one complete header.
func (g *guard) check(flags byte) error {
	limit := g.limit
	if g.first {
		g.first = false
		limit = handshakeSize
		if flags&4 == 0 {
			return fmt.Errorf("first frame is not a command, expected READY")
		}
	}
	if g.body > limit || g.total+g.body+frameCost > limit {
		return fmt.Errorf("message of more than %d bytes", limit)
	}
	g.total += g.body + frameCost
	if flags&1 == 0 {
		g.total = 0
	}
	return nil
}
