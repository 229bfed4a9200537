package exec

// This file calls compiled functions whose arguments and results travel in
// registers, which costs a tenth of what package reflect's calls do.

import (
	"math"
	"reflect"
	"runtime"
	"unsafe"

	"cajal/kernel/eval/rtype"
)

// directly tells whether the compiler passes arguments in registers here.
const directly = runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"

// How many registers direct calls use. The compiler's convention has no fewer on
// any machine: a function with fewer parameters does not look at the others, and
// results of fewer than are declared leave something in them that is not looked at.
const (
	intArgs, floatArgs       = 9, 4
	intResults, floatResults = 5, 2
)

// spillArea is what a direct call keeps free for its callee to put registers in: a
// callee lays it out as its parameters are in memory, of which those that end with
// a field of no size take more than the words that travel.
const spillArea = (intArgs + floatArgs) * word

// registers hold arguments. Pointers may be integers here, since what they point
// to is reachable from a frame, and nothing in the heap moves.
type registers struct {
	ints   [intArgs]uintptr
	floats [floatArgs]float64
}

// passed are values that travel in registers.
type passed struct {
	words        []rtype.Word
	ints, floats int
	memory       uintptr // what they take in whole words, at most
}

// add appends a value of type t at offset; it is false if it travels in memory.
func (p *passed) add(t reflect.Type, offset uintptr) bool {
	n := len(p.words)
	words, ok := rtype.Words(p.words, t, offset)
	p.words = words
	for _, w := range words[n:] {
		if w.Float {
			p.floats++
		} else {
			p.ints++
		}
	}
	p.memory += (t.Size() + word - 1) / word * word
	return ok && p.ints <= intArgs && p.floats <= floatArgs && p.memory <= spillArea
}

// load reads the words of values in memory at p into registers from the i-th and
// x-th on.
func (v *passed) load(p ptr, in *registers, i, x int) {
	for k := range v.words {
		w := &v.words[k]
		switch from := unsafe.Add(p, w.Offset); {
		case w.Float:
			in.floats[x] = loadFloat(from, w.Size)
			x++
		case w.Size == 8:
			in.ints[i] = *(*uintptr)(from)
			i++
		default:
			in.ints[i] = loadInt(from, w.Size)
			i++
		}
	}
}

// link says how the arguments and results of a site travel between the frame and
// the registers.
type link struct {
	args    passed
	results []rtype.Word // of integers; none if they are not wanted
	floats  []rtype.Word // likewise
	call    directCall   // nil if some of them travel in memory
}

// directCall calls the func value fn.
type directCall func(fn ptr, in *registers, fr ptr, l *link)

// linkTo returns the link of s to functions of type t, whose first parameters are
// receivers that are not among s's arguments.
func (s *site) linkTo(t reflect.Type, receivers int) *link {
	if l := s.link.Load(); l != nil {
		return l
	}
	l := newLink(s, t, receivers)
	s.link.Store(l)
	return l
}

func newLink(s *site, t reflect.Type, receivers int) *link {
	l, memory := &link{}, &link{}
	for i := range s.args {
		if !l.args.add(t.In(i+receivers), s.args[i].off) {
			return memory
		}
	}
	var results []rtype.Word
	ok := true
	for i := range t.NumOut() {
		off := uintptr(0)
		if s.results != nil {
			off = s.results[i]
		}
		if results, ok = rtype.Words(results, t.Out(i), off); !ok {
			return memory
		}
	}
	for _, w := range results {
		if w.Float {
			l.floats = append(l.floats, w)
		} else {
			l.results = append(l.results, w)
		}
	}
	if !directly || len(l.results) > intResults || len(l.floats) > floatResults {
		return memory
	}
	if s.results == nil {
		l.results, l.floats = nil, nil
	}
	kind := 0
	for i, w := range l.results {
		if w.Ptr {
			kind |= 1 << i
		}
	}
	l.call = directCalls[kind]
	return l
}

// direct calls the func value fn, whose first parameter is the receiver at recv if
// that is not nil; it is false if it cannot.
func (l *link) direct(fr, fn, recv ptr, receiver *passed) bool {
	if l.call == nil {
		return false
	}
	in := &head(fr).g.out
	i, x := 0, 0
	if recv != nil {
		i, x = receiver.ints, receiver.floats
		if i+l.args.ints > intArgs || x+l.args.floats > floatArgs || receiver.memory+l.args.memory > spillArea {
			return false
		}
		receiver.load(recv, in, 0, 0)
	}
	l.args.load(fr, in, i, x)
	l.call(fn, in, fr, l)
	return true
}

