package bind

// This file replaces functions of the standard library that act on the process
// with ones that act on the cell that calls them. Without a cell, which is in a
// goroutine that compiled code started before any, they act on the process.

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"time"

	"cajal/engine/data"
	"cajal/kernel/eval"
)

// stdout, stderr and stdin are the streams of the calling cell.
func stdout() io.Writer {
	if r := eval.Current(); r != nil {
		return r.Stdout()
	}
	return os.Stdout
}

func stderr() io.Writer {
	if r := eval.Current(); r != nil {
		return r.Stderr()
	}
	return os.Stderr
}

func stdin() io.Reader {
	if r := eval.Current(); r != nil {
		return r.Stdin()
	}
	return os.Stdin
}

// writer returns what stands for w in the calling cell, which may have taken it
// for its standard output.
func writer(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok {
		if r := eval.Current(); r != nil {
			return r.Writer(f)
		}
	}
	return w
}

// cellStdin reads the standard input of whatever cell reads.
type cellStdin struct{}

func (cellStdin) Read(p []byte) (int, error) { return stdin().Read(p) }

// reader returns what stands for in, which a cell may have taken for its
// standard input.
func reader(in io.Reader) io.Reader {
	if f, ok := in.(*os.File); ok {
		if r := eval.Current(); r != nil && r.IsStdin(f) {
			return cellStdin{}
		}
	}
	return in
}

// exit ends the calling cell, and what runs in it, with an exit code.
func exit(code int) {
	if r := eval.Current(); r != nil {
		r.Exit(code)
	}
	os.Exit(code)
}

// replacePrinting replaces what prints and scans.
func (s *Set) replacePrinting() {
	s.replace("fmt", map[string]any{
		"Print":    func(a ...any) (int, error) { return fmt.Fprint(stdout(), a...) },
		"Printf":   func(format string, a ...any) (int, error) { return fmt.Fprintf(stdout(), format, a...) },
		"Println":  func(a ...any) (int, error) { return fmt.Fprintln(stdout(), a...) },
		"Fprint":   func(w io.Writer, a ...any) (int, error) { return fmt.Fprint(writer(w), a...) },
		"Fprintf":  func(w io.Writer, format string, a ...any) (int, error) { return fmt.Fprintf(writer(w), format, a...) },
		"Fprintln": func(w io.Writer, a ...any) (int, error) { return fmt.Fprintln(writer(w), a...) },
		"Scan":     func(a ...any) (int, error) { return fmt.Fscan(stdin(), a...) },
		"Scanf":    func(format string, a ...any) (int, error) { return fmt.Fscanf(stdin(), format, a...) },
		"Scanln":   func(a ...any) (int, error) { return fmt.Fscanln(stdin(), a...) },
		"Fscan":    func(r io.Reader, a ...any) (int, error) { return fmt.Fscan(reader(r), a...) },
		"Fscanf":   func(r io.Reader, format string, a ...any) (int, error) { return fmt.Fscanf(reader(r), format, a...) },
		"Fscanln":  func(r io.Reader, a ...any) (int, error) { return fmt.Fscanln(reader(r), a...) },
	})
}

// replaceFlags gives cells a command line of their own.
func (s *Set) replaceFlags() {
	s.flags = flag.NewFlagSet("cajal", flag.ExitOnError)
	s.flags.SetOutput(cellStderr{})
	s.usage = func() {
		fmt.Fprintf(s.flags.Output(), "Usage of %s:\n", s.flags.Name())
		s.flags.PrintDefaults()
	}
	s.flags.Usage = func() { s.usage() }
	f := func() *flag.FlagSet { return s.flags }
	s.replace("flag", map[string]any{
		"CommandLine": &s.flags,
		"Usage":       &s.usage,

		"(*FlagSet).Parse": parseFlags,
		"NewFlagSet": func(name string, handling flag.ErrorHandling) *flag.FlagSet {
			f := flag.NewFlagSet(name, handling)
			f.SetOutput(cellStderr{})
			return f
		},

		"Parse": func() {
			var args []string
			if r := eval.Current(); r != nil && len(r.Args()) > 0 {
				args = r.Args()[1:]
				f().Init(r.Args()[0], f().ErrorHandling())
			}
			parseFlags(f(), args)
		},
	})
	s.replace("flag", commandLine(f))
}

// parseFlags is FlagSet.Parse with a cell's exit.
func parseFlags(f *flag.FlagSet, args []string) error {
	if f.ErrorHandling() != flag.ExitOnError {
		return f.Parse(args)
	}
	f.Init(f.Name(), flag.ContinueOnError)
	err := f.Parse(args)
	f.Init(f.Name(), flag.ExitOnError)
	switch {
	case errors.Is(err, flag.ErrHelp):
		exit(0)
	case err != nil:
		exit(2)
	}
	return nil
}

// replaceProcess replaces what ends the process or waits.
func (s *Set) replaceProcess() {
	s.replace("os", map[string]any{"Exit": exit})
	s.replace("syscall", map[string]any{"Exit": exit})
	s.replace("time", map[string]any{"Sleep": sleep})
}

// replaceLabels keeps profiler labels from the goroutines of cells, whose own
// labels tell to which cell they belong. Contexts have the labels that code gives
// them.
func (s *Set) replaceLabels() {
	s.replace("runtime/pprof", map[string]any{
		"Do": func(ctx context.Context, labels pprof.LabelSet, f func(context.Context)) {
			f(pprof.WithLabels(ctx, labels))
		},
		"SetGoroutineLabels": func(context.Context) {},
	})
}

// replaceDownloads lets an interrupt of the cell end a download.
func (s *Set) replaceDownloads() {
	s.replace("cajal/engine/data", map[string]any{
		"MNIST": func() (train, test *data.Dataset, err error) {
			r := eval.Current()
			if r == nil {
				return data.MNIST()
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			go func() {
				select {
				case <-r.Done():
					cancel()
				case <-ctx.Done():
				}
			}()
			train, test, err = data.MNISTContext(ctx)
			if err != nil {
				r.Poll()
			}
			return train, test, err
		},
	})
}

// sleep is time.Sleep, which an interrupt of the cell ends.
func sleep(d time.Duration) {
	r := eval.Current()
	if r == nil || d <= 0 {
		time.Sleep(d)
		return
	}
	r.Poll()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Done():
		r.Poll()
	}
}
