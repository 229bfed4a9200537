// Package compare says in words what differs between the outputs of a cell and
// those that it had before, number by number and cell by cell of a table.
//
// It is not a text diff: what two runs of the same code cannot have in common
// (durations, times of day, addresses of memory) is masked, numbers may differ
// by a tolerance, a chart is compared by the data that it carries and not by
// its strokes, and of an output in several MIME types the one that says most is
// compared.
//
//	Rule      what may differ in a cell: from options and the cell's tags
//	Check     whether the tags of all cells can be understood
//	Outputs   compares the outputs of a cell
//	Trees, Texts   the parts of it
//
//	rule.go    tags and tolerances
//	text.go    text: words exactly, numbers with tolerance
//	bundle.go  which of the MIME types is compared
//	table.go   HTML, by the cells of its tables
//	tree.go    JSON, and the data of charts
//	picture.go pixels
package compare
