//go:build unix

package session_test

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a process the leader of a group, as Jupyter does.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
