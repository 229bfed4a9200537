// This file runs notebooks from files to files.

package notebooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cajal/kernel/cell"
	"cajal/notebooks/compare"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/params"
	"cajal/notebooks/pins"
	"cajal/notebooks/provenance"
	"cajal/notebooks/report"
	"cajal/notebooks/run"
	"cajal/notebooks/savefile"
)

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
	if err := distinct(files, opt.Out, ".ipynb"); err != nil {
		return err
	}
	books, err := readAll(files)
	if err != nil {
		return err
	}
	if err := checkTags(files, books); err != nil {
		return err
	}
	for i, nb := range books {
		if err := params.Set(nb, opt.Params); err != nil {
			return fmt.Errorf("%s: %w", files[i], err)
		}
	}
	if err := savefile.Try(opt.Out); err != nil {
		return err
	}
	errs := make([]error, len(files))
	opt.each(ctx, files, func(i int, show watcher) {
		errs[i] = runFile(ctx, files[i], books[i], opt, show)
	})
	return join(errs)
}

// join returns one error for all that failed, with the exit code that says most.
func join(errs []error) error {
	all := errors.Join(errs...)
	if errors.Is(all, ErrFailed) {
		return &failure{all, errors.Is(all, ErrInterrupted)}
	}
	return all
}

// readAll reads all notebooks, before the first one runs for an hour.
func readAll(files []string) ([]*nbformat.Notebook, error) {
	if len(files) == 0 {
		return nil, errors.New("no notebook: name at least one .ipynb file, or a folder of them")
	}
	books := make([]*nbformat.Notebook, len(files))
	for i, name := range files {
		nb, err := nbformat.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := nb.CheckKernel(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		books[i] = nb
	}
	return books, nil
}

// checkTags tells of tags by which no outputs could be compared later.
func checkTags(files []string, books []*nbformat.Notebook) error {
	for i, nb := range books {
		if err := compare.Check(nb); err != nil {
			return fmt.Errorf("%s: %w", files[i], err)
		}
	}
	return nil
}

// distinct refuses to let what is written of one notebook, its name with the
// ending ext, overwrite another's, or the notebook itself.
func distinct(files []string, out, ext string) error {
	seen := map[string]string{}
	for _, name := range files {
		b := base(name)
		if other, ok := seen[b]; ok {
			return fmt.Errorf("%s and %s would both be written to %s: run them with different --out folders", other, name, filepath.Join(out, b+ext))
		}
		seen[b] = name
		source, err1 := os.Stat(name)
		target, err2 := os.Stat(filepath.Join(out, b+ext))
		if err1 == nil && err2 == nil && os.SameFile(source, target) {
			return fmt.Errorf("%s would be overwritten by its copy: choose another folder with --out", name)
		}
	}
	return nil
}

func base(name string) string {
	return strings.TrimSuffix(filepath.Base(name), ".ipynb")
}

func runFile(ctx context.Context, name string, nb *nbformat.Notebook, opt Options, show watcher) error {
	res, err := opt.execute(ctx, name, nb, show)
	if err != nil {
		show.Close()
		return err
	}
	wrote, err := save(name, res, opt)
	if f := res.Failure; f != nil {
		show.Failed(f, res.Elapsed, wrote)
		// What failed to be written matters too, but less.
		return errors.Join(failed(name, f), err)
	}
	if err != nil {
		show.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	show.Done(res.Elapsed, wrote)
	return nil
}

func failed(name string, f *run.Failure) error {
	return &failure{fmt.Errorf("%s: %w", name, f), f.Interrupted()}
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
	if err := record(name, res); err != nil {
		return nil, err
	}
	// A Root keeps links in the folder from leading out of it.
	if root, err := os.OpenRoot(filepath.Dir(name)); err == nil {
		defer func() { _ = root.Close() }() // it was only read
		ro.Files = root.FS()
	}
	var wrote []string
	var failed error
	var spare string
	put := func(ext string, data []byte, err error) {
		target := filepath.Join(opt.Out, base(name)+ext)
		if err == nil {
			err = opt.keep(target, data, &spare)
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

// keep writes data to the file name. If that fails, it writes it to the temporary
// folder *spare, which it makes if there is none, and the error says so: what took
// an hour to compute is not lost.
func (opt Options) keep(name string, data []byte, spare *string) error {
	failed := opt.write(name, data)
	if failed == nil {
		return nil
	}
	if *spare == "" {
		dir, err := os.MkdirTemp("", "cajal-")
		if err != nil {
			return failed
		}
		*spare = dir
	}
	other := filepath.Join(*spare, filepath.Base(name))
	if savefile.Write(other, data) != nil {
		return failed // the reader cannot do anything about both
	}
	return fmt.Errorf("%w; it is in %s instead", failed, other)
}

// record puts the provenance of a run into the executed notebook, and, if it came
// to its end, the versions of the modules that its cells import.
func record(name string, res *run.Result) error {
	if res.Failure == nil && res.Facts != nil {
		var used struct{ Modules []cell.Module }
		if err := json.Unmarshal(res.Facts, &used); err != nil {
			return err
		}
		if err := pins.Store(res.Notebook, used.Modules); err != nil {
			return err
		}
	}
	return provenance.Store(res.Notebook, provenance.Collect(res.Notebook, name, res.Facts, res.Elapsed))
}

// SavedPins are the versions of modules that the notebook pins which this process
// is a kernel of; nil if that notebook is not known. See package pins.
func SavedPins() []cell.Module { return pins.Saved() }
