package magic

// This file runs processes: what they print is shown as it comes, and an
// interrupt ends them with all that they started.

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// patience is how long an interrupted process has to end by itself, and lingering
// how long what a process left may go on printing after it has ended.
const (
	patience  = 100 * time.Millisecond
	lingering = 500 * time.Millisecond
)

// shell runs a line. That the command fails is told, and no error of the cell:
// many tools, such as grep and diff, tell something by it.
func shell(env *Env, c Command) error {
	cmd := exec.Command("sh", "-c", c.Args)
	if runtime.GOOS == "windows" {
		cmd = exec.Command("cmd", "/c", c.Args)
	}
	err := run(env, cmd)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		fmt.Fprintf(env.Stderr, "!%s: %s\n", firstOf(c.Args), exit)
		return nil
	}
	return err
}

// firstOf returns the first word of a command.
func firstOf(line string) string {
	word, _, _ := strings.Cut(line, " ")
	return word
}

// bash runs a script, whose failure is one of the cell.
func bash(env *Env, c Command) error {
	if err := run(env, exec.Command("bash", "-c", c.Body)); err != nil {
		return fmt.Errorf("%%%%bash: %w", err)
	}
	return nil
}

// run runs a process to its end, or to an interrupt.
func run(env *Env, cmd *exec.Cmd) error {
	cmd.Stdout, cmd.Stderr = env.Stdout, env.Stderr
	cmd.WaitDelay = lingering
	group(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if errors.Is(err, exec.ErrWaitDelay) {
			return nil // something goes on in the background, unheard
		}
		return err
	case <-env.Done:
	}
	interrupt(cmd)
	select {
	case err := <-ended:
		kill(cmd) // what it started
		return err
	case <-time.After(patience):
	}
	kill(cmd)
	return <-ended
}
