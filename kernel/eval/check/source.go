package check

// This file parses the chunks of a cell, so that every node has the line and
// column that it has in the cell.

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strconv"
	"strings"
)

// source is a parsed cell.
type source struct {
	name string
	text []byte
	pieces

	imports []*ast.ImportSpec
	decls   []ast.Decl    // functions, types and constants
	init    *ast.FuncDecl // func init() with all statements; nil if there are none
	last    ast.Expr      // the last statement, if it is an expression
	silent  bool          // a semicolon follows it: it is not shown
	files   []*token.File // in which all of that was read
	calls   []Call
	targets []ast.Stmt // the statements that calls are for, or nil

	// declOffset and stmtOffset are what the offsets of declarations and
	// statements in their files exceed those in the text by.
	declOffset, stmtOffset int
}

// Imports returns the paths that a cell imports, as far as its text can be read.
func Imports(code string) []string {
	if !strings.Contains(code, "import") {
		return nil
	}
	text := []byte(code)
	pieces, _ := split(text)
	body := only(text, pieces.chunks, chunkImport)
	if body == nil {
		return nil
	}
	f, _ := parser.ParseFile(token.NewFileSet(), "", append([]byte("package main;"), body...), parser.ImportsOnly)
	if f == nil {
		return nil
	}
	var paths []string
	for _, spec := range f.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// Clean returns the text of a cell as Go reads it: lines end in \n, and there is
// no byte order mark.
func Clean(code string) string {
	return strings.TrimPrefix(strings.ReplaceAll(code, "\r\n", "\n"), "\uFEFF")
}

// parse splits and parses a cell. With errors, what could be parsed is
// returned too.
func parse(fset *token.FileSet, name string, text []byte, calls []Call) (*source, []*Error) {
	src := &source{name: name, text: text, calls: calls}
	pieces, stray := split(text)
	src.pieces = pieces
	if stray != nil {
		line, col := lineColumn(text, stray.at)
		return src, []*Error{{Name: name, Line: line, Column: col, Kind: SyntaxError, Msg: stray.Error()}}
	}
	var errs []*Error
	const clause, body = "package main;", "package main;func init(){"
	line := "\n//line " + name + ":1:1\n"
	read := func(kind chunkKind, prefix, suffix string) *ast.File {
		body := only(text, src.chunks, kind)
		if body == nil {
			if kind != chunkStmt || len(calls) == 0 {
				return nil
			}
			body = make([]byte, len(text))
			wipe(body, text)
		}
		full := make([]byte, 0, len(prefix)+len(line)+len(body)+len(suffix))
		full = append(append(append(append(full, prefix...), line...), body...), suffix...)
		f, err := parser.ParseFile(fset, name, full, parser.SkipObjectResolution|parser.ParseComments)
		if list, ok := err.(scanner.ErrorList); ok {
			errs = append(errs, syntaxErrors(src, list)...)
		}
		if file := fset.File(f.FileStart); file != nil {
			src.files = append(src.files, file)
		}
		return f
	}
	if f := read(chunkImport, clause, ""); f != nil {
		src.imports = f.Imports
	}
	src.declOffset, src.stmtOffset = len(clause)+len(line), len(body)+len(line)
	if f := read(chunkDecl, clause, ""); f != nil {
		src.decls = f.Decls
	}
	if f := read(chunkStmt, body, "\n}"); f != nil && len(f.Decls) > 0 {
		src.init, _ = f.Decls[0].(*ast.FuncDecl)
		if src.init != nil && (src.init.Body == nil || len(src.init.Body.List) == 0 && len(calls) == 0) {
			src.init = nil
		}
	}
	if len(errs) == 0 && src.endless {
		line, col := lineColumn(text, bytes.LastIndex(text, []byte("/*")))
		errs = append(errs, &Error{Name: name, Line: line, Column: col, Kind: SyntaxError, Msg: "comment not terminated"})
	}
	if len(errs) > 0 {
		return src, errs
	}
	if errs := src.findTargets(fset); len(errs) > 0 {
		return src, errs
	}
	if src.init != nil && len(src.init.Body.List) > 0 {
		list := src.init.Body.List
		if e, ok := list[len(list)-1].(*ast.ExprStmt); ok {
			src.last = e.X
		}
		for _, c := range src.chunks {
			if c.kind == chunkStmt {
				src.silent = c.semicolon
			}
		}
	}
	return src, nil
}

// lineColumn returns the 1-based line and column of an offset of text.
func lineColumn(text []byte, offset int) (line, column int) {
	offset = min(offset, len(text))
	before := text[:offset]
	return 1 + bytes.Count(before, []byte("\n")), offset - bytes.LastIndexByte(before, '\n')
}

// lineOf returns a line of text without its newline; ok is false if there is no
// such line.
func lineOf(text []byte, line int) (s string, ok bool) {
	for ; line > 1; line-- {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			return "", false
		}
		text = text[i+1:]
	}
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	return string(text), line == 1
}

// textOf returns the text of a node, whose file begins offset bytes before the
// text of the cell.
func (src *source) textOf(fset *token.FileSet, n ast.Node, offset int) []byte {
	file := fset.File(n.Pos())
	if file == nil {
		return nil
	}
	start, end := file.Offset(n.Pos())-offset, file.Offset(n.End())-offset
	if start < 0 || end > len(src.text) || start > end {
		return nil
	}
	return src.text[start:end]
}
