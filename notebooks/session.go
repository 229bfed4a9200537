// This file runs notebooks in sessions, some of them side by side.

package notebooks

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"cajal/kernel/cell"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/params"
	"cajal/notebooks/progress"
	"cajal/notebooks/run"
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

// watcher is what shows the run of a notebook.
type watcher interface {
	run.Watcher
	Close()
	Done(elapsed time.Duration, wrote []string)
	Failed(f *run.Failure, elapsed time.Duration, wrote []string)
}

// each calls do for every file, opt.Jobs at a time, until ctx ends; the first
// one is called in any case, so that the reader learns of the end.
func (opt Options) each(ctx context.Context, files []string, do func(i int, show watcher)) {
	jobs := min(max(1, opt.Jobs), len(files))
	watch := func(name string) watcher { return progress.New(opt.Show, name) }
	if jobs > 1 {
		var names []string
		for _, name := range files {
			names = append(names, filepath.Base(name))
		}
		board := progress.NewBoard(opt.Show, names)
		defer board.Close()
		watch = func(name string) watcher { return board.Notebook(name) }
	}
	var group errgroup.Group
	group.SetLimit(jobs)
	for i, name := range files {
		group.Go(func() error {
			if ctx.Err() == nil || i == 0 {
				do(i, watch(filepath.Base(name)))
			}
			return nil
		})
	}
	_ = group.Wait() // nothing of it fails
}

// execute runs a notebook in a fresh session that begins in its folder.
func (opt Options) execute(ctx context.Context, name string, nb *nbformat.Notebook, show watcher) (*run.Result, error) {
	dir := filepath.Dir(name)
	res, err := run.Run(ctx, nb, run.Config{
		New:   func(h cell.Host) (cell.Evaluator, error) { return opt.Start(dir, h) },
		Watch: show, Grace: opt.Grace, Timeout: opt.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return res, nil
}

// Expand returns args with every folder replaced by the notebooks in it, in the
// order of their names.
func Expand(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil || !info.IsDir() {
			files = append(files, arg) // what is not there is told by whoever reads it
			continue
		}
		entries, err := os.ReadDir(arg)
		if err != nil {
			return nil, err
		}
		before := len(files)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".ipynb") && !e.IsDir() {
				files = append(files, filepath.Join(arg, e.Name()))
			}
		}
		if len(files) == before {
			return nil, fmt.Errorf("no notebooks (.ipynb) are in the folder %s", arg)
		}
	}
	for i, f := range files {
		if slices.Contains(files[:i], f) {
			return nil, fmt.Errorf("%s is named twice", f)
		}
	}
	return files, nil
}
