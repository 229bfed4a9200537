// Package gosource makes a Go program of a notebook: a module that compiles
// with the go command and prints what the notebook shows.
//
// It is not a translator of everything that a cell may hold. A program has each
// function once and its types before it runs, so that a notebook that declares
// a function again which an earlier one calls, or a method of a type that was
// declared again, is refused, with the cell that is in the way.
//
//	Convert    a notebook to the files of a module
//
//	names.go    what every identifier of every cell stands for
//	text.go     cells as functions
//	check.go    types, from the type checker
//	module.go   go.mod and the package that shows values
//
// In the program each cell is a function, and main calls them in order. A
// variable that only its cell uses is a variable of that function; all others
// are package variables, which functions of the notebook may use. A variable
// that a later cell declares again with the same type is one variable, as in
// the notebook; with another type it gets another name.
package gosource
