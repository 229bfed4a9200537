package check

// This file splits the text of a cell into imports, declarations and statements.

import (
	"bytes"
	"fmt"
	"go/scanner"
	"go/token"
)

// chunkKind says where a chunk of a cell belongs.
type chunkKind uint8

const (
	chunkPackage chunkKind = iota // a package clause, which has no meaning in a cell
	chunkImport
	chunkDecl // a func, type or const declaration
	chunkStmt // any other statement, var declarations among them
)

// chunk is a top-level piece of a cell: text[start:end], with the semicolon
// that was written after it, if any.
type chunk struct {
	kind       chunkKind
	start, end int
	semicolon  bool // a semicolon was written after it
}

// pieces is a cell after splitting.
type pieces struct {
	chunks []chunk

	// mentions are all the cell's identifiers, whatever they name.
	mentions map[string]bool

	// open is the closing bracket that is missing at the end of the text, and
	// where its partner stands; 0 if all are closed.
	open   token.Token
	openAt int

	// endless tells that the text ends within a comment.
	endless bool
}

// unmatched is the error of a closing bracket without a partner.
type unmatched struct {
	at   int
	tok  token.Token
	want token.Token // what was expected instead, or token.ILLEGAL
}

func (e *unmatched) Error() string {
	if e.want == token.ILLEGAL {
		return fmt.Sprintf("unexpected %s: nothing is open here", e.tok)
	}
	return fmt.Sprintf("unexpected %s, expected %s", e.tok, e.want)
}

var closers = map[token.Token]token.Token{
	token.LPAREN: token.RPAREN, token.LBRACK: token.RBRACK, token.LBRACE: token.RBRACE,
}

// split cuts text at the top-level ends of statements. It fails on a closing
// bracket without a partner; all other mistakes are left to the parser.
func split(text []byte) (pieces, *unmatched) {
	p := pieces{mentions: make(map[string]bool)}
	file := token.NewFileSet().AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, func(_ token.Position, msg string) {
		p.endless = p.endless || msg == "comment not terminated"
	}, 0)

	type bracket struct {
		closer token.Token
		at     int
	}
	var stack []bracket
	var fn funcState
	header := false // between for, if or switch and its block
	cur := chunk{start: -1}
	flush := func(end int) {
		if cur.start >= 0 {
			cur.end = end
			p.chunks = append(p.chunks, cur)
		}
		cur, fn, header = chunk{start: -1}, funcNone, false
	}
	for {
		pos, tok, lit := s.Scan()
		at := file.Offset(pos)
		if tok == token.EOF {
			flush(len(text))
			break
		}
		if tok == token.SEMICOLON && len(stack) == 0 && !(header && lit == ";") {
			if lit != ";" {
				flush(at)
				continue
			}
			cur.semicolon = true
			if n := len(p.chunks); cur.start < 0 && n > 0 {
				p.chunks[n-1].semicolon = true
			}
			flush(at + 1)
			continue
		}
		if cur.start < 0 {
			cur.start, cur.kind = at, kindOf(tok)
			if tok == token.FUNC {
				fn = funcSeen
			}
		} else if fn != funcNone {
			if fn = fn.next(tok, len(stack)); fn == funcDecl {
				cur.kind, fn = chunkDecl, funcNone
			}
		}
		switch tok {
		case token.IDENT:
			p.mentions[lit] = true
		case token.LPAREN, token.LBRACK, token.LBRACE:
			stack = append(stack, bracket{closers[tok], at})
			header = header && tok != token.LBRACE
		case token.FOR, token.IF, token.SWITCH:
			header = header || len(stack) == 0
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(stack) == 0 {
				return p, &unmatched{at, tok, token.ILLEGAL}
			}
			if want := stack[len(stack)-1].closer; want != tok {
				return p, &unmatched{at, tok, want}
			}
			stack = stack[:len(stack)-1]
		}
	}
	if n := len(stack); n > 0 {
		p.open, p.openAt = stack[n-1].closer, stack[n-1].at
	}
	return p, nil
}

// funcState follows a chunk that starts with func until it is known whether it
// is a declaration, func Name or func (r T) Name(, or a function literal.
type funcState uint8

const (
	funcNone     funcState = iota // a literal, or no function at all
	funcSeen                      // func
	funcReceiver                  // func ( …
	funcParams                    // func ( … )
	funcName                      // func ( … ) Name
	funcDecl
)

// next returns the state after tok, which stands inside of depth brackets.
func (f funcState) next(tok token.Token, depth int) funcState {
	switch {
	case f == funcSeen && tok == token.IDENT:
		return funcDecl
	case f == funcSeen && tok == token.LPAREN:
		return funcReceiver
	case f == funcReceiver && (depth > 1 || tok != token.RPAREN):
		return funcReceiver
	case f == funcReceiver:
		return funcParams
	case f == funcParams && tok == token.IDENT:
		return funcName
	case f == funcName && tok == token.LPAREN:
		return funcDecl
	}
	return funcNone
}

// kindOf returns the kind of a chunk by its first token; one that starts with
// func needs a look at what follows.
func kindOf(tok token.Token) chunkKind {
	switch tok {
	case token.PACKAGE:
		return chunkPackage
	case token.IMPORT:
		return chunkImport
	case token.TYPE, token.CONST:
		return chunkDecl
	}
	return chunkStmt
}

// only returns text with everything but the chunks of one kind turned into
// blanks, so that what remains keeps its line and column. It returns nil if
// there is no such chunk.
func only(text []byte, chunks []chunk, kind chunkKind) []byte {
	found := false
	out := make([]byte, len(text), len(text)+32)
	last := 0
	for i, c := range chunks {
		if c.kind != kind {
			continue
		}
		found = true
		start := c.start
		if kind == chunkDecl {
			// The comments above are its documentation.
			start = 0
			if i > 0 {
				start = chunks[i-1].end
				if nl := bytes.IndexByte(text[start:c.start], '\n'); nl >= 0 {
					start += nl
				} else {
					start = c.start
				}
			}
		}
		wipe(out[last:start], text[last:start])
		copy(out[start:c.end], text[start:c.end])
		last = c.end
	}
	if !found {
		return nil
	}
	wipe(out[last:], text[last:])
	return out
}

// wipe fills out with blanks, and the newlines of text.
func wipe(out, text []byte) {
	for i, c := range text {
		if c == '\n' {
			out[i] = c
		} else {
			out[i] = ' '
		}
	}
}
