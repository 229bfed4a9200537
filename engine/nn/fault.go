// This file writes the messages for models that cannot be built.

package nn

import (
	"fmt"
	"strings"
)

// A fault is a mistake in a layer: text continues "layer 3 Dense (main.go:49) ".
type fault struct {
	text, got, fix string
}

// A BuildError says which layer of a model cannot work, where it was written
// and how to mend it.
type BuildError struct {
	Layer int    // counted from 0, the Input; -1 for the whole chain
	Kind  string // such as "Dense"
	At    string // where the layer was made, "" when unknown
	Text  string // what is wrong
	Got   string // what was found, "" when Text says it
	Fix   string // how to mend it
	Path  string // the layers up to here and their shapes
}

// Error writes the mistake in up to four lines.
func (e *BuildError) Error() string {
	var b strings.Builder
	b.WriteString("nn: ")
	if e.Layer >= 0 {
		fmt.Fprintf(&b, "layer %d %s", e.Layer, e.Kind)
		if e.At != "" {
			fmt.Fprintf(&b, " (%s)", e.At)
		}
		b.WriteByte(' ')
	}
	b.WriteString(e.Text)
	for _, l := range [][2]string{{"got", e.Got}, {"fix", e.Fix}, {"path", e.Path}} {
		if l[1] != "" {
			fmt.Fprintf(&b, "\n      %-10s %s", l[0], l[1])
		}
	}
	return b.String()
}
