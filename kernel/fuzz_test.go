package kernel_test

// This file compares what programs print here with what they print under go run.

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var programs = flag.Uint64("programs", 4, "how many generated programs to compare with go run where there is no -fuzz")

// fuzzFunctions is how many functions a generated program has: one run of the
// compiler serves them all.
const fuzzFunctions = 40

// FuzzRun generates a program from its input, and compares its output with that
// of go run. It needs a Go toolchain; without one it is skipped.
func FuzzRun(f *testing.F) {
	tool, err := exec.LookPath("go")
	if err != nil {
		f.Skipf("no Go toolchain to compare with: %v", err)
	}
	if testing.Short() {
		f.Skip("compiles programs: run without -short")
	}
	for seed := range *programs {
		f.Add(binary.LittleEndian.AppendUint64(nil, seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text := generate(data, fuzzFunctions)
		dir := t.TempDir()
		file := filepath.Join(dir, "main.go")
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		native := filepath.Join(dir, "program")
		build := exec.Command(tool, "build", "-o", native, file)
		build.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("the generator wrote a program that does not compile: %v\n%s%s", err, out, text)
		}
		want, wantErr := outputOf(t, native)
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		got, gotErr := outputOf(t, self, programEnv+"="+file)
		if !bytes.Equal(got, want) || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
			t.Fatalf("%s\nended with %v, natively with %v", difference(text, string(got), string(want)), gotErr, wantErr)
		}
	})
}

// outputOf runs a program in an environment that has env too.
func outputOf(t *testing.T, program string, env ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.Context(), programTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	return cmd.CombinedOutput()
}

// difference returns the first function of a program whose outputs differ, and
// both of them.
func difference(text, got, want string) string {
	for i := range fuzzFunctions {
		g, w := outputOfFunction(got, i), outputOfFunction(want, i)
		if g == w {
			continue
		}
		start := strings.Index(text, fmt.Sprintf("\nfunc p%d() {", i))
		body, _, _ := strings.Cut(text[start+1:], "\n}\n")
		return fmt.Sprintf("%s\n}\nprinted\n%swanted\n%s", body, g, w)
	}
	return "the outputs differ"
}

// outputOfFunction returns what the i-th function printed.
func outputOfFunction(out string, i int) string {
	_, out, _ = strings.Cut(out, functionMark(i)+"\n")
	out, _, _ = strings.Cut(out, functionMark(i+1)+"\n")
	return out
}
