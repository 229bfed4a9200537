// This file builds and starts the contenders.

package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

//go:embed testdata/*.go testdata/*.py
var sources embed.FS

const ownName = "cajal"

// A contender is a way to run the programs.
type contender struct {
	name    string
	command func(program string) []string
}

// figures are what one process took.
type figures struct {
	wall, cpu time.Duration
	output    string
}

// best returns the smaller of f and g, where no time yet is longer than any.
func (f figures) best(g figures) figures {
	if f.wall == 0 {
		return g
	}
	return figures{wall: min(f.wall, g.wall), cpu: min(f.cpu, g.cpu), output: g.output}
}

// measure runs a program once.
func (c contender) measure(program string) (figures, error) {
	line := c.command(program)
	cmd := exec.Command(line[0], line[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return figures{}, fmt.Errorf("%s: %s: %w", program, c.name, explain(stderr.String(), err))
	}
	return figures{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), stdout.String()}, nil
}

// field is who takes part, and the folder of what was built for them.
type field struct {
	contenders []contender
	dir        string
}

func (f *field) close() { os.RemoveAll(f.dir) }

// contend builds the contenders that s asks for.
func contend(s settings) (f *field, err error) {
	f = &field{}
	if f.dir, err = os.MkdirTemp("", "cajal-bench"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.close()
		}
	}()
	if err = os.CopyFS(f.dir, sources); err != nil {
		return f, err
	}
	file := func(name string) string { return filepath.Join(f.dir, "testdata", name) }
	_, here, _, _ := runtime.Caller(0)
	build := func(in, out, what string) error {
		text, err := exec.Command(s.goTool, "build", "-C", filepath.Join(filepath.Dir(here), in), "-o", out, what).CombinedOutput()
		if err != nil {
			return fmt.Errorf("building %s: %w", what, explain(string(text), err))
		}
		return nil
	}
	for _, p := range s.programs {
		if err = build(".", file(p), file(p+".go")); err != nil {
			return f, err
		}
	}
	f.contenders = []contender{{"native", func(p string) []string { return []string{file(p)} }}}
	own := s.cajal
	if own == "" {
		own = file("cajal.exe")
		if err = build("../..", own, "."); err != nil {
			return f, err
		}
	}
	f.contenders = append(f.contenders, contender{ownName, func(p string) []string { return []string{own, "run", file(p + ".go")} }})
	if s.python != "" {
		f.contenders = append(f.contenders, contender{"CPython", func(p string) []string { return []string{s.python, file(p + ".py")} }})
	}
	if s.yaegi {
		yaegi := file("yaegi.exe")
		if err = build("_yaegi", yaegi, "github.com/traefik/yaegi/cmd/yaegi"); err != nil {
			return f, err
		}
		f.contenders = append(f.contenders, contender{"yaegi", func(p string) []string { return []string{yaegi, "run", file(p + ".go")} }})
	}
	return f, nil
}

// agree tells whether two outputs are the same, but for the way in which numbers
// are written.
func agree(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		p, err1 := strconv.ParseFloat(x[i], 64)
		q, err2 := strconv.ParseFloat(y[i], 64)
		numbers := err1 == nil && err2 == nil
		// Sums may have been added up in another order.
		if numbers && math.Abs(p-q) > 1e-9*math.Abs(p) || !numbers && x[i] != y[i] {
			return false
		}
	}
	return true
}

// explain returns an error with the end of what a failed process wrote.
func explain(stderr string, err error) error {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if l := lines[len(lines)-1]; l != "" {
		return errors.New(l)
	}
	return err
}
