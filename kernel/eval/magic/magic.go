// Package magic finds and runs the commands of a cell that are not Go: %time,
// !ls, %%bash and the like, as IPython has them.
//
// It is not a second language. A command begins a line at the top level of a
// cell, where no Go statement can begin; all else of the cell stays Go, at its
// line and column. A line that begins with ! is Go if it is an expression of a
// name that Go knows, such as !done. A lone %% means nothing.
//
//	magic.go    finding the commands of a cell
//	table.go    the commands, and %help
//	run.go      what they do
//	shell.go    !, %%bash: processes; process_*.go ends them
//	editor.go   completion, description, and whether a cell is complete
//
// It knows neither how Go is checked nor how it runs: commands that measure Go
// (%time, %timeit), take its output (%%capture) or say what it imports (%get,
// %use) are only found here.
package magic

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
	"unicode"
)

// Cell is a cell after its commands were found.
type Cell struct {
	// Go is the text of the cell with blanks for what is not Go, so that the rest
	// keeps its place.
	Go string

	// Commands are the cell's commands, in the order of the text.
	Commands []Command
}

// Command is a command of a cell.
type Command struct {
	Name   string // "%time", "%%bash", "!"
	Args   string // what stands after it on its line
	Body   string // the lines after it, for a command that takes the rest of the cell as text
	Offset int    // where it begins in the cell
	Target int    // where the Go statement begins that it is for; 0 if it is for none
}

// Error is a command that cannot be run.
type Error struct {
	Offset int // in the cell
	Msg    string
	Hint   string
}

func (e *Error) Error() string { return e.Msg }

// Parse finds the commands of a cell, whose lines end in \n. known tells whether
// an earlier cell declared a name.
func Parse(code string, known func(name string) bool) (Cell, *Error) {
	if !strings.ContainsAny(code, "%!") {
		return Cell{Go: code}, nil
	}
	p := finder{code: code, text: []byte(code), known: known, seen: make(map[string]bool)}
	if err := p.parse(); err != nil {
		return Cell{Go: string(p.text), Commands: p.found}, err
	}
	return Cell{Go: string(p.text), Commands: p.found}, nil
}

// finder is a cell whose commands are being found.
type finder struct {
	code  string
	text  []byte // of which commands are blanked
	known func(name string) bool
	seen  map[string]bool // identifiers of the cell so far
	found []Command
}

func (p *finder) parse() *Error {
	at := 0
	if start := firstLine(p.code); strings.HasPrefix(p.code[start:], "%%") {
		end := lineEnd(p.code, start)
		name, args := cut(p.code[start:end])
		if name != "%%" {
			c := find(name)
			if c == nil || !c.wholeCell() {
				return p.unknown(start, name)
			}
			cmd := Command{Name: name, Args: args, Offset: start}
			if err := c.fits(&cmd); err != nil {
				return err
			}
			if c.form == textCell {
				cmd.Body = p.code[min(end+1, len(p.code)):]
				p.found = append(p.found, cmd)
				p.blank(0, len(p.code))
				return nil
			}
			p.found = append(p.found, cmd)
			p.blank(start, end)
			at = end
		}
	}
	for {
		start, ok := p.next(at)
		if !ok {
			return nil
		}
		if p.code[start] == '!' {
			end := continued(p.code, start)
			if p.isGo(p.code[start:end]) {
				at = p.skipLine(start)
				continue
			}
			cmd := Command{Name: "!", Args: strings.TrimSpace(p.code[start+1 : end]), Offset: start}
			if cmd.Args == "" {
				return find("!").fits(&cmd)
			}
			p.found = append(p.found, cmd)
			p.blank(start, end)
			at = end
			continue
		}
		end := lineEnd(p.code, start)
		name, args := cut(p.code[start:end])
		switch c := find(name); {
		case name == "%%":
			p.blank(start, end)
		case name == "%":
			end = p.skipLine(start) // the parser of Go explains it
		case c != nil && c.wholeCell():
			return &Error{Offset: start, Msg: name + " in the middle of a cell", Hint: name + " takes a whole cell: it stands on the first line"}
		case c == nil:
			return p.unknown(start, name)
		default:
			cmd := Command{Name: name, Args: args, Offset: start}
			if err := c.fits(&cmd); err != nil {
				return err
			}
			if c.form == statement {
				cmd.Target = start + strings.Index(p.code[start:end], args)
				end = cmd.Target
			}
			p.found = append(p.found, cmd)
			p.blank(start, end)
		}
		at = end
	}
}

