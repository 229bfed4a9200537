// This file has the registry of implementations.

package f32

import "fmt"

// A level is an implementation of the primitives. Each level may run whatever a
// lower one runs.
type level int

const (
	levelGo level = iota
	levelAVX2
	levelAVX512
)

var levelNames = [...]string{"go", "avx2", "avx512"}

// using is what runs. It is the best that the processor can, and is changed by
// tests only.
var using = best()

// Name tells which implementation runs: "go", "avx2" or "avx512".
func Name() string { return levelNames[using] }

// Implementations returns the names of those that this processor can run, from
// the slowest to the fastest.
func Implementations() []string { return levelNames[:best()+1] }

// Use makes another implementation run until restore is called. It is for tests
// and measurements: nothing may compute meanwhile. It panics when there is no
// such implementation here.
func Use(name string) (restore func()) {
	for l := range best() + 1 {
		if levelNames[l] == name {
			old := using
			using = l
			return func() { using = old }
		}
	}
	panic(fmt.Sprintf("f32: no implementation %q here: there are %v", name, Implementations()))
}
