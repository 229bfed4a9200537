//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package worker

// This file takes the pipes away from what a cell knows as files.

import (
	"io"
	"os"
)

// Files returns the two ends of the pipes that [Serve] needs in a started
// process. What compiled code prints goes to standard error from now on.
func Files() (in io.Reader, out io.Writer, err error) {
	in, out = os.Stdin, os.Stdout
	if os.Stdin, err = os.Open(os.DevNull); err != nil {
		return nil, nil, err
	}
	os.Stdout = os.Stderr
	return in, out, nil
}
