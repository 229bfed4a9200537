// This file writes the lines about what was dropped.

package wire

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// logTo returns a function that writes lines to w, "cajal: " before each.
func logTo(w io.Writer) func(format string, args ...any) {
	var mu sync.Mutex
	return func(format string, args ...any) {
		line := "cajal: " + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ") + "\n"
		mu.Lock()
		io.WriteString(w, line)
		mu.Unlock()
	}
}
