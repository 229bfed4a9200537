package kernel_test

// This file runs the programs of the Go distribution's own test folder and
// holds the results against the ledger of those that fail: single files, and
// folders of packages.

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cajal/kernel/bind"
	"cajal/kernel/eval"
	"cajal/kernel/eval/check"
)

var (
	goroot  = flag.String("goroot", "", "run only the programs of Go's test folder whose path contains this, and print what they print")
	collect = flag.Bool("collect", false, "have the collector run all the time and overwrite what it frees while programs of Go's test folder run")
	ledger  = filepath.Join("testdata", "goroot.txt")
)

// programEnv makes the test binary run the program that it names, a file or a
// folder of packages, as `cajal run FILE` does. collectEnv makes it collect
// garbage meanwhile, without a pause.
const (
	programEnv = "CAJAL_TEST_PROGRAM"
	collectEnv = "CAJAL_TEST_COLLECT"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(programEnv); file != "" {
		os.Unsetenv(programEnv)
		os.Exit(runProgram(file))
	}
	os.Exit(m.Run())
}

func runProgram(file string) int {
	if os.Getenv(collectEnv) != "" {
		os.Unsetenv(collectEnv)
		go func() {
			for {
				runtime.GC()
			}
		}()
	}
	bind.Connect()
	set := bind.New()
	cfg := eval.Config{Lookup: set.Lookup, ByName: set.ByName, Paths: set.Paths, Render: bind.Render}
	read := func() (eval.Program, error) { return eval.ReadProgram([]string{file}) }
	if strings.HasSuffix(file, ".dir") {
		read = func() (eval.Program, error) { return readFolder(file, &cfg) }
	}
	p, err := read()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	p.Stdin, p.Stdout, p.Stderr = os.Stdin, os.Stdout, os.Stderr
	return eval.RunProgram(context.Background(), cfg, p)
}

// readFolder reads a folder whose files are packages, one of them main, which
// import each other as "./a": files of the same package clause belong together,
// and a package is named by its first file. Its path is "test/a", as it is in
// the harness of the test folder.
func readFolder(dir string, cfg *eval.Config) (eval.Program, error) {
	p := eval.Program{Files: make(map[string]string), Args: []string{strings.TrimSuffix(dir, ".dir")}}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return p, err
	}
	byName := make(map[string]*check.Package)  // by package clause
	sources := make(map[string]*check.Package) // by path
	texts := make(map[string]map[string]string)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return p, err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, text, parser.ImportsOnly)
		if err != nil {
			return p, err
		}
		var imports []string
		for _, spec := range slices.Backward(f.Imports) {
			path, _ := strconv.Unquote(spec.Path.Value)
			if rel, ok := strings.CutPrefix(path, "./"); ok {
				path = "test/" + rel
				at := fset.Position(spec.Path.Pos()).Offset
				text = slices.Concat(text[:at], []byte(strconv.Quote(path)), text[at+len(spec.Path.Value):])
			}
			if path != "unsafe" {
				imports = append(imports, path)
			}
		}
		if f.Name.Name == "main" {
			p.Files[name] = string(text)
			continue
		}
		pkg := byName[f.Name.Name]
		if pkg == nil {
			path := "test/" + strings.TrimSuffix(filepath.Base(name), ".go")
			files := make(map[string]string)
			pkg = &check.Package{Path: path, Name: f.Name.Name, Folder: dir, Source: func() (map[string]string, error) { return files, nil }}
			byName[f.Name.Name], sources[path], texts[path] = pkg, pkg, files
		}
		texts[pkg.Path][filepath.Base(name)] = string(text)
		pkg.Imports = append(pkg.Imports, imports...)
	}
	std := cfg.Lookup
	cfg.Lookup = func(path string) (*check.Package, bool) {
		if pkg := sources[path]; pkg != nil {
			return pkg, true
		}
		return std(path)
	}
	return p, nil
}

// TestGoroot runs every program of $(go env GOROOT)/test, and its subfolders,
// whose first line is "// run", and compares what it prints with the .out file
// beside it where there is one. testdata/goroot.txt is the ledger of those that
// fail, "path reason"; it may only shrink. A reason that begins with "skip:" is
// of a program that is not run.
func TestGoroot(t *testing.T) { testPrograms(t, "// run", judge) }

