package exec

// This file maps go/types types to runtime types.

import (
	"fmt"
	"go/types"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/types/typeutil"
)

// typeMap holds the runtime type of every type that code has used. Identical
// types have one runtime type.
type typeMap struct {
	m *Machine

	mu        sync.Mutex
	byType    typeutil.Map            // types.Type → reflect.Type
	harvested map[*types.Package]bool // packages whose unexported types were looked for

	words sync.Map // type word → types.Type, of types whose methods are interpreted
	made  []*made  // the types that may have interpreted methods
}

// made is a runtime type that may have interpreted methods.
type made struct {
	typ     types.Type
	n       *rtype.Named
	methods [2]int // the numbers that typ and *typ have; -1 before they were given any
}

func newTypeMap(m *Machine) *typeMap {
	return &typeMap{m: m, harvested: make(map[*types.Package]bool)}
}

// of returns the runtime type of t.
func (tm *typeMap) of(t types.Type) reflect.Type {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.get(t)
}

// get is of with the lock held.
func (tm *typeMap) get(t types.Type) reflect.Type {
	if r, ok := tm.byType.At(t).(reflect.Type); ok {
		return r
	}
	r := tm.make(t)
	if old, ok := tm.byType.At(t).(reflect.Type); ok {
		return old // made on the way, as part of itself
	}
	tm.byType.Set(t, r)
	return r
}

// basics are the runtime types of the predeclared types.
var basics = map[types.BasicKind]reflect.Type{
	types.Bool:           reflect.TypeFor[bool](),
	types.Int:            reflect.TypeFor[int](),
	types.Int8:           reflect.TypeFor[int8](),
	types.Int16:          reflect.TypeFor[int16](),
	types.Int32:          reflect.TypeFor[int32](),
	types.Int64:          reflect.TypeFor[int64](),
	types.Uint:           reflect.TypeFor[uint](),
	types.Uint8:          reflect.TypeFor[uint8](),
	types.Uint16:         reflect.TypeFor[uint16](),
	types.Uint32:         reflect.TypeFor[uint32](),
	types.Uint64:         reflect.TypeFor[uint64](),
	types.Uintptr:        reflect.TypeFor[uintptr](),
	types.Float32:        reflect.TypeFor[float32](),
	types.Float64:        reflect.TypeFor[float64](),
	types.Complex64:      reflect.TypeFor[complex64](),
	types.Complex128:     reflect.TypeFor[complex128](),
	types.String:         reflect.TypeFor[string](),
	types.UnsafePointer:  reflect.TypeFor[unsafe.Pointer](),
	types.UntypedBool:    reflect.TypeFor[bool](),
	types.UntypedInt:     reflect.TypeFor[int](),
	types.UntypedRune:    reflect.TypeFor[rune](),
	types.UntypedFloat:   reflect.TypeFor[float64](),
	types.UntypedComplex: reflect.TypeFor[complex128](),
	types.UntypedString:  reflect.TypeFor[string](),
	types.UntypedNil:     reflect.TypeFor[unsafe.Pointer](),
	types.Invalid:        reflect.TypeFor[struct{}](), // the unused parts of tuples
}

func (tm *typeMap) make(t types.Type) reflect.Type {
	switch t := t.(type) {
	case *types.Alias:
		return tm.get(types.Unalias(t))
	case *types.Basic:
		if r := basics[t.Kind()]; r != nil {
			return r
		}
	case *types.Pointer:
		return reflect.PointerTo(tm.get(t.Elem()))
	case *types.Slice:
		return reflect.SliceOf(tm.get(t.Elem()))
	case *types.Array:
		return reflect.ArrayOf(int(t.Len()), tm.get(t.Elem()))
	case *types.Map:
		return reflect.MapOf(tm.get(t.Key()), tm.get(t.Elem()))
	case *types.Chan:
		dir := map[types.ChanDir]reflect.ChanDir{types.SendRecv: reflect.BothDir, types.SendOnly: reflect.SendDir, types.RecvOnly: reflect.RecvDir}[t.Dir()]
		return reflect.ChanOf(dir, tm.get(t.Elem()))
	case *types.Struct:
		return tm.makeStruct(t)
	case *types.Signature:
		return tm.makeFunc(t)
	case *types.Interface:
		return tm.makeInterface(t)
	case *types.Named:
		return tm.makeNamed(t)
	}
	panic(fmt.Errorf("exec: no runtime type for %s (%T)", t, t))
}

