// This file runs notebooks again and compares.

package notebooks

import (
	"context"
	"fmt"

	"cajal/notebooks/compare"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/provenance"
	"cajal/notebooks/verify"
)

// Verify executes the notebooks in files, each in a fresh session, and compares
// what they show with what was saved, by the rule base where a cell's tags say
// nothing else. Nothing is written. A notebook that cannot be read or run has a
// verdict too; after the end of ctx the verdicts of those that did not run say
// so.
func Verify(ctx context.Context, files []string, base compare.Rule, opt Options) []*verify.Verdict {
	all := make([]*verify.Verdict, len(files))
	for i, name := range files {
		all[i] = &verify.Verdict{File: name, Status: verify.Broken, Err: fmt.Errorf("%w before it was run", ErrInterrupted)}
	}
	opt.each(ctx, files, func(i int, show watcher) {
		defer show.Close()
		name := files[i]
		broken := func(err error) { all[i].Err = err }
		nb, err := nbformat.ReadFile(name)
		if err != nil {
			broken(err)
			return
		}
		if err := compare.Check(nb); err != nil {
			broken(err)
			return
		}
		res, err := opt.execute(ctx, name, nb, show)
		if err != nil {
			broken(err)
			return
		}
		all[i] = verify.Judge(name, nb, res, base, provenance.Collect(res.Notebook, name, res.Facts, res.Elapsed))
	})
	return all
}
