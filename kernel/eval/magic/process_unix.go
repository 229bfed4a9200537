//go:build unix

package magic

import (
	"os/exec"
	"syscall"
)

// group makes a process the first of a group of its own, which can be ended as
// a whole and takes no part in the interrupts of a terminal.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks the group of a process to end.
func interrupt(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }

// kill ends the group of a process.
func kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
