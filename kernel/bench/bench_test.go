// This file checks how figures are compared.

package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	var b strings.Builder
	best := [][]figures{{
		figures{}.best(figures{wall: 400 * time.Millisecond, cpu: 3}).best(figures{wall: 20 * time.Millisecond, cpu: 5}),
		{wall: 100 * time.Millisecond},
		{wall: 350 * time.Millisecond},
	}}
	printTable(&b, "seconds", []string{"fib"}, []contender{{name: "native"}, {name: ownName}, {name: "CPython"}}, best, func(f figures) time.Duration { return f.wall })
	want := []string{"seconds native cajal CPython native/cajal CPython/cajal", "fib 0.020 0.100 0.350 0.20 3.50"}
	for i, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		if got := strings.Join(strings.Fields(line), " "); got != want[i] {
			t.Errorf("line %d is %q, want %q", i, got, want[i])
		}
	}
	if best[0][0].cpu != 3 {
		t.Errorf("the best of 3 and 5 is %d", best[0][0].cpu)
	}
}

func TestAgree(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"2.499999750e+13\n", "24999997500000.0\n", true},
		{"1 2\n3\n", "1 2 3", true},
		{"348513", "348514", false},
		{"1 2", "1", false},
		{"hi", "ho", false},
		{"hi", "1", false},
	} {
		if agree(c.a, c.b) != c.want {
			t.Errorf("agree(%q, %q) is %v", c.a, c.b, !c.want)
		}
	}
}

func TestWrongSettings(t *testing.T) {
	if err := run(io.Discard, settings{programs: []string{"fib", "fob"}, rounds: 1}); err == nil || !strings.Contains(err.Error(), `"fob"`) || !strings.Contains(err.Error(), "sortslice") {
		t.Errorf("an unknown program gives %v", err)
	}
	if err := run(io.Discard, settings{programs: []string{"fib"}}); err == nil || !strings.Contains(err.Error(), "-rounds is 0") {
		t.Errorf("no rounds give %v", err)
	}
}

func TestProgramsAreThere(t *testing.T) {
	for _, p := range allPrograms {
		for _, ext := range []string{".go", ".py"} {
			if _, err := sources.ReadFile("testdata/" + p + ext); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := contend(settings{programs: []string{"fib"}, goTool: "no such program"}); err == nil || !strings.Contains(err.Error(), "building ") {
		t.Errorf("without the go tool: %v", err)
	}
}
