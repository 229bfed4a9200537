// Package nbformat reads and writes Jupyter notebooks of format 4 without
// losing anything: fields that it does not know are kept, numbers keep their
// spelling, and a notebook that Jupyter wrote comes back byte for byte.
//
// It is not for running notebooks, nor for converting older formats; it does
// not validate a notebook against the whole schema, only what it must
// understand. It does not look into MIME bundles.
//
// The layout on disk is the one of Jupyter's own writer (nbformat 5,
// v4/nbjson.py and v4/rwbase.py): keys sorted, one space a level, characters
// beyond ASCII as they are, text as lists of lines, a newline at the end.
//
// A known limit: a lone surrogate, written as an escape such as "\ud800", is
// not text, and becomes U+FFFD.
package nbformat
