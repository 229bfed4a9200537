// What a function does not use any more is collected when the program asks for
// it, and what it does use is not.
package main

import (
	"fmt"
	"runtime"
	"time"
)

type big struct {
	n    int
	next *big
}

type holder struct{ p *big }

var finalized = map[string]chan bool{}

func watched(name string) *big {
	b := &big{n: len(name)}
	c := make(chan bool, 1)
	finalized[name] = c
	runtime.SetFinalizer(b, func(*big) { c <- true })
	return b
}

func collect(name string, tries int) string {
	for range tries {
		runtime.GC()
		select {
		case <-finalized[name]:
			return name + " collected"
		case <-time.After(time.Millisecond):
		}
	}
	return name + " kept"
}

func argument(b *big) {
	fmt.Println(b.n)
	fmt.Println(collect("argument", 1000))
}

func local() {
	var h holder
	h.p = watched("local")
	arr := [2]*big{watched("array"), h.p}
	fmt.Println(h.p.n, arr[0].n, collect("local", 3), collect("array", 3))
	h.p = nil
	fmt.Println(arr[1].n)
	fmt.Println(collect("local", 1000))
}

func unwound() {
	b := watched("unwound")
	defer func() { fmt.Println(recover(), collect("unwound", 1000)) }()
	if b.n > 0 {
		panic("with it")
	}
	fmt.Println(b.n)
}

func named() (b *big) {
	defer func() { recover(); fmt.Println(collect("result", 3)) }()
	b = watched("result")
	panic("recovered")
}

func main() {
	b := watched("main")
	fmt.Println(b.n, collect("main", 3))
	b.next = watched("next")
	fmt.Println(b.next.n, b.n)
	argument(watched("argument"))
	local()
	unwound()
	b = named()
	fmt.Println(b.n)
}

// Output:
// 4 main kept
// 4 4
// 8
// argument collected
// 5 5 local kept array kept
// 5
// local collected
// with it unwound collected
// result kept
// 6
