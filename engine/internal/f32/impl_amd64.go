// This file finds out what the processor can run, and says how the assembly is
// made.

//go:build !purego

package f32

import "golang.org/x/sys/cpu"

//go:generate go run -C _asm . -isa avx2 -calls ../z_avx2_calls_amd64.go -out ../z_avx2_amd64.s -stubs ../z_avx2_amd64.go -pkg f32
//go:generate go run -C _asm . -isa avx512 -calls ../z_avx512_calls_amd64.go -out ../z_avx512_amd64.s -stubs ../z_avx512_amd64.go -pkg f32

func best() level {
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA || !x.HasBMI2:
		return levelGo
	case !x.HasAVX512F || !x.HasAVX512VL || !x.HasAVX512BW || !x.HasAVX512DQ:
		return levelAVX2
	}
	return levelAVX512
}
