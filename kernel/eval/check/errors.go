package check

// This file defines the errors of a cell that does not compile, and how they
// are shown: where, what, the line with a caret, and what to do.

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode/utf8"
)

// The kinds of errors.
const (
	SyntaxError   = "syntax error"
	TypeError     = "type error"
	ImportError   = "import error"   // a module cannot be had
	InternalError = "internal error" // a fault of this package or of go/types
)

// maxErrors is the number of errors of a cell that are reported.
const maxErrors = 10

// Error is a reason why a cell or a program does not compile.
type Error struct {
	Name   string // "cell 3", or a file
	Line   int    // 1-based, in the cell
	Column int    // 1-based, in bytes
	Kind   string // SyntaxError, TypeError, ImportError or InternalError
	Msg    string // one line, as go/types or go/parser word it
	Hint   string // what to do about it; "" if there is nothing to say
	Source string // the line where it is, "" if unknown

	detail string // further lines of Msg, the hint if there is no better one
}

// Error returns "cell 3:1:5: undefined: x".
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Name, e.Line, e.Column, e.Msg)
}

// Traceback returns the lines to show to a reader: the position and the
// message, the source line with a caret below, and the hint.
func (e *Error) Traceback() []string {
	out := []string{e.Error()}
	if e.Source != "" {
		line, column := window(e.Source, e.Column)
		out = append(out, "    "+strings.ReplaceAll(line, "\t", "    "))
		if column >= 1 && column <= len(line)+1 {
			out = append(out, "    "+indent(line[:column-1])+"^")
		}
	}
	if e.Hint != "" {
		out = append(out, "hint: "+e.Hint)
	}
	return out
}

