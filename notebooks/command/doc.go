// Package command is the part of the command line that works on notebooks:
// each command is a struct whose tags say what can be asked of it, in the
// words of github.com/alecthomas/kong, and whose Run method does it.
//
// It is not the command line itself, which main parses, and has nothing of
// what the commands do but the order of steps and the words to the reader.
package command

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"cajal/kernel/cell"
	"cajal/notebooks"
)

// Commands are the commands.
type Commands struct {
	Run    Run    `cmd:"" help:"Run notebooks and write reports, or run a Go program."`
	Verify Verify `cmd:"" help:"Run notebooks again and compare with what they were saved with."`
	Export Export `cmd:"" help:"Write notebooks as HTML, Markdown, Go, PDF or without what is hidden."`
	Freeze Freeze `cmd:"" help:"Run notebooks and keep their outputs in them, and what these come from."`
	Diff   Diff   `cmd:"" help:"Say what differs between two notebooks."`
	Strip  Strip  `cmd:"" help:"Take outputs out of notebooks."`
	Worker Worker `cmd:"" hidden:"" help:"Run the cells that standard input asks for."`
}

// Tool is what the commands need of the rest of the program.
type Tool struct {
	// New makes an evaluator. Its cells run in a process of their own, which
	// Worker is the life of.
	New func(cell.Host) (cell.Evaluator, error)

	// Program runs a Go program, of which args are the files and the arguments,
	// and returns its exit code.
	Program func(ctx context.Context, args []string) (int, error)

	// Used tells what the cells of this process have used; as JSON it looks as
	// a provenance.Used does.
	Used func() any

	// Packages finds the packages that the cells of a notebook can import.
	Packages func() (notebooks.Packages, error)

	Version string // "cajal v1.2.0 · go1.26 · linux/amd64"
}

// exit ends the process with a code and without a word.
type exit int

func (e exit) Error() string { return "" }
func (e exit) ExitCode() int { return int(e) }

// interruptible returns a context that ends when the reader wants it to. A
// second Ctrl-C ends the process.
func interruptible() (context.Context, func()) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
