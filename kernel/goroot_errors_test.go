package kernel_test

// This file checks those programs of the Go distribution's own test folder that
// must not compile.

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cajal/kernel/bind"
	"cajal/kernel/eval/check"
)

// TestGorootErrors checks every program of Go's test folder whose first line is
// "// errorcheck" against the comments in it, "// ERROR "pattern"", which name
// the lines where an error is expected, and what it says. Programs with syntax
// errors are not counted, since go/parser words them in its own way. Some others
// are of errors that the compiler finds after type-checking, or that go/types
// words or places differently: these are in the ledger.
func TestGorootErrors(t *testing.T) { testPrograms(t, "// errorcheck", judgeErrors) }

var (
	wantRx  = regexp.MustCompile(`// (?:GC_)?ERROR (.*)`)
	quoteRx = regexp.MustCompile(`"([^"]*)"`)
	lineRx  = regexp.MustCompile(`LINE([+-]\d+)?`)
)

// wantedError is an error that a comment asks for.
type wantedError struct {
	line  int
	match *regexp.Regexp
	found bool
}

// wantedErrors reads the comments of a program.
func wantedErrors(text string) (all []*wantedError, err error) {
	for i, line := range strings.Split(text, "\n") {
		m := wantRx.FindStringSubmatch(line)
		if m == nil || strings.Contains(line, "////") {
			continue
		}
		for _, q := range quoteRx.FindAllStringSubmatch(m[1], -1) {
			rx, err := regexp.Compile(lineRx.ReplaceAllStringFunc(q[1], func(s string) string {
				delta, _ := strconv.Atoi(s[len("LINE"):])
				return fmt.Sprintf(`[\w./]+:%d`, i+1+delta)
			}))
			if err != nil {
				return nil, err
			}
			all = append(all, &wantedError{line: i + 1, match: rx})
		}
	}
	return all, nil
}

// mostErrors is how many errors of a program are reported; those behind them
// cannot be judged.
const mostErrors = 10

// judgeErrors checks one program. It may be a package of any name, which need not
// have a function main.
func judgeErrors(root, path string) error {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		return err
	}
	text := string(data)
	want, err := wantedErrors(text)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, text, parser.PackageClauseOnly)
	if err != nil {
		return errAside
	}
	if f.Name.Name != "main" && f.Name.Name != "_" {
		at := fset.Position(f.Name.Pos()).Offset
		text = text[:at] + "main" + text[at+len(f.Name.Name):]
	}
	set := bind.New()
	fset = token.NewFileSet()
	imp := check.NewImporter(fset, set.Lookup)
	state := check.NewState(check.Config{Fset: fset, Import: imp, Files: imp.Files, ByName: set.ByName})
	_, errs := state.CheckProgram(map[string]string{path: text})
	last := 0
	var bad []string
	for _, e := range errs {
		if e.Kind == check.SyntaxError {
			return errAside
		}
		// The compiler is given a package whose functions may be in other files, or
		// in assembly.
		if e.Msg == "function main is undeclared in the main package" || e.Msg == "missing function body" && !expected(want, e) {
			continue
		}
		last = e.Line
		if !expected(want, e) {
			bad = append(bad, "not wanted: "+e.Error())
		}
	}
	for _, w := range want {
		if !w.found && (len(errs) < mostErrors || w.line < last) {
			bad = append(bad, fmt.Sprintf("missing: %s:%d: %s", path, w.line, w.match))
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("%s", shorten([]byte(strings.Join(bad, "\n")+"\n")))
	}
	return nil
}

// expected tells whether an error is wanted on its line, and notes that it was
// found. The hint has what the compiler says in further lines.
func expected(want []*wantedError, e *check.Error) bool {
	says := []string{e.Msg, e.Hint}
	for _, tabs := range []string{"\t", "\t\t"} {
		said := e.Msg + "\n" + tabs + e.Hint
		says = append(says, said, strings.Replace(said, ", want ", "\n"+tabs+"want ", 1))
	}
	ok := false
	for _, w := range want {
		if w.line == e.Line && slices.ContainsFunc(says, w.match.MatchString) {
			w.found, ok = true, true
		}
	}
	return ok
}
