// This file comes to a verdict.

package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cajal/notebooks/compare"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/provenance"
	"cajal/notebooks/review"
	"cajal/notebooks/run"
)

// Status says how a verification ended. Its number is the exit code of the
// command.
type Status int

// The ways in which a verification ends.
const (
	Same        Status = 0 // the outputs are those that were saved
	Differs     Status = 1
	Broken      Status = 2 // it cannot be read, or does not run
	Environment Status = 3 // the outputs differ, and so do things that they depend on
)

func (s Status) String() string {
	switch s {
	case Same:
		return "same"
	case Differs:
		return "differs"
	case Broken:
		return "does not run"
	case Environment:
		return "other environment"
	}
	return fmt.Sprint(int(s))
}

// Worst returns the status that stands for several: what does not run is worst,
// then what differs for no known reason.
func Worst(all []Status) Status {
	worst := Same
	for _, s := range []Status{Environment, Differs, Broken} {
		if slices.Contains(all, s) {
			worst = s
		}
	}
	return worst
}

// Verdict is what came out for one notebook.
type Verdict struct {
	File    string
	Status  Status
	Err     error // why it could not be judged; nil else
	Elapsed time.Duration
	Cells   []Cell             // the code cells that ran
	Notes   []review.Finding   // what makes the saved outputs doubtful
	Changes []string           // what the environment has that it had not when the notebook was frozen
	Failure *run.Failure       // why the run stopped early
	Hint    string             // what may mend Failure
	Claims  []compare.Claim    // numbers in the text that are not what the cells say
	Now     *nbformat.Notebook // what was executed
}

// Cell is the verdict on one cell.
type Cell struct {
	Index       int // in the notebook's cells
	Number      int // of the code cells, from 1
	ID          string
	Source      string
	Skipped     bool // tagged so
	Elapsed     time.Duration
	Differences []compare.Difference
	Was, Is     []*nbformat.Output
}

// Name is how a reader finds the cell.
func (c Cell) Name() string {
	if c.ID == "" {
		return fmt.Sprintf("cell %d", c.Number)
	}
	return fmt.Sprintf("cell %d (%s)", c.Number, c.ID)
}

// ErrNothing is the error of a notebook without outputs.
var ErrNothing = errors.New("the notebook was saved without outputs, so there is nothing to compare with: cajal freeze runs it and keeps them")

// Judge compares a run with what was saved. base is the rule for cells whose tags
// say nothing else, now the environment of the run.
func Judge(file string, saved *nbformat.Notebook, res *run.Result, base compare.Rule, now *provenance.Record) *Verdict {
	v := &Verdict{File: file, Elapsed: res.Elapsed, Failure: res.Failure, Now: res.Notebook, Notes: review.Notebook(saved)}
	executed := false
	number := 0
	for i, c := range saved.Cells {
		if c.Type != nbformat.Code || strings.TrimSpace(c.Source) == "" {
			continue
		}
		number++
		executed = executed || c.ExecutionCount != nil || len(c.Outputs) > 0
		t, ran := res.Timings[i]
		if !ran {
			continue
		}
		cell := Cell{Index: i, Number: number, ID: c.ID, Source: c.Source, Elapsed: t.Elapsed, Was: c.Outputs, Is: res.Notebook.Cells[i].Outputs}
		rule, err := compare.For(c, base)
		if err != nil {
			v.Status, v.Err = Broken, fmt.Errorf("cell %d: %w", number, err)
			return v
		}
		cell.Skipped = rule.Skip
		if f := res.Failure; f == nil || f.Step.Index != i {
			cell.Differences = compare.Outputs(cell.Was, cell.Is, rule)
		}
		v.Cells = append(v.Cells, cell)
	}
	if rec := provenance.Load(saved); rec != nil {
		v.Changes = provenance.Changes(rec, now)
	}
	v.Claims = compare.Claims(res.Notebook)
	switch {
	case res.Failure != nil:
		v.Status, v.Hint = Broken, hint(res.Failure, v.Notes)
	case !executed && number > 0 && !base.BandsOnly:
		v.Status, v.Err = Differs, ErrNothing
	case !v.Differ() && len(v.Claims) == 0:
		v.Status = Same
	case len(v.Changes) > 0:
		v.Status = Environment
	default:
		v.Status = Differs
	}
	return v
}

// Differ tells whether any cell's outputs do.
func (v *Verdict) Differ() bool {
	return slices.ContainsFunc(v.Cells, func(c Cell) bool { return len(c.Differences) > 0 })
}

// hint explains an undefined name by the cell further down that declares it.
func hint(f *run.Failure, notes []review.Finding) string {
	for _, n := range notes {
		if n.Kind == review.Early && n.Cell == f.Step.Index && strings.Contains(f.Err.Value, "undefined: "+n.Name) {
			return n.Text + ": the cells were run in another order when the notebook was saved"
		}
	}
	return ""
}
