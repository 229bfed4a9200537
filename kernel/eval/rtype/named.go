package rtype

// This file makes named types.

import (
	"fmt"
	"path"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Named is a type with a name, or one that may have methods without having a
// name, and its pointer type. One with a name is a shell until [Named.Complete]
// is called.
type Named struct {
	pkgPath, name string

	t, ptr *typ
	equal  atomic.Pointer[func(p, q unsafe.Pointer) bool]

	mu   sync.Mutex
	sets [2][]entry // methods of T, of *T
	used bool       // it has been given methods, or none
}

// maxFuncParams bounds the parameters and results of a named func type, as
// reflect does those of other func types.
const maxFuncParams = 128

// NewNamed returns a new type with the name, in the package with the path; every
// call makes another one. Its values have the memory of layout, which has the
// kind of the type and may have parts of other names and types: any pointer
// stands for any pointer. layout must be comparable if the type is.
//
// The type may be used in other types at once, also where its values are parts
// of theirs; its underlying type is given by [Named.Complete] and its methods by
// [Named.SetMethods] before there is a value of it.
func NewNamed(pkgPath, name string, layout reflect.Type) *Named {
	return newNamed(pkgPath, packageName(pkgPath)+"."+name, name, layout)
}

// newNamed returns a shell whose string is str. Without a name the type is a
// literal that has methods.
func newNamed(pkgPath, str, name string, layout reflect.Type) *Named {
	n := &Named{pkgPath: pkgPath, name: name}
	from := typOf(layout)
	n.t = newTyp(pkgPath, str, from)
	if name != "" {
		n.t.flag |= flagNamed
	}
	if name != "" && from.equal != nil {
		// Types made before n is complete capture what compares its values.
		n.equal.Store(&from.equal)
		n.t.equal = keep(func(p, q unsafe.Pointer) bool { return (*n.equal.Load())(p, q) })
	}
	n.ptr = newTyp(pkgPath, "*"+str, typOf(reflect.TypeFor[*unsafe.Pointer]()))
	(*ptrType)(unsafe.Pointer(n.ptr)).elem = n.t
	n.t.ptrToThis = addReflectOff(unsafe.Pointer(n.ptr))
	return n
}

// packageName guesses the name of a package from its path: the last element,
// but for a major version.
func packageName(pkgPath string) string {
	dir, base := path.Split(pkgPath)
	if v, ok := strings.CutPrefix(base, "v"); ok && dir != "" && strings.Trim(v, "0123456789") == "" && v != "" {
		base = path.Base(dir)
	}
	base, _, _ = strings.Cut(base, ".")
	return base
}

// newTyp returns a type with the string str, the memory and the parts of from,
// and an uncommon part with no methods.
func newTyp(pkgPath, str string, from *typ) *typ {
	k := reflect.Kind(from.kind)
	size := kindSize(k) + unsafe.Sizeof(uncommon{})
	if k == reflect.Func {
		size += maxFuncParams * wordSize
	}
	t := (*typ)(alloc(size))
	t.flag = flagUncommon
	copyMemory(t, from)
	copyKind(t, from)
	if k == reflect.Func {
		copyParams(t, from)
	}
	t.hash = newHash()
	t.str = nameOff(str, "", false)
	t.uncommon().pkgPath = nameOff(pkgPath, "", false)
	return t
}

// copyParams copies the parameter and result types of a func type, which has at
// most maxFuncParams.
func copyParams(t, from *typ) {
	f := from.reflect()
	n := f.NumIn() + f.NumOut()
	copy(t.params(n), from.params(n))
}

// Type returns the type.
func (n *Named) Type() reflect.Type { return n.t.reflect() }

// Complete gives n its underlying type. It is to be called once. It returns an
// error if underlying has another memory than the layout given to [NewNamed].
func (n *Named) Complete(underlying reflect.Type) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	u := typOf(underlying)
	switch {
	case u.kind != n.t.kind:
		return fmt.Errorf("rtype: type %s was laid out as %s, its underlying type %s is %s", n.Type(), reflect.Kind(n.t.kind), underlying, underlying.Kind())
	case u.size != n.t.size || u.ptrBytes != n.t.ptrBytes || u.align != n.t.align:
		return fmt.Errorf("rtype: type %s was laid out with %d bytes, the last pointer ending at %d; its underlying type %s has %d and %d", n.Type(), n.t.size, n.t.ptrBytes, underlying, u.size, u.ptrBytes)
	case (u.equal == nil) != (n.t.equal == nil):
		return fmt.Errorf("rtype: type %s was laid out with comparable = %t; its underlying type %s differs", n.Type(), n.t.equal != nil, underlying)
	case underlying.Kind() == reflect.Func && underlying.NumIn()+underlying.NumOut() > maxFuncParams:
		return fmt.Errorf("rtype: type %s has %d parameters and results; the most is %d", n.Type(), underlying.NumIn()+underlying.NumOut(), maxFuncParams)
	}
	copyMemory(n.t, u)
	copyKind(n.t, u)
	if underlying.Kind() == reflect.Func {
		copyParams(n.t, u)
	}
	if u.equal != nil {
		if u.flag&flagRegularMemory != 0 {
			n.t.equal = keep(equalBytes(u.size))
		}
		n.equal.Store(&n.t.equal)
	}
	return nil
}

// equalBytes returns a function that compares n bytes.
func equalBytes(n uintptr) func(p, q unsafe.Pointer) bool {
	return func(p, q unsafe.Pointer) bool {
		return unsafe.String((*byte)(p), n) == unsafe.String((*byte)(q), n)
	}
}
