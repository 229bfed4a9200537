package rtype

// This file makes named types.

import (
	"fmt"
	"path"
	"reflect"
	"sort"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Method is a method of a named type.
type Method struct {
	Name    string
	PkgPath string       // of a name that is not exported
	Type    reflect.Type // a func type, without the receiver

	// Call runs the method. recv points to the receiver, a value of the type
	// whose method it is; it must not be kept.
	Call func(recv unsafe.Pointer, args []reflect.Value) []reflect.Value
}

// Named is a type with a name, under construction or complete.
type Named struct {
	pkgPath, name string

	mu      sync.Mutex
	t, ptr  *typ
	methods [2][]Method // of T, of *T
}

// maxFuncParams bounds the parameters and results of a named func type.
const maxFuncParams = 64

var hashes atomic.Uint32

// NewNamed returns a new type with the name, in the package with the path. Its
// values have the memory of layout and are compared as layout's are; layout has
// the kind of the type. The type may be used in other types at once; its
// underlying type and methods are given by [Named.Complete].
func NewNamed(pkgPath, name string, layout reflect.Type) *Named {
	n := &Named{pkgPath: pkgPath, name: name}
	full := path.Base(pkgPath) + "." + name
	n.t = newTyp(pkgPath, full, layout, true)
	n.ptr = newTyp(pkgPath, "*"+full, reflect.TypeFor[*unsafe.Pointer](), false)
	(*ptrType)(unsafe.Pointer(n.ptr)).elem = n.t
	n.t.ptrToThis = addReflectOff(unsafe.Pointer(n.ptr))
	return n
}

// newTyp returns a type like layout, with an uncommon part.
func newTyp(pkgPath, str string, layout reflect.Type, named bool) *typ {
	k := layout.Kind()
	size := kindSize(k) + unsafe.Sizeof(uncommon{})
	if k == reflect.Func {
		size += maxFuncParams * wordSize
	}
	t := (*typ)(alloc(size))
	copyHeader(t, typOf(layout))
	t.hash = 0x9e3779b9 * hashes.Add(1)
	t.flag = t.flag&^(flagExtraStar|flagNamed) | flagUncommon
	if named {
		t.flag |= flagNamed
	}
	t.str = nameOff(str, isExported(str[lastDot(str)+1:]))
	t.uncommon().pkgPath = nameOff(pkgPath, false)
	return t
}

func lastDot(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '.' {
			return i
		}
	}
	return -1
}

// copyHeader copies the parts of a type that describe its memory.
func copyHeader(t, from *typ) {
	t.size, t.ptrBytes = from.size, from.ptrBytes
	t.flag = from.flag&^(flagUncommon|flagNamed|flagExtraStar) | t.flag&(flagUncommon|flagNamed|flagExtraStar)
	t.align, t.fieldAlign, t.kind = from.align, from.fieldAlign, from.kind
	t.gcData = from.gcData
	keep(from.equal)
	t.equal = from.equal
}

func (t *typ) uncommon() *uncommon {
	return (*uncommon)(unsafe.Add(unsafe.Pointer(t), kindSize(reflect.Kind(t.kind))))
}

// Type returns the type.
func (n *Named) Type() reflect.Type { return toType(unsafe.Pointer(n.t)) }

// Complete gives n its underlying type and the method sets of n and of *n, each
// complete, with promoted methods.
func (n *Named) Complete(underlying reflect.Type, value, pointer []Method) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	u := typOf(underlying)
	if u.kind != n.t.kind {
		return fmt.Errorf("rtype: %s.%s was laid out as %s, its underlying type is %s", n.pkgPath, n.name, reflect.Kind(n.t.kind), underlying.Kind())
	}
	if u.size != n.t.size || u.ptrBytes != n.t.ptrBytes {
		return fmt.Errorf("rtype: %s.%s was laid out with %d bytes, %d up to the last pointer; %s has %d and %d", n.pkgPath, n.name, n.t.size, n.t.ptrBytes, underlying, u.size, u.ptrBytes)
	}
	copyHeader(n.t, u)
	head, size := unsafe.Sizeof(typ{}), kindSize(underlying.Kind())
	copy(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(n.t), head)), size-head),
		unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(u), head)), size-head))
	keep(underlying)
	if underlying.Kind() == reflect.Func {
		if err := n.funcParams(underlying); err != nil {
			return err
		}
	}
	if err := n.setMethods(0, value); err != nil {
		return err
	}
	return n.setMethods(1, pointer)
}

