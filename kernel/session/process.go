// This file is what a process needs around its session to be a kernel: the
// connection file, signals, the parent, and where the history is kept.

package session

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"cajal/kernel/wire"
)

// Run is the life of a kernel process: it reads the connection file at path,
// opens the sockets that it names, and serves one session on them. A
// shutdown_request, SIGTERM, SIGHUP and the end of the process that started
// this one are a clean end, which takes two seconds at most; SIGINT interrupts
// the running cell. Run sets cfg.Transport, and cfg.Log to [wire.Stderr] if it
// is nil.
//
// It fails if the connection file is missing or broken, a port is taken, or the
// evaluator cannot be made; the error says what to do. When it returns, all of
// the process's work is done: the caller exits.
func Run(path string, cfg Config) error {
	if cfg.Log == nil {
		cfg.Log = wire.Stderr()
	}
	c, err := wire.ReadConnection(path)
	if err != nil {
		return err
	}
	// From here on a signal no longer ends the process by itself.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	sockets, err := wire.Listen(c, wire.Options{Log: cfg.Log})
	if err != nil {
		return err
	}
	cfg.Transport = sockets
	s := New(cfg)

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if os.Getenv("JPY_PARENT_PID") != "" { // set by whoever starts kernels and wants them to go with it
		go watchParent(ctx, cancel)
		defer endChildren()
	}
	go func() {
		for {
			select {
			case sig := <-signals:
				if sig != os.Interrupt {
					cancel()
					return
				}
				s.Interrupt()
			case <-ctx.Done():
				return
			}
		}
	}()
	return s.Serve(ctx)
}

// watchParent calls gone when the process that started this one is no more: a
// kernel whose server was killed must not stay behind. The parent's number is
// compared with the first one seen: a server may be process 1 of a container,
// and an orphan need not be given to process 1. A parent-death signal would
// not do: Linux sends it when the thread that started us ends. On Windows the
// number never changes.
func watchParent(ctx context.Context, gone func()) {
	first := os.Getppid()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if os.Getppid() != first {
				gone()
				return
			}
		}
	}
}

// HistoryFile returns where the history of inputs is kept over sessions: in
// $XDG_STATE_HOME (~/.local/state) on Linux and its kin, in the user's
// configuration folder on macOS and Windows. It is "", memory only, if the user
// has no home.
func HistoryFile() string {
	dir := os.Getenv("XDG_STATE_HOME")
	switch runtime.GOOS {
	case "windows", "darwin":
		var err error
		if dir, err = os.UserConfigDir(); err != nil {
			return ""
		}
	default:
		if !filepath.IsAbs(dir) {
			home, err := os.UserHomeDir()
			if err != nil {
				return ""
			}
			dir = filepath.Join(home, ".local", "state")
		}
	}
	return filepath.Join(dir, "cajal", "history.jsonl")
}
