// This file puts the program together.

package gosource

import (
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	kernelcell "cajal/kernel/cell"
	"cajal/notebooks/nbformat"
	"cajal/notebooks/syntax"
)

// Config says what a program is made with. Packages is needed.
type Config struct {
	Name     string   // of the notebook, without .ipynb
	Folder   string   // where it lies, for %use
	Packages Packages // that cells import
	Module   string   // folder of the checkout of module cajal; "": go.mod does not say
}

// Packages finds the packages that the cells of a notebook import.
type Packages interface {
	Import(path string) (*types.Package, error)
	ByName(name string) []string // import paths of packages of a name, the likeliest first

	// Get and Use do what %get and %use do.
	Get(module string) error
	Use(folder string) error

	// Modules lists the modules that packages were imported from; those without a
	// version are in folders. Sums are lines of go.sum for them.
	Modules() (all []kernelcell.Module, folders map[string]string)
	Sums() []string
}

// raises is the tag of cells that are meant to fail, which a program leaves out.
const raises = "raises-exception"

// Convert returns the files of a module by their names: main.go, go.mod, go.sum
// and a package that shows values. It fails if a cell is no Go, or does what a
// program cannot; the error names the cell.
func Convert(nb *nbformat.Notebook, cfg Config) (map[string][]byte, error) {
	p := &program{cfg: cfg, imports: map[string]*entity{}, words: map[string]bool{}}
	number := 0
	var text []string
	for _, c := range nb.Cells {
		switch {
		case c.Type == nbformat.Markdown:
			text = append(text, c.Source)
			continue
		case c.Type != nbformat.Code || strings.TrimSpace(c.Source) == "":
			continue
		}
		number++
		if c.HasTag(raises) {
			continue
		}
		if err := p.commands(c.Source); err != nil {
			return nil, fmt.Errorf("cell %d: %w", number, err)
		}
		source := syntax.WithoutCommands(c.Source, p.declared)
		s, err := syntax.Parse(source)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", number, err)
		}
		if len(s.Decls)+len(s.Stmts)+len(s.Imports) == 0 {
			text = append(text, c.Source) // commands alone, which become a comment
			continue
		}
		p.cells = append(p.cells, &cell{number: number, text: text, source: s})
		text = nil
	}
	if len(p.cells) == 0 {
		return nil, errors.New("the notebook has no code")
	}
	if err := p.resolve(); err != nil {
		return nil, err
	}
	for _, c := range p.cells {
		if len(c.source.Stmts) > 0 {
			c.fn = p.fresh(fmt.Sprintf("cell%d", c.number))
		}
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	p.name()
	src, err := p.source(text)
	if err != nil {
		return nil, err
	}
	return p.module(src)
}

// commands carries out those commands of a cell that say what it imports.
func (p *program) commands(source string) error {
	for _, c := range syntax.Commands(source, p.declared) {
		for _, arg := range strings.Fields(c.Args) {
			var err error
			switch c.Name {
			case "%get":
				err = p.cfg.Packages.Get(arg)
			case "%use":
				if !filepath.IsAbs(arg) && !strings.HasPrefix(arg, "~") {
					arg = filepath.Join(p.cfg.Folder, arg)
				}
				err = p.cfg.Packages.Use(arg)
			}
			if err != nil {
				return fmt.Errorf("%s %s: %w", c.Name, arg, err)
			}
		}
	}
	return nil
}

// declared tells whether a cell has declared a name.
func (p *program) declared(name string) bool {
	return slices.ContainsFunc(p.cells, func(c *cell) bool {
		return slices.ContainsFunc(c.source.Names, func(n syntax.Name) bool { return n.Name == name })
	})
}

// fresh returns a name that stands nowhere yet.
func (p *program) fresh(name string) string {
	for p.words[name] {
		name += "_"
	}
	p.words[name] = true
	return name
}

