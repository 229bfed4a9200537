//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package eval

// This file exchanges a file descriptor.

import "syscall"

// replace makes the file descriptor fd what the one named to is.
func replace(fd, to int) error { return syscall.Dup2(to, fd) }
