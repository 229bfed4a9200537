// Package export turns a notebook into other forms: Markdown with pictures
// beside it, PDF, and a copy without what its tags hide.
//
// It is not the HTML page (package report) nor the Go program (package
// gosource), and executes nothing: what a notebook was saved with is what is
// exported.
//
//	Markdown   for Hugo, MyST, Quarto and the like
//	PDF        a page, printed by an installed browser
//	Visible    a copy without what is hidden
package export