func (tm *typeMap) makeStruct(t *types.Struct) reflect.Type {
	if t.NumFields() == 0 {
		return reflect.TypeFor[struct{}]()
	}
	fields := make([]reflect.StructField, t.NumFields())
	for i := range fields {
		v := t.Field(i)
		fields[i] = reflect.StructField{
			Name:      v.Name(),
			Type:      tm.get(v.Type()),
			Tag:       reflect.StructTag(t.Tag(i)),
			Anonymous: v.Embedded(),
		}
		if !v.Exported() {
			fields[i].PkgPath = v.Pkg().Path()
		}
	}
	if !tm.promotes(t) {
		return rtype.StructOf(fields)
	}
	r, n := rtype.NewStruct(fields)
	if n != nil {
		tm.addMethods(t, n)
	}
	return r
}

// promotes tells whether the struct type t has methods, by embedding.
func (tm *typeMap) promotes(t *types.Struct) bool {
	for i := range t.NumFields() {
		if t.Field(i).Embedded() {
			return types.NewMethodSet(types.NewPointer(t)).Len() > 0
		}
	}
	return false
}

func (tm *typeMap) makeFunc(t *types.Signature) reflect.Type {
	in := make([]reflect.Type, t.Params().Len())
	for i := range in {
		in[i] = tm.get(t.Params().At(i).Type())
	}
	out := make([]reflect.Type, t.Results().Len())
	for i := range out {
		out[i] = tm.get(t.Results().At(i).Type())
	}
	return reflect.FuncOf(in, out, t.Variadic())
}

func (tm *typeMap) makeInterface(t *types.Interface) reflect.Type {
	if t.NumMethods() == 0 {
		return reflect.TypeFor[any]()
	}
	ms := make([]rtype.IMethod, t.NumMethods())
	pkg := ""
	for i := range ms {
		f := t.Method(i)
		ms[i] = rtype.IMethod{Name: f.Name(), Type: tm.makeFunc(f.Signature())}
		if !f.Exported() {
			ms[i].PkgPath = f.Pkg().Path()
			pkg = f.Pkg().Path()
		}
	}
	return rtype.InterfaceOf(pkg, ms)
}

func (tm *typeMap) makeNamed(t *types.Named) reflect.Type {
	obj := t.Obj()
	if obj.Pkg() == nil {
		if obj.Name() == "error" {
			return reflect.TypeFor[error]()
		}
		return tm.get(t.Underlying())
	}
	if obj.Pkg().Path() == "$ssa" {
		return tm.get(t.Underlying()) // an opaque type of package ssa
	}
	if r := tm.native(t); r != nil {
		return r
	}
	if t.TypeArgs().Len() == 0 && obj.Parent() == obj.Pkg().Scope() {
		if !obj.Exported() {
			tm.harvest(obj.Pkg())
			if r, ok := tm.byType.At(t).(reflect.Type); ok {
				return r
			}
		}
	}
	return tm.makeInterpreted(t)
}

// native returns the compiled type t, or nil.
func (tm *typeMap) native(t *types.Named) reflect.Type {
	obj := t.Obj()
	if obj.Pkg() == nil || obj.Pkg().Path() == "main" {
		return nil
	}
	if t.TypeArgs().Len() == 0 && obj.Parent() != obj.Pkg().Scope() {
		return nil // local to a function
	}
	return tm.m.natives.Type(obj.Pkg().Path(), typeName(t))
}

// typeName returns the name of t without its package, with the arguments of an
// instance as the runtime writes them.
func typeName(t *types.Named) string {
	if t.TypeArgs().Len() == 0 {
		return t.Obj().Name()
	}
	args := make([]string, t.TypeArgs().Len())
	for i := range args {
		args[i] = argName(t.TypeArgs().At(i))
	}
	return t.Obj().Name() + "[" + strings.Join(args, ",") + "]"
}

// argName returns the name of a type argument.
func argName(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t.Obj().Pkg() != nil {
			return t.Obj().Pkg().Path() + "." + typeName(t)
		}
	case *types.Pointer:
		return "*" + argName(t.Elem())
	case *types.Slice:
		return "[]" + argName(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), argName(t.Elem()))
	case *types.Map:
		return "map[" + argName(t.Key()) + "]" + argName(t.Elem())
	}
	return types.TypeString(t, func(p *types.Package) string { return p.Path() })
}

