#include "textflag.h"

// Each stub puts its number into R13 and jumps to common, which jumps to the
// func value closures[number] with all arguments in place. R12 and R13 hold no
// arguments; DX is the context of a func value. common is a function of its own,
// so that all jumps have the same length.

#define STUB(i) MOVL $(i), R13; JMP ·common(SB)
#define STUBS4(i) STUB(i); STUB(i+1); STUB(i+2); STUB(i+3)
#define STUBS16(i) STUBS4(i); STUBS4(i+4); STUBS4(i+8); STUBS4(i+12)
#define STUBS64(i) STUBS16(i); STUBS16(i+16); STUBS16(i+32); STUBS16(i+48)
#define STUBS256(i) STUBS64(i); STUBS64(i+64); STUBS64(i+128); STUBS64(i+192)
#define STUBS1024(i) STUBS256(i); STUBS256(i+256); STUBS256(i+512); STUBS256(i+768)
#define STUBS4096(i) STUBS1024(i); STUBS1024(i+1024); STUBS1024(i+2048); STUBS1024(i+3072)
#define STUBS16384(i) STUBS4096(i); STUBS4096(i+4096); STUBS4096(i+8192); STUBS4096(i+12288)
#define STUBS65536(i) STUBS16384(i); STUBS16384(i+16384); STUBS16384(i+32768); STUBS16384(i+49152)

TEXT ·stubs(SB), NOSPLIT|NOFRAME, $0-0
	STUBS65536(0)

TEXT ·common(SB), NOSPLIT|NOFRAME, $0-0
	LEAQ ·closures(SB), R12
	MOVQ (R12)(R13*8), DX
	MOVQ (DX), R12
	JMP R12

// func stubCode() uintptr
TEXT ·stubCode(SB), NOSPLIT, $0-8
	LEAQ ·stubs(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func Goroutine() uintptr
TEXT ·Goroutine(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET
