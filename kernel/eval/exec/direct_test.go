package exec

// This file tests which parameters direct calls may pass in registers.

import (
	"reflect"
	"testing"
)

// Parameters that take more memory than words must not travel in registers when
// a callee would have no room to put them.
func TestSpillArea(t *testing.T) {
	type padded struct {
		A struct {
			N int
			_ struct{}
		}
		_ struct{}
	}
	var one, two passed
	for i := range 7 {
		if got, want := one.add(reflect.TypeFor[padded](), 0), i < 4; got != want {
			t.Errorf("%d parameters of 24 bytes and one word each in registers: %t, want %t", i+1, got, want)
		}
		if !two.add(reflect.TypeFor[int](), 0) {
			t.Errorf("%d parameters of one word are not in registers", i+1)
		}
	}
}
