// Package display shows values in a notebook: pictures, tables, formatted text,
// and charts that change while a cell runs.
//
// It is NOT a drawing library (display/chart draws, on gonum/plot), it does not
// know Jupyter, kernels or networks, and it prints nothing. What it makes is
// plain data, a map from MIME type to content, which the running cell's
// [Outlet] carries to whoever shows it.
//
//	a value to show                    how it appears
//	MIMEBundle() map[string]any        as it says itself
//	SVG, PNG, HTML, Markdown, …        as that type
//	*plot.Plot, image.Image            a picture
//	slices of structs or maps, maps,   a table with types, cut in the middle, its
//	  slices of slices, mat.Matrix     numbers aligned at the point, and as text
//	error, fmt.Stringer                its text
//	string                             quoted as in Go; as it is, if it has several lines
//	anything else                      as Go would write it
//
// [Of] makes that choice. It is total: it never panics, never calls a method on
// a nil pointer without surviving it, and never follows a cycle. [Show] shows
// values in the running cell, [ShowID] and [Update] one that changes, [Progress]
// how far a loop is. [SetLanguage] chooses the language of their words.
//
// Imports: gonum, gonum/plot and the standard library; nothing of this module
// outside its folder.
package display