// TestGorootFolders does it for those whose first line is "// rundir": the
// folder beside the file, named FILE.dir, holds a program of several packages.
func TestGorootFolders(t *testing.T) {
	testPrograms(t, "// rundir", func(root, path string) error {
		return judge(root, strings.TrimSuffix(path, ".go")+".dir")
	})
}

// actions are the first lines of the programs that are tested.
var actions = []string{"// run", "// rundir", "// errorcheck"}

// errAside says that a program is not one for the test, which does not count it.
var errAside = errors.New("the program is not one for this test")

// testPrograms judges all programs whose first line is action, and holds the
// result against the ledger.
func testPrograms(t *testing.T, action string, judge func(root, path string) error) {
	if testing.Short() {
		t.Skip("a thousand programs, two minutes: run without -short")
	}
	root := filepath.Join(build.Default.GOROOT, "test")
	all, err := findPrograms(root)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("this Go distribution came without its test folder: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	programs := all[action]
	known := readLedger(t)
	maps.DeleteFunc(known, func(path, _ string) bool {
		if slices.Contains(programs, path) {
			return false
		}
		for _, action := range actions {
			if slices.Contains(all[action], path) {
				return true // another test's
			}
		}
		if strings.HasPrefix(runtime.Version(), "go"+eval.GoVersion) {
			t.Errorf("%s: %s is not a program of %s", ledger, path, root)
		}
		return true
	})
	var (
		mu     sync.Mutex
		passed int
		failed int
		aside  int
		group  sync.WaitGroup
		slots  = make(chan bool, runtime.GOMAXPROCS(0))
	)
	for _, path := range programs {
		if !strings.Contains(path, *goroot) || strings.HasPrefix(known[path], "skip:") {
			continue
		}
		slots <- true
		group.Go(func() {
			defer func() { <-slots }()
			err := judge(root, path)
			mu.Lock()
			defer mu.Unlock()
			reason, listed := known[path]
			switch {
			case err == nil && listed:
				passed++
				t.Errorf("%s passes: strike it from %s (it was there because: %s)", path, ledger, reason)
			case err == nil:
				passed++
			case errors.Is(err, errAside) && !listed:
				aside++
			default:
				failed++
				if !listed || *goroot != "" {
					t.Errorf("%s: %v\nto see all of it: go test ./kernel -run Goroot -goroot %s", path, err, path)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d of %d programs of Go's test folder that begin with %q pass; %d fail, %d are in the ledger", passed, len(programs)-aside, action, failed, len(known))
	if *goroot == "" && passed == 0 {
		t.Error("no program ran")
	}
}

// findPrograms lists the programs below root by their first lines.
func findPrograms(root string) (map[string][]string, error) {
	paths := make(map[string][]string)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		line, _ := bufio.NewReader(f).ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); slices.Contains(actions, line) {
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			paths[line] = append(paths[line], filepath.ToSlash(rel))
		}
		return nil
	})
	return paths, err
}

// readLedger returns the known failures and their reasons.
func readLedger(t *testing.T) map[string]string {
	text, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]string)
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		path, reason, _ := strings.Cut(line, " ")
		if reason == "" {
			t.Errorf("%s:%d: %s has no reason", ledger, i+1, path)
		}
		if known[path] != "" {
			t.Errorf("%s:%d: %s is listed twice", ledger, i+1, path)
		}
		known[path] = reason
	}
	return known
}

// programTime bounds one program; those of the distribution take less than a
// second natively, but for a few.
const programTime = 60 * time.Second

// judge runs one program, a file or a folder of packages, in a process of its own.
func judge(root, path string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), programTime)
	defer cancel()
	file := filepath.Join(root, filepath.FromSlash(path))
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), programEnv+"="+file, "GOMEMLIMIT=3GiB")
	if *collect {
		cmd.Env = append(cmd.Env, collectEnv+"=1", "GOGC=1", "GODEBUG=clobberfree=1")
	}
	cmd.Dir = root
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("did not end in %v", programTime)
	case err != nil:
		return fmt.Errorf("%w\n%s", err, shorten(out.Bytes()))
	}
	want, err := os.ReadFile(strings.TrimSuffix(file, filepath.Ext(file)) + ".out")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(want, out.Bytes()) {
		return fmt.Errorf("printed\n%swanted\n%s", shorten(out.Bytes()), shorten(want))
	}
	return nil
}

// shorten returns the start of a program's output, all of it with -goroot.
func shorten(b []byte) []byte {
	const most = 600
	if len(b) <= most || *goroot != "" {
		return b
	}
	return append(b[:most:most], "…\n"...)
}
