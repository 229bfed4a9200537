//go:build unix

// This file ends what the cells started, on systems with process groups.

package session

import (
	"os"
	"os/signal"
	"syscall"
)

// endChildren ends the processes that cells started and left running. Jupyter
// makes a kernel the leader of a process group, which they belong to; a process
// that is no leader shares its group with strangers and signals nobody.
func endChildren() {
	if syscall.Getpgrp() != os.Getpid() {
		return
	}
	signal.Ignore(syscall.SIGTERM)
	_ = syscall.Kill(0, syscall.SIGTERM) // to nobody is no failure
}
