// Generic functions and types, with methods, constraints and inference.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"sort"
	"strings"
)

type Number interface{ ~int | ~int64 | ~float64 }

func Sum[T Number](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return s
}

func Map[T, U any](xs []T, f func(T) U) []U {
	out := make([]U, 0, len(xs))
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func Reduce[T, A any](xs []T, a A, f func(A, T) A) A {
	for _, x := range xs {
		a = f(a, x)
	}
	return a
}

func Keys[M ~map[K]V, K cmp.Ordered, V any](m M) []K {
	var ks []K
	for k := range m {
		ks = append(ks, k)
	}
	sort.Slice(ks, func(i, j int) bool { return ks[i] < ks[j] })
	return ks
}

type Pair[K comparable, V any] struct {
	Key K
	Val V
}

func (p Pair[K, V]) String() string       { return fmt.Sprintf("%v=>%v", p.Key, p.Val) }
func (p *Pair[K, V]) Set(v V) *Pair[K, V] { p.Val = v; return p }

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }
func (s *Stack[T]) Pop() (x T, err error) {
	if len(s.items) == 0 {
		return x, errors.New("empty stack")
	}
	x = s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return x, nil
}

type Tree[K cmp.Ordered, V any] struct {
	root *node[K, V]
	n    int
}

type node[K cmp.Ordered, V any] struct {
	Pair[K, V]
	kids [2]*node[K, V]
}

func (t *Tree[K, V]) Put(k K, v V) {
	p := &t.root
	for *p != nil {
		switch c := cmp.Compare(k, (*p).Key); {
		case c == 0:
			(*p).Set(v)
			return
		case c < 0:
			p = &(*p).kids[0]
		default:
			p = &(*p).kids[1]
		}
	}
	*p = &node[K, V]{Pair: Pair[K, V]{k, v}}
	t.n++
}

func (t *Tree[K, V]) All(yield func(K, V) bool) { t.root.walk(yield) }

func (n *node[K, V]) walk(yield func(K, V) bool) bool {
	return n == nil || n.kids[0].walk(yield) && yield(n.Key, n.Val) && n.kids[1].walk(yield)
}

type MyInt int

func (m MyInt) String() string { return fmt.Sprintf("my %d", int(m)) }

type Stringish interface {
	~int
	fmt.Stringer
}

func Join[T Stringish](xs []T) string {
	var b strings.Builder
	for _, x := range xs {
		b.WriteString(x.String())
		b.WriteString(fmt.Sprint("/", int(x), " "))
	}
	return b.String()
}

type Setter[T any] interface {
	*T
	Set(string)
}

type Conf struct{ v string }

func (c *Conf) Set(s string) { c.v = s }

func Make[T any, P Setter[T]](s string) T {
	var t T
	P(&t).Set(s)
	return t
}

type List[T any] interface {
	Len() int
	At(int) T
}

type Seq[T any] []T

func (s Seq[T]) Len() int   { return len(s) }
func (s Seq[T]) At(i int) T { return s[i] }

func Last[T any](l List[T]) T { return l.At(l.Len() - 1) }

func Kind[T any](v T) string {
	switch x := any(v).(type) {
	case int:
		return fmt.Sprint("int ", x)
	case []T:
		return "slice of itself"
	case fmt.Stringer:
		return "stringer " + x.String()
	}
	return fmt.Sprintf("%T", v)
}

func Zero[T any]() (z T) { return }

func Ptr[T any](v T) *T { return &v }

func Apply[F ~func(A) R, A, R any](f F, a A) R { return f(a) }

type Matrix[T Number] [2][2]T

func (m Matrix[T]) Mul(o Matrix[T]) (r Matrix[T]) {
	for i := range 2 {
		for j := range 2 {
			for k := range 2 {
				r[i][j] += m[i][k] * o[k][j]
			}
		}
	}
	return r
}

type Opt[T any] func(*T)

type Set[T comparable] = map[T]struct{}

