package kernel_test

// This file runs whole programs as go run does.

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cajal/kernel/bind"
	"cajal/kernel/eval"
)

// program runs the body of a function main, or a whole file if it begins with
// "package".
func program(t *testing.T, ctx context.Context, body, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	set := bind.New()
	var out, errs bytes.Buffer
	p := eval.Program{
		Files: map[string]string{"prog.go": whole(body)},
		Args:  append([]string{"prog"}, args...),
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs,
	}
	code = eval.RunProgram(ctx, eval.Config{Lookup: set.Lookup, ByName: set.ByName, Paths: set.Paths}, p)
	return code, out.String(), errs.String()
}

func whole(body string) string {
	if strings.HasPrefix(body, "package") {
		return body
	}
	return "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nvar _, _ = fmt.Print, os.Exit\n\nfunc main() {\n" + body + "\n}\n"
}

// handlers begins a program whose function get asks a handler by HTTP.
const handlers = `package main
import ("fmt"; "net/http"; "net/http/httptest")
func get(h http.HandlerFunc) {
	s := httptest.NewServer(h)
	defer s.Close()
	if r, err := http.Get(s.URL); err != nil {
		fmt.Println("no answer")
	} else {
		r.Body.Close()
		fmt.Println("answer")
	}
}
func main() {
`

func TestProgram(t *testing.T) {
	for name, test := range map[string]struct {
		body   string
		stdin  string
		args   []string
		code   int
		stdout string
		stderr string // a part of it
	}{
		"prints":           {body: `fmt.Println("hello")`, stdout: "hello\n"},
		"exits":            {body: `defer fmt.Println("not run"); fmt.Print("a"); os.Exit(3)`, code: 3, stdout: "a"},
		"panics":           {body: `panic("boom")`, code: 2, stderr: "panic: boom\n\ngoroutine 1 [running]:\nmain.main(...)\n\tprog.go:11\n"},
		"divides":          {body: `x := 0; fmt.Println(1 / x)`, code: 2, stderr: "panic: runtime error: integer divide by zero\n"},
		"error":            {body: `panic(fmt.Errorf("wrapped: %w", os.ErrNotExist))`, code: 2, stderr: "panic: wrapped: file does not exist\n"},
		"named":            {body: `type code int; panic(code(7))`, code: 2, stderr: "panic: main.code(7)\n"},
		"does not compile": {body: `x := 1`, code: 1, stderr: "prog.go:11:1: declared and not used: x"},
		"syntax":           {body: `x := `, code: 1, stderr: "prog.go:1"},
		"unused import":    {body: "package main\nimport \"os\"\nfunc main() {}", code: 1, stderr: `"os" imported and not used`},
		"no main":          {body: "package main\nfunc Main() {}", code: 1, stderr: "function main is undeclared in the main package"},
		"reads":            {body: `var a, b int; n, err := fmt.Scan(&a, &b); fmt.Println(n, err, a+b)`, stdin: "20 22\n", stdout: "2 <nil> 42\n"},
		"reads a file":     {body: `b := make([]byte, 4); n, err := os.Stdin.Read(b); fmt.Println(n, err, string(b[:n]))`, stdin: "abcdef", stdout: "4 <nil> abcd\n"},
		"no input":         {body: `var a int; _, err := fmt.Scan(&a); fmt.Println(err)`, stdout: "EOF\n"},
		"arguments":        {body: `fmt.Println(len(os.Args), os.Args[1:])`, args: []string{"-x", "y"}, stdout: "3 [-x y]\n"},
		"println":          {body: `println("to", 2); fmt.Fprintln(os.Stderr, "too")`, stderr: "to 2\ntoo\n"},
		"in order":         {body: `fmt.Print("1 "); os.Stdout.WriteString("2 "); fmt.Fprint(os.Stdout, "3 "); fmt.Println("4")`, stdout: "1 2 3 4\n"},
		"initializes": {
			body:   "package main\nimport \"fmt\"\nvar a = b + 1\nvar b = f()\nfunc f() int { return 41 }\nfunc init() { fmt.Print(\"init \") }\nfunc init() { fmt.Print(\"twice \") }\nfunc main() { fmt.Println(a) }",
			stdout: "init twice 42\n",
		},
		"flags": {
			body:   "package main\nimport (\"flag\"; \"fmt\")\nvar n = flag.Int(\"n\", 1, \"a number\")\nfunc main() { flag.Parse(); fmt.Println(*n, flag.Args()) }",
			args:   []string{"-n", "5", "rest"},
			stdout: "5 [rest]\n",
		},
		"bad flag": {
			body:   "package main\nimport \"flag\"\nfunc main() { flag.Int(\"n\", 1, \"a number\"); flag.Parse() }",
			args:   []string{"-m"},
			code:   2,
			stderr: "flag provided but not defined: -m\nUsage of prog:\n",
		},
		"log": {
			body:   "package main\nimport \"log\"\nfunc main() { log.SetFlags(0); log.Fatal(\"no\") }",
			code:   1,
			stderr: "no\n",
		},
		"handler panics": {
			body: handlers + `h := func(w http.ResponseWriter, r *http.Request) {
	panic("boom")
}
get(h)
get(func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
get(func(w http.ResponseWriter, r *http.Request) {})
}`,
			stdout: "no answer\nno answer\nanswer\n",
			stderr: " [running]:\nmain.main.func1(...)\n\tprog.go:15 +0x0\n",
		},
		"goroutine panics": {body: `go func() { panic("elsewhere") }(); select {}`, code: 2, stderr: "panic: elsewhere\n"},
		"main ends first":  {body: `go func() { select {} }(); fmt.Print("done")`, stdout: "done"},
		"goexit": {
			body: "package main\nimport (\"os\"; \"runtime\")\nfunc main() { go func() { os.Exit(4) }(); runtime.Goexit() }",
			code: 4,
		},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := program(t, context.Background(), test.body, test.stdin, test.args...)
			if code != test.code || stdout != test.stdout || !strings.Contains(stderr, test.stderr) || test.stderr == "" && stderr != "" {
				t.Errorf("exit code %d, standard output %q, standard error:\n%s\nwant %d, %q, and in standard error:\n%s", code, stdout, stderr, test.code, test.stdout, test.stderr)
			}
		})
	}
}

