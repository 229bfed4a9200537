package magic

// This file tests which lines of a cell are commands.

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	known := func(name string) bool { return name == "done" || name == "n" }
	for _, c := range []struct{ code, goes, commands string }{
		{"x := 1", "x := 1", ""},
		{"x := 7 % n", "x := 7 % n", ""},
		{"x := 7 %\n n", "x := 7 %\n n", ""},
		{"%who", "    ", "%who()"},
		{"  %who ab\nx := 1", "         \nx := 1", "%who(ab)"},
		{"%time x := f(1)", "      x := f(1)", "%time(x := f(1))@6"},
		{"%time   for {\n%who\n}\n%who", "        for {\n%who\n}\n    ", "%time(for {)@8 %who()"},
		{"!ls -l\n!echo `a\"b'\nx", "      \n           \nx", "!(ls -l) !(echo `a\"b')"},
		{"!ls \\\n  -l\nx", "     \n    \nx", "!(ls \\\n  -l)"},
		{"!done", "!done", ""},
		{"!ls", "   ", "!(ls)"},
		{"!n == 1", "!n == 1", ""},
		{"ok := true\n!ok", "ok := true\n!ok", ""},
		{"!f(\n1)", "   \n1)", "!(f()"},
		{"!(a ||\nb)", "!(a ||\nb)", ""},
		{"!true", "!true", ""},
		{"!true && ls", "!true && ls", ""},
		{"!echo hi", "        ", "!(echo hi)"},
		{"x := a ||\n!ls", "x := a ||\n!ls", ""},
		{"f(a,\n!b)", "f(a,\n!b)", ""},
		{"s := `\n%who\n!ls\n`", "s := `\n%who\n!ls\n`", ""},
		{"/*\n%who\n*/ x", "/*\n%who\n*/ x", ""},
		{"if x {\n%who\n}", "if x {\n%who\n}", ""},
		{"if x {\n}\n%who", "if x {\n}\n    ", "%who()"},
		{"%%\nx", "  \nx", ""},
		{"x\n%%\ny", "x\n  \ny", ""},
		{"%%bash\nls\n'", "      \n  \n ", "%%bash()[ls\n']"},
		{"\n// note\n%%bash\nls", "\n       \n      \n  ", "%%bash()[ls]"},
		{"%%time\nx := 1\n!ls", "      \nx := 1\n   ", "%%time() !(ls)"},
		{"%%capture out\nx", "             \nx", "%%capture(out)"},
		{"x := 1 // !\n%cd ~", "x := 1 // !\n     ", "%cd(~)"},
	} {
		got, err := Parse(c.code, known)
		if err != nil {
			t.Errorf("%q: %v", c.code, err)
			continue
		}
		var list []string
		for _, cmd := range got.Commands {
			s := fmt.Sprintf("%s(%s)", cmd.Name, cmd.Args)
			if cmd.Body != "" {
				s += "[" + cmd.Body + "]"
			}
			if cmd.Target > 0 {
				s += fmt.Sprintf("@%d", cmd.Target)
			}
			list = append(list, s)
		}
		if got.Go != c.goes || strings.Join(list, " ") != c.commands {
			t.Errorf("%q:\ngot  %q, commands %q\nwant %q, commands %q", c.code, got.Go, list, c.goes, c.commands)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		code   string
		offset int
		msg    string
	}{
		{"x := 1\n  %tmie f()", 9, "%tmie is no command"},
		{"%%bsh\n", 0, "%%bsh is no command"},
		{"x\n%%bash\n", 2, "in the middle"},
		{"%time", 0, "expected %time statement"},
		{"%who\n!", 5, "expected !command"},
		{"%tb now", 0, "takes no arguments"},
	} {
		_, err := Parse(c.code, func(string) bool { return false })
		if err == nil || err.Offset != c.offset || !strings.Contains(err.Msg, c.msg) {
			t.Errorf("%q: got %+v, want %q at %d", c.code, err, c.msg, c.offset)
		}
	}
}

// FuzzParse looks for text that Parse does not survive, or that does not keep its
// place.
func FuzzParse(f *testing.F) {
	for _, code := range []string{"%time x", "!ls \\", "%%bash\n", "`%", "x %% y", "%%\n%%", "! \xff", "\n\n//\n%%time", "!(", "!func("} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		c, err := Parse(code, func(name string) bool { return len(name) == 1 })
		if len(c.Go) != len(code) || strings.Count(c.Go, "\n") != strings.Count(code, "\n") {
			t.Fatalf("%q became %q", code, c.Go)
		}
		if err != nil && (err.Offset < 0 || err.Offset > len(code)) {
			t.Fatalf("%q: an error at %d", code, err.Offset)
		}
		Items(code, len(code)/2, func(string) bool { return false })
		Describe(code, len(code)/2)
	})
}
