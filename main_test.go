// This file runs the command line, as scripts in notebooks/testdata/scripts.

package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"cajal/kernel/eval/module/moduletest"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cajal": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "notebooks/testdata/scripts", RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "replace": replace, "proxy": proxy},
	})
}

// status N CMD ARGS… runs a command and wants its exit code.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status code command args…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("the exit code is %d, want %d", got, want)
	}
}

// replace OLD NEW FILE replaces text, which must be there.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace old new file")
	}
	text := ts.ReadFile(args[2])
	if !strings.Contains(text, args[0]) {
		ts.Fatalf("%s does not hold %q", args[2], args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.ReplaceAll(text, args[0], args[1])), 0o644))
}

// proxy DIR SOURCE makes a module proxy in DIR of the files PATH@VERSION/NAME below
// SOURCE, and GOPROXY its address, with a module cache of its own.
func proxy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: proxy dir source")
	}
	dir, source := ts.MkAbs(args[0]), ts.MkAbs(args[1])
	files := make(map[string]string)
	ts.Check(filepath.WalkDir(source, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(source, name)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(name)
		files[filepath.ToSlash(rel)] = string(text)
		return err
	}))
	ts.Check(moduletest.Write(dir, files))
	for _, key := range []string{"GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOFLAGS"} {
		ts.Setenv(key, "")
	}
	ts.Setenv("GOENV", "off")
	ts.Setenv("GOSUMDB", "off")
	ts.Setenv("GOPROXY", moduletest.Address(dir))
	ts.Setenv("GOMODCACHE", ts.MkAbs("modcache"))
	ts.Setenv("GOPATH", ts.MkAbs("gopath"))
}