type Num[T ~int | ~string] struct{ v T }

func (n Num[T]) Add(o T) Num[T] { n.v += o; return n }

func Chan[T any](xs ...T) <-chan T {
	c := make(chan T, len(xs))
	for _, x := range xs {
		c <- x
	}
	close(c)
	return c
}

func Depth[T any](n int, v T) string {
	if n == 0 {
		return fmt.Sprintf("%T", v)
	}
	return Depth(n-1, v)
}

func Equal[T comparable](a, b T) bool { return a == b }

func main() {
	fmt.Println(Sum(1, 2, 3), Sum(1.5, 2), Sum[MyInt](1, 2), Sum[int]())
	fmt.Println(Map([]int{1, 2}, func(i int) string { return strings.Repeat("x", i) }), Reduce([]string{"a", "b"}, 0, func(n int, s string) int { return n + len(s) }))
	fmt.Println(Keys(map[string]bool{"b": true, "a": false}), Keys(map[MyInt]int{2: 1, 1: 1}))
	p := Pair[string, []int]{"k", []int{1}}
	fmt.Println(p, &p)
	fmt.Println(*p.Set(nil))
	fmt.Printf("%T %T\n", p, Pair[MyInt, map[string]Pair[int, int]]{})
	var s Stack[Pair[string, int]]
	s.Push(Pair[string, int]{"a", 1})
	fmt.Println(s.Pop())
	fmt.Println(s.Pop())
	var t Tree[string, int]
	for i, w := range strings.Fields("the quick brown fox the lazy dog") {
		t.Put(w, i)
	}
	for k, v := range t.All {
		if k == "quick" {
			break
		}
		fmt.Print(k, v, " ")
	}
	fmt.Println(t.n, t.root)
	fmt.Println(Join([]MyInt{1, 2}), Make[Conf]("conf").v, Last[float64](Seq[float64]{1, 2.5}), Last(List[string](Seq[string]{"z"})))
	fmt.Println(Kind(1), Kind([]int{}), Kind(MyInt(3)), Kind("s"), Kind(struct{ A []MyInt }{}), Kind[any](nil), Kind[error](nil))
	fmt.Println(Zero[string]() == "", Zero[*int]() == nil, Zero[[2]int](), *Ptr(3), Apply(func(i int) string { return fmt.Sprint(i) }, 5))
	fmt.Println(Matrix[int]{{1, 1}, {1, 0}}.Mul(Matrix[int]{{1, 1}, {1, 0}}), Num[string]{"a"}.Add("b"), Num[MyInt]{1}.Add(2))
	set := Set[string]{"x": {}}
	_, ok := set["x"]
	var o Opt[Conf] = func(c *Conf) { c.v = "opt" }
	c := Conf{}
	o(&c)
	fmt.Println(ok, c.v, Depth(3, set))
	for v := range Chan(1, 2) {
		fmt.Print(v, " ")
	}
	f := Sum[float64]
	g := (*Stack[int]).Push
	var si Stack[int]
	g(&si, 7)
	h := si.Pop
	fmt.Println(f(1, 2), len(si.items))
	fmt.Println(h())
	fmt.Println(Equal[any](1, 1), Equal[any](1, "1"), Equal(p.Key, "k"), Equal[error](nil, nil))
}

// Output:
// 6 3.5 my 3 0
// [x xx] 2
// [a b] [my 1 my 2]
// k=>[1] k=>[1]
// k=>[]
// main.Pair[string,[]int] main.Pair[main.MyInt,map[string]main.Pair[int,int]]
// a=>1 <nil>
// =>0 empty stack
// brown2 dog6 fox3 lazy5 6 the=>4
// my 1/1 my 2/2  conf 2.5 z
// int 1 []int stringer my 3 string struct { A []main.MyInt } <nil> <nil>
// true true [0 0] 3 5
// [[2 1] [1 1]] {ab} {3}
// true opt map[string]struct {}
// 1 2 3 1
// 7 <nil>
// true false true true
