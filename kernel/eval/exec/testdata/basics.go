package main

type point struct{ x, y int }

func (p point) sum() int    { return p.x + p.y }
func (p *point) move(n int) { p.x += n }

type shape interface{ area() float64 }
type square struct{ side float64 }

func (s square) area() float64 { return s.side * s.side }

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func divmod(a, b int) (q, r int) { return a / b, a % b }

func apply(f func(int) int, n int) int { return f(n) }

func safe(f func()) (err any) {
	defer func() { err = recover() }()
	f()
	return nil
}

type list[T any] struct {
	head *node[T]
	n    int
}
type node[T any] struct {
	v    T
	next *node[T]
}

func (l *list[T]) push(v T) { l.head = &node[T]{v, l.head}; l.n++ }
func (l *list[T]) all() func(func(int, T) bool) {
	return func(yield func(int, T) bool) {
		i := 0
		for n := l.head; n != nil; n = n.next {
			if !yield(i, n.v) {
				return
			}
			i++
		}
	}
}

func sum[T int | float64](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}

func main() {
	println(fib(20))
	q, r := divmod(17, 5)
	println(q, r)
	p := point{1, 2}
	p.move(10)
	println(p.sum())
	var s shape = square{3}
	println(s.area() == 9)
	k := 5
	println(apply(func(n int) int { k++; return n * k }, 7), k)
	m := map[string]int{"a": 1, "b": 2}
	m["c"] = 3
	delete(m, "a")
	v, ok := m["a"]
	println(len(m), m["c"], v, ok)
	xs := []int{1, 2, 3}
	xs = append(xs, 4, 5)
	t := 0
	for i, x := range xs[1:] {
		t += i * x
	}
	println(t, len(xs))
	for i := range 3 {
		print(i, " ")
	}
	println()
	for i, c := range "hé" {
		println(i, c)
	}
	l := &list[string]{}
	l.push("x")
	l.push("y")
	for i, v := range l.all() {
		println(i, v)
	}
	println(sum(1, 2, 3), sum(1.5, 2.5) == 4)
	e := safe(func() { var a []int; _ = a[len(xs)] })
	println(e.(error).Error())
	e = safe(func() { var p *point; p.x = 1 })
	println(e.(error).Error())
	e = safe(func() { var s shape; _ = s.(square) })
	println(e.(error).Error())
	e = safe(func() { z := len(xs) - 5; println(1 / z) })
	println(e.(error).Error())
	c := make(chan int)
	done := make(chan bool)
	go func() {
		for v := range c {
			println("got", v)
		}
		done <- true
	}()
	c <- 1
	c <- 2
	close(c)
	<-done
	select {
	case v, ok := <-c:
		println(v, ok)
	default:
		println("default")
	}
	switch x := any(p).(type) {
	case int:
		println("int")
	case point:
		println("point", x.x)
	}
	f := p.sum
	println(f())
	g := (*point).move
	g(&p, 1)
	println(p.x)
outer:
	for i := 0; i < 3; i++ {
		for j := 0; j < 3; j++ {
			if j == 2 {
				continue outer
			}
			if i == 2 {
				break outer
			}
			println(i, j)
		}
	}
	arr := [3]int{1, 2, 3}
	brr := arr
	brr[0] = 9
	println(arr[0], brr[0], arr == brr)
	println(string([]byte{104, 105}), []byte("ab")[1], string(rune(0x4e2d)))
	println(min(3, 1, 2), max(2.5, 1) == 2.5)
	var u8 uint8 = 250
	u8 += 10
	println(u8, int8(-k-122)/-1, 1<<uint(k), ^0)
	defer println("deferred")
	func() {
		defer func() {
			r := recover()
			println("recovered", r.(string))
		}()
		panic("boom")
	}()
	panic("end")
}

// Output:
// 6765
// 3 2
// 13
// true
// 42 6
// 2 3 0 false
// 26 5
// 0 1 2
// 0 104
// 1 233
// 0 y
// 1 x
// 6 true
// runtime error: index out of range [5] with length 0
// runtime error: invalid memory address or nil pointer dereference
// interface conversion: main.shape is nil, not main.square
// runtime error: integer divide by zero
// got 1
// got 2
// 0 false
// point 11
// 13
// 12
// 0 0
// 0 1
// 1 0
// 1 1
// 1 9 false
// hi 98 中
// 1 true
// 4 -128 64 -1
// recovered boom
// deferred
// panic: end
// 	main.main:162
