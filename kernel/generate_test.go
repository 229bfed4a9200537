package kernel_test

// This file writes small valid programs at random, to be run twice.

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
)

// prelude is what every generated program begins with: types and functions that
// its parts use.
const prelude = `package main

import (
	"fmt"
	"iter"
	"strings"
)

type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

type shape interface {
	Area() int
	Name() string
}

type base struct {
	id   int32
	tags [3]uint8
}

func (b base) Name() string   { return fmt.Sprint("base", b.id) }
func (b *base) Bump(by int32) { b.id += by; b.tags[uint32(b.id)%3]++ }

type rect struct {
	base
	w, h int
	next *rect
}

func (r rect) Area() int { return r.w * r.h }

type small int8

func (s small) Area() int    { return int(s) * 2 }
func (s small) Name() string { return strings.Repeat("s", int(uint8(s)%5)) }

type pair[K comparable, V any] struct {
	key K
	val V
}

func (p pair[K, V]) Swap(v V) (pair[K, V], V) { return pair[K, V]{p.key, v}, p.val }
func (p *pair[K, V]) Set(k K, v V)            { p.key, p.val = k, v }

func sum[T number](xs ...T) (t T) {
	for _, x := range xs {
		t += x
	}
	return t
}

func apply[T, U any](xs []T, f func(T) U) []U {
	var out []U
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func hide[T any](x T) T { return x }

func upto[T number](n T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		defer fmt.Println("end of upto", n)
		for i := range 5 {
			if !yield(i, n+T(i)) {
				return
			}
		}
	}
}

// whole converts floats that fit.
func whole[T ~float32 | ~float64](x T) int {
	if x > -1e9 && x < 1e9 {
		return int(x)
	}
	return -1
}

func rescue(name string) {
	if r := recover(); r != nil {
		err, ok := r.(error)
		if ok {
			fmt.Println(name, "error:", err)
			return
		}
		fmt.Printf("%s panic: %v %T\n", name, r, r)
	}
}
`

