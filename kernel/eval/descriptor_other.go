//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package eval

// This file lets a file take the place of the process's standard output where
// there are no file descriptors, for what compiled code prints.

import "os"

// takeDescriptor makes os.Stdout w, until restore is called.
func takeDescriptor(w *os.File) (restore func(), err error) {
	old := os.Stdout
	os.Stdout = w
	return func() { os.Stdout = old }, nil
}
