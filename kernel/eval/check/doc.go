// Package check turns the text of a cell into SSA that is ready to run: it
// splits the text into imports, declarations and statements, type-checks them
// as a package of their own against the live names of earlier cells, and lowers
// them. It also answers what an editor asks while a cell is being written.
//
// It runs nothing and stores no values: which variables came to life is told to
// it afterwards. It is not a linter, and no checker of ordinary packages, though
// a whole program is checked by Go's own rules.
//
//	split.go, source.go    text → chunks → syntax, with the cell's own positions
//	steps.go               top-level statements → package variables and one init
//	check.go, attempt.go, repair.go   syntax → types, with repairs and a second look
//	late.go, literal.go    methods and literals of types of earlier cells
//	retain.go              types that a cell declares again as they are
//	lower.go, hooks.go     types → SSA, the last expression shown
//	unused.go              results that come to nothing
//	state.go, forget.go    what lives between cells, and for how long
//	deps.go, changes.go    which cell made a value, and of what
//	program.go             a whole program
//	errors.go, hints.go    messages with a line, a caret and what to do
//	lookat.go, complete.go, expect.go, inspect.go, iscomplete.go   questions of an editor
//	package.go, importer.go                  compiled packages
//
// # Cells
//
// Every cell is a types.Package of path "main". Live objects of earlier cells
// that the cell mentions are inserted into its scope, and nothing else, so that
// the cost of a cell does not grow with the notebook.
//
// Top-level x := e and var x = e declare package variables, which functions of
// the cell may use wherever they stand; but statements run, and see variables,
// from top to bottom. A name may be declared again: in the cell that does so,
// statements up to the declaration see the old one. A variable declared again
// with an identical type keeps its storage, so that earlier functions see it.
//
// Hidden names contain "·", which no identifier of Go can.
package check
