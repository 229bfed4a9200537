// Package syntax reads the Go of a cell without running or type-checking it:
// its imports, declarations and statements, what it declares at top level, and
// which names it takes from elsewhere.
//
// It is not the evaluator's reading (kernel/eval/check), which knows what the
// names stand for; it is for those who look at notebooks from outside: what a
// parameter is, whether cells stand in their order, what a program of the same
// cells would be.
//
//	Parse      reads a cell
//	Cell       what was read; all offsets are those of the cell's text
//	Commands   finds what is no Go: %time, !ls, %%bash and the like
package syntax
