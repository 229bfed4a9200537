// Package pattern compiles regular expressions when they are first used. The
// binary that holds the notebooks' tool is also the kernel, whose start would pay
// for all of them. It is not for expressions that readers give: a wrong one
// panics.
package pattern

import (
	"regexp"
	"sync"
)

// New returns a function that returns the compiled expression.
func New(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