// used returns the packages that the cells refer to.
func (p *program) used() []*entity {
	var all []*entity
	for _, c := range p.cells {
		for _, e := range c.refs {
			if e.kind == token.IMPORT && !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	slices.SortFunc(all, func(a, b *entity) int { return strings.Compare(a.path, b.path) })
	return all
}

// importDecl writes an import declaration.
func importDecl(list []*entity) string {
	if len(list) == 0 {
		return ""
	}
	var std, others []string
	for _, e := range list {
		line := fmt.Sprintf("\t%q", e.path)
		if e.final != base(e.path) {
			line = fmt.Sprintf("\t%s %q", e.final, e.path)
		}
		if first, _, _ := strings.Cut(e.path, "/"); strings.Contains(first, ".") || first == "cajal" {
			others = append(others, line)
		} else {
			std = append(std, line)
		}
	}
	text := strings.Join(std, "\n")
	if len(std) > 0 && len(others) > 0 {
		text += "\n\n"
	}
	return "import (\n" + text + strings.Join(others, "\n") + "\n)\n"
}

// base returns the name that a package most likely has.
func base(path string) string {
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		last = parts[len(parts)-2]
	}
	return last
}

// source writes main.go. rest is the text after the last cell.
func (p *program) source(rest []string) ([]byte, error) {
	helper := &entity{kind: token.IMPORT, path: p.path() + "/internal/notebook", final: p.fresh("notebook")}
	list := p.used()
	vars, err := p.vars(&list)
	if err != nil {
		return nil, err
	}
	list = append(list, helper)

	var b strings.Builder
	fmt.Fprintf(&b, "// Command %s does what the notebook %s.ipynb does. cajal made it of the\n// notebook's cells; each one is a function.\npackage main\n\n", p.name0(), p.cfg.Name)
	b.WriteString(importDecl(list) + "\n" + vars)
	b.WriteString("func main() {\n")
	for _, c := range p.cells {
		if c.fn != "" {
			fmt.Fprintf(&b, "%s.Cell(%d, %s)\n", helper.final, c.number, c.fn)
		}
	}
	b.WriteString("}\n")
	for _, c := range p.cells {
		b.WriteString("\n")
		if len(c.text) > 0 {
			b.WriteString(comment(strings.Join(c.text, "\n\n")) + "\n")
		}
		for _, d := range c.declarations() {
			b.WriteString(d + "\n\n")
		}
		if c.fn != "" {
			fmt.Fprintf(&b, "// %s is cell %d.\nfunc %s() {\n%s\n}\n", c.fn, c.number, c.fn, c.body(true, helper.final))
		}
	}
	if len(rest) > 0 {
		b.WriteString("\n" + comment(strings.Join(rest, "\n\n")))
	}
	text, err := p.useAll(b.String(), helper.path)
	if err != nil {
		return nil, err
	}
	out, err := format.Source([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("the program is no Go: %w", err)
	}
	return out, nil
}

// vars declares the shared variables, and adds the packages that their types
// need to list.
func (p *program) vars(list *[]*entity) (string, error) {
	var lines []string
	done := map[string]bool{}
	for _, e := range p.entities {
		if e.kind != token.VAR || !e.shared || done[e.final] {
			continue
		}
		done[e.final] = true
		if hidden := unnamable(e.typ); hidden != "" {
			return "", fmt.Errorf("cell %d: the variable %s is of the type %s, which only its package can name: give it an interface type, or use it in this cell only", e.cell.number, e.name, hidden)
		}
		text := types.TypeString(e.typ, func(pkg *types.Package) string {
			if pkg.Path() == "main" {
				return ""
			}
			imp := p.importOf(pkg.Path(), pkg.Name())
			if imp.final == "" {
				p.name()
			}
			if !slices.Contains(*list, imp) {
				*list = append(*list, imp)
			}
			return imp.final
		})
		lines = append(lines, fmt.Sprintf("\t%s %s", e.final, text))
	}
	slices.SortFunc(*list, func(a, b *entity) int { return strings.Compare(a.path, b.path) })
	if len(lines) == 0 {
		return "", nil
	}
	return "// What more than one cell uses.\nvar (\n" + strings.Join(lines, "\n") + "\n)\n\n", nil
}

// unnamable returns the part of a type that a program cannot write, "" if there
// is none.
func unnamable(t types.Type) string {
	seen := map[types.Type]bool{}
	var find func(t types.Type) string
	find = func(t types.Type) string {
		if t == nil || seen[t] {
			return ""
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			o := t.Obj()
			if o.Pkg() != nil && o.Pkg().Path() != "main" && (!o.Exported() || strings.Contains(o.Pkg().Path(), "internal/")) {
				return t.String()
			}
			for a := range t.TypeArgs().Types() {
				if s := find(a); s != "" {
					return s
				}
			}
		case *types.Alias:
			return find(types.Unalias(t))
		case *types.Pointer:
			return find(t.Elem())
		case *types.Slice:
			return find(t.Elem())
		case *types.Array:
			return find(t.Elem())
		case *types.Chan:
			return find(t.Elem())
		case *types.Map:
			return find(t.Key()) + find(t.Elem())
		case *types.Signature:
			for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
				for v := range tuple.Variables() {
					if s := find(v.Type()); s != "" {
						return s
					}
				}
			}
		case *types.Struct:
			for f := range t.Fields() {
				if s := find(f.Type()); s != "" {
					return s
				}
			}
		}
		return ""
	}
	return find(t)
}

// useAll uses the variables that nothing uses, which a notebook may have and a
// program may not, and wants that the rest of the program is sound.
func (p *program) useAll(src, helper string) (string, error) {
	for range 100 {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "main.go", src, parser.SkipObjectResolution)
		if err != nil {
			return "", fmt.Errorf("the program is no Go: %w\n%s", err, src)
		}
		var errs []types.Error
		cfg := types.Config{
			Importer: importFunc(func(path string) (*types.Package, error) {
				if path == helper {
					return helperPackage(helper), nil
				}
				return p.cfg.Packages.Import(path)
			}),
			Error: func(err error) { errs = append(errs, err.(types.Error)) },
		}
		_, _ = cfg.Check("main", fset, []*ast.File{file}, nil)
		changed := false
		for _, e := range slices.Backward(errs) {
			name, ok := strings.CutPrefix(e.Msg, "declared and not used: ")
			if !ok {
				line := fset.Position(e.Pos).Line
				return "", fmt.Errorf("%s has no counterpart in a program: %s: %s", p.cellAt(src, line), e.Msg, strings.TrimSpace(strings.Split(src, "\n")[line-1]))
			}
			at := useAt(file, e.Pos)
			if at == token.NoPos {
				return "", fmt.Errorf("%s: %s", p.cellAt(src, fset.Position(e.Pos).Line), e.Msg)
			}
			offset := fset.Position(at).Offset
			src = src[:offset] + "\n_ = " + name + src[offset:]
			changed = true
			break // positions have moved
		}
		if !changed {
			return src, nil
		}
	}
	return src, nil
}

