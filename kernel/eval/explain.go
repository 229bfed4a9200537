package eval

// This file says of a run-time panic what the reader wants to know next: which
// part of the expression was nil, or zero, or which index it was.

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"cajal/kernel/eval/exec"

	"golang.org/x/tools/go/ssa"
)

// Patterns of the runtime's messages.
var (
	indexText = regexp.MustCompile(`^runtime error: index out of range \[(-?\d+)\](?: with length (\d+))?$`)
	sliceText = regexp.MustCompile(`^runtime error: slice bounds out of range \[(.*)\](?: with (length|capacity) (\d+))?$`)
)

// explain returns a hint about a panic with the value v that c caused; "" if
// there is nothing to say.
func explain(v any, c *exec.Cause) string {
	if _, ok := v.(runtime.Error); !ok {
		return ""
	}
	text := v.(error).Error()
	if c == nil || c.Instr.Parent().Syntax() == nil {
		return ""
	}
	x := cause{c, c.Instr.Parent().Syntax()}
	switch {
	case strings.Contains(text, "nil pointer dereference"):
		return x.nilHint()
	case strings.HasPrefix(text, "runtime error: index out of range"):
		return x.indexHint(text)
	case strings.HasPrefix(text, "runtime error: slice bounds out of range"):
		return x.sliceHint(text)
	case strings.HasSuffix(text, "integer divide by zero"):
		return x.zeroHint()
	case strings.HasSuffix(text, "negative shift amount"), strings.Contains(text, "makeslice: "), strings.Contains(text, "makechan: "):
		return x.sizeHint()
	case strings.HasPrefix(text, "assignment to entry in nil map"):
		return x.mapHint()
	case strings.HasPrefix(text, "close of nil channel"):
		return x.channelHint()
	case strings.HasPrefix(text, "interface conversion: "):
		return x.assertionHint()
	case strings.Contains(text, "hash of unhashable type"):
		return "a key has to be comparable: no slice, map or function, and nothing that holds one"
	}
	return ""
}

// cause is an instruction that panicked, with the syntax of its function.
type cause struct {
	*exec.Cause
	syntax ast.Node
}

// nodeAt returns the innermost node of type N of the function for which is is true.
func nodeAt[N ast.Node](c cause, is func(N) bool) (found N, ok bool) {
	ast.Inspect(c.syntax, func(n ast.Node) bool {
		if x, isN := n.(N); isN && is(x) {
			found, ok = x, true
		}
		return true
	})
	return found, ok
}

// words returns the text of an expression; "" if it is too long to be repeated.
func words(e ast.Expr) string {
	text := types.ExprString(ast.Unparen(e))
	if len(text) > 60 || strings.Contains(text, "·") {
		return ""
	}
	return text
}

// literal tells whether e says itself what it is.
func literal(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		return true
	case *ast.UnaryExpr:
		return literal(e.X)
	}
	return false
}

// typeName returns the name of a type as a cell writes it.
func typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p.Name() == "main" {
			return ""
		}
		return p.Name()
	})
}

// isNil tells whether v was nil.
func (c cause) isNil(v ssa.Value) bool {
	if k, ok := v.(*ssa.Const); ok {
		return k.IsNil()
	}
	x := c.Value(v)
	switch x.Kind() {
	case reflect.Pointer, reflect.Func, reflect.Interface, reflect.Map, reflect.Chan, reflect.UnsafePointer:
		return x.IsNil()
	}
	return false
}

// nilHint names the pointer, function or interface that was nil.
func (c cause) nilHint() string {
	var v ssa.Value // what was nil
	pos := c.Instr.Pos()
	switch in := c.Instr.(type) {
	case *ssa.UnOp:
		v = in.X
		if !pos.IsValid() { // the receiver of a method of values
			pos = c.calledWith(in)
		}
	case *ssa.Store:
		v = in.Addr
	case *ssa.FieldAddr, *ssa.IndexAddr:
		v = in.(ssa.Value)
	case *ssa.Slice:
		v = in.X
	case *ssa.TypeAssert: // of a method value
		v = in.X
	case ssa.CallInstruction:
		return c.nilCall(in.Common())
	default:
		return ""
	}
	for address := true; address; {
		switch a := v.(type) {
		case *ssa.FieldAddr:
			pos, v = a.Pos(), a.X
		case *ssa.IndexAddr:
			pos, v = a.Pos(), a.X
		default:
			address = false
		}
	}
	if !c.isNil(v) {
		return ""
	}
	var operand ast.Expr
	if s, ok := nodeAt(c, func(s *ast.SelectorExpr) bool { return s.Sel.Pos() == pos }); ok {
		operand = s.X
	} else if s, ok := nodeAt(c, func(s *ast.StarExpr) bool { return s.Star == pos }); ok {
		operand = s.X
	} else if s, ok := nodeAt(c, func(s *ast.IndexExpr) bool { return s.Lbrack == pos }); ok {
		operand = s.X
	} else if s, ok := nodeAt(c, func(s *ast.SliceExpr) bool { return s.Lbrack == pos }); ok {
		operand = s.X
	} else {
		return ""
	}
	return isNilText(words(operand), c.embedded(v, pos), v.Type())
}

