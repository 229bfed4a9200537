// Package exec runs SSA functions of interpreted Go. It lowers each
// golang.org/x/tools/go/ssa function, on its first call, to closures over a
// typed frame.
//
// It is not a compiler: no machine code is made. It knows no syntax, no
// Jupyter and no notebook; it is handed an [ssa.Program] and a way to find the
// compiled packages' symbols.
//
// # Values
//
// A value of interpreted code is the Go value itself, in memory laid out as the
// gc compiler lays it out:
//
//	interpreted              in memory
//	int, float64, struct …   the same bytes
//	string, slice            the same headers
//	map, chan                the runtime's own maps and channels
//	func                     a func value whose code is an entry, or made by reflect.MakeFunc,
//	                         which is recognised when interpreted code calls it, so that the
//	                         call stays inside
//	interface                the runtime's type word or itab, and the data word
//	defined type             a runtime type with methods, made by package rtype
//
// So nothing is converted when a compiled package is called, and compiled
// packages see String, Error, Less and Write methods of interpreted types.
//
// # Frames
//
// Every activation of a function has a frame: a heap object with a header and
// one slot for each SSA register, each slot a whole number of words. The frame
// has a type of its own, so the garbage collector knows which words are
// pointers. Constants live in slots too, filled when the frame is allocated and
// never written again; frames are kept on free lists of their goroutine.
//
// # Instructions
//
// An instruction is a func(frame). A basic block is a slice of instructions and
// a terminator that returns the next block, having made the moves that the phi
// nodes ask for. The number of dispatches decides the speed, so addresses are
// folded into loads and stores, and comparisons into branches.
//
// # Compiled code
//
// Compiled functions are called, and call interpreted ones, with the registers
// that the compiler's convention wants: direct.go and entry.go. Where values
// travel in memory, package reflect makes the call, at ten times the price.
//
// # Panics
//
// A panic of interpreted code is a panic of Go, with genuine runtime errors; it
// passes through compiled callers and may be recovered by them.
package exec