// makeInterpreted makes the runtime type of a type that cells or source
// packages declare. It exists before its parts do, for they may refer to it.
func (tm *typeMap) makeInterpreted(t *types.Named) reflect.Type {
	n := rtype.NewNamed(t.Obj().Pkg().Path(), typeName(t), tm.layout(t.Underlying()))
	r := n.Type()
	tm.byType.Set(t, r)
	if err := n.Complete(tm.get(t.Underlying())); err != nil {
		panic(fmt.Errorf("exec: type %s: %w", t, err))
	}
	if _, ok := t.Underlying().(*types.Pointer); !ok && !types.IsInterface(t) {
		tm.addMethods(t, n)
	}
	return r
}

// addMethods gives the type t, which is n, its methods and those of the pointer
// to it.
func (tm *typeMap) addMethods(t types.Type, n *rtype.Named) {
	r := n.Type()
	tm.byType.Set(t, r)
	tm.words.Store(rtype.TypeWord(r), t)
	tm.words.Store(rtype.TypeWord(reflect.PointerTo(r)), types.Type(types.NewPointer(t)))
	d := &made{typ: t, n: n, methods: [2]int{-1, -1}}
	tm.made = append(tm.made, d)
	if err := tm.setMethods(d); err != nil {
		panic(err)
	}
}

// setMethods gives d the methods that it does not have yet.
func (tm *typeMap) setMethods(d *made) error {
	value, pointer := types.NewMethodSet(d.typ), types.NewMethodSet(types.NewPointer(d.typ))
	now := [2]int{value.Len(), pointer.Len()}
	if now == d.methods {
		return nil
	}
	if err := d.n.SetMethods(tm.methods(value), tm.methods(pointer)); err != nil {
		return fmt.Errorf("exec: type %s: %w", d.typ, err)
	}
	d.methods = now
	return nil
}

// AddedMethods is to be called when types that code has used already were given
// methods, as [types.Named.AddMethod] does: from now on their values have these,
// also for compiled packages, and so do values that embed them.
func (m *Machine) AddedMethods() error {
	tm := m.types
	tm.mu.Lock()
	defer tm.mu.Unlock()
	for i := 0; i < len(tm.made); i++ { // setMethods may make more
		if err := tm.setMethods(tm.made[i]); err != nil {
			return err
		}
	}
	return nil
}

// Used tells whether code has used the type t, so that compiled packages may know
// it.
func (m *Machine) Used(t types.Type) bool {
	m.types.mu.Lock()
	defer m.types.mu.Unlock()
	return m.types.byType.At(t) != nil
}

// methods returns the methods of set, which are compiled when they are first
// called.
func (tm *typeMap) methods(set *types.MethodSet) []rtype.Method {
	out := make([]rtype.Method, 0, set.Len())
	for i := range set.Len() {
		sel := set.At(i)
		f := sel.Obj().(*types.Func)
		sig := sel.Type().(*types.Signature)
		m := rtype.Method{Name: f.Name(), Type: tm.makeFunc(sig)}
		if !f.Exported() {
			m.PkgPath = f.Pkg().Path()
		}
		lookup := sync.OnceValue(func() *Func { return tm.m.methodFunc(sel) })
		m.Call = tm.m.methodCall(lookup)
		m.Word = methodWord(m.Type, lookup)
		out = append(out, m)
	}
	return out
}

// layout returns a type with the memory layout of t: the same size, alignment,
// pointers and equality. Types that t only points to are left out, so that it
// ends for recursive types.
func (tm *typeMap) layout(t types.Type) reflect.Type {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basics[u.Kind()]
	case *types.Pointer:
		return reflect.TypeFor[*byte]()
	case *types.Slice:
		return reflect.TypeFor[[]byte]()
	case *types.Map:
		return reflect.TypeFor[map[int]int]()
	case *types.Chan:
		return reflect.TypeFor[chan int]()
	case *types.Signature:
		return reflect.TypeFor[func()]()
	case *types.Interface:
		if u.NumMethods() == 0 {
			return reflect.TypeFor[any]()
		}
		return reflect.TypeFor[error]()
	case *types.Array:
		return reflect.ArrayOf(int(u.Len()), tm.layoutOf(u.Elem()))
	case *types.Struct:
		fields := make([]reflect.StructField, u.NumFields())
		for i := range fields {
			fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: tm.layoutOf(u.Field(i).Type())}
		}
		return reflect.StructOf(fields)
	}
	panic(fmt.Errorf("exec: no layout for %s", t))
}

