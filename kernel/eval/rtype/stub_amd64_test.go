package rtype

// This file tests that the assembly and stubSize agree.

import "testing"

func TestStubs(t *testing.T) {
	for _, s := range []stub{1, 2, 129, stubCount/2 + 1, stubCount} {
		b := (*[stubSize]byte)(s.code())
		n := int(b[2]) | int(b[3])<<8 | int(b[4])<<16 | int(b[5])<<24
		if b[0] != 0x41 || b[1] != 0xbd || n != int(s)-1 || b[6] != 0xe9 { // MOVL $n, R13; JMP
			t.Errorf("where stub %d should be, there is % x", s, b[:])
		}
	}
}
