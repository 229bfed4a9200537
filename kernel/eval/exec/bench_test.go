package exec_test

// This file measures small programs, the shapes that decide speed.

import "testing"

var benchPrograms = []struct{ name, src string }{
	{"fib", `package main
func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }
func main() { fib(25) }`},
	{"float", `package main
func main() { s := 0.0; for i := 0; i < 1000000; i++ { s += float64(i) * 0.5 }; _ = s }`},
	{"sieve", `package main
func main() {
	const n = 500000
	c := make([]bool, n+1)
	for i := 2; i*i <= n; i++ { if !c[i] { for j := i * i; j <= n; j += i { c[j] = true } } }
}`},
	{"matmul", `package main
func main() {
	const n = 60
	a, b, c := make([][]float64, n), make([][]float64, n), make([][]float64, n)
	for i := range a { a[i], b[i], c[i] = make([]float64, n), make([]float64, n), make([]float64, n) }
	for i := 0; i < n; i++ { for j := 0; j < n; j++ { s := 0.0; for k := 0; k < n; k++ { s += a[i][k] * b[k][j] }; c[i][j] = s } }
}`},
	{"chan", `package main
func main() {
	a, b := make(chan int), make(chan int)
	go func() { for v := range a { b <- v }; close(b) }()
	for i := 0; i < 20000; i++ { a <- i; <-b }
	close(a)
}`},
	{"sqrt", `package main
import "math"
func main() { s := 0.0; for i := 0; i < 200000; i++ { s += math.Sqrt(float64(i)) }; _ = s }`},
	{"mapinc", `package main
func main() { m := map[int]int{}; for i := 0; i < 200000; i++ { m[i%1000]++ } }`},
	{"sort", `package main
import "sort"
func main() { x := make([]int, 20000); for i := range x { x[i] = i * 7919 % 20011 }; sort.Slice(x, func(i, j int) bool { return x[i] < x[j] }) }`},
}

func BenchmarkPrograms(b *testing.B) {
	for _, p := range benchPrograms {
		b.Run(p.name, func(b *testing.B) {
			pkg, m := load(b, p.name, p.src)
			run := m.NewRun(nil)
			run.Call(pkg.Func("init"))
			for b.Loop() {
				if _, failed := run.Call(pkg.Func("main")); failed != nil {
					b.Fatal(failed.Value)
				}
			}
		})
	}
}
