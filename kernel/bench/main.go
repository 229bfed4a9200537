// This file measures: it runs the same ten programs with all contenders, in
// turns, and prints tables.

// Command bench compares how fast Go runs in cells with compiled Go, with
// CPython and with the interpreter yaegi. It is for the machine that it runs on:
// figures of different runs must not be compared, since other work on the
// machine changes them.
//
//	go run ./kernel/bench                          cajal and compiled Go
//	go run ./kernel/bench -python python3          and CPython
//	go run ./kernel/bench -python python3 -yaegi   and yaegi, which is downloaded
//	go run ./kernel/bench -program fib,nbody -rounds 5 -python …
//
// Every figure is the best of as many processes as -rounds says, one contender
// after the other, from the start of the process to its end: what starting takes
// is in all of them, and in the program hello nothing else. One table is of
// seconds, the other of processor time, which other work on the machine changes
// little and which counts the garbage collector's threads too. The programs are in testdata, in Go
// and in Python; contenders that print another result fail.
//
// How many closures a program executes is told by
//
//	go test ./kernel/eval/exec -run - -bench Programs
//
// It is not for the speed of cells that do nothing; that is BenchmarkCell's of
// package kernel.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

func main() {
	var s settings
	programs := flag.String("program", strings.Join(allPrograms, ","), "`programs`")
	flag.StringVar(&s.goTool, "go", "go", "the `program` that builds the contenders")
	flag.StringVar(&s.cajal, "cajal", "", "the cajal to measure, a `file`; without it, one is built")
	flag.StringVar(&s.python, "python", "", "CPython's `program`; without it, it is not measured")
	flag.BoolVar(&s.yaegi, "yaegi", false, "measure yaegi too, which is downloaded and built")
	flag.IntVar(&s.rounds, "rounds", 3, "how `often` each is started")
	flag.Parse()
	s.programs = strings.Split(*programs, ",")
	if err := run(os.Stdout, s); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// allPrograms are the names of the files in testdata.
var allPrograms = []string{"fib", "accum", "sieve", "matmul", "mapins", "sortslice", "pingpong", "nbody", "strbuild", "sqrt", "hello"}

type settings struct {
	programs              []string
	goTool, cajal, python string
	yaegi                 bool
	rounds                int
}

func run(w io.Writer, s settings) error {
	for _, p := range s.programs {
		if !slices.Contains(allPrograms, p) {
			return fmt.Errorf("-program: there is no program %q, but %s", p, strings.Join(allPrograms, ", "))
		}
	}
	if s.rounds < 1 {
		return fmt.Errorf("-rounds is %d, but each has to be started at least once", s.rounds)
	}
	f, err := contend(s)
	if err != nil {
		return err
	}
	defer f.close()
	best := make([][]figures, len(s.programs)) // by contender
	for i, p := range s.programs {
		best[i] = make([]figures, len(f.contenders))
		want := ""
		for r := range s.rounds {
			for j, c := range f.contenders {
				status("%s, round %d: %s", p, r+1, c.name)
				fig, err := c.measure(p)
				if err != nil {
					return err
				}
				if want == "" {
					want = fig.output
				}
				if !agree(want, fig.output) {
					return fmt.Errorf("%s: %s prints %q, but %s %q", p, c.name, fig.output, f.contenders[0].name, want)
				}
				best[i][j] = best[i][j].best(fig)
			}
		}
	}
	status("")
	fmt.Fprintf(w, "%s/%s, %d processors, best of %d rounds\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), s.rounds)
	printTable(w, "seconds", s.programs, f.contenders, best, func(f figures) time.Duration { return f.wall })
	printTable(w, "processor seconds", s.programs, f.contenders, best, func(f figures) time.Duration { return f.cpu })
	return nil
}

// printTable prints what of compares, and how many times as long as cajal the
// others take.
func printTable(w io.Writer, title string, programs []string, contenders []contender, best [][]figures, of func(figures) time.Duration) {
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s\t", title)
	own := -1
	for j, c := range contenders {
		fmt.Fprintf(t, "%s\t", c.name)
		if c.name == ownName {
			own = j
		}
	}
	for j, c := range contenders {
		if j != own {
			fmt.Fprintf(t, "%s/%s\t", c.name, ownName)
		}
	}
	fmt.Fprintln(t)
	for i, p := range programs {
		fmt.Fprintf(t, "%s\t", p)
		for j := range contenders {
			fmt.Fprintf(t, "%.3f\t", of(best[i][j]).Seconds())
		}
		for j := range contenders {
			if j != own {
				fmt.Fprintf(t, "%.2f\t", of(best[i][j]).Seconds()/of(best[i][own]).Seconds())
			}
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}

// status shows in a terminal what runs.
func status(format string, args ...any) {
	if st, err := os.Stderr.Stat(); err == nil && st.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	}
}
