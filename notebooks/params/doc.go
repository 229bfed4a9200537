// Package params gives a notebook other parameters: the values in the cell
// tagged "parameters" are replaced, each checked against the type of the one
// that stands there.
//
// It is not a templating language, and runs nothing. Of Go it knows the syntax,
// and the types that need no import; what it cannot tell, the evaluator tells
// when the cell runs.
//
//	Find     the parameters of a notebook
//	Set      replaces values
//	ParseArg, ReadFile   where values come from
package params
