//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package eval

// This file lets a file take the place of the process's standard output.

import (
	"os"
	"syscall"
)

// takeDescriptor makes the process's file descriptor 1 mean w, until restore is
// called.
func takeDescriptor(w *os.File) (restore func(), err error) {
	syscall.ForkLock.RLock()
	old, err := syscall.Dup(syscall.Stdout)
	if err == nil {
		syscall.CloseOnExec(old)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, err
	}
	if err := replace(syscall.Stdout, int(w.Fd())); err != nil {
		syscall.Close(old)
		return nil, err
	}
	return func() {
		_ = replace(syscall.Stdout, old) // both are open
		syscall.Close(old)
	}, nil
}
