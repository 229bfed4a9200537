// Package run executes notebooks: a fresh evaluator for each, cell by cell
// from the top, outputs collected as Jupyter would have saved them.
//
// It is not for showing progress (a [Watcher] does that), nor for reading or
// writing files. It knows evaluators only as [cell.Evaluator], and nothing of
// Go.
//
//	Run        executes a notebook; its result holds the executed copy
//	Watcher    is told what happens meanwhile
//	Failure    says which cell stopped the run, and why
//
// What differs from Jupyter: carriage returns and backspaces in streams are
// carried out, so that a progress bar leaves its last state and not all of
// them; and of a stream longer than 8 MiB the middle is left out.
package run
