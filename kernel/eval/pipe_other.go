//go:build !unix

package eval

// This file reads a pipe where it cannot be asked whether it is empty: what
// compiled code writes to os.Stdout may appear a little later than it should.

import "os"

// pipe is the reading end of a pipe.
type pipe struct {
	r  *os.File
	to func(p []byte)
}

func newPipe(r *os.File, to func(p []byte)) *pipe { return &pipe{r, to} }

// run hands on what is written until the other end is closed.
func (p *pipe) run() {
	buf := make([]byte, 1<<16)
	for {
		n, err := p.r.Read(buf)
		if n > 0 {
			p.to(buf[:n])
		}
		if err != nil {
			p.r.Close()
			return
		}
	}
}

func (p *pipe) drain() {}