// next returns the offset at or after which the text has % or ! where a
// statement could begin, on a line of its own at the top level.
func (p *finder) next(from int) (at int, ok bool) {
	src := []byte(p.code[from:])
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, 0)
	depth, ended := 0, true
	for {
		pos, tok, lit := s.Scan()
		at := from + file.Offset(pos)
		switch tok {
		case token.EOF:
			return 0, false
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		case token.IDENT:
			p.seen[lit] = true
		case token.REM, token.NOT:
			if depth == 0 && ended && strings.TrimSpace(p.code[strings.LastIndexByte(p.code[:at], '\n')+1:at]) == "" {
				return at, true
			}
		}
		ended = tok == token.SEMICOLON
	}
}

// skipLine goes on after a line that is Go, whose names it notes.
func (p *finder) skipLine(start int) (end int) {
	end = lineEnd(p.code, start)
	for _, word := range strings.FieldsFunc(p.code[start:end], func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		p.seen[word] = true
	}
	return end
}

// isGo tells whether a line that begins with ! is an expression of Go: its first
// name has to be known.
func (p *finder) isGo(line string) bool {
	x, err := parser.ParseExpr(line)
	if err != nil {
		// More lines may belong to it.
		if rest := strings.TrimSpace(line[1:]); !strings.HasPrefix(rest, "(") && !strings.HasPrefix(rest, "func(") {
			return false
		}
		return true
	}
	for {
		switch e := x.(type) {
		case *ast.UnaryExpr:
			x = e.X
		case *ast.BinaryExpr:
			x = e.X
		case *ast.SelectorExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.CallExpr:
			x = e.Fun
			if _, ok := x.(*ast.SelectorExpr); ok {
				return true // strings.Contains(…): no shell takes that
			}
		case *ast.StarExpr:
			x = e.X
		case *ast.Ident:
			return p.seen[e.Name] || slices.Contains([]string{"true", "false", "bool"}, e.Name) || p.known(e.Name)
		default:
			return true // a parenthesis or a literal
		}
	}
}

// unknown explains a name that no command has.
func (p *finder) unknown(offset int, name string) *Error {
	err := &Error{Offset: offset, Msg: name + " is no command of cells", Hint: "%help lists the commands"}
	var near []string
	for _, c := range table {
		if strings.EqualFold(c.name, name) || strings.Trim(c.name, "%") == strings.Trim(name, "%") || alike(c.name, name) {
			near = append(near, c.name)
		}
	}
	if len(near) > 0 {
		err.Hint = fmt.Sprintf("did you mean %s? %%help lists the commands", strings.Join(near, " or "))
	}
	return err
}

// alike tells whether two names differ by one byte that was put in, left out or
// changed, or by two neighbours that changed places.
func alike(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for i := range a {
		if a[i] != b[i] {
			if len(a) == len(b) {
				return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
			}
			return a[i:] == b[i+1:]
		}
	}
	return len(b)-len(a) == 1
}

// blank turns a part of the text into blanks.
func (p *finder) blank(start, end int) {
	for i := start; i < end; i++ {
		if p.text[i] != '\n' {
			p.text[i] = ' '
		}
	}
}

// firstLine returns where the first line begins, after its blanks, that is
// neither empty nor a comment.
func firstLine(code string) int {
	at := 0
	for at < len(code) {
		end := lineEnd(code, at)
		line := strings.TrimSpace(code[at:end])
		if line != "" && !strings.HasPrefix(line, "//") {
			return at + strings.Index(code[at:end], line[:1])
		}
		at = end + 1
	}
	return len(code)
}

// lineEnd returns where the line ends that offset start is in.
func lineEnd(code string, start int) int {
	if i := strings.IndexByte(code[start:], '\n'); i >= 0 {
		return start + i
	}
	return len(code)
}

// continued returns where the line ends that begins at start, with those that a
// backslash joins to it.
func continued(code string, start int) int {
	end := lineEnd(code, start)
	for end < len(code) && strings.HasSuffix(code[start:end], `\`) {
		end = lineEnd(code, end+1)
	}
	return end
}

// cut splits the line of a command into its name and the rest.
func cut(line string) (name, args string) {
	n := 0
	for n < len(line) && line[n] == '%' {
		n++
	}
	for n < len(line) && (line[n] == '_' || 'a' <= line[n] && line[n] <= 'z' || 'A' <= line[n] && line[n] <= 'Z') {
		n++
	}
	return line[:n], strings.TrimSpace(line[n:])
}
