// This file finds the line of the user's program that made a layer.

package nn

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
)

var callerResolver atomic.Pointer[func(skip int) string]

// SetCaller sets how layers learn where in the user's program they were made;
// messages show it. The program that joins the packages calls it once, at its
// start. The function runs on the goroutine that made the layer: called by it,
// runtime.Caller(skip) is that line. It may look elsewhere, as it must when the
// program is interpreted, and returns "" when it does not know. A nil function
// brings back the default, which gives "main.go:49".
//
// This is the one setting, with [SetMonitor], that belongs to the process: the
// function finds out for itself who asks, so that two notebooks do not mix.
func SetCaller(f func(skip int) string) {
	if f == nil {
		callerResolver.Store(nil)
		return
	}
	callerResolver.Store(&f)
}

// caller must be called by an exported function of this package directly.
func caller() string {
	if f := callerResolver.Load(); f != nil {
		return (*f)(3)
	}
	return goCaller(3)
}

func goCaller(skip int) string {
	_, file, line, ok := runtime.Caller(skip)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s:%d", filepath.Base(file), line)
}
