package module

// This file defines the errors of this package: what is wrong, and what to do.

import (
	"errors"
	"fmt"
)

// Error is a reason why a module or a package cannot be had.
type Error struct {
	Msg  string // what was found, and what was expected
	Hint string // what to do about it; "" if there is nothing to say
	Err  error  // what is behind it; may be nil
}

// Error returns the message, without the hint.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Msg + ": " + e.Err.Error()
	}
	return e.Msg
}

// Unwrap returns what is behind the error.
func (e *Error) Unwrap() error { return e.Err }

// Hint returns what err says there is to do; "" if it says nothing.
func Hint(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Hint
	}
	return ""
}

// failf returns an Error.
func failf(hint, format string, args ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// errAbsent is the answer of a proxy, or of all of them, that there is no such
// module or version.
var errAbsent = errors.New("no such module or version there")

// errOffline is why nothing was asked for.
var errOffline = errors.New("it is not in the module cache")
