package eval

// This file lends the packages that cells can import to who type-checks Go
// outside of a session.

import (
	"context"
	"go/types"

	"cajal/kernel/cell"
)

// Packages are the packages that the cells of one notebook can import, with those
// of modules. Nothing of them is run.
type Packages struct{ e *Evaluator }

// NewPackages returns the packages that cfg finds, and modules.
func NewPackages(cfg Config) (*Packages, error) {
	e, err := New(cfg)
	if err != nil {
		return nil, err
	}
	return &Packages{e}, nil
}

// Import returns the types of the package at path. One of a module is fetched if
// need be.
func (p *Packages) Import(path string) (*types.Package, error) {
	p.e.load(context.Background(), p.e.missing([]string{path}), nil)
	return p.e.imports.Import(path)
}

// ByName lists the import paths of packages of that name, the likeliest first.
func (p *Packages) ByName(name string) []string { return p.e.byName(name) }

// Pin is the evaluator's.
func (p *Packages) Pin(pins []cell.Module) error { return p.e.Pin(pins) }

// Get chooses the version of a module, as %get does.
func (p *Packages) Get(what string) error {
	_, err := p.e.get(context.Background(), what, nil)
	return err
}

// Use makes the module in a folder one that can be imported, as %use does.
func (p *Packages) Use(folder string) error {
	_, err := p.e.use(context.Background(), folder, nil)
	return err
}

// Modules lists the modules that packages were imported from, with those that
// they need. Of one in a folder, folders has where it is.
func (p *Packages) Modules() (all []cell.Module, folders map[string]string) {
	s := p.e.modules.begun()
	if s == nil {
		return nil, nil
	}
	for _, m := range s.Modules() {
		all = append(all, cell.Module(m))
	}
	return all, s.Folders()
}

// Sums returns lines of go.sum for the modules: of their files, and of all go.mod
// files that were read.
func (p *Packages) Sums() []string {
	if s := p.e.modules.begun(); s != nil {
		return s.Sums()
	}
	return nil
}
