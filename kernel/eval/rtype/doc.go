// Package rtype makes runtime types with methods for types that interpreted
// code declares, so that their values are real Go values to compiled packages:
// fmt calls their String method, errors.As finds them, sort sorts them.
//
// It is the only package that knows how the runtime lays out its types. It
// knows no go/types and no interpreter: methods are given as functions. It is
// not for types without methods and names, which package reflect makes.
//
// # How
//
// A type of the runtime is a block of memory: the common part, a part of its
// kind, and, if it has a name or methods, an "uncommon" part with a method
// table. NewNamed lays out such a block in memory of its own, which is never
// freed and never moved, and refers to names, types and code by offsets that
// the runtime resolves through reflect.addReflectOff. The code of a method is
// one of a fixed pool of assembly stubs, each of which jumps to a function made
// by reflect.MakeFunc.
//
// Every type here exists for the rest of the process's life.
//
// # Versions
//
// The layouts are those of internal/abi in Go 1.24 to 1.26. [Check] compares
// them with what the running program does, and says so when they differ.
package rtype
