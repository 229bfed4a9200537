// Methods are promoted through embedded types, pointers and interfaces, and
// compiled packages see them.
package main

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"sync"
)

type Animal struct{ Name string }

func (a Animal) String() string   { return "animal " + a.Name }
func (a *Animal) Rename(n string) { a.Name = n }
func (a Animal) secret() string   { return "secret of " + a.Name }

type Dog struct {
	Animal
	Age int
}

type Puppy struct {
	*Dog
	toys []string
}

type Loud struct{ fmt.Stringer }

func (l Loud) Shout() string { return strings.ToUpper(l.String()) + "!" }

type keeper interface {
	secret() string
	fmt.Stringer
}

type Box struct {
	keeper
	n int
}

type Locked struct {
	sync.Mutex
	bytes.Buffer
	count int
}

type reverse struct{ sort.Interface }

func (r reverse) Less(i, j int) bool { return r.Interface.Less(j, i) }

type Meters float64

func (m Meters) String() string { return fmt.Sprintf("%gm", float64(m)) }

type Route struct {
	Meters
	From, To string
}

type Deep struct{ L1 }
type L1 struct{ *L2 }
type L2 struct{ L3 }
type L3 struct{ fmt.Stringer }

type Base[T any] struct{ v T }

func (b *Base[T]) Set(v T) { b.v = v }
func (b Base[T]) Get() T   { return b.v }

type Derived struct {
	Base[string]
	Other Base[int]
}

type hidden struct{ n int }

func (h *hidden) Inc() int { h.n++; return h.n }

type Exported struct {
	hidden
	_ int
}

type Both struct {
	Animal
	Route
}

func (b Both) String() string { return b.Animal.String() + " on " + b.Route.String() }

type setter interface {
	Set(string)
	Get() string
}

func main() {
	d := Dog{Animal{"rex"}, 3}
	fmt.Println(d, &d, d.secret())
	d.Rename("max")
	fmt.Println(d.Name, d.String())
	p := Puppy{Dog: &d}
	p.Rename("tim")
	fmt.Println(p, p.Age, d.Name)
	fmt.Println(Loud{p}.Shout(), Loud{Meters(5)})
	var k keeper = p
	fmt.Println(k.secret(), k)
	b := Box{k, 1}
	fmt.Println(b, b.secret())
	k = b
	fmt.Println(k.secret())

	var l Locked
	l.Lock()
	l.WriteString("hello ")
	fmt.Fprintf(&l, "%d", 42)
	l.count++
	l.Unlock()
	fmt.Println(l.String(), l.Len(), l.count)

	x := []int{3, 1, 2}
	sort.Sort(reverse{sort.IntSlice(x)})
	fmt.Println(x)
	fmt.Println(Route{5, "a", "b"}, Both{d.Animal, Route{7, "c", "d"}})

	deep := Deep{L1{&L2{L3{Meters(9)}}}}
	fmt.Println(deep, deep.String())
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		fmt.Println(Deep{}.String())
	}()

	var v Derived
	v.Set("text")
	v.Other.Set(7)
	var s setter = &v
	s.Set(s.Get() + "!")
	fmt.Println(v.Get(), v.Other.Get(), v)

	e := Exported{}
	e.Inc()
	fmt.Println(e.Inc(), e.n, e == Exported{hidden: hidden{2}})

	lit := struct {
		Animal
		*Meters
		Extra int
	}{Animal: Animal{"lit"}, Extra: 1}
	lit.Rename("it")
	fmt.Println(lit.Animal, lit.secret(), lit.Extra)
	one := struct{ Animal }{Animal{"solo"}}
	fmt.Println(one, fmt.Sprint(one), one.secret())
	var str fmt.Stringer = &one
	one.Rename("duo")
	fmt.Println(str)
	in := struct{ fmt.Stringer }{Meters(2)}
	fmt.Println(in, in.String())
	f, g := d.String, (*Dog).Rename
	g(&d, "zoe")
	fmt.Println(f(), d.String(), Dog.String(d), fmt.Stringer.String(d), (*Animal).String(&d.Animal))
	h := p.Rename
	h("via value")
	fmt.Println(d.Name)
	var nilDog *Puppy
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		var s fmt.Stringer = nilDog
		fmt.Println(s.String())
	}()
}

// Output:
// animal rex animal rex secret of rex
// max animal max
// animal tim 3 tim
// ANIMAL TIM! 5m
// secret of tim animal tim
// animal tim secret of tim
// secret of tim
// hello 42 8 1
// [3 2 1]
// 5m animal tim on 7m
// 9m 9m
// recovered: runtime error: invalid memory address or nil pointer dereference
// text! 7 {{text!} {7}}
// 2 2 true
// animal it secret of it 1
// animal solo animal solo secret of solo
// animal duo
// 2m 2m
// animal tim animal zoe animal zoe animal zoe animal zoe
// via value
// recovered: runtime error: invalid memory address or nil pointer dereference
