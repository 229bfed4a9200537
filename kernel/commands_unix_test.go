//go:build unix

package kernel_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cajal/kernel/cell"
)

// An interrupt ends a process with all that it started: whatever held the pipe
// open for writing is gone.
func TestInterruptedShell(t *testing.T) {
	for _, code := range []string{
		"%%bash\nexec 3>PIPE\ntrap '' INT\nsleep 1000 &\nsleep 1000",
		"!exec 3>PIPE; sleep 1000 & sleep 1000",
	} {
		e, host := newEvaluator(t)
		run(t, e, host, 1, "x := 1")
		pipe := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		gone := make(chan error, 1)
		go func() {
			f, err := os.Open(pipe) // the script runs
			if err == nil {
				cancel()
				_, err = io.ReadAll(f)
			}
			gone <- err
		}()
		out := e.Execute(ctx, cell.Request{ID: 2, Number: 2, Code: strings.ReplaceAll(code, "PIPE", pipe)})
		if out.Err == nil || out.Err.Kind != cell.ErrInterrupt {
			t.Errorf("%s: got %v, want an interrupt", code, out.Err)
		}
		if err := <-gone; err != nil {
			t.Error(err)
		}
		cancel()
	}
}
