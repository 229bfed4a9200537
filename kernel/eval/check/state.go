package check

// This file defines what lives between cells: names, and what they stand for.

import (
	"go/ast"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/ssa"
)

// Config says what a State works with.
type Config struct {
	// Fset holds the positions of all cells. It must be the importer's.
	Fset *token.FileSet

	// Import finds the types of packages. An [*Importer] also gives their
	// source and documentation.
	Import types.Importer

	// Files returns the syntax of a package that is run from source, or nil. It
	// is not used if Import is an [*Importer]; it may be nil.
	Files func(path string) ([]*ast.File, *types.Info)

	// ByName lists the import paths of packages of that name, the likeliest
	// first; it may be nil.
	ByName func(name string) []string

	// Sanity makes go/ssa check what it built, for tests.
	Sanity bool
}

// State holds the live names of a notebook. Its methods may be called from
// several goroutines, and wait for each other.
type State struct {
	cfg   Config
	sizes types.Sizes
	prog  *ssa.Program
	hooks hooks

	adding sync.RWMutex // held while prog is added to; locked after mu

	mu      sync.Mutex
	live    map[string]*binding
	turn    int                             // number of Commits
	texts   map[string][]byte               // the text of cells, by name
	users   map[types.Object][]types.Object // functions and variables that refer to an object of a cell
	orphans map[*types.Func]bool            // late methods of cells that did not compile
	created map[*types.Package]bool         // imported packages that prog has
	renewed []*types.Package                // packages that names were given, for the next cell to create
	again   []*types.Package                // packages that the next cell that needs them has to initialize
	past    history

	units    map[*types.Package]*unit // cells whose packages prog has
	ended    int                      // cells since some were forgotten
	forgetAt int                      // how many of them make it worth while to forget again
	notes    notes
}

// binding is a live name.
type binding struct {
	obj  types.Object
	cell string // the name of the cell that declared it
	turn int    // of the Commit that declared it
	decl declText
}

// declText is the source of a declaration.
type declText struct {
	source []byte // the declaration as it was written
	doc    string // its comment
}

// NewState returns a State without live names.
func NewState(cfg Config) *State {
	mode := ssa.InstantiateGenerics
	if cfg.Sanity {
		mode |= ssa.SanityCheckFunctions
	}
	s := &State{
		cfg:     cfg,
		sizes:   types.SizesFor("gc", runtime.GOARCH),
		prog:    ssa.NewProgram(cfg.Fset, mode),
		live:    make(map[string]*binding),
		texts:   make(map[string][]byte),
		users:   make(map[types.Object][]types.Object),
		orphans: make(map[*types.Func]bool),
		created: make(map[*types.Package]bool),
		past:    newHistory(),
		units:   make(map[*types.Package]*unit),

		forgetAt: forgetEvery,
	}
	s.notes = notesOf(s.prog)
	if s.sizes == nil {
		s.sizes = types.SizesFor("gc", "amd64")
	}
	s.hooks = newHooks(s.prog)
	return s
}

// Program returns the program that all cells belong to.
//
// Check adds to it. Whoever looks something up in it, such as MethodValue and
// LookupMethod do, while a Check may be under way, has to hold Reading.
func (s *State) Program() *ssa.Program { return s.prog }

// Reading returns a lock that many may hold, and that keeps the program from
// being added to.
func (s *State) Reading() sync.Locker { return s.adding.RLocker() }

// Live returns the object that a name stands for in the next cell, or nil.
func (s *State) Live(name string) types.Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.live[name]; b != nil {
		return b.obj
	}
	return nil
}

// Name is a live name, for readers.
type Name struct {
	Name string
	Type string // "int", "func(n int) int", "type struct"; a package's path
	Cell string // the cell that declared it
}

// Names lists the live names, sorted, without packages that imported themselves
// or were imported.
func (s *State) Names() []Name {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Name
	for name, b := range s.live {
		if _, ok := b.obj.(*types.PkgName); ok || hidden(name) || !isCell(b.obj) {
			continue
		}
		text := shown(types.TypeString(b.obj.Type(), shortNames))
		switch b.obj.(type) {
		case *types.TypeName:
			text = "type " + shown(kindOfType(b.obj.Type()))
		case *types.Const:
			text = "const " + text
		}
		out = append(out, Name{name, text, b.cell})
	}
	slices.SortFunc(out, func(a, b Name) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Reset forgets all live names.
func (s *State) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.live)
	clear(s.users)
	clear(s.orphans)
	s.past = newHistory()
}

