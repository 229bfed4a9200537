// This file compiles regular expressions when they are first used: nothing of
// them is paid for by a kernel's start.

package check

import (
	"regexp"
	"sync"
)

// pattern returns a function that returns the compiled expression.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
