package check

// This file describes a name of a cell: its signature, documentation and
// source.

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strings"
)

// Inspect describes the name at byte offset pos of code, or the function whose
// arguments are being written there: its signature and documentation, with
// detail 1 also the source of what a cell or a module declared. The result maps text/plain
// and text/markdown to text; it is nil if nothing was found.
func (s *State) Inspect(code string, pos, detail int) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := []byte(Clean(code))
	pos = max(0, min(pos, len(text)))
	start, end := wordAt(text, pos)
	if start == end {
		if start, end = calleeBefore(text, pos); start == end {
			return nil
		}
	}
	line, col := lineColumn(text, start)
	for _, t := range [][]byte{text, closed(text[:end])} {
		if c := s.lookAt(t); c != nil {
			if id := c.identAt(line, col); id != nil {
				return s.describe(c.objectOf(id), detail)
			}
		}
	}
	word := string(text[start:end])
	if b := s.live[word]; b != nil {
		return s.describe(b.obj, detail)
	}
	if obj := types.Universe.Lookup(word); obj != nil {
		return s.describe(obj, detail)
	}
	return nil
}

// calleeBefore returns the name before the innermost parenthesis that is open
// at pos.
func calleeBefore(text []byte, pos int) (start, end int) {
	depth := 0
	for i := pos - 1; i >= 0; i-- {
		switch text[i] {
		case ')', ']', '}':
			depth++
		case '[', '{':
			depth--
		case '(':
			depth--
			if depth < 0 {
				return wordAt(text[:i], i)
			}
		}
		if depth < 0 {
			break
		}
	}
	return pos, pos
}

// describe words an object.
func (s *State) describe(obj types.Object, detail int) map[string]any {
	if v, ok := obj.(*types.Var); ok && strings.HasSuffix(v.Name(), oldSuffix) {
		if b := s.live[strings.TrimSuffix(v.Name(), oldSuffix)]; b != nil {
			obj = b.obj
		}
	}
	sig := signature(obj)
	doc, source, where := s.document(obj)
	plain := sig
	md := "```go\n" + sig + "\n```\n"
	if doc != "" {
		plain += "\n\n" + doc
		md += "\n" + doc + "\n"
	}
	if where != "" {
		plain += "\n\n" + where
		md += "\n*" + where + "*\n"
	}
	if detail > 0 && source != "" {
		plain += "\n\n" + source
		md += "\n```go\n" + source + "\n```\n"
	}
	return map[string]any{"text/plain": plain, "text/markdown": md}
}

// signature words an object as its declaration.
func signature(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.PkgName:
		return fmt.Sprintf("package %s // import %q", obj.Imported().Name(), obj.Imported().Path())
	case *types.Const:
		return fmt.Sprintf("const %s %s = %s", obj.Name(), types.TypeString(obj.Type(), shortNames), obj.Val())
	case *types.Builtin:
		if text := builtins[obj.Name()]; text != "" {
			return text
		}
		return "func " + obj.Name()
	case *types.Nil:
		return "nil"
	case *types.TypeName:
		text := shown(types.ObjectString(obj, shortNames))
		if st, ok := obj.Type().Underlying().(*types.Struct); ok {
			text = structText(obj, st)
		}
		if named, ok := types.Unalias(obj.Type()).(*types.Named); ok {
			for m := range named.Methods() {
				if m.Exported() || isCell(m) {
					text += "\n" + methodText(m, m.Signature().Recv())
				}
			}
		}
		return text
	case *types.Func:
		if recv := obj.Signature().Recv(); recv != nil {
			return methodText(obj, recv)
		}
	}
	return shown(types.ObjectString(obj, shortNames))
}

// methodText words a method as its declaration.
func methodText(m *types.Func, recv *types.Var) string {
	name := recv.Name()
	if name != "" {
		name += " "
	}
	sig := strings.TrimPrefix(types.TypeString(m.Signature(), shortNames), "func")
	return "func (" + name + types.TypeString(recv.Type(), shortNames) + ") " + m.Name() + sig
}