// isNilText words what it means that an operand was nil.
func isNilText(operand, fields string, t types.Type) string {
	if operand == "" {
		return ""
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return fmt.Sprintf("%s%s is nil: it points to no %s", operand, fields, typeName(u.Elem()))
	case *types.Interface:
		if _, ok := t.(*types.Named); ok {
			return fmt.Sprintf("%s%s is nil: it holds no %s", operand, fields, typeName(t))
		}
		return fmt.Sprintf("%s%s is nil: it holds no value", operand, fields)
	case *types.Signature:
		return fmt.Sprintf("%s%s is nil: no function was assigned to it", operand, fields)
	}
	return fmt.Sprintf("%s%s is nil", operand, fields)
}

// embedded returns the fields on the way to v, which is selected from at pos, that
// the source leaves out because they are embedded.
func (c cause) embedded(v ssa.Value, pos token.Pos) (fields string) {
	for {
		if load, ok := v.(*ssa.UnOp); ok {
			v = load.X
		}
		var from ssa.Value
		var field int
		switch f := v.(type) {
		case *ssa.FieldAddr:
			from, field = f.X, f.Field
		case *ssa.Field:
			from, field = f.X, f.Field
		default:
			return fields
		}
		if _, explicit := nodeAt(c, func(s *ast.SelectorExpr) bool { return s.Sel.Pos() == v.Pos() && v.Pos() != pos }); explicit {
			return fields
		}
		t := from.Type().Underlying()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem().Underlying()
		}
		fields = "." + t.(*types.Struct).Field(field).Name() + fields
		v = from
	}
}

// calledWith returns where the method is selected that is called with v.
func (c cause) calledWith(v ssa.Value) token.Pos {
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case ssa.CallInstruction:
			if x, ok := nodeAt(c, func(x *ast.CallExpr) bool { return x.Lparen == r.Common().Pos() }); ok {
				if sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr); ok {
					return sel.Sel.Pos()
				}
			}
		case *ssa.MakeClosure:
			return r.Pos()
		}
	}
	return token.NoPos
}

// nilCall names what was nil in a call: what is called, or else the receiver or
// the one argument of a compiled function that was.
func (c cause) nilCall(call *ssa.CallCommon) string {
	x, ok := nodeAt(c, func(x *ast.CallExpr) bool {
		return x.Lparen == call.Pos() && !strings.Contains(types.ExprString(x.Fun), "·")
	})
	if !ok {
		return ""
	}
	fun := ast.Unparen(x.Fun)
	sel, selects := fun.(*ast.SelectorExpr)
	switch call.Value.(type) {
	case *ssa.Builtin:
		return ""
	case *ssa.Function:
	default:
		switch {
		case !c.isNil(call.Value):
			return ""
		case !call.IsInvoke():
			return isNilText(words(fun), "", call.Value.Type())
		case selects:
			return isNilText(words(sel.X), c.embedded(call.Value, sel.Sel.Pos()), call.Value.Type())
		}
		return ""
	}
	args := call.Args
	if call.Signature().Recv() != nil && len(args) > 0 {
		if selects && c.isNil(args[0]) {
			return isNilText(words(sel.X), c.embedded(args[0], sel.Sel.Pos()), args[0].Type())
		}
		args = args[1:]
	}
	found := ""
	for i, a := range args {
		if i < len(x.Args) && !literal(x.Args[i]) && words(x.Args[i]) != "nil" && c.isNil(a) {
			if found != "" {
				return ""
			}
			found = isNilText(words(x.Args[i]), "", a.Type())
		}
	}
	return found
}

// indexHint says which index it was.
func (c cause) indexHint(text string) string {
	m := indexText.FindStringSubmatch(text)
	x, ok := c.indexExpr()
	if m == nil || m[2] == "" || !ok {
		return ""
	}
	index, of := words(x.Index), words(x.X)
	if of == "" {
		return ""
	}
	var parts []string
	if index != "" && !literal(x.Index) {
		parts = append(parts, index+" is "+m[1])
	}
	if n, err := strconv.Atoi(m[2]); n == 0 || err != nil {
		parts = append(parts, of+" is empty")
	} else {
		parts = append(parts, fmt.Sprintf("the last index of %s is %d", of, n-1))
	}
	return strings.Join(parts, "; ")
}

// indexExpr returns the expression s[i] that panicked.
func (c cause) indexExpr() (*ast.IndexExpr, bool) {
	positions := map[token.Pos]bool{c.Instr.Pos(): true}
	var address ssa.Value
	switch in := c.Instr.(type) {
	case *ssa.UnOp:
		address = in.X
	case *ssa.Store:
		address = in.Addr
	case ssa.Value:
		address = in
	}
	for {
		switch a := address.(type) {
		case *ssa.FieldAddr:
			address = a.X
			continue
		case *ssa.IndexAddr:
			positions[a.Pos()] = true
		}
		break
	}
	return nodeAt(c, func(x *ast.IndexExpr) bool { return positions[x.Lbrack] })
}

