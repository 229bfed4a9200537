// Package verify judges a second run of a notebook: whether it gave the outputs
// that the notebook was saved with, and if not, whether the notebook or the
// environment is another.
//
// It does not run anything, and does not say how two outputs are compared
// (package compare does).
//
//	Judge      a run and what was saved, to a Verdict
//	Verdict    what came out for one notebook; Text and JUnit tell it
//	Page       the differences side by side, as HTML
package verify
