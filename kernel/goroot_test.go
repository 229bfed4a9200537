package kernel_test

// This file runs the programs of the Go distribution's own test folder and
// holds the results against the ledger of those that fail.

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cajal/kernel/bind"
	"cajal/kernel/eval"
)

var (
	goroot = flag.String("goroot", "", "run only the programs of Go's test folder whose path contains this, and print what they print")
	ledger = filepath.Join("testdata", "goroot.txt")
)

// programEnv makes the test binary run the program that it names, as
// `cajal run FILE` does.
const programEnv = "CAJAL_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if file := os.Getenv(programEnv); file != "" {
		os.Unsetenv(programEnv)
		os.Exit(runProgram(file))
	}
	os.Exit(m.Run())
}

func runProgram(file string) int {
	bind.Connect()
	set := bind.New()
	p, err := eval.ReadProgram([]string{file})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	p.Stdin, p.Stdout, p.Stderr = os.Stdin, os.Stdout, os.Stderr
	cfg := eval.Config{Lookup: set.Lookup, ByName: set.ByName, Paths: set.Paths, Render: bind.Render}
	return eval.RunProgram(context.Background(), cfg, p)
}

// TestGoroot runs every program of $(go env GOROOT)/test, and its subfolders,
// whose first line is "// run", and compares what it prints with the .out file
// beside it where there is one. testdata/goroot.txt is the ledger of those that
// fail, "path reason"; it may only shrink. A reason that begins with "skip:" is
// of a program that is not run.
func TestGoroot(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand programs, two minutes: run without -short")
	}
	root := filepath.Join(build.Default.GOROOT, "test")
	programs, err := findPrograms(root)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("this Go distribution came without its test folder: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	known := readLedger(t)
	for path := range known {
		if !slices.Contains(programs, path) && strings.HasPrefix(runtime.Version(), "go"+eval.GoVersion) {
			t.Errorf("%s: %s is not a program of %s", ledger, path, root)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var (
		mu             sync.Mutex
		passed, failed int
		group          sync.WaitGroup
		slots          = make(chan bool, runtime.GOMAXPROCS(0))
	)
	for _, path := range programs {
		if !strings.Contains(path, *goroot) || strings.HasPrefix(known[path], "skip:") {
			continue
		}
		slots <- true
		group.Go(func() {
			defer func() { <-slots }()
			err := judge(self, root, path)
			mu.Lock()
			defer mu.Unlock()
			reason, listed := known[path]
			switch {
			case err == nil && listed:
				passed++
				t.Errorf("%s passes: strike it from %s (it was there because: %s)", path, ledger, reason)
			case err == nil:
				passed++
			default:
				failed++
				if !listed || *goroot != "" {
					t.Errorf("%s: %v\nto see all of it: go test ./kernel -run Goroot -goroot %s", path, err, path)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d of %d programs of Go's test folder pass; %d fail, %d are in the ledger", passed, len(programs), failed, len(known))
	if *goroot == "" && passed == 0 {
		t.Error("no program ran")
	}
}

// findPrograms lists the programs below root.
func findPrograms(root string) (paths []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		line, _ := bufio.NewReader(f).ReadString('\n')
		if strings.TrimRight(line, "\r\n") == "// run" {
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			paths = append(paths, filepath.ToSlash(rel))
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

// judge runs one program in a process of its own.
func judge(self, root, path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), programTime)
	defer cancel()
	file := filepath.Join(root, filepath.FromSlash(path))
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), programEnv+"="+file, "GOMEMLIMIT=3GiB")
	cmd.Dir = root
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("did not end in %v", programTime)
	case err != nil:
		return fmt.Errorf("%w\n%s", err, shorten(out.Bytes()))
	}
	want, err := os.ReadFile(strings.TrimSuffix(file, ".go") + ".out")
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