// Renew makes the names that stand for the packages at paths stand for what is
// imported from there now.
func (s *State) Renew(paths []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, b := range s.live {
		p, ok := b.obj.(*types.PkgName)
		if !ok || !slices.Contains(paths, p.Imported().Path()) {
			continue
		}
		pkg, err := s.cfg.Import.Import(p.Imported().Path())
		if err != nil {
			return err
		}
		if pkg != p.Imported() {
			b.obj = types.NewPkgName(token.NoPos, p.Pkg(), name, pkg)
			s.renewed = append(s.renewed, pkg)
		}
	}
	return nil
}

// InitAgain has the next cell that needs them initialize packages of a cell that
// failed, but for those whose guard tells that they were. It returns the guard of
// a package.
func (s *State) InitAgain(fresh []*types.Package) (guard func(*types.Package) *ssa.Global) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.again = append(s.again, fresh...)
	return func(p *types.Package) *ssa.Global { return s.prog.Package(p).Var("init$guard") }
}

// Commit makes the declarations of a cell live. A variable is declared if
// reached tells so of its index in l.Vars; functions, types, constants and
// imports always are.
func (s *State) Commit(l *Lowered, reached func(i int) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	bind := func(name string, obj types.Object) {
		s.live[name] = &binding{obj: obj, cell: l.Name, turn: s.turn, decl: l.text[obj]}
	}
	for name, obj := range l.imports {
		if b := s.live[name]; b != nil {
			if p, ok := b.obj.(*types.PkgName); ok && p.Imported() == obj.Imported() {
				continue
			}
		}
		bind(name, obj)
	}
	for _, obj := range l.decls {
		bind(obj.Name(), obj)
	}
	// Who used a function or variable that another one stands in for from now
	// on uses that one.
	inherit := func(old, now types.Object) {
		if old != nil && now != nil {
			s.users[now] = s.users[old]
			delete(s.users, old)
		}
	}
	for _, r := range l.Redirects {
		inherit(r.Old.Object(), r.New.Object())
	}
	for i, v := range l.Vars {
		if reached(i) {
			bind(v.Object.Name(), v.Object)
			if v.Shared != nil {
				inherit(v.Shared.Object(), v.Object)
			}
		}
	}
	s.note(l, reached)
	for used, by := range l.uses {
		s.users[used] = append(s.users[used], by...)
	}
	if u := s.units[l.Package.Pkg]; u != nil {
		u.pending = false
	}
	s.forget()
}

// text returns the text of a cell or file.
func (s *State) text(name string) []byte { return s.texts[name] }

// create makes go/ssa packages of pkgs and what they import, where there are
// none. It returns those that run from source and are new, in the order in
// which their variables have to be initialized.
func (s *State) create(pkgs []*types.Package) (fresh []*types.Package) {
	im, ok := s.cfg.Import.(*Importer)
	if !ok {
		for _, p := range pkgs {
			s.createOne(p)
		}
		return nil
	}
	known := true
	for _, p := range pkgs {
		known = known && s.created[p]
		s.created[p] = true
	}
	if known {
		return nil
	}
	im.mu.Lock()
	for _, p := range im.order {
		if src := im.sources[p.Path()]; src != nil && src.Package == p && s.prog.Package(p) == nil {
			fresh = append(fresh, p)
		}
	}
	im.mu.Unlock()
	im.Create(s.prog)
	return fresh
}

func (s *State) createOne(p *types.Package) {
	if s.created[p] {
		return
	}
	s.created[p] = true
	for _, q := range p.Imports() {
		s.createOne(q)
	}
	var files []*ast.File
	var info *types.Info
	if s.cfg.Files != nil {
		files, info = s.cfg.Files(p.Path())
	}
	pkg := s.prog.CreatePackage(p, files, info, true)
	if files != nil {
		pkg.Build()
	}
}

// isCell tells whether obj was declared by a cell.
func isCell(obj types.Object) bool {
	return obj.Pkg() != nil && obj.Pkg().Path() == "main"
}

// isTopLevel tells whether obj is a name of a cell, not of one of its functions or
// types.
func isTopLevel(obj types.Object) bool {
	return isCell(obj) && obj.Parent() == obj.Pkg().Scope()
}

// hidden tells whether a name was made by this package.
func hidden(name string) bool { return strings.Contains(name, "·") }
