// Package mathml turns formulas in TeX into MathML Core, which browsers set
// without a script or a font of the page.
//
// It is not TeX: it knows the commands that notebooks use (fractions, roots,
// scripts, sums with limits, accents, Greek, operators and relations, fonts,
// brackets that grow, matrices, cases, aligned equations), has no macros, and
// sets no text but \text. A command that it does not know is shown in red as it
// was written, and what it could not read at all is an error.
//
//	Convert    a formula to markup that is safe to put on a page
//	Plain      a formula to a line of text
//
//	parse.go     the grammar: atoms, scripts, arguments
//	command.go   commands with arguments
//	array.go     environments
//	symbol.go    commands that are a sign
//	letter.go    alphabets
//
// What differs from TeX in the result: MathML Core leaves spaces between signs
// to the browser's operator dictionary, so only those spaces are written that
// the dictionary would get wrong.
package mathml