// useAt returns where a use of the variable declared at pos can stand: behind
// its statement, or at the beginning of the block that its header belongs to.
func useAt(file *ast.File, pos token.Pos) token.Pos {
	at := token.NoPos
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || pos < n.Pos() || pos >= n.End() {
			return false
		}
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
			if n.Comm != nil && pos >= n.Comm.Pos() && pos < n.Comm.End() {
				at = n.Colon + 1
			}
		}
		for _, s := range list {
			if pos < s.Pos() || pos >= s.End() {
				continue
			}
			switch s := s.(type) {
			case *ast.AssignStmt, *ast.DeclStmt:
				at = s.End()
			case *ast.RangeStmt:
				at = s.Body.Lbrace + 1
			case *ast.ForStmt:
				at = s.Body.Lbrace + 1
			case *ast.IfStmt:
				at = s.Body.Lbrace + 1
			}
		}
		return true
	})
	return at
}

// cellAt names the cell that a line of the program comes from.
func (p *program) cellAt(src string, line int) string {
	lines := strings.Split(src, "\n")
	for i := min(line, len(lines)) - 1; i >= 0; i-- {
		for _, c := range p.cells {
			if c.fn != "" && strings.HasPrefix(lines[i], "func "+c.fn+"()") {
				return fmt.Sprintf("cell %d", c.number)
			}
		}
	}
	return "the notebook"
}
