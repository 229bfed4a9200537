package eval

// This file lends the packages that cells can import to who type-checks Go
// outside of a session.

import (
	"go/token"
	"go/types"

	"cajal/kernel/eval/check"
)

// NewImporter returns an importer of the packages that lookup finds; see Config.
func NewImporter(lookup func(path string) (*check.Package, bool)) types.Importer {
	return check.NewImporter(token.NewFileSet(), lookup)
}