// loadInt reads a word of size bytes, fewer than 8.
func loadInt(p ptr, size uint8) uintptr {
	switch size {
	case 4:
		return uintptr(*(*uint32)(p))
	case 2:
		return uintptr(*(*uint16)(p))
	}
	return uintptr(*(*uint8)(p))
}

// loadFloat reads a number of size bytes; a float32 is the lower half of what it
// returns.
func loadFloat(p ptr, size uint8) float64 {
	if size == 8 {
		return *(*float64)(p)
	}
	return math.Float64frombits(uint64(*(*uint32)(p)))
}

// storeFloat is the inverse of loadFloat.
func storeFloat(p ptr, size uint8, v float64) {
	if size == 8 {
		*(*float64)(p) = v
		return
	}
	*(*uint32)(p) = uint32(math.Float64bits(v))
}

// storeWord writes a word of size bytes from v.
func storeWord[T uintptr | ptr](p ptr, size uint8, v T) {
	switch size {
	case 8:
		*(*T)(p) = v
	case 4:
		*(*uint32)(p) = *(*uint32)(unsafe.Pointer(&v))
	case 2:
		*(*uint16)(p) = *(*uint16)(unsafe.Pointer(&v))
	default:
		*(*uint8)(p) = *(*uint8)(unsafe.Pointer(&v))
	}
}

// directCallOf calls functions whose results in integer registers are of these
// types; behind the last one that there is, uintptr.
func directCallOf[A, B, C, D, E uintptr | ptr](fn ptr, in *registers, fr ptr, l *link) {
	f := *(*func(a, b, c, d, e, f, g, h, i uintptr, w, x, y, z float64) (A, B, C, D, E, float64, float64))(unsafe.Pointer(&fn))
	r, x := &in.ints, &in.floats
	a, b, c, d, e, f0, f1 := f(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], x[0], x[1], x[2], x[3])
	out := l.results
	switch len(out) {
	case 5:
		storeWord(unsafe.Add(fr, out[4].Offset), out[4].Size, e)
		fallthrough
	case 4:
		storeWord(unsafe.Add(fr, out[3].Offset), out[3].Size, d)
		fallthrough
	case 3:
		storeWord(unsafe.Add(fr, out[2].Offset), out[2].Size, c)
		fallthrough
	case 2:
		storeWord(unsafe.Add(fr, out[1].Offset), out[1].Size, b)
		fallthrough
	case 1:
		storeWord(unsafe.Add(fr, out[0].Offset), out[0].Size, a)
	}
	if len(l.floats) > 0 {
		storeFloat(unsafe.Add(fr, l.floats[0].Offset), l.floats[0].Size, f0)
		if len(l.floats) > 1 {
			storeFloat(unsafe.Add(fr, l.floats[1].Offset), l.floats[1].Size, f1)
		}
	}
}

// directCalls are indexed by which of the results are pointers: the first is bit 0.
var directCalls = func() (calls [1 << intResults]directCall) {
	type s = uintptr
	return [...]directCall{
		directCallOf[s, s, s, s, s], directCallOf[ptr, s, s, s, s], directCallOf[s, ptr, s, s, s], directCallOf[ptr, ptr, s, s, s],
		directCallOf[s, s, ptr, s, s], directCallOf[ptr, s, ptr, s, s], directCallOf[s, ptr, ptr, s, s], directCallOf[ptr, ptr, ptr, s, s],
		directCallOf[s, s, s, ptr, s], directCallOf[ptr, s, s, ptr, s], directCallOf[s, ptr, s, ptr, s], directCallOf[ptr, ptr, s, ptr, s],
		directCallOf[s, s, ptr, ptr, s], directCallOf[ptr, s, ptr, ptr, s], directCallOf[s, ptr, ptr, ptr, s], directCallOf[ptr, ptr, ptr, ptr, s],
		directCallOf[s, s, s, s, ptr], directCallOf[ptr, s, s, s, ptr], directCallOf[s, ptr, s, s, ptr], directCallOf[ptr, ptr, s, s, ptr],
		directCallOf[s, s, ptr, s, ptr], directCallOf[ptr, s, ptr, s, ptr], directCallOf[s, ptr, ptr, s, ptr], directCallOf[ptr, ptr, ptr, s, ptr],
		directCallOf[s, s, s, ptr, ptr], directCallOf[ptr, s, s, ptr, ptr], directCallOf[s, ptr, s, ptr, ptr], directCallOf[ptr, ptr, s, ptr, ptr],
		directCallOf[s, s, ptr, ptr, ptr], directCallOf[ptr, s, ptr, ptr, ptr], directCallOf[s, ptr, ptr, ptr, ptr], directCallOf[ptr, ptr, ptr, ptr, ptr],
	}
}()