func TestProgramInterrupted(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if code, _, _ := program(t, ctx, `for {}`, ""); code != 130 {
		t.Errorf("an interrupted program exits with %d, want 130", code)
	}
}

func TestReadProgram(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.go"), filepath.Join(dir, "b.go")
	for file, text := range map[string]string{a: "package main\nfunc main() { f() }", b: "package main\nfunc f() { println(1) }"} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := eval.ReadProgram([]string{a, b, "arg", "c.go"})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Files) != 2 || strings.Join(p.Args, " ") != strings.TrimSuffix(a, ".go")+" arg c.go" {
		t.Errorf("read files %d and arguments %q", len(p.Files), p.Args)
	}
	if _, err := eval.ReadProgram([]string{"arg"}); err == nil {
		t.Error("arguments without a .go file are accepted")
	}
	if _, err := eval.ReadProgram([]string{filepath.Join(dir, "none.go")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}

// TestProgramProcess runs programs in a process of their own, with its files.
func TestProgramProcess(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		body   string
		code   int
		stdout string
		stderr string
	}{
		"files": {body: `fmt.Print("a"); os.Stdout.WriteString("b"); fmt.Fprint(os.Stderr, "c"); os.Exit(5)`, code: 5, stdout: "ab", stderr: "c"},
		"deadlock": {
			body: `fmt.Print("begun")
<-make(chan int)`,
			code: 2, stdout: "begun",
			stderr: "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.main(...)\n\tPROG:12\n",
		},
		"mutual": {
			body: "a, b := make(chan int), make(chan int)\ngo func() { a <- <-b }()\nb <- <-a",
			code: 2, stderr: "goroutine 2 [chan receive]:\nmain.main.func1(...)\n\tPROG:12\n",
		},
		"mutex":   {body: "package main\nimport \"sync\"\nfunc main() { var mu sync.Mutex; mu.Lock(); mu.Lock() }", code: 2, stderr: "goroutine 1 [sync.Mutex.Lock]:\n"},
		"group":   {body: "package main\nimport \"sync\"\nfunc main() { var wg sync.WaitGroup; wg.Go(func() { select {} }); wg.Wait() }", code: 2, stderr: "[select (no cases)]:\nmain.main.func1(...)\n"},
		"nothing": {body: "package main\nimport \"runtime\"\nfunc main() { runtime.Goexit() }", code: 2, stderr: "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n"},
		"caught": {
			body: "c := make(chan int)\nclose(c)\nfunc() { defer func() { fmt.Print(recover()) }(); c <- 1 }()\n<-make(chan int)",
			code: 2, stdout: "send on closed channel", stderr: "goroutine 1 [chan receive]:\n",
		},
		"timer": {body: "package main\nimport \"time\"\nfunc main() { <-time.After(200 * time.Millisecond); print(1) }", stderr: "1"},
		"context": {
			body:   "package main\nimport (\"context\"; \"time\")\nfunc main() { ctx, _ := context.WithTimeout(context.Background(), 200 * time.Millisecond); <-ctx.Done(); print(1) }",
			stderr: "1",
		},
		"sleeps": {
			body:   "package main\nimport (\"sync\"; \"time\")\nfunc main() { c := make(chan int); var wg sync.WaitGroup; wg.Go(func() { time.Sleep(200 * time.Millisecond); c <- 1 }); print(<-c) }",
			stderr: "1",
		},
		"serves": {
			body:   handlers + "done := make(chan int)\ngo func() { get(func(http.ResponseWriter, *http.Request) {}); done <- 1 }()\n<-done\n}",
			stdout: "answer\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "prog.go")
			if err := os.WriteFile(file, []byte(whole(test.body)), 0o644); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, self)
			cmd.Env = append(os.Environ(), programEnv+"="+file)
			var out, errs strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &errs
			cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != test.code || out.String() != test.stdout || !strings.Contains(strings.ReplaceAll(errs.String(), file, "PROG"), test.stderr) {
				t.Errorf("exit code %d, standard output %q, standard error:\n%s\nwant %d, %q, and in standard error %q", code, out.String(), errs.String(), test.code, test.stdout, test.stderr)
			}
		})
	}
}