// sliceHint says which bounds they were.
func (c cause) sliceHint(text string) string {
	m := sliceText.FindStringSubmatch(text)
	x, ok := nodeAt(c, func(x *ast.SliceExpr) bool { return x.Lbrack == c.Instr.Pos() })
	if m == nil || !ok {
		return ""
	}
	bounds := strings.Split(m[1], ":")
	exprs := []ast.Expr{x.Low, x.High, x.Max}
	var parts []string
	for i, b := range bounds {
		if b == "" || i >= len(exprs) || exprs[i] != nil && literal(exprs[i]) {
			continue
		}
		if exprs[i] == nil {
			if of := words(x.X); of != "" {
				parts = append(parts, fmt.Sprintf("len(%s) is %s", of, b))
			}
			continue
		}
		if w := words(exprs[i]); w != "" {
			parts = append(parts, w+" is "+b)
		}
	}
	if of := words(x.X); of != "" && m[2] != "" {
		parts = append(parts, fmt.Sprintf("%s(%s) is %s", map[string]string{"length": "len", "capacity": "cap"}[m[2]], of, m[3]))
	}
	return strings.Join(parts, "; ")
}

// zeroHint names the divisor.
func (c cause) zeroHint() string {
	var divisor ast.Expr
	if x, ok := nodeAt(c, func(x *ast.BinaryExpr) bool { return x.OpPos == c.Instr.Pos() }); ok {
		divisor = x.Y
	} else if x, ok := c.opAssign(); ok {
		divisor = x.Rhs[0]
	}
	if divisor == nil || words(divisor) == "" {
		return ""
	}
	return words(divisor) + " is 0"
}

// opAssign returns the assignment x op= y that panicked.
func (c cause) opAssign() (*ast.AssignStmt, bool) {
	return nodeAt(c, func(x *ast.AssignStmt) bool {
		return x.Pos() == c.Instr.Pos() && x.Tok != token.ASSIGN && x.Tok != token.DEFINE && len(x.Rhs) == 1
	})
}

// sizeHint gives the number that was negative, or too large.
func (c cause) sizeHint() string {
	var parts []string
	add := func(e ast.Expr, v ssa.Value) {
		x := c.Value(v)
		if w := words(e); w != "" && !literal(e) && x.IsValid() && (x.CanInt() || x.CanUint()) {
			parts = append(parts, fmt.Sprintf("%s is %v", w, x))
		}
	}
	made := func(pos token.Pos, sizes ...ssa.Value) {
		x, ok := nodeAt(c, func(x *ast.CallExpr) bool { return x.Lparen == pos })
		for i, v := range sizes {
			if ok && i+1 < len(x.Args) {
				add(x.Args[i+1], v)
			}
		}
	}
	switch in := c.Instr.(type) {
	case *ssa.MakeSlice:
		made(in.Pos(), in.Len, in.Cap)
	case *ssa.MakeChan:
		made(in.Pos(), in.Size)
	case *ssa.BinOp:
		if x, ok := nodeAt(c, func(x *ast.BinaryExpr) bool { return x.OpPos == in.Pos() }); ok {
			add(x.Y, in.Y)
		} else if x, ok := c.opAssign(); ok {
			add(x.Rhs[0], in.Y)
		}
	}
	return strings.Join(parts, "; ")
}

// mapHint names the map that was nil.
func (c cause) mapHint() string {
	in, ok := c.Instr.(*ssa.MapUpdate)
	if !ok {
		return ""
	}
	x, ok := nodeAt(c, func(x *ast.IndexExpr) bool { return x.Lbrack == in.Pos() })
	if !ok || words(x.X) == "" {
		return ""
	}
	return makeText(x.X, in.Map.Type())
}

// channelHint names the channel that was nil.
func (c cause) channelHint() string {
	in, ok := c.Instr.(ssa.CallInstruction)
	if !ok {
		return ""
	}
	x, ok := nodeAt(c, func(x *ast.CallExpr) bool { return x.Lparen == in.Pos() && len(x.Args) == 1 })
	if !ok || words(x.Args[0]) == "" {
		return ""
	}
	return makeText(x.Args[0], in.Common().Args[0].Type())
}

// makeText tells of the way to make what was nil, a map or a channel.
func makeText(e ast.Expr, t types.Type) string {
	switch ast.Unparen(e).(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		return fmt.Sprintf("%s is nil; %[1]s = make(%s) makes one", words(e), typeName(t))
	}
	return words(e) + " is nil"
}

// assertionHint tells of the way to ask before.
func (c cause) assertionHint() string {
	in, ok := c.Instr.(*ssa.TypeAssert)
	if !ok {
		return ""
	}
	x, ok := nodeAt(c, func(x *ast.TypeAssertExpr) bool { return x.Lparen == in.Pos() })
	if !ok || words(x) == "" {
		return ""
	}
	return fmt.Sprintf("v, ok := %s sets ok to false instead", words(x))
}
