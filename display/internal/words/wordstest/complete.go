// Package wordstest checks a table of words against the code that uses it.
package wordstest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cajal/display/internal/words"
)

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0]*[\d.]*([a-zA-Z%])`)

// verbs returns the verbs of a format by the arguments that they are for.
func verbs(format string) []string {
	var out []string
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		i := len(out)
		if m[1] != "" {
			i, _ = strconv.Atoi(m[1])
			i--
		}
		out = append(out, strconv.Itoa(i)+m[2])
	}
	slices.Sort(out)
	return out
}

// Complete wants the table to have all that the package in the working directory
// says, with the same verbs, and nothing that it does not say. What is said by
// functions named say, count and leftOut is found in their calls.
func Complete(t *testing.T, table words.Table) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literals := map[string]bool{}
	said := map[string]token.Position{}
	fset := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if _, ok := text(n.Key); ok {
					return name != "words.go" // the table is no place where something is said
				}
			case *ast.BasicLit:
				if s, ok := text(n); ok {
					literals[s] = true
				}
			case *ast.CallExpr:
				if s, ok := spoken(n); ok {
					said[s] = fset.Position(n.Pos())
				}
			}
			return true
		})
	}
	for s, at := range said {
		if _, ok := table[s]; !ok {
			t.Errorf("%s: the table lacks %q", at, s)
		}
	}
	for english, other := range table {
		if _, ok := said[english]; !ok && !literals[english] && !literals[strings.TrimPrefix(english, "%s ")] {
			t.Errorf("nothing says %q", english)
		}
		if a, b := verbs(english), verbs(other); !slices.Equal(a, b) {
			t.Errorf("%q has the verbs %v, and %q has %v", english, a, other, b)
		}
	}
}

// spoken returns what a call says.
func spoken(call *ast.CallExpr) (string, bool) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	switch {
	case name == "say" && len(call.Args) > 0:
		return text(call.Args[0])
	case (name == "count" || name == "leftOut") && len(call.Args) == 2:
		s, ok := text(call.Args[1])
		return "%s " + s, ok
	}
	return "", false
}

func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}
