// Package report turns a notebook into one HTML file that needs nothing else:
// no script, no font, no picture, no request to any host.
//
// Everything that comes from the notebook is hostile until shown otherwise.
// Markdown and HTML outputs pass through a list of what is allowed
// (sanitize.go, allow.go, css.go); the page also carries a content security
// policy that forbids scripts and loading, so that a hole in the first wall
// meets a second one. [Options.Trust] lets the scripts of HTML outputs through
// both; even then the page loads nothing.
//
// It is not for interactive outputs: widgets and scripts are left out, and the
// next poorer form of the output is shown.
//
//	HTML       a notebook and what is known of its run, to a page
//	Options    what is known of the run
package report
