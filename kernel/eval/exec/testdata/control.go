// Loops, labels, switches, goto, and the order of evaluation.
package main

import "fmt"

func count(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		defer fmt.Print("<end>")
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func pairs(yield func(string, int) bool) {
	_ = yield("a", 1) && yield("b", 2) && yield("c", 3)
}

func loopvars() {
	var fs []func() int
	for i := 0; i < 3; i++ {
		fs = append(fs, func() int { i += 10; return i })
		i := i
		_ = i
	}
	for _, f := range fs {
		fmt.Print(f(), f(), " ")
	}
	var ps []*int
	for i := 0; i < 6; i++ {
		ps = append(ps, &i)
		i++
	}
	for _, p := range ps {
		fmt.Print(*p, " ")
	}
	for i, v := range []string{"x", "y"} {
		defer func() { fmt.Print(i, v, " ") }()
	}
	fmt.Println()
}

func ranges() {
	arr := [3]int{1, 2, 3}
	for i, v := range arr {
		arr[2] = 10
		fmt.Print(i, v, " ")
	}
	s := []int{1, 2}
	for i, v := range s {
		s = append(s, v*10)
		fmt.Print(i, v, " ")
	}
	for i, v := range &arr {
		arr[2] = 20
		fmt.Print(i, v, " ")
	}
	for i, r := range "aé中\xff!" {
		fmt.Print(i, ":", string(r), " ")
	}
	for i := range 3 {
		fmt.Print(i)
	}
	var n8 uint8 = 3
	for i := range n8 {
		fmt.Printf("%T", i)
	}
	for range 2 {
		fmt.Print("!")
	}
	ch := make(chan int, 3)
	ch <- 7
	ch <- 8
	close(ch)
	for v := range ch {
		fmt.Print(v)
	}
	for range []int(nil) {
		panic("nothing")
	}
	m := map[string]int{"a": 1, "b": 2, "c": 3}
	sum := 0
	for k, v := range m {
		sum += v
		delete(m, k)
	}
	fmt.Println(" sum", sum, len(m))
}

func overFunctions() (result string) {
	defer func() { result += " deferred" }()
outer:
	for i := range count(5) {
		for k, v := range pairs {
			switch {
			case i == 1:
				continue outer
			case v == 2:
				break
			case i == 3:
				break outer
			}
			if v == 3 {
				continue
			}
			defer func() { fmt.Print("[", i, k, v, "]") }()
			fmt.Print(i, k, " ")
		}
	}
	fmt.Println()
	for i := range count(10) {
		if i == 2 {
			return fmt.Sprint("returned ", i)
		}
	}
	return "not here"
}

func labels() {
	i := 0
again:
	if i < 3 {
		fmt.Print(i)
		i++
		goto again
	}
	goto end
end:
outer:
	for a := 0; ; a++ {
		for b := 0; b < 3; b++ {
			switch {
			case b == 1:
				continue outer
			case a == 2:
				break outer
			}
			fmt.Print(" ", a, b)
		}
	}
sel:
	switch {
	default:
		for {
			break sel
		}
	}
	fmt.Println()
}

func switches(x any) string {
	switch v := x.(type) {
	case nil:
		return "nil"
	case int, int8:
		return fmt.Sprintf("int %v %T", v, v)
	case func() int:
		return fmt.Sprint("func ", v())
	case error:
		return "error " + v.Error()
	case fmt.Stringer:
		return "stringer"
	case []int:
		return fmt.Sprint("slice ", len(v))
	case *int:
		return fmt.Sprint("pointer ", *v)
	case struct{ A int }:
		return fmt.Sprint("struct ", v.A)
	}
	return "other"
}

func fall(n int) (s string) {
	switch n {
	case 0:
		s += "zero "
		fallthrough
	case 1:
		s += "one "
		if n == 1 {
			break
		}
		fallthrough
	default:
		s += "default "
	case 2:
		s += "two "
	}
	switch x := n * 2; {
	case x > 3:
		s += "big"
	case x > 1, x < -1:
		s += "middle"
	}
	return s
}

var trace []string

func tr[T any](name string, v T) T { trace = append(trace, name); return v }

func order() {
	trace = nil
	arr := []int{10, 20, 30}
	m := map[string]int{}
	tr("arr", arr)[tr("i", 1)], m[tr("key", "k")] = tr("x", 5), tr("y", 6)
	fmt.Println(arr, m, trace)
	trace = nil
	i := 0
	i, arr[i] = 2, 9
	fmt.Println(i, arr)
	a, b, c := 1, 2, 3
	a, b, c = c, a, b
	fmt.Println(a, b, c)
	f := func() func(int, int) int {
		trace = append(trace, "f")
		return func(x, y int) int { trace = append(trace, "call"); return x + y }
	}
	_ = f()(tr("a1", 1), tr("a2", 2)) + tr("after", 1)
	_ = []int{tr("e0", 0), tr("e1", 1)}
	_ = tr("l", false) && tr("r", true) || tr("o", true)
	fmt.Println(trace)
	x := []int{1, 2, 3}
	j := 0
	j, x[j], x[j+1] = 1, x[j+1], x[j]
	fmt.Println(j, x)
	p := &struct{ n int }{1}
	q := p
	p, p.n = &struct{ n int }{5}, 3
	fmt.Println(p.n, q.n)
	get := func() (int, string) { return 4, "four" }
	var n any
	n, s := get()
	fmt.Println(n, s)
}

func shadow() {
	x := 1
	if x := x + 1; x > 1 {
		x := x * 10
		fmt.Print(x, " ")
	} else if y := x; y > 0 {
		fmt.Print(y)
	}
	{
		x, y := 5, 6
		_, _ = x, y
	}
	func(x *int) { *x++ }(&x)
	fmt.Println(x)
}

func main() {
	loopvars()
	fmt.Println()
	ranges()
	fmt.Println(overFunctions())
	labels()
	n := 5
	for _, x := range []any{nil, 1, int8(2), func() int { return 3 }, fmt.Errorf("e"), []int{1}, &n, struct{ A int }{4}, 1.5} {
		fmt.Print(switches(x), "; ")
	}
	fmt.Println()
	for i := range 4 {
		fmt.Print(fall(i), "; ")
	}
	fmt.Println()
	order()
	shadow()
}

// Output:
// 10 20 11 21 12 22 1 3 5
// 1y 0x
// 0 1 1 2 2 3 0 1 1 2 0 1 1 2 2 20 0:a 1:é 3:中 6:� 7:! 012uint8uint8uint8!!78 sum 6 0
// 0a 0b 2a 2b <end>
// <end>[2b2][2a1][0b2][0a1]returned 2 deferred
// 012 0 0 1 0
// nil; int 1 int; int 2 int8; func 3; error e; slice 1; pointer 5; struct 4; other;
// zero one default ; one middle; two big; default big;
// [10 5 30] map[k:6] [arr i key x y]
// 2 [9 5 30]
// 3 1 2
// [f a1 a2 call after e0 e1 l o]
// 1 [2 1 3]
// 5 3
// 4 four
// 20 2
