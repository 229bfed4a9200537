// This file finds the notebook of a live session.

package pins

import (
	"os"
	"path/filepath"

	"cajal/kernel/cell"
	"cajal/notebooks/nbformat"
)

// sessionName is the variable in which Jupyter's server tells a kernel which
// notebook it was started for. Other front ends may not tell.
const sessionName = "JPY_SESSION_NAME"

// Saved returns the pins of the notebook that this process is a kernel of, as it
// was last saved; nil if that is not known.
func Saved() []cell.Module {
	name := os.Getenv(sessionName)
	if filepath.Ext(name) != ".ipynb" {
		return nil
	}
	nb, err := nbformat.ReadFile(name)
	if err != nil {
		return nil // a new notebook, or one of a server elsewhere
	}
	return Load(nb)
}
