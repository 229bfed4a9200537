package check_test

// This file feeds arbitrary text to the checker: whatever a cell holds, it is
// either lowered or explained, and an editor's questions never fail.

import (
	"path/filepath"
	"strings"
	"testing"

	"cajal/kernel/eval/check"

	"golang.org/x/tools/txtar"
)

func FuzzCheck(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range ar.Files {
			if strings.HasSuffix(c.Name, ".go") {
				f.Add(string(c.Data))
			}
		}
	}
	for _, code := range []string{"func (", "x := x", "var x = x", "a, b := b, a", "func f[T any]() {}; f", "type T T", "type T []T; T{}", "{}}", "L:", "var", "const x = iota", "x := [...]int{x}", "func (p *point) m(", "struct{}{}.x", "\x00", "import .", "case 1:", "type T[P any] struct{}; func (T[P]) m() {}", "p.x.y.z", "func _() {}", "_ := 1", "_ = 1", "type _ int", "switch x := p.(type) {}", "x, x := 1, 2", "goto x; x: x := x; goto x"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		s := newState()
		low, errs := s.Check("cell 1", "type point struct{ x, y int }\nfunc (p point) sum() int { return p.x }\np := point{1, 2}\n")
		if errs != nil {
			t.Fatal(errs[0])
		}
		s.Commit(low, func(int) bool { return true })
		for range 2 {
			low, errs := s.Check("cell 2", code)
			if (low == nil) == (len(errs) == 0) {
				t.Fatalf("result %v and errors %v", low, errs)
			}
			for _, e := range errs {
				if e.Kind == check.InternalError {
					t.Fatalf("%s\n%s", e, e.Hint)
				}
				if e.Msg == "" || e.Line < 1 || e.Column < 1 {
					t.Fatalf("error without message or position: %+v", e)
				}
				if strings.Contains(e.Msg, "·") && !strings.Contains(code, "·") {
					t.Fatalf("error shows a hidden name: %s", e)
				}
			}
			if low != nil {
				s.Commit(low, func(int) bool { return true })
			}
		}
		s.Complete(code, len(code)/2)
		s.Complete(code, len(code))
		s.Inspect(code, len(code)/2, 1)
		switch status, _ := s.IsComplete(code); status {
		case check.Complete, check.Incomplete, check.Invalid:
		default:
			t.Fatalf("status %q", status)
		}
	})
}
