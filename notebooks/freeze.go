// This file runs notebooks and keeps the results in them.

package notebooks

import (
	"context"
	"fmt"
	"path/filepath"

	"cajal/notebooks/savefile"
)

// Freeze executes the notebooks in files, as [Run] does, and writes each one
// back to its file with its outputs and its provenance: what they come from. A
// notebook that does not run to its end is left as it was.
func Freeze(ctx context.Context, files []string, opt Options) error {
	if opt.write == nil {
		opt.write = savefile.Write
	}
	books, err := readAll(files)
	if err != nil {
		return err
	}
	if err := checkTags(files, books); err != nil {
		return err
	}
	for _, name := range files {
		if err := savefile.Try(filepath.Dir(name)); err != nil {
			return err
		}
	}
	errs := make([]error, len(files))
	opt.each(ctx, files, func(i int, show watcher) {
		errs[i] = func() error {
			name := files[i]
			res, err := opt.execute(ctx, name, books[i], show)
			if err != nil {
				show.Close()
				return err
			}
			if f := res.Failure; f != nil {
				show.Failed(f, res.Elapsed, nil)
				return fmt.Errorf("%w; the file stays as it was", failed(name, f))
			}
			err = record(name, res)
			if err == nil {
				var data []byte
				if data, err = res.Notebook.Bytes(); err == nil {
					err = opt.keep(name, data, new(string))
				}
			}
			if err != nil {
				show.Close()
				return fmt.Errorf("%s: %w", name, err)
			}
			show.Done(res.Elapsed, []string{name})
			return nil
		}()
	})
	return join(errs)
}
