package check_test

// This file measures a cell of one line in an empty notebook and after 2,000
// declarations; the two must not differ.

import (
	"fmt"
	"testing"
)

func BenchmarkCheck(b *testing.B) {
	for _, earlier := range []int{0, 2000} {
		b.Run(fmt.Sprintf("after=%d", earlier), func(b *testing.B) {
			s := newState()
			for i := range earlier {
				low, errs := s.Check("cell 0", fmt.Sprintf("v%d := %d\nfunc f%d(x int) int { return x + v%d }\n", i, i, i, i))
				if errs != nil {
					b.Fatal(errs[0])
				}
				s.Commit(low, func(int) bool { return true })
			}
			for _, c := range []struct{ name, code string }{
				{"expression", "1 + 2"},
				{"define", "x := 1 + 1; fmt.Println(x)"},
			} {
				b.Run(c.name, func(b *testing.B) {
					if _, errs := s.Check("cell 0", c.code); errs != nil { // imports what it uses
						b.Fatal(errs[0])
					}
					for b.Loop() {
						low, errs := s.Check("cell 1", c.code)
						if errs != nil {
							b.Fatal(errs[0])
						}
						s.Commit(low, func(int) bool { return true })
					}
				})
			}
		})
	}
}

func BenchmarkComplete(b *testing.B) {
	s := written(b)
	for _, text := range []string{"val", "pt.", "fmt.Println(strings.", "x := 1\nfor i := range x {\n\tpt.N"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				s.Complete(text, len(text))
			}
		})
	}
}
