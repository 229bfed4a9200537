// Goroutines, channels, select and locks.
package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

type msg struct {
	id   int
	text string
	back chan<- string
}

func producer(n int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := range n {
			out <- i
		}
	}()
	return out
}

func sieve(n int) (primes []int) {
	ch := make(chan int)
	stop := make(chan struct{})
	defer close(stop)
	go func(out chan<- int) {
		for i := 2; ; i++ {
			select {
			case out <- i:
			case <-stop:
				return
			}
		}
	}(ch)
	for range n {
		p := <-ch
		primes = append(primes, p)
		next := make(chan int)
		go func(in <-chan int, out chan<- int) {
			for {
				select {
				case v := <-in:
					if v%p != 0 {
						select {
						case out <- v:
						case <-stop:
							return
						}
					}
				case <-stop:
					return
				}
			}
		}(ch, next)
		ch = next
	}
	return primes
}

type counter struct {
	sync.RWMutex
	m map[string]int
}

func (c *counter) inc(k string) {
	c.Lock()
	defer c.Unlock()
	c.m[k]++
}

func (c *counter) get(k string) int {
	c.RLock()
	defer c.RUnlock()
	return c.m[k]
}

func selects() {
	a, b := make(chan int, 1), make(chan string, 1)
	var never chan int
	select {
	case v := <-a:
		fmt.Println("got", v)
	default:
		fmt.Println("default")
	}
	a <- 1
	b <- "x"
	got := 0
	for range 2 {
		select {
		case v, ok := <-a:
			got += v
			_ = ok
		case s := <-b:
			got += len(s) * 10
		case never <- 1:
		case <-never:
		}
	}
	fmt.Println(got)
	close(a)
	v, ok := <-a
	fmt.Println(v, ok, len(b), cap(b))
	select {
	case b <- "full":
		fmt.Println("sent", <-b)
	case never <- 5:
	}
	idx := func(s string, i int) int { fmt.Print(s, " "); return i }
	arr := []chan int{make(chan int, 1), make(chan int, 1)}
	var out [2]int
	arr[1] <- 9
	arr[0] <- 1
	select {
	case out[idx("left", 1)] = <-arr[idx("chan", 1)]:
	case arr[idx("send", 0)%1] <- idx("value", 3):
	}
	fmt.Println(len(arr[0]), out)
	timeout := time.After(time.Millisecond)
	select {
	case <-never:
	case <-timeout:
		fmt.Println("timeout")
	}
}

func main() {
	sum := 0
	for v := range producer(100) {
		sum += v
	}
	fmt.Println(sum, sieve(10))

	reqs := make(chan msg)
	go func() {
		for m := range reqs {
			m.back <- fmt.Sprint(m.id, m.text)
		}
	}()
	back := make(chan string)
	for i, t := range []string{"a", "b"} {
		reqs <- msg{i, t, back}
		fmt.Print(<-back, " ")
	}
	close(reqs)
	fmt.Println()

	c := counter{m: map[string]int{}}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				c.inc(fmt.Sprint("k", i%3))
			}
		}()
	}
	wg.Wait()
	fmt.Println(c.get("k0"), c.get("k1"), c.get("k2"))
	selects()

	var once sync.Once
	var n atomic.Int64
	for range 10 {
		wg.Go(func() { once.Do(func() { n.Add(100) }); n.Add(1) })
	}
	wg.Wait()
	fmt.Println(n.Load())

	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { <-ctx.Done(); done <- context.Cause(ctx) }()
	cancel()
	fmt.Println(<-done)

	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	queue := []int{}
	results := make(chan int, 3)
	for range 3 {
		go func() {
			mu.Lock()
			defer mu.Unlock()
			for len(queue) == 0 {
				cond.Wait()
			}
			results <- queue[0]
			queue = queue[1:]
		}()
	}
	for i := range 3 {
		mu.Lock()
		queue = append(queue, i)
		mu.Unlock()
		cond.Signal()
	}
	fmt.Println(<-results + <-results + <-results)

	pool := sync.Pool{New: func() any { return new([8]byte) }}
	b := pool.Get().(*[8]byte)
	b[0] = 1
	pool.Put(b)
	var m sync.Map
	m.Store("a", 1)
	v, ok := m.Load("a")
	fmt.Println(v, ok)
	var cp chan<- chan int = make(chan chan int, 1)
	cp <- make(chan int)
	fmt.Println(len(cp))
	res := make(chan any, 2)
	go func() {
		defer func() { res <- recover() }()
		var mm map[int]int
		mm[0]++
	}()
	fmt.Println(<-res)
	go fmt.Sprint("compiled")
	go c.inc("late")
	for c.get("late") == 0 {
		time.Sleep(time.Millisecond)
	}
	fmt.Println(c.get("late"))
}

// Output:
// 4950 [2 3 5 7 11 13 17 19 23 29]
// 0a 1b
// 350 350 300
// default
// 11
// 0 false 0 1
// sent full
// chan send value left 1 [0 9]
// timeout
// 110
// context canceled
// 3
// 1 true
// 1
// assignment to entry in nil map
// 1