// funcParams stores the parameter and result types of a func type, which follow
// the uncommon part.
func (n *Named) funcParams(f reflect.Type) error {
	if f.NumIn()+f.NumOut() > maxFuncParams {
		return fmt.Errorf("rtype: %s.%s has %d parameters and results, the most is %d", n.pkgPath, n.name, f.NumIn()+f.NumOut(), maxFuncParams)
	}
	list := unsafe.Slice((**typ)(unsafe.Add(unsafe.Pointer(n.t.uncommon()), unsafe.Sizeof(uncommon{}))), maxFuncParams)
	for i := range f.NumIn() {
		list[i] = typOf(f.In(i))
	}
	for i := range f.NumOut() {
		list[f.NumIn()+i] = typOf(f.Out(i))
	}
	return nil
}

// AddMethod adds a method to *n, and to n too if value is not nil. Interfaces
// that n could not be converted to before may hold it now.
func (n *Named) AddMethod(value, pointer *Method) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, m := range []*Method{value, pointer} {
		if m == nil {
			continue
		}
		var all []Method
		for _, old := range n.methods[i] {
			if old.Name != m.Name {
				all = append(all, old)
			}
		}
		if err := n.setMethods(i, append(all, *m)); err != nil {
			return err
		}
		grown.Store([2]*typ{n.t, n.ptr}[i], true)
	}
	return nil
}

// grown holds the types that got methods after they were complete.
var grown sync.Map

func grewMethods(w unsafe.Pointer) bool {
	_, ok := grown.Load((*typ)(w))
	return ok
}

// setMethods makes the method table of n (0) or *n (1).
func (n *Named) setMethods(which int, ms []Method) error {
	ms = append([]Method(nil), ms...)
	sort.Slice(ms, func(i, j int) bool { return lessName(ms[i].Name, ms[i].PkgPath, ms[j].Name, ms[j].PkgPath) })
	t := [2]*typ{n.t, n.ptr}[which]
	u := t.uncommon()
	table := (*method)(alloc(uintptr(len(ms)+1) * unsafe.Sizeof(method{})))
	off := uintptr(unsafe.Pointer(table)) - uintptr(unsafe.Pointer(u))
	if off > 1<<32-1 {
		return fmt.Errorf("rtype: the memory for methods of %s.%s is used up; restart the session", n.pkgPath, n.name)
	}
	recv := toType(unsafe.Pointer(t))
	exported := 0
	for i, e := range unsafe.Slice(table, len(ms)) {
		_ = e
		m := &ms[i]
		ifn, tfn, err := stubsFor(recv, m)
		if err != nil {
			return err
		}
		unsafe.Slice(table, len(ms))[i] = method{
			name: nameOff(m.Name, isExported(m.Name)),
			mtyp: typeOff(m.Type),
			ifn:  addReflectOff(ifn),
			tfn:  addReflectOff(tfn),
		}
		if isExported(m.Name) {
			exported++
		}
	}
	u.moff, u.mcount, u.xcount = uint32(off), uint16(len(ms)), uint16(exported)
	n.methods[which] = ms
	return nil
}

func isExported(name string) bool {
	r, _ := utf8.DecodeRuneInString(name)
	return unicode.IsUpper(r)
}

// lessName orders methods as the compiler does: exported ones first, by name,
// by package.
func lessName(a, apkg, b, bpkg string) bool {
	if ea, eb := isExported(a), isExported(b); ea != eb {
		return ea
	}
	if a != b {
		return a < b
	}
	return apkg < bpkg
}
