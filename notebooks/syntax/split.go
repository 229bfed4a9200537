// This file cuts a cell at the ends of its top-level statements.

package syntax

import (
	"fmt"
	"go/scanner"
	"go/token"
)

type kind uint8

const (
	statement   kind = iota // var declarations among them
	declaration             // func, type, const
	imports
	clause // a package clause, which means nothing in a cell
)

// chunk is text[start:end], without a semicolon behind it.
type chunk struct {
	kind       kind
	start, end int
	semicolon  bool // one was written behind it
}

// split finds the chunks. It fails on what no token begins or ends with; what it
// makes of other text that is no Go is for the parser to refuse.
func split(text []byte) (chunks []chunk, err error) {
	file := token.NewFileSet().AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, func(pos token.Position, msg string) {
		if err == nil {
			err = fmt.Errorf("line %d, column %d: %s", pos.Line, pos.Column, msg)
		}
	}, 0)
	cur := chunk{start: -1}
	var signature []token.Token // top-level tokens of a chunk that begins with func
	depth := 0
	header := false // between for, if, switch or select and its block, where semicolons divide clauses
	flush := func() {
		if cur.start >= 0 {
			if isFunc(signature) {
				cur.kind = declaration
			}
			chunks = append(chunks, cur)
		}
		cur, signature, header = chunk{start: -1}, nil, false
	}
	for {
		pos, tok, lit := s.Scan()
		at := file.Offset(pos)
		if tok == token.EOF {
			flush()
			return chunks, err
		}
		if tok == token.SEMICOLON && depth == 0 && !(header && lit == ";") {
			if written := lit == ";"; cur.start >= 0 {
				cur.semicolon = written
				flush()
			} else if written && len(chunks) > 0 {
				chunks[len(chunks)-1].semicolon = true
			}
			continue
		}
		if cur.start < 0 {
			cur = chunk{kind: kindOf(tok), start: at}
		}
		switch {
		case tok == token.SEMICOLON && lit == "\n": // the end of a line within brackets
		case lit == "" || tok.IsOperator():
			cur.end = at + len(tok.String())
		default:
			cur.end = at + len(lit)
		}
		if depth == 0 && (len(signature) > 0 || tok == token.FUNC && cur.start == at) {
			signature = append(signature, tok)
		}
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
			header = header && tok != token.LBRACE
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth = max(0, depth-1)
		case token.FOR, token.IF, token.SWITCH:
			header = header || depth == 0
		}
	}
}

// isFunc tells a declaration from a function literal by the tokens outside of
// brackets: func Name ( …, or func ( … Name ( ….
func isFunc(t []token.Token) bool {
	switch {
	case len(t) > 1 && t[1] == token.IDENT:
		return true
	case len(t) > 3 && t[1] == token.LPAREN && t[2] == token.IDENT && t[3] == token.LPAREN:
		return true
	}
	return false
}

func kindOf(tok token.Token) kind {
	switch tok {
	case token.PACKAGE:
		return clause
	case token.IMPORT:
		return imports
	case token.TYPE, token.CONST:
		return declaration
	}
	return statement
}

// only returns text with everything blanked but the chunks of one kind, so that
// what is left keeps its place.
func only(text []byte, chunks []chunk, k kind) []byte {
	out := make([]byte, len(text))
	for i, c := range text {
		if out[i] = ' '; c == '\n' {
			out[i] = c
		}
	}
	for _, c := range chunks {
		if c.kind == k {
			copy(out[c.start:c.end], text[c.start:c.end])
			if c.semicolon && c.end < len(out) {
				out[c.end] = ';' // two statements may stand in one line
			}
		}
	}
	return out
}

// ImportSpans returns where the import declarations of a cell stand, and what
// else has no place in a function: a package clause.
func ImportSpans(text string) [][2]int {
	chunks, _ := split([]byte(text))
	var spans [][2]int
	for _, c := range chunks {
		if c.kind == imports || c.kind == clause {
			end := c.end
			if c.semicolon {
				end++
			}
			spans = append(spans, [2]int{c.start, end})
		}
	}
	return spans
}
