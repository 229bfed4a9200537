// This file finds the commands of a cell that are not Go, such as %time and
// !ls. The evaluator's own reading is kernel/eval/magic.

package syntax

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// Command is a command of a cell: a line at top level that begins with % or !,
// or a cell whose first line begins with %%.
type Command struct {
	Name       string // "%get", "%%bash", "!"
	Args       string // what stands after it on its line
	Start, End int    // what of the cell's text is no Go because of it
}

// names are the names of commands, but for !. Another word behind a % is no Go
// and no command.
var names = []string{
	"%help", "%time", "%timeit", "%get", "%use", "%who", "%deps", "%reset", "%history", "%cd", "%env", "%tb",
	"%%", "%%time", "%%timeit", "%%capture", "%%bash", "%%writefile", "%%html", "%%markdown",
}

// Commands finds the commands of a cell. known tells whether an earlier cell
// declared a name; it may be nil.
func Commands(text string, known func(name string) bool) []Command {
	if !strings.ContainsAny(text, "%!") {
		return nil
	}
	var all []Command
	at := 0
	if start := firstLine(text); strings.HasPrefix(text[start:], "%%") {
		end := lineEnd(text, start)
		c := Command{Start: start, End: end}
		c.Name, c.Args = cut(text[start:end])
		switch {
		case !slices.Contains(names, c.Name):
			return nil
		case !slices.Contains([]string{"%%", "%%time", "%%capture"}, c.Name):
			c.Start, c.End = 0, len(text) // text, or Go whose declarations are not kept
			return []Command{c}
		}
		all, at = append(all, c), end
	}
	seen := make(map[string]bool)
	for {
		start, ok := nextCommand(text, at, seen)
		if !ok {
			return all
		}
		c := Command{Start: start, End: lineEnd(text, start)}
		if text[start] == '!' {
			for c.End < len(text) && strings.HasSuffix(text[start:c.End], `\`) {
				c.End = lineEnd(text, c.End+1)
			}
			at = c.End
			if isGo(text[start:c.End], func(name string) bool { return seen[name] || known != nil && known(name) }) {
				continue
			}
			c.Name, c.Args = "!", strings.TrimSpace(text[start+1:c.End])
			all = append(all, c)
			continue
		}
		c.Name, c.Args = cut(text[start:c.End])
		if !slices.Contains(names, c.Name) {
			return all
		}
		if c.Name == "%time" && c.Args != "" {
			c.End = start + strings.Index(text[start:c.End], c.Args) // the statement stays
		}
		all, at = append(all, c), c.End
	}
}

// WithoutCommands returns the text with its commands as comments, for a program.
func WithoutCommands(text string, known func(name string) bool) string {
	var b strings.Builder
	at := 0
	for _, c := range Commands(text, known) {
		b.WriteString(text[at:c.Start])
		part := text[c.Start:c.End]
		at = c.End
		if at < len(text) && text[at] != '\n' { // %time statement
			b.WriteString("/* " + strings.TrimSpace(part) + " */ ")
			continue
		}
		lines := strings.Split(strings.TrimRight(part, "\n"), "\n")
		for i, line := range lines {
			if lines[i] = "// " + line; line == "" {
				lines[i] = "//"
			}
		}
		b.WriteString(strings.Join(lines, "\n"))
	}
	return b.String() + text[at:]
}

// blankCommands returns the text with blanks for its commands.
func blankCommands(text []byte) []byte {
	for _, c := range Commands(string(text), nil) {
		for i := c.Start; i < c.End; i++ {
			if text[i] != '\n' {
				text[i] = ' '
			}
		}
	}
	return text
}

// nextCommand returns where % or ! stands at or after an offset where a
// statement could begin, on a line of its own at top level. It notes the names
// before it.
func nextCommand(text string, from int, seen map[string]bool) (at int, ok bool) {
	src := []byte(text[from:])
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
			seen[lit] = true
		case token.REM, token.NOT:
			if depth == 0 && ended && strings.TrimSpace(text[strings.LastIndexByte(text[:at], '\n')+1:at]) == "" {
				return at, true
			}
		}
		ended = tok == token.SEMICOLON
	}
}

// isGo tells whether a line that begins with ! is an expression of Go: its first
// name has to be known.
func isGo(line string, known func(name string) bool) bool {
	x, err := parser.ParseExpr(line)
	if err != nil {
		rest := strings.TrimSpace(line[1:])
		return strings.HasPrefix(rest, "(") || strings.HasPrefix(rest, "func(") // more lines may belong to it
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
		case *ast.StarExpr:
			x = e.X
		case *ast.CallExpr:
			if _, ok := e.Fun.(*ast.SelectorExpr); ok {
				return true
			}
			x = e.Fun
		case *ast.Ident:
			return e.Name == "true" || e.Name == "false" || known(e.Name)
		default:
			return true
		}
	}
}

// firstLine returns where the first line begins, after its blanks, that is
// neither empty nor a comment.
func firstLine(text string) int {
	for at := 0; at < len(text); at = lineEnd(text, at) + 1 {
		line := text[at:lineEnd(text, at)]
		if word := strings.TrimSpace(line); word != "" && !strings.HasPrefix(word, "//") {
			return at + strings.Index(line, word[:1])
		}
	}
	return len(text)
}

// lineEnd returns where the line ends that an offset is in.
func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

// cut splits the line of a command into its name and the rest.
func cut(line string) (name, args string) {
	n := len(line) - len(strings.TrimLeft(line, "%"))
	for n < len(line) && (line[n] == '_' || 'a' <= line[n] && line[n] <= 'z' || 'A' <= line[n] && line[n] <= 'Z') {
		n++
	}
	return line[:n], strings.TrimSpace(line[n:])
}
