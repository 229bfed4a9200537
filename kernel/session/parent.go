// This file notices that the process that started the kernel is gone.

package session

import (
	"context"
	"os"
	"time"
)

// WithParent returns a context that ends, besides with ctx, when the process
// that started this one is gone, if Jupyter started it (it sets
// JPY_PARENT_PID): a kernel whose server was killed must not stay behind. The
// parent's number is compared with the first one seen: a server may be process
// 1 of a container, and an orphan need not be given to process 1. On Windows,
// where the number never changes, it is ctx alone.
func WithParent(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	first := os.Getppid()
	if os.Getenv("JPY_PARENT_PID") == "" {
		return ctx, cancel
	}
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if os.Getppid() != first {
					cancel()
					return
				}
			}
		}
	}()
	return ctx, cancel
}
