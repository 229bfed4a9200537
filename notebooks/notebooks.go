// This file runs notebooks from files to files.

package notebooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"cajal/kernel/cell"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/params"
	"cajal/notebooks/progress"
	"cajal/notebooks/provenance"
	"cajal/notebooks/report"
	"cajal/notebooks/run"
	"cajal/notebooks/savefile"
)

// Options says how to run notebooks. Start is needed.
type Options struct {
	Out      string         // folder for what is written; "" means "out"
	Start    Start          // starts a session
	Show     io.Writer      // takes the progress; nil: nobody looks
	Producer string         // who ran it, for the report's footer
	Jobs     int            // notebooks that run at a time; 0 is 1
	Timeout  time.Duration  // that a notebook may take; 0: for ever
	Grace    time.Duration  // see [run.Config]
	Params   []params.Value // replace those of every notebook

	write func(name string, data []byte) (err error) // savefile.Write, but in tests
}

// Start makes a fresh evaluator whose cells begin in the folder dir.
type Start func(dir string, h cell.Host) (cell.Evaluator, error)

// ErrFailed is wrapped by the error of [Run] if a cell of a notebook failed:
// everything was read and written, but not everything ran.
var ErrFailed = errors.New("the notebook did not run to its end")

// ErrInterrupted is wrapped, beside [ErrFailed], if it was the end of the
// context that stopped the run.
var ErrInterrupted = errors.New("interrupted")

// Run executes the notebooks in files, each in a fresh session that begins in
// the notebook's folder, and writes NAME.ipynb and NAME.html into the folder
// opt.Out. All of them run, also after one that failed, until ctx ends; what
// was executed of a notebook is written in any case. The error then wraps
// [ErrFailed], is a [*run.Failure] for [errors.As], and has an ExitCode.
func Run(ctx context.Context, files []string, opt Options) error {
	if opt.Out == "" {
		opt.Out = "out"
	}
	if opt.write == nil {
		opt.write = savefile.Write
	}
	if err := distinct(files, opt.Out); err != nil {
		return err
	}
	// Read all before the first one runs for an hour.
	books := make([]*nbformat.Notebook, len(files))
	for i, name := range files {
		nb, err := nbformat.ReadFile(name)
		if err != nil {
			return err
		}
		if err := nb.CheckKernel(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := params.Set(nb, opt.Params); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		books[i] = nb
	}
	jobs := min(max(1, opt.Jobs), len(files))
	watch := func(name string) watcher { return progress.New(opt.Show, filepath.Base(name)) }
	if jobs > 1 {
		var names []string
		for _, name := range files {
			names = append(names, filepath.Base(name))
		}
		board := progress.NewBoard(opt.Show, names)
		defer board.Close()
		watch = func(name string) watcher { return board.Notebook(filepath.Base(name)) }
	}
	errs := make([]error, len(files))
	var group errgroup.Group
	group.SetLimit(jobs)
	for i, name := range files {
		group.Go(func() error {
			if ctx.Err() == nil || i == 0 {
				errs[i] = runFile(ctx, name, books[i], opt, watch(name))
			}
			return nil
		})
	}
	_ = group.Wait() // errs has them all, in the order of the files
	return join(errs)
}

// watcher is what shows the run of a notebook.
type watcher interface {
	run.Watcher
	Close()
	Done(elapsed time.Duration, wrote []string)
	Failed(f *run.Failure, elapsed time.Duration, wrote []string)
}

// join returns one error for all that failed, with the exit code that says most.
func join(errs []error) error {
	all := errors.Join(errs...)
	if errors.Is(all, ErrFailed) {
		return &failure{all, errors.Is(all, ErrInterrupted)}
	}
	return all
}

// distinct refuses to let one notebook's results overwrite another's, or the
// notebook itself.
func distinct(files []string, out string) error {
	if len(files) == 0 {
		return errors.New("no notebook to run: name at least one .ipynb file")
	}
	seen := map[string]string{}
	for _, name := range files {
		b := base(name)
		if other, ok := seen[b]; ok {
			return fmt.Errorf("%s and %s would both be written to %s: run them with different --out folders", other, name, filepath.Join(out, b+".ipynb"))
		}
		seen[b] = name
		source, err1 := os.Stat(name)
		target, err2 := os.Stat(filepath.Join(out, b+".ipynb"))
		if err1 == nil && err2 == nil && os.SameFile(source, target) {
			return fmt.Errorf("%s would be overwritten by its executed copy: choose another folder with --out", name)
		}
	}
	return nil
}

func base(name string) string {
	return strings.TrimSuffix(filepath.Base(name), ".ipynb")
}

func runFile(ctx context.Context, name string, nb *nbformat.Notebook, opt Options, show watcher) error {
	dir := filepath.Dir(name)
	res, err := run.Run(ctx, nb, run.Config{
		New:   func(h cell.Host) (cell.Evaluator, error) { return opt.Start(dir, h) },
		Watch: show, Grace: opt.Grace, Timeout: opt.Timeout,
	})
	if err != nil {
		show.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	wrote, err := save(name, res, opt)
	if f := res.Failure; f != nil {
		show.Failed(f, res.Elapsed, wrote)
		// What failed to be written matters too, but less.
		return errors.Join(&failure{fmt.Errorf("%s: %w", name, f), f.Interrupted()}, err)
	}
	if err != nil {
		show.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	show.Done(res.Elapsed, wrote)
	return nil
}

// failure is the error of notebooks that did not run to their end.
type failure struct {
	error
	interrupted bool
}

func (f *failure) Unwrap() error { return f.error }

func (f *failure) Is(target error) bool {
	return target == ErrFailed || target == ErrInterrupted && f.interrupted
}

// ExitCode is what a command should end with: 2, or 130 after an interrupt, as
// shells have it.
func (f *failure) ExitCode() int {
	if f.interrupted {
		return 130
	}
	return 2
}

// save writes the executed notebook and the report, the one even if the other
// fails.
func save(name string, res *run.Result, opt Options) ([]string, error) {
	ro := report.Options{
		Name: filepath.Base(name), Producer: opt.Producer,
		Finished: time.Now(), Elapsed: res.Elapsed,
	}
	if f := res.Failure; f != nil {
		ro.Failure = &report.Failure{Cell: f.Step.Index, Message: f.Error()}
	}
	record := provenance.Collect(res.Notebook, name, res.Facts, res.Elapsed)
	if err := provenance.Store(res.Notebook, record); err != nil {
		return nil, err
	}
	// A Root keeps links in the folder from leading out of it.
	if root, err := os.OpenRoot(filepath.Dir(name)); err == nil {
		defer func() { _ = root.Close() }() // it was only read
		ro.Files = root.FS()
	}
	var wrote []string
	var failed error
	put := func(ext string, data []byte, err error) {
		target := filepath.Join(opt.Out, base(name)+ext)
		if err == nil {
			err = opt.write(target, data)
		}
		if err != nil {
			failed = errors.Join(failed, err)
			return
		}
		wrote = append(wrote, target)
	}
	data, err := res.Notebook.Bytes()
	put(".ipynb", data, err)
	data, err = report.HTML(res.Notebook, ro)
	put(".html", data, err)
	return wrote, failed
}
