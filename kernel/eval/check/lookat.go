package check

// This file looks at a cell that is still being written: parsed as far as it
// can be, and checked without an end.

import (
	"bytes"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"unicode"
	"unicode/utf8"
)

// placeholder stands for the name that is being completed.
const placeholder = "cajal_here"

// lookAt parses and checks text as well as possible, with positions of its own;
// nil if even that fails. What lives does not change. s.mu is held.
func (s *State) lookAt(text []byte) (c *cell) {
	defer func() {
		if recover() != nil {
			c = nil // the parser or the checker could make nothing of it
		}
	}()
	fset := token.NewFileSet()
	src, _ := parse(fset, "cell", text, nil)
	c = s.newCell(src, fset, false)
	c.scopes = true
	c.doImports()
	for range maxAttempts {
		c.try()
		if !c.renameOld(c.earlyUses()) && !c.autoImport() {
			break
		}
	}
	return c
}

// closed returns the text up to its end with all open brackets closed.
func closed(text []byte) []byte {
	file := token.NewFileSet().AddFile("", -1, len(text))
	var sc scanner.Scanner
	sc.Init(file, text, nil, 0)
	var stack []token.Token
	for {
		_, tok, _ := sc.Scan()
		switch tok {
		case token.EOF:
			return appendClosers(bytes.Clone(text), stack)
		case token.LPAREN, token.LBRACK, token.LBRACE:
			stack = append(stack, closers[tok])
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
		}
	}
}

// appendClosers appends brackets, the last one first. A line ends before a brace.
func appendClosers(out []byte, brackets []token.Token) []byte {
	for _, tok := range slices.Backward(brackets) {
		if tok == token.RBRACE {
			out = append(out, '\n')
		}
		out = append(out, tok.String()...)
	}
	return out
}

// matched returns the text with closing brackets only where they close something: a
// stray one becomes a blank, and before one that closes an outer bracket the inner
// ones are closed.
func matched(text []byte) []byte {
	file := token.NewFileSet().AddFile("", -1, len(text))
	var sc scanner.Scanner
	sc.Init(file, text, nil, 0)
	var out []byte
	copied := 0
	var stack []token.Token
	for {
		pos, tok, _ := sc.Scan()
		switch tok {
		case token.EOF:
			if out == nil {
				return text
			}
			return append(out, text[copied:]...)
		case token.LPAREN, token.LBRACK, token.LBRACE:
			stack = append(stack, closers[tok])
		case token.RPAREN, token.RBRACK, token.RBRACE:
			n := len(stack) - 1
			for n >= 0 && stack[n] != tok {
				n--
			}
			at := file.Offset(pos)
			switch {
			case n < 0:
				out = append(append(out, text[copied:at]...), ' ')
				copied = at + 1
			case n < len(stack)-1:
				out = appendClosers(append(out, text[copied:at]...), stack[n+1:])
				copied = at
			}
			if n >= 0 {
				stack = stack[:n]
			}
		}
	}
}

// wordAt returns the limits of the identifier that ends at or contains offset
// pos of text; start == end if there is none.
func wordAt(text []byte, pos int) (start, end int) {
	start, end = pos, pos
	for start > 0 {
		r, n := utf8.DecodeLastRune(text[:start])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		start -= n
	}
	for end < len(text) {
		r, n := utf8.DecodeRune(text[end:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		end += n
	}
	if r, _ := utf8.DecodeRune(text[start:]); unicode.IsDigit(r) {
		return pos, pos // a number
	}
	return start, end
}

// inLiteral tells whether offset pos is inside of a comment, or of a string,
// whose text before pos it then returns.
func inLiteral(text []byte, pos int) (comment bool, str []byte) {
	file := token.NewFileSet().AddFile("", -1, len(text))
	var sc scanner.Scanner
	sc.Init(file, text, nil, scanner.ScanComments)
	for {
		p, tok, lit := sc.Scan()
		at := file.Offset(p)
		if tok == token.EOF || at >= pos {
			return false, nil
		}
		end := at + len(lit)
		switch tok {
		case token.COMMENT:
			if pos < end || pos == end && lit[1] == '/' {
				return true, nil
			}
		case token.STRING, token.CHAR:
			if pos < end || pos == end && (len(lit) < 2 || lit[len(lit)-1] != lit[0]) {
				return false, text[at:pos]
			}
		}
	}
}

// identAt returns the identifier of the cell at a line and column, or nil.
func (c *cell) identAt(line, column int) *ast.Ident {
	var found *ast.Ident
	c.walk(func(n ast.Node) {
		if id, ok := n.(*ast.Ident); ok && found == nil && !hidden(id.Name) {
			if p := c.fset.Position(id.Pos()); p.Line == line && p.Column == column && c.objectOf(id) != nil {
				found = id
			}
		}
	})
	return found
}

// objectOf returns what an identifier of the cell stands for.
func (c *cell) objectOf(id *ast.Ident) types.Object {
	if obj := c.info.Uses[id]; obj != nil {
		return obj
	}
	return c.info.Defs[id]
}

// innermost returns the smallest scope of a function of the cell that contains
// pos, or the cell's own.
func (c *cell) innermost(pos token.Pos) *types.Scope {
	best := c.pkg.Scope()
	size := token.Pos(-1)
	for _, s := range c.info.Scopes {
		if s.Contains(pos) && (size < 0 || s.End()-s.Pos() < size) {
			best, size = s, s.End()-s.Pos()
		}
	}
	return best
}
