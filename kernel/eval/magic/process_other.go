//go:build !unix

package magic

import "os/exec"

// group does nothing where processes have no groups.
func group(*exec.Cmd) {}

// interrupt ends a process; what it started goes on.
func interrupt(cmd *exec.Cmd) { cmd.Process.Kill() }

// kill ends a process.
func kill(cmd *exec.Cmd) { cmd.Process.Kill() }