// layoutOf is layout, but for types that are already known.
func (tm *typeMap) layoutOf(t types.Type) reflect.Type {
	if r, ok := tm.byType.At(t).(reflect.Type); ok {
		return r
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if r := tm.native(n); r != nil {
			return r
		}
	}
	return tm.layout(t)
}

// harvest finds the runtime types of pkg's unexported types by walking over its
// exported objects in both worlds at once.
func (tm *typeMap) harvest(pkg *types.Package) {
	if tm.harvested[pkg] {
		return
	}
	tm.harvested[pkg] = true
	seen := make(map[reflect.Type]bool)
	var walk func(t types.Type, r reflect.Type)
	tuple := func(t *types.Tuple, at func(int) reflect.Type, n int) {
		if t.Len() != n {
			return
		}
		for i := range n {
			walk(t.At(i).Type(), at(i))
		}
	}
	walk = func(t types.Type, r reflect.Type) {
		if r == nil {
			return
		}
		if n, ok := types.Unalias(t).(*types.Named); ok {
			if seen[r] || n.Obj().Pkg() != pkg {
				return
			}
			seen[r] = true
			if n.TypeArgs().Len() == 0 && !n.Obj().Exported() && r.Name() == n.Obj().Name() && tm.byType.At(n) == nil {
				tm.byType.Set(n, r)
			}
			for i := range n.NumMethods() {
				f := n.Method(i)
				if m, ok := r.MethodByName(f.Name()); ok && r.Kind() != reflect.Interface {
					tuple(f.Signature().Results(), m.Type.Out, m.Type.NumOut())
				} else if m, ok := reflect.PointerTo(r).MethodByName(f.Name()); ok {
					tuple(f.Signature().Results(), m.Type.Out, m.Type.NumOut())
				}
			}
		}
		switch u := t.Underlying().(type) {
		case *types.Pointer:
			if r.Kind() == reflect.Pointer {
				walk(u.Elem(), r.Elem())
			}
		case *types.Slice:
			if r.Kind() == reflect.Slice {
				walk(u.Elem(), r.Elem())
			}
		case *types.Array:
			if r.Kind() == reflect.Array {
				walk(u.Elem(), r.Elem())
			}
		case *types.Chan:
			if r.Kind() == reflect.Chan {
				walk(u.Elem(), r.Elem())
			}
		case *types.Map:
			if r.Kind() == reflect.Map {
				walk(u.Key(), r.Key())
				walk(u.Elem(), r.Elem())
			}
		case *types.Struct:
			if r.Kind() == reflect.Struct && r.NumField() == u.NumFields() {
				for i := range u.NumFields() {
					walk(u.Field(i).Type(), r.Field(i).Type)
				}
			}
		case *types.Signature:
			if r.Kind() == reflect.Func {
				tuple(u.Params(), r.In, r.NumIn())
				tuple(u.Results(), r.Out, r.NumOut())
			}
		}
	}
	for _, name := range pkg.Scope().Names() {
		switch o := pkg.Scope().Lookup(name).(type) {
		case *types.TypeName:
			if n, ok := o.Type().(*types.Named); ok && n.TypeParams().Len() == 0 {
				walk(n, tm.m.natives.Type(pkg.Path(), name))
			}
		case *types.Func:
			if f := tm.m.natives.Func(pkg.Path(), name); f.IsValid() {
				walk(o.Signature(), f.Type())
			}
		case *types.Var:
			if v := tm.m.natives.Var(pkg.Path(), name); v.IsValid() {
				walk(o.Type(), v.Type().Elem())
			}
		}
	}
}

// interpretedType returns the type that a type word stands for, if its methods
// are interpreted.
func (tm *typeMap) interpretedType(w ptr) types.Type {
	if t, ok := tm.words.Load(w); ok {
		return t.(types.Type)
	}
	return nil
}

// tupleOf returns t as a tuple.
func tupleOf(t types.Type) (*types.Tuple, bool) {
	tt, ok := t.(*types.Tuple)
	return tt, ok
}

// deref returns the type that t points to.
func deref(t types.Type) types.Type { return t.Underlying().(*types.Pointer).Elem() }
