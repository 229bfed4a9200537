// This file says what the folder holds.

// Package notebooks runs notebooks from files to files: it reads each one,
// executes it in a fresh session, and writes the executed notebook and a
// report beside each other.
//
// It is not for talking to Jupyter (kernel/session does that), and does not
// know Go: whoever calls it brings the evaluator. Subfolders do the parts:
//
//	nbformat   reads and writes notebooks, without loss
//	run        executes cells and collects their outputs
//	compare    what differs between outputs, and what may
//	verify     the verdict on a second run
//	review     what makes saved outputs doubtful
//	diff       what differs between two notebooks
//	export     Markdown, PDF
//	gosource   a notebook as a Go program
//	provenance what results come from
//	pins       versions of the modules that cells import
//	syntax     the Go of cells, read from outside
//	params     gives a notebook other parameters
//	worker     the process that a notebook's cells run in
//	report     makes one HTML page of a notebook
//	mathml     formulas for pages
//	progress   shows in a terminal, or in plain lines, how far a run is
//	savefile   replaces a file whole or not at all
//	command    the command line
//	en, zh     the chapters
package notebooks
