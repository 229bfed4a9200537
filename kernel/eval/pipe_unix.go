//go:build unix

package eval

// This file reads a pipe in such a way that whoever wants to can empty it.

import (
	"os"
	"sync"
	"syscall"
)

// pipe is the reading end of a pipe.
type pipe struct {
	r    *os.File
	conn syscall.RawConn
	to   func(p []byte)

	mu  sync.Mutex // held from reading to the end of to
	buf []byte
}

func newPipe(r *os.File, to func(p []byte)) *pipe {
	conn, err := r.SyscallConn()
	if err != nil {
		panic(err) // r was just opened
	}
	return &pipe{r: r, conn: conn, to: to, buf: make([]byte, 1<<16)}
}

// run hands on what is written until the other end is closed.
func (p *pipe) run() {
	p.conn.Read(func(fd uintptr) bool {
		n, err := p.take(fd)
		return n == 0 && err == nil || err != nil && err != syscall.EAGAIN
	})
	p.r.Close()
}

// take hands on all that is in the pipe. It ends with EAGAIN when there is no
// more, and with zero bytes when the other end is closed.
func (p *pipe) take(fd uintptr) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		n, err = syscall.Read(int(fd), p.buf)
		if err == syscall.EINTR {
			continue
		}
		if n <= 0 {
			return n, err
		}
		p.to(p.buf[:n])
	}
}

// drain hands on what is in the pipe by now.
func (p *pipe) drain() { p.conn.Control(func(fd uintptr) { p.take(fd) }) }