// The numeric types of generated programs, and their sizes in bits.
var (
	intTypes   = []string{"int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64"}
	floatTypes = []string{"float32", "float64"}
	bitsOf     = map[string]int{"int": 64, "int8": 8, "int16": 16, "int32": 32, "int64": 64, "uint": 64, "uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64}
)

// generator writes one program. It chooses by the bytes of its input, and at
// random, from a seed made of them, when these are used up.
type generator struct {
	data  []byte
	rand  *rand.Rand
	out   strings.Builder
	vars  []variable
	count int // of names so far
	level int // of nested statements
	left  int // statements that may still be written
	loops []string
}

// variable is one that can be named where the generator is.
type variable struct {
	name, typ string
	fixed     bool // it must not be assigned to
}

// generate returns a program of n functions, each of which main calls.
func generate(data []byte, n int) string {
	h := fnv.New64a()
	h.Write(data)
	g := &generator{data: data, rand: rand.New(rand.NewPCG(h.Sum64(), 1))}
	g.out.WriteString(prelude)
	for i := range n {
		g.function(i)
	}
	g.line("\nfunc main() {")
	for i := range n {
		g.line("fmt.Println(%q)\np%d()", functionMark(i), i)
	}
	g.line("}")
	return g.out.String()
}

// functionMark is what a program prints before it calls its i-th function.
func functionMark(i int) string { return fmt.Sprintf("-- p%d --", i) }

// pick returns a number below n.
func (g *generator) pick(n int) int {
	if len(g.data) > 0 {
		b := g.data[0]
		g.data = g.data[1:]
		return int(b) % n
	}
	return g.rand.IntN(n)
}

func (g *generator) of(list ...string) string { return list[g.pick(len(list))] }

func (g *generator) line(format string, args ...any) { fmt.Fprintf(&g.out, format+"\n", args...) }

func (g *generator) name() string { g.count++; return fmt.Sprintf("v%d", g.count) }

// declare makes a variable known.
func (g *generator) declare(typ string, fixed bool) string {
	name := g.name()
	g.vars = append(g.vars, variable{name, typ, fixed})
	return name
}

// variable returns one of a type, "" if there is none.
func (g *generator) variable(typ string, assign bool) string {
	var names []string
	for _, v := range g.vars {
		if v.typ == typ && !(assign && v.fixed) {
			names = append(names, v.name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return g.of(names...)
}

func (g *generator) numeric() string {
	if g.pick(4) == 0 {
		return g.of(floatTypes...)
	}
	return g.of(intTypes...)
}

// literal returns a constant of a type.
func (g *generator) literal(typ string) string {
	switch typ {
	case "string":
		return g.of(`"a"`, `"héllo"`, `""`, `"日本"`, `"\xff\x00z"`, `"abc"`)
	case "bool":
		return g.of("true", "false")
	case "float32", "float64":
		return g.of("0", "1", "-1", "0.5", "1e10", "-2.75", "3", "0.1", "16777217")
	}
	bits := bitsOf[typ]
	if strings.HasPrefix(typ, "u") {
		return g.of("0", "1", "2", "3", "7", "10", "100", fmt.Sprint(uint64(1)<<(bits-1)), fmt.Sprint(^uint64(0)>>(64-bits)))
	}
	return g.of("0", "1", "-1", "2", "3", "-7", "10", "100", fmt.Sprint(int64(-1)<<(bits-1)), fmt.Sprint(int64(uint64(1)<<(bits-1)-1)))
}

// value returns an expression of a type that is no constant, and calls nothing
// that changes variables.
func (g *generator) value(typ string, depth int) string {
	name := g.variable(typ, false)
	if depth <= 0 || g.pick(6) == 0 {
		if name != "" {
			return name
		}
		return fmt.Sprintf("hide[%s](%s)", typ, g.literal(typ))
	}
	sub := func(t string) string { return g.value(t, depth-1) }
	// operand is one that may be a constant.
	operand := func(t string) string {
		if g.pick(3) == 0 {
			return g.literal(t)
		}
		return sub(t)
	}
	switch typ {
	case "string":
		switch g.pick(6) {
		case 0:
			return fmt.Sprintf("(%s + %s)", sub(typ), operand(typ))
		case 1:
			return fmt.Sprintf("string([]byte(%s))", sub(typ))
		case 2:
			return fmt.Sprintf("string([]rune(%s))", sub(typ))
		case 3:
			return fmt.Sprintf("fmt.Sprint(%s)", sub(g.numeric()))
		case 4:
			return fmt.Sprintf("string(rune(%s))", sub("int32"))
		}
		return fmt.Sprintf("%s(%s, %s)", g.of("min", "max"), sub(typ), operand(typ))
	case "bool":
		t := g.of("string", g.numeric())
		switch g.pick(4) {
		case 0:
			return fmt.Sprintf("(%s %s %s)", sub("bool"), g.of("&&", "||", "==", "!="), sub("bool"))
		case 1:
			return "!" + sub("bool")
		}
		return fmt.Sprintf("(%s %s %s)", sub(t), g.of("==", "!=", "<", "<=", ">", ">="), operand(t))
	case "float32", "float64":
		switch g.pick(6) {
		case 0:
			return fmt.Sprintf("%s(%s)", typ, sub(g.numeric()))
		case 1:
			return "-(" + sub(typ) + ")"
		case 2:
			return fmt.Sprintf("%s(%s, %s)", g.of("min", "max"), sub(typ), operand(typ))
		}
		// The conversion forbids that a product and a sum are rounded at once.
		y := operand(typ)
		op := g.of("+", "-", "*", "/")
		if op == "/" {
			y = sub(typ)
		}
		return fmt.Sprintf("%s(%s %s %s)", typ, sub(typ), op, y)
	}
	switch g.pick(11) {
	case 0:
		from := g.numeric()
		if slices.Contains(floatTypes, from) {
			return fmt.Sprintf("%s(whole(%s))", typ, sub(from))
		}
		return fmt.Sprintf("%s(%s)", typ, sub(from))
	case 1:
		return fmt.Sprintf("(%s %s %s)", sub(typ), g.of("<<", ">>"), g.of("1", "3", "7", "31", "63", "64", "70", "("+sub(g.of(intTypes...))+"&63)", sub("uint8")))
	case 2:
		return fmt.Sprintf("(%s %s (%s|1))", sub(typ), g.of("/", "%"), sub(typ))
	case 3:
		return fmt.Sprintf("(%s %s %s)", sub(typ), g.of("/", "%"), g.of("3", "7", "10", "8", "16", "100"))
	case 4:
		return fmt.Sprintf("%s(%s)", g.of("-", "^"), sub(typ))
	case 5:
		return fmt.Sprintf("%s(len(%s))", typ, sub("string"))
	case 6:
		return fmt.Sprintf("%s(%s, %s)", g.of("min", "max"), sub(typ), operand(typ))
	case 7:
		return fmt.Sprintf("sum(%s, %s, %s)", sub(typ), sub(typ), operand(typ))
	}
	if g.pick(2) == 0 {
		return fmt.Sprintf("(%s %s %s)", operand(typ), g.of("+", "-", "*", "&", "|", "^", "&^"), sub(typ))
	}
	return fmt.Sprintf("(%s %s %s)", sub(typ), g.of("+", "-", "*", "&", "|", "^", "&^"), operand(typ))
}

// index returns an expression of an index that may be beyond n.
func (g *generator) index(n int) string {
	return fmt.Sprintf("%s%%%d", g.value(g.of("uint", "uint8", "uint32"), 1), n)
}

// function writes the i-th function.
func (g *generator) function(i int) {
	g.vars, g.loops, g.level, g.left = nil, nil, 0, 8+g.pick(14)
	g.line("\nfunc p%d() {\ndefer rescue(\"p%d\")", i, i)
	for range 3 {
		g.declaration(g.of("string", "bool", g.numeric(), g.of(intTypes...)))
	}
	for g.left > 0 {
		g.statement()
	}
	g.show(0)
	g.line("}")
}

// declaration declares a variable of a basic type.
func (g *generator) declaration(typ string) {
	e := g.value(typ, 2)
	if g.pick(3) == 0 {
		e = g.literal(typ)
	}
	g.line("var %s %s = %s", g.declare(typ, false), typ, e)
}

// show prints the variables from the i-th on, and forgets them.
func (g *generator) show(i int) {
	var names []string
	for _, v := range g.vars[i:] {
		names = append(names, v.name)
	}
	if len(names) > 0 {
		g.line("fmt.Println(%s)", strings.Join(names, ", "))
	}
	g.vars = g.vars[:i]
}

// block writes some statements between braces that are there.
func (g *generator) block() {
	first := len(g.vars)
	g.level++
	for range 1 + g.pick(3) {
		g.statement()
	}
	g.level--
	g.show(first)
}

// flatStatements is how many kinds of statements have no blocks.
const flatStatements = 15

// statement writes one; where it is deeply nested, one without a block.
func (g *generator) statement() {
	g.left--
	all := []func(){
		g.assign, g.assign, g.declare1, g.slices, g.maps, g.structs, g.arrays, g.strings,
		g.closures, g.generics, g.channels, g.interfaces, g.deferred, g.pointers, g.tuples,
		g.branch, g.loop, g.choice, g.iterate, g.faulty,
	}
	if g.level >= 3 {
		all = all[:flatStatements]
	}
	all[g.pick(len(all))]()
}

func (g *generator) declare1() { g.declaration(g.of("string", "bool", g.numeric())) }

func (g *generator) assign() {
	typ := g.of("string", "bool", g.numeric(), g.numeric())
	v := g.variable(typ, true)
	if v == "" {
		g.declaration(typ)
		return
	}
	switch {
	case typ == "bool" || g.pick(3) == 0:
		g.line("%s = %s", v, g.value(typ, 3))
	case typ == "string":
		g.line("if len(%s) < 200 { %s += %s }", v, v, g.value(typ, 1))
	case g.pick(3) == 0:
		g.line("%s%s", v, g.of("++", "--"))
	case slices.Contains(floatTypes, typ):
		g.line("%s %s= %s", v, g.of("+", "-"), g.variableOr(typ))
	default:
		g.line("%s %s= %s", v, g.of("+", "-", "*", "&", "|", "^", "&^"), g.value(typ, 2))
	}
}

// variableOr returns a variable of a type, or a constant.
func (g *generator) variableOr(typ string) string {
	if v := g.variable(typ, false); v != "" {
		return v
	}
	return g.literal(typ)
}

func (g *generator) slices() {
	t := g.of("string", g.numeric(), g.numeric())
	s := g.name()
	g.line("%s := []%s{%s, %s, %s}", s, t, g.value(t, 1), g.literal(t), g.value(t, 2))
	for range 1 + g.pick(4) {
		switch g.pick(8) {
		case 0:
			g.line("%s = append(%s, %s, %s)", s, s, g.literal(t), g.value(t, 2))
		case 1:
			g.line("%s[%s] = %s", s, g.index(4), g.value(t, 1))
		case 2:
			g.line("%s = %s[%s:]", s, s, g.index(3))
		case 3:
			g.line("%s = append(%s[:1:%d], %s...)", s, s, 1+g.pick(2), s)
		case 4:
			g.line("fmt.Println(copy(%s, %s[1:]), %s)", s, s, s)
		case 5:
			g.line("for i := range %s { %s[i] += %s }", s, s, g.value(t, 1))
			if t == "string" {
				g.line("%s = append(%s, %s)", s, s, g.value(t, 1))
			}
		case 6:
			g.line("clear(%s[%s:])", s, g.index(3))
		default:
			g.line("fmt.Println([3]%s(%s), len(%s[:2]))", t, s, s)
		}
	}
	g.line("fmt.Println(%s, len(%s))", s, s)
}

func (g *generator) maps() {
	k, v := g.of("string", "int", "uint8", "bool", "float64"), g.numeric()
	m := g.name()
	g.line("%s := map[%s]%s{%s: %s}", m, k, v, g.value(k, 1), g.value(v, 1))
	for range 1 + g.pick(4) {
		switch g.pick(5) {
		case 0:
			g.line("%s[%s] += %s", m, g.value(k, 1), g.variableOr(v))
		case 1:
			g.line("delete(%s, %s)", m, g.value(k, 1))
		case 2:
			g.line("if x, ok := %s[%s]; ok { fmt.Println(x) }", m, g.value(k, 1))
		case 3:
			g.line("%s[%s]++", m, g.literal(k))
		default:
			g.line("{ n := 0; for range %s { n++ }; fmt.Println(n == len(%s)) }", m, m)
		}
	}
	g.line("fmt.Println(%s)", m)
}

func (g *generator) structs() {
	r, q := g.name(), g.name()
	g.line("%s := rect{base: base{id: %s}, w: %s, h: %s}", r, g.value("int32", 1), g.value("int", 1), g.value("int", 2))
	g.line("%s := &rect{w: %s.h, next: &%s}", q, r, r)
	for range 1 + g.pick(4) {
		switch g.pick(6) {
		case 0:
			g.line("%s.Bump(%s)", g.of(r, q, q+".next"), g.value("int32", 1))
		case 1:
			g.line("%s.next.w += %s", q, g.value("int", 1))
		case 2:
			g.line("{ c := *%s; c.w++; c.tags[1] = 9; fmt.Println(c.Area(), %s.Area(), c == *%s) }", q, q, q)
		case 3:
			g.line("{ f := %s.Bump; f(2); h := rect.Area; fmt.Println(h(%s), (*base).Bump != nil) }", r, r)
		case 4:
			g.line("%s.base, %s.w = base{id: 4, tags: [3]uint8{1, 2}}, %s.h", r, r, q)
		default:
			g.line("fmt.Println(%s.Name(), %s.next.Name(), %s.base == %s.base)", r, q, r, q)
		}
	}
	g.line("fmt.Println(%s.id, %s.tags, %s.w, %s.h, %s.base, %s.next == &%s)", r, r, r, r, q, q, r)
}

func (g *generator) arrays() {
	t := g.numeric()
	a, b := g.name(), g.name()
	g.line("%s := [4]%s{1: %s, %s}", a, t, g.value(t, 1), g.literal(t))
	g.line("%s := %s", b, a)
	g.line("%s[%s] += %s", b, g.index(5), g.variableOr(t))
	g.line("for i, x := range %s { %s[3-i] -= x }", a, a)
	g.line("fmt.Println(%s, %s, %s == %s, len(%s))", a, b, a, b, a)
}

func (g *generator) strings() {
	s := g.name()
	g.line("%s := %s", s, g.value("string", 2))
	switch g.pick(4) {
	case 0:
		g.line("for i, c := range %s { fmt.Print(i, c, \" \") }", s)
	case 1:
		g.line("fmt.Println(%s[%s])", s, g.index(4))
	case 2:
		g.line("fmt.Println(%s[%s:%s])", s, g.index(3), g.index(6))
	default:
		g.line("{ b := []byte(%s); for i := range b { b[i] ^= 1 }; fmt.Println(b, strings.ToUpper(%s)) }", s, s)
	}
	g.line("fmt.Printf(\"%%q %%d\\n\", %s, len(%s))", s, s)
}

func (g *generator) closures() {
	t := g.numeric()
	x, f, fs := g.name(), g.name(), g.name()
	g.line("%s := %s", x, g.value(t, 2))
	g.line("%s := func(d %s) (r %s) { defer func() { r++ }(); %s += d; return %s - d }", f, t, t, x, x)
	g.line("{ y := %s(%s); z := %s(y); fmt.Println(%s, y, z) }", f, g.value(t, 1), f, x)
	g.line("var %s []func() %s", fs, t)
	g.line("for i := range 3 { %s = append(%s, func() %s { i++; return %s(i) + %s }) }", fs, fs, t, t, x)
	g.line("for _, f := range %s { a, b := f(), f(); fmt.Print(a, b, \" \") }", fs)
	g.line("fmt.Println(%s)", x)
}

func (g *generator) generics() {
	t, u := g.of("string", g.numeric()), g.numeric()
	p := g.name()
	g.line("%s := pair[%s, %s]{%s, %s}", p, t, u, g.value(t, 1), g.value(u, 1))
	g.line("{ q, old := %s.Swap(%s); q.Set(q.key, old+1); fmt.Printf(\"%%v %%v %%T %%t\\n\", q, old, q, q == %s) }", p, g.value(u, 1), p)
	g.line("fmt.Println(apply([]%s{%s, %s}, func(x %s) string { return fmt.Sprint(x, %s.val) }), sum(%s.val, %s))", t, g.value(t, 1), g.literal(t), t, p, p, g.literal(u))
}

func (g *generator) channels() {
	t := g.of("string", "bool", g.numeric())
	c, d := g.name(), g.name()
	g.line("%s, %s := make(chan %s, 3), make(chan int)", c, d, t)
	g.line("%s <- %s\n%s <- %s", c, g.value(t, 1), c, g.literal(t))
	g.line("select { case x := <-%s: fmt.Println(x, len(%s)); case y, ok := <-%s: fmt.Println(y, ok) }", c, c, d)
	g.line("select { case %s <- 1: fmt.Println(1); default: fmt.Println(cap(%s)) }", d, c)
	g.line("go func() { defer close(%s); for i := range %d { %s <- i * i } }()", d, 1+g.pick(4), d)
	g.line("for x := range %s { fmt.Print(x, \" \") }\nclose(%s)", d, c)
	g.line("for x := range %s { fmt.Print(x, \" \") }", c)
	g.line("{ x, ok := <-%s; fmt.Println(x, ok) }", c)
}

func (g *generator) interfaces() {
	t := g.of("string", "bool", g.numeric())
	v, s := g.name(), g.name()
	g.line("var %s any = %s", v, g.of(g.value(t, 1), "rect{w: 2}", "small("+g.value("int8", 1)+")", "&rect{h: 3}", "nil", "[]int{1}", "[2]string{}"))
	g.line("switch x := %s.(type) { case nil: fmt.Println(\"nil\"); case shape: fmt.Println(x.Area(), x.Name()); case int, uint8: fmt.Println(x); case string: fmt.Println(len(x)); case float64: fmt.Println(x / 2); default: fmt.Printf(\"%%T\\n\", x) }", v)
	g.line("if %s, ok := %s.(shape); ok { f := %s.Area; fmt.Println(f(), %s == shape(small(3))) }", s, v, s, s)
	g.line("fmt.Println(%s == any(%s))", v, g.value(t, 1))
	if g.pick(3) == 0 {
		g.line("fmt.Println(%s.(%s))", v, g.of(t, "shape", "small", "error"))
	}
}

func (g *generator) deferred() {
	t := g.numeric()
	f := g.name()
	g.line("%s := func(n %s) (r %s, err error) {", f, t, t)
	g.line("defer func() { if x := recover(); x != nil { err = fmt.Errorf(\"got %%v\", x); r += 7 } }()")
	g.line("for i := range 3 { defer func() { r += %s(i) * n }() }", t)
	g.line("r = %s", g.value(t, 1))
	switch g.pick(4) {
	case 0:
		g.line("panic(fmt.Sprint(n))")
	case 1:
		g.line("defer panic(%s)\npanic(1)", g.literal("string"))
	case 2:
		g.line("var m map[string]int\nm[\"a\"]++")
	}
	g.line("return n + r, nil\n}")
	g.line("fmt.Println(%s(%s))", f, g.value(t, 1))
}

func (g *generator) pointers() {
	t := g.of("string", g.numeric())
	p := g.name()
	g.line("%s := new(%s)", p, g.value(t, 1))
	g.line("{ q := &%s; **q += %s; fmt.Println(*%s, *q == %s) }", p, g.literal(t), p, p)
}

func (g *generator) tuples() {
	t := g.of("string", "bool", g.numeric())
	a, b := g.declare(t, false), g.declare(t, false)
	g.line("%s, %s := func() (x, y %s) { x = %s; y = x; return y, x }()", a, b, t, g.literal(t))
	g.line("%s, %s = %s, %s", a, b, b, a)
	if t != "string" && t != "bool" {
		g.line("%s, %s = %s+%s, %s", a, b, b, a, b)
	}
}

func (g *generator) branch() {
	g.line("if %s {", g.value("bool", 2))
	g.block()
	if g.pick(2) == 0 {
		g.line("} else {")
		g.block()
	}
	g.line("}")
}

// loop writes a loop with a label that is used, of one of the kinds that there are.
func (g *generator) loop() {
	label := fmt.Sprintf("L%d", g.count)
	g.count++
	first := len(g.vars)
	t := g.of(intTypes...)
	g.line("%s:", label)
	i := g.name()
	switch g.pick(5) {
	case 0:
		g.line("for %s := %s(0); %s < %d; %s++ {", i, t, i, 1+g.pick(5), i)
	case 1:
		g.line("for %s := range %s(%d) {", i, t, 1+g.pick(5))
	case 2:
		g.line("for %s := %s(%d); %s > 1; %s /= 2 {", i, t, 1+g.pick(100), i, i)
	case 3:
		g.line("for _, %s := range []%s{%s, %s} {", i, t, g.value(t, 1), g.literal(t))
	default:
		g.line("for _, %s := range [2]%s{%s} {", i, t, g.value(t, 1))
	}
	g.line("_ = %s", i)
	g.vars = append(g.vars, variable{i, t, true})
	g.loops = append(g.loops, label)
	inner := len(g.vars)
	g.level++
	g.statement()
	g.line("if %s { %s %s }", g.value("bool", 2), g.of("continue", "break"), g.of(append(g.loops, "")...))
	g.statement()
	g.line("if %s { %s %s }", g.value("bool", 1), g.of("continue", "break"), label)
	g.level--
	g.show(inner)
	g.loops = g.loops[:len(g.loops)-1]
	g.vars = g.vars[:first]
	g.line("}")
}

func (g *generator) choice() {
	t := g.of(intTypes...)
	g.line("switch %s {", g.value(t, 2))
	for _, c := range []string{"0, 1", "2", "3, 4, 5"} {
		g.line("case %s:", c)
		g.block()
		if g.pick(4) == 0 {
			g.line("fallthrough")
		}
	}
	g.line("default:")
	g.block()
	g.line("}")
}

// iterate writes a loop over a function, which may be left in every way.
func (g *generator) iterate() {
	t := g.numeric()
	first := len(g.vars)
	i, x := g.name(), g.name()
	g.line("for %s, %s := range upto[%s](%s) {", i, x, t, g.value(t, 1))
	g.vars = append(g.vars, variable{i, "int", true}, variable{x, t, false})
	inner := len(g.vars)
	g.level++
	g.statement()
	leave := []string{"continue", "break", "return"}
	for _, l := range g.loops {
		leave = append(leave, "continue "+l, "break "+l)
	}
	g.line("if %s { %s }", g.value("bool", 2), g.of(leave...))
	if g.pick(3) == 0 {
		g.line("defer fmt.Println(\"later\", %s, %s)", i, x)
	}
	g.level--
	g.show(inner)
	g.line("fmt.Println(%s, %s)", i, x)
	g.vars = g.vars[:first]
	g.line("}")
}

// faulty writes a block that may panic, and goes on behind it.
func (g *generator) faulty() {
	loops := g.loops
	g.loops = nil
	g.line("func() {\ndefer rescue(\"block\")")
	g.block()
	t := g.of(intTypes...)
	switch g.pick(7) {
	case 0:
		g.line("fmt.Println(%s / %s)", g.value(t, 1), g.value(t, 2))
	case 1:
		g.line("fmt.Println(%s << %s)", g.value(t, 1), g.value(g.of("int8", "int", "int64"), 2))
	case 2:
		g.line("{ s := make([]int, %s); fmt.Println(s[%s]) }", g.index(5), g.index(6))
	case 3:
		g.line("{ var r *rect; fmt.Println(r.w) }")
	case 4:
		g.line("{ s := []int{1, 2, 3}; i, j := int(%s)-1, int(%s); fmt.Println(s[i:j], s[j:]) }", g.index(4), g.index(5))
	case 5:
		g.line("panic(%s)", g.value(t, 1))
	default:
		g.line("{ var c shape; fmt.Println(c.(small)) }")
	}
	g.line("}()")
	g.loops = loops
}
