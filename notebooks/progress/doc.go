// This file says what the package is for.

// Package progress shows how far the run of a notebook is: in a terminal by
// one line that is drawn again while a cell runs, elsewhere by one plain line
// for each cell that has ended.
//
// It is not for the progress of a training itself; it repeats the first line
// of what a cell displays or updates, which for a training is its progress.
package progress
