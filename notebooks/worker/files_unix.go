//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package worker

// This file takes the pipes away from the cells.

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// Files returns the two ends of the pipes that [Serve] needs in a started
// process. What else reads the process's standard input finds its end from now
// on, and what else writes to its standard output writes to standard error: a
// cell can write to a file descriptor, and so does compiled code that prints.
// The processes that cells start do not inherit the pipes.
func Files() (in io.Reader, out io.Writer, err error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, err
	}
	defer null.Close()
	var own [2]*os.File
	for fd, to := range []int{int(null.Fd()), syscall.Stderr} {
		syscall.ForkLock.RLock()
		d, err := syscall.Dup(fd)
		if err == nil {
			syscall.CloseOnExec(d)
		}
		syscall.ForkLock.RUnlock()
		if err == nil {
			err = replace(fd, to)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("file descriptor %d: %w", fd, err)
		}
		own[fd] = os.NewFile(uintptr(d), "pipe")
	}
	return own[0], own[1], nil
}