// structText words a struct type, a field a line.
func structText(obj *types.TypeName, st *types.Struct) string {
	var b strings.Builder
	head, _, _ := strings.Cut(types.ObjectString(obj, shortNames), " struct{")
	b.WriteString(head + " struct {")
	hiddenFields := false
	for f := range st.Fields() {
		switch {
		case !f.Exported() && !isCell(f):
			hiddenFields = true
		case f.Embedded():
			b.WriteString("\n\t" + types.TypeString(f.Type(), shortNames))
		default:
			b.WriteString("\n\t" + f.Name() + " " + types.TypeString(f.Type(), shortNames))
		}
	}
	if hiddenFields {
		b.WriteString("\n\t// and unexported fields")
	}
	if b.String() != head+" struct {" {
		b.WriteString("\n")
	}
	b.WriteString("}")
	return b.String()
}

// document finds what is known of an object besides its type.
func (s *State) document(obj types.Object) (doc, source, where string) {
	if b := s.live[obj.Name()]; b != nil && b.obj == obj {
		return strings.TrimSpace(b.decl.doc), string(b.decl.source), "declared by " + b.cell
	}
	var pkg *types.Package
	key := ""
	switch obj := obj.(type) {
	case *types.PkgName:
		pkg = obj.Imported()
	default:
		pkg, key = obj.Pkg(), obj.Name()
		if fn, ok := obj.(*types.Func); ok && fn.Signature().Recv() != nil {
			t := fn.Signature().Recv().Type()
			if p, ok := t.(*types.Pointer); ok {
				t = p.Elem()
			}
			if named, ok := types.Unalias(t).(*types.Named); ok {
				key = named.Obj().Name() + "." + key
			}
		}
	}
	if pkg == nil {
		return "", "", ""
	}
	if pkg.Path() == "main" {
		if s.units[pkg] == nil {
			return "", "", "declared by this cell"
		}
		if p := s.cfg.Fset.Position(obj.Pos()); obj.Pos() != token.NoPos && p.IsValid() {
			where = fmt.Sprintf("declared by %s, line %d", p.Filename, p.Line)
		}
		return "", "", where
	}
	if im, ok := s.cfg.Import.(*Importer); ok {
		if p, ok := im.lookup(pkg.Path()); ok && p.Doc != nil {
			doc = strings.TrimSpace(p.Doc()[key])
		}
		source, where = im.declaration(obj)
	}
	return doc, source, where
}

// declaration returns the text of the declaration of an object of a package that
// is run from source, and where it is.
func (im *Importer) declaration(obj types.Object) (text, where string) {
	p, ok := im.lookup(obj.Pkg().Path())
	src := im.Source(obj.Pkg().Path())
	if !ok || src == nil || p.Folder == "" || !obj.Pos().IsValid() {
		return "", ""
	}
	at := im.fset.Position(obj.Pos())
	where = fmt.Sprintf("declared at %s:%d", at.Filename, at.Line)
	files, err := p.Source()
	if err != nil {
		return "", where
	}
	for _, f := range src.Files {
		for _, d := range f.Decls {
			if obj.Pos() < d.Pos() || obj.Pos() >= d.End() {
				continue
			}
			node := ast.Node(d)
			if g, ok := d.(*ast.GenDecl); ok && g.Lparen.IsValid() {
				for _, spec := range g.Specs { // of a group, the one
					if spec.Pos() <= obj.Pos() && obj.Pos() < spec.End() {
						node = spec
					}
				}
			}
			file := im.fset.File(node.Pos())
			all := files[path.Base(file.Name())]
			if end := file.Offset(node.End()); end <= len(all) {
				text = all[file.Offset(node.Pos()):end]
			}
		}
	}
	return text, where
}

// builtins are the signatures of the predeclared functions, as package builtin
// documents them.
var builtins = map[string]string{
	"append":  "func append(slice []Type, elems ...Type) []Type",
	"cap":     "func cap(v Type) int",
	"clear":   "func clear[T ~[]Type | ~map[Type]Type1](t T)",
	"close":   "func close(c chan<- Type)",
	"complex": "func complex(r, i FloatType) ComplexType",
	"copy":    "func copy(dst, src []Type) int",
	"delete":  "func delete(m map[Type]Type1, key Type)",
	"imag":    "func imag(c ComplexType) FloatType",
	"len":     "func len(v Type) int",
	"make":    "func make(t Type, size ...IntegerType) Type",
	"max":     "func max[T cmp.Ordered](x T, y ...T) T",
	"min":     "func min[T cmp.Ordered](x T, y ...T) T",
	"new":     "func new(Type) *Type",
	"panic":   "func panic(v any)",
	"print":   "func print(args ...Type)",
	"println": "func println(args ...Type)",
	"real":    "func real(c ComplexType) FloatType",
	"recover": "func recover() any",
}