// indent returns as many blanks as the text before a caret is wide.
func indent(before string) string {
	var b strings.Builder
	for _, c := range before {
		switch {
		case c == '\t':
			b.WriteString("    ")
		case wide(c):
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// wide tells whether a character takes two columns (Unicode Standard Annex 11,
// its main blocks).
func wide(c rune) bool {
	return c >= 0x1100 && (c <= 0x115f || c >= 0x2e80 && c <= 0xa4cf || c >= 0xac00 && c <= 0xd7a3 ||
		c >= 0xf900 && c <= 0xfaff || c >= 0xfe30 && c <= 0xfe6f || c >= 0xff00 && c <= 0xff60 ||
		c >= 0x1f300 && c <= 0x1faff || c >= 0x20000 && c <= 0x3fffd)
}

// syntaxErrors converts errors of the parser, without those that only follow
// from the one before.
func syntaxErrors(src *source, list scanner.ErrorList) []*Error {
	var out []*Error
	list.RemoveMultiples()
	for _, e := range list {
		s, ok := lineOf(src.text, e.Pos.Line)
		beyond := !ok || e.Pos.Column > len(s)+1
		if n := len(out); n > 0 && (beyond || e.Pos.Line <= out[n-1].Line+1) {
			continue
		}
		msg := strings.Replace(e.Msg, "found 'EOF'", "found the end of the cell", 1)
		err := &Error{Name: src.name, Line: e.Pos.Line, Column: e.Pos.Column, Kind: SyntaxError, Msg: msg}
		if beyond {
			// It is in what stands after the cell: something was not closed.
			err.Line, err.Column = lineColumn(src.text, len(bytes.TrimRight(src.text, " \t\n")))
			if src.open != token.ILLEGAL {
				line, col := lineColumn(src.text, src.openAt)
				err.Msg = fmt.Sprintf("the cell ends before %s", src.open)
				err.Hint = fmt.Sprintf("it would close what was opened at line %d, column %d", line, col)
			} else {
				err.Msg, _, _ = strings.Cut(err.Msg, ", found ")
				err.Msg += ", found the end of the cell"
			}
		}
		out = append(out, err)
	}
	return out
}

// bodyless returns errors for functions of files that have no body.
func bodyless(fset *token.FileSet, decls []ast.Decl) []*Error {
	var errs []*Error
	for _, d := range decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body == nil {
			e := place(fset, fn.Name.Pos(), TypeError, "missing function body")
			e.Hint = "the opening { belongs on the same line as func"
			errs = append(errs, e)
		}
	}
	return errs
}

// place returns an error at pos.
func place(fset *token.FileSet, pos token.Pos, kind, msg string) *Error {
	p := fset.Position(pos)
	return &Error{Name: p.Filename, Line: p.Line, Column: p.Column, Kind: kind, Msg: msg}
}

// hiddenParts matches what this package adds to names, and the package of
// cells, which a reader does not know.
var hiddenParts = pattern(`·[0-9A-Za-z_]*|\bmain\.`)

// shown returns a message of go/types without hidden names.
func shown(msg string) string {
	msg = strings.ReplaceAll(strings.ReplaceAll(msg, " in argument to show·", ""), " in argument to discard·", "")
	if !strings.Contains(msg, "·") && !strings.Contains(msg, "main.") {
		return msg
	}
	return hiddenParts().ReplaceAllString(msg, "")
}

var furtherLines = pattern(`\n\t*`)

// typeErrors converts errors of the type checker. Further lines of a message, such
// as what is there and what is wanted, become its detail. Errors that belong to
// the one before them become that one's hint.
func typeErrors(fset *token.FileSet, list []types.Error) []*Error {
	var out []*Error
	for _, e := range list {
		msg := shown(e.Msg)
		if rest, ok := strings.CutPrefix(msg, "\t"); ok && len(out) > 0 {
			if p := fset.Position(e.Pos); p.IsValid() && out[len(out)-1].Hint == "" {
				out[len(out)-1].Hint = fmt.Sprintf("%s: %s, line %d", rest, p.Filename, p.Line)
			}
			continue
		}
		msg, more, _ := strings.Cut(msg, "\n")
		err := place(fset, e.Pos, TypeError, msg)
		err.detail = furtherLines().ReplaceAllString(strings.TrimSpace(more), ", ")
		out = append(out, err)
	}
	return out
}

// finish sorts errors by position, drops repetitions, keeps the first ten and
// adds the source lines.
func finish(errs []*Error, text func(name string) []byte) []*Error {
	slices.SortStableFunc(errs, func(a, b *Error) int {
		if a.Name != b.Name {
			return strings.Compare(a.Name, b.Name)
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	errs = slices.CompactFunc(errs, func(a, b *Error) bool {
		return a.Name == b.Name && a.Line == b.Line && a.Column == b.Column && a.Msg == b.Msg
	})
	// go/types complains of the package too where a member of it is misused.
	errs = slices.DeleteFunc(errs, func(e *Error) bool {
		return strings.HasPrefix(e.Msg, "use of package ") && slices.ContainsFunc(errs, func(o *Error) bool {
			return o != e && o.Name == e.Name && o.Line == e.Line && o.Column == e.Column
		})
	})
	if len(errs) > maxErrors {
		errs = errs[:maxErrors]
	}
	for _, e := range errs {
		e.Source, _ = lineOf(text(e.Name), e.Line)
		e.Msg = short(e.Msg)
		if e.Hint == "" {
			e.Hint = e.detail
		}
	}
	return errs
}

// short returns a message without the middle of a long expression in it.
func short(msg string) string {
	const head, tail = 120, 80
	r := []rune(msg)
	if len(r) <= head+tail {
		return msg
	}
	return string(r[:head]) + " … " + string(r[len(r)-tail:])
}

// window returns the part of a long line around a column, and the column in it.
func window(line string, column int) (string, int) {
	const wide, before = 160, 100
	if len(line) <= wide || column < 1 || column > len(line)+1 {
		return line, column
	}
	start := max(0, column-1-before)
	end := min(len(line), start+wide)
	for start > 0 && !utf8.RuneStart(line[start]) {
		start--
	}
	for end < len(line) && !utf8.RuneStart(line[end]) {
		end++
	}
	out := line[start:end]
	if end < len(line) {
		out += " …"
	}
	if start > 0 {
		out, start = "… "+out, start-len("… ")
	}
	return out, column - start
}

// ErrorAt returns a syntax error at an offset of the text of a cell.
func ErrorAt(name, code string, offset int, msg, hint string) *Error {
	e := &Error{Name: name, Kind: SyntaxError, Msg: msg, Hint: hint}
	e.Line, e.Column = lineColumn([]byte(code), offset)
	e.Source, _ = lineOf([]byte(code), e.Line)
	return e
}
