package check

// This file defines what a compiled package is to the evaluator: data, given
// by whoever binds packages, which the evaluator could not know by itself.

import "reflect"

// Package is a compiled package that cells may import.
//
// A package is known from its export data, or is run from its source, or both:
// compiled code holds no bodies of generic functions, so those that a package
// has are declared in Source and added to what Export declares.
type Package struct {
	Path string // import path: "math/rand/v2"
	Name string // package name: "rand"

	// Imports lists the packages that Export or Source mention. They are loaded
	// first, so that each type is declared once.
	Imports []string

	// Hidden packages are mentioned by others, but cannot be imported by a cell.
	Hidden bool

	// Export returns the types of the package in the indexed format, as
	// [golang.org/x/tools/go/gcexportdata.Write] writes it; Export is nil for
	// packages that exist as source only.
	Export func() ([]byte, error)

	// Source returns the files of the package that are run from source, by
	// name. Functions without a body are compiled ones, found in Symbols. It is
	// nil if everything is compiled. A package with both Export and Source may
	// refer to its compiled part by importing itself.
	Source func() (map[string]string, error)

	// Folder is what positions in Source call its folder; "" for Path.
	Folder string

	// Language is the version of Go that Source is written in, "go1.21"; "" for
	// that of cells.
	Language string

	// Missing says why a function of Source has no body. If it is not nil, such
	// a function panics with that when it is called, unless Symbols has it; if it
	// is nil, all are in Symbols.
	Missing func(name string) string

	// Note is what a reader should know if Source does not type-check.
	Note string

	// Symbols returns the compiled values of the package; nil if there are
	// none. The maps must not be changed.
	Symbols func() Symbols

	// Doc returns the documentation of the package's exported names; a method is
	// "Type.Method", the package itself is "". It may be nil.
	Doc func() map[string]string
}

// Symbols are the compiled values of a package.
type Symbols struct {
	// Funcs holds the functions that are not generic, and instances of generic
	// ones worth compiling under the names that go/ssa gives them, such as
	// "Sort[[]int int]".
	Funcs map[string]any

	// Vars holds pointers to the package's variables.
	Vars map[string]any

	// Types holds the named types that are not generic, and instances of generic
	// ones that compiled functions mention, such as "Seq[string]", whose
	// arguments are written with their full package paths.
	Types map[string]reflect.Type
}
