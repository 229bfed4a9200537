package check

// This file tests the splitter: where chunks begin, and what they are.

import (
	"fmt"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"// nothing", ""},
		{"x := 1", "stmt x := 1"},
		{"x := 1; y := 2", "stmt x := 1;|stmt y := 2"},
		{"import \"fmt\"\nfmt.Println()", "import import \"fmt\"|stmt fmt.Println()"},
		{"package main\nx", "package package main|stmt x"},
		{"func f() {}\nf()", "decl func f() {}|stmt f()"},
		{"func (t T) f() {}", "decl func (t T) f() {}"},
		{"func (t *T[K]) f(x func()) (int, error) { return 1, nil }", "decl func (t *T[K]) f(x func()) (int, error) { return 1, nil }"},
		{"func() { x() }()", "stmt func() { x() }()"},
		{"func(a int) T { return a }(3)", "stmt func(a int) T { return a }(3)"},
		{"func(a int) p.T { return a }(3)", "stmt func(a int) p.T { return a }(3)"},
		{"func(a int) List[int] { return a }(3)", "stmt func(a int) List[int] { return a }(3)"},
		{"func f[T any](x T) {\n}\nx", "decl func f[T any](x T) {\n}|stmt x"},
		{"type (\n\tA int\n\tB int\n)\nvar x A", "decl type (\n\tA int\n\tB int\n)|stmt var x A"},
		{"const a = 1 // one\na", "decl const a = 1 // one|stmt a"},
		{"if x {\n} else {\n}\ny", "stmt if x {\n} else {\n}|stmt y"},
		{"x := `a\n;b`; y", "stmt x := `a\n;b`;|stmt y"},
		{"x := []int{1,\n2,\n}", "stmt x := []int{1,\n2,\n}"},
		{"f(1, /* ; */ 2)\n", "stmt f(1, /* ; */ 2)"},
		{"for i := 0; i < 3; i++ { f(); g() }", "stmt for i := 0; i < 3; i++ { f(); g() }"},
		{"if a := 1; a > 0 { b() } else if c := 2; c > 0 { d() }; e", "stmt if a := 1; a > 0 { b() } else if c := 2; c > 0 { d() };|stmt e"},
	} {
		p, stray := split([]byte(c.text))
		if stray != nil {
			t.Errorf("%q: %v", c.text, stray)
			continue
		}
		var got []string
		for _, ch := range p.chunks {
			kind := map[chunkKind]string{chunkPackage: "package", chunkImport: "import", chunkDecl: "decl", chunkStmt: "stmt"}[ch.kind]
			got = append(got, fmt.Sprintf("%s %s", kind, c.text[ch.start:ch.end]))
		}
		if g := strings.Join(got, "|"); g != c.want {
			t.Errorf("%q: got\n\t%q, want\n\t%q", c.text, g, c.want)
		}
	}
}
