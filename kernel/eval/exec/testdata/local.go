// Types that are declared in functions are types of their own.
package main

import "fmt"

func one() any {
	type T struct{ A int }
	return T{1}
}

func two() any {
	type T struct{ A int }
	return T{1}
}

func rec(depth int) any {
	type T struct{ n int }
	if depth == 0 {
		return T{5}
	}
	return rec(depth - 1)
}

func generic[P any](v P) (any, string) {
	type pair struct {
		first, second P
	}
	type wrap[Q any] struct{ p pair }
	return pair{v, v}, fmt.Sprintf("%v", wrap[int]{pair{v, v}})
}

type list[T any] struct {
	head *node[T]
	size int
}

type node[T any] struct {
	v    T
	next *node[T]
}

func (l *list[T]) push(v T) { l.head = &node[T]{v, l.head}; l.size++ }
func (l *list[T]) each(yield func(int, T) bool) {
	i := 0
	for n := l.head; n != nil; n = n.next {
		if !yield(i, n.v) {
			return
		}
		i++
	}
}
func (l *list[T]) String() string { return fmt.Sprintf("list[%T] of %d", *new(T), l.size) }

func main() {
	fmt.Println(one() == two(), one() == one(), rec(0) == rec(3))
	fmt.Printf("%T %T %v\n", one(), two(), rec(1))
	type E struct {
		error
		code int
	}
	var err error = E{fmt.Errorf("inner"), 3}
	fmt.Println(err, err.(E).code)
	a, s := generic(3)
	b, t := generic("x")
	c, _ := generic(3)
	fmt.Println(a == c, a == b, s, t)
	var l list[fmt.Stringer]
	l.push(&l)
	l.push(nil)
	fmt.Println(&l)
	for i, v := range l.each {
		fmt.Println(i, v)
	}
	type rec struct {
		next *rec
		f    func(*rec) *rec
	}
	r := &rec{f: func(r *rec) *rec { return r.next }}
	r.next = r
	fmt.Println(r.f(r) == r)
	for i := range 2 {
		type T struct{ i int }
		fmt.Print(T{i}, " ")
	}
	fmt.Println()
}

// Output:
// false true true
// main.T main.T {5}
// inner 3
// true false {{3 3}} {{x x}}
// list[<nil>] of 2
// 0 <nil>
// 1 list[<nil>] of 2
// true
// {0} {1}
