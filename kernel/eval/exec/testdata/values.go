// Arrays and structs are values; slices, maps and strings share.
package main

import (
	"fmt"
	"unsafe"
)

type inner struct {
	a [3]int
	m map[string]int
}

type outer struct {
	inner
	in  inner
	arr [2]inner
	p   *inner
}

type Large struct {
	data [1000]int
	name string
	tail [10]struct {
		x, y float32
		s    []string
	}
}

func (l Large) Sum() (n int) {
	for _, v := range l.data {
		n += v
	}
	l.data[0] = -1
	return n
}

func modify(l Large, a [4]string) (Large, [4]string) {
	l.data[5] = 55
	a[0] = "changed"
	return l, a
}

type cmp struct {
	a int8
	_ int64
	b string
	c any
	d [2]float64
}

type empty struct{}

func swap[T any](x, y *T) { *x, *y = *y, *x }

func main() {
	var o outer
	o.a[1] = 5
	o.in = o.inner
	o.in.a[1]++
	o.arr[1] = o.in
	o.p = &o.arr[0]
	o.p.a = [3]int{7, 8, 9}
	c := o
	c.arr[0].a[0] = 100
	o.m = map[string]int{"k": 1}
	fmt.Println(o.a, o.in.a, o.arr[0].a, o.arr[1].a, c.arr[0].a, c.p == o.p, c.m == nil)

	var grid [3][4][2]int
	for i := range grid {
		for j := range grid[i] {
			grid[i][j] = [2]int{i, j}
		}
	}
	row := grid[1]
	row[0][0] = -1
	fmt.Println(grid[1][0], row[0], grid[2][3][1], len(grid), len(grid[0]), cap(grid[0][:2]))
	n := 2
	grid[n][n+1][n-1] *= 10
	fmt.Println(grid[2], grid == [3][4][2]int{}, row == grid[1])

	var l Large
	l.data[9] = 9
	l.tail[3].s = append(l.tail[3].s, "x")
	l2, a := modify(l, [4]string{"a", "b"})
	fmt.Println(l.data[5], l2.data[5], a, l.Sum(), l.data[0], l2.tail[3].s, len(l2.tail))
	ls := []Large{l, l2}
	for _, v := range ls {
		v.data[0] = 1
	}
	ls[0].data[1] = 3
	fmt.Println(ls[0].data[:2], ls[1].data[5], l.data[1])
	ch := make(chan Large, 1)
	ch <- l2
	l2.data[5] = 0
	fmt.Println((<-ch).data[5])
	mp := map[string]Large{"x": l}
	v := mp["x"]
	v.data[9] = 0
	fmt.Println(mp["x"].data[9], mp["none"].name == "", len(mp["none"].data))
	var i any = l
	l.data[9] = 1
	fmt.Println(i.(Large).data[9])

	x, y := cmp{a: 1, b: "s", c: 2}, cmp{a: 1, b: "s", c: 2}
	fmt.Println(x == y, x != y, any(x) == any(y))
	y.c = "2"
	fmt.Println(x == y, [2]cmp{x} == [2]cmp{x}, struct{ e error }{} == struct{ e error }{})
	var e1, e2 empty
	fmt.Println(e1 == e2, unsafe.Sizeof(e1), unsafe.Sizeof(x), unsafe.Offsetof(x.b), unsafe.Alignof(x.d))

	s := []int{0, 1, 2, 3, 4}
	t := s[1:3]
	t = append(t, 30)
	u := append(s[1:3:3], 40)
	t[0] = 10
	fmt.Println(s, t, u, len(t), cap(t), cap(s[1:3:3]), len(s[2:2]))
	copy(s[1:], s)
	fmt.Println(s, copy(s, []int{9}), copy([]byte("abc"), "xy"))
	s = append(s[:1], s[2:]...)
	s = append(s, s...)
	s = append([]int(nil), s...)
	fmt.Println(s, append([]byte("ab"), "cd"...), append([]any{1}, "x", nil))
	clear(s[:2])
	fmt.Println(s, len(append([]int{})))
	arr := [...]string{2: "c", 0: "a"}
	sl := arr[:]
	arr[1] = "b"
	pa := (*[2]string)(sl)
	pa[0] = "z"
	ar2 := [3]string(sl)
	ar2[2] = "copy"
	fmt.Println(arr, sl, *pa, ar2, len(pa))
	two := [][]int{{1}, {2, 3}, nil}
	two[2] = append(two[2], 4)
	two[0][0]++
	fmt.Println(two, len(two[1]))

	m := map[[2]int]*inner{{1, 2}: {a: [3]int{1}}}
	m[[2]int{1, 2}].a[0] = 50
	m[[2]int{}] = new(inner)
	delete(m, [2]int{9, 9})
	_, ok := m[[2]int{}]
	fmt.Println(m[[2]int{1, 2}].a, ok, len(m))
	counts := map[string]int{}
	for _, w := range []string{"a", "b", "a"} {
		counts[w]++
	}
	nested := map[string]map[string][]int{"x": {}}
	nested["x"]["y"] = append(nested["x"]["y"], 1, 2)
	var nilMap map[string]int
	fmt.Println(counts, nested, nilMap["q"], len(nilMap))
	swap(&sl[0], &sl[1])
	sa, sb := "left", "right"
	swap(&sa, &sb)
	fmt.Println(sl, sa, sb)
	str := "héllo"
	bs := []byte(str)
	bs[0] = 'H'
	fmt.Println(str, string(bs), str[1:3], len(str))

	f := [4]float32{1, 2, 3, 4}
	p := unsafe.Pointer(&f[0])
	q := (*float32)(unsafe.Add(p, 2*unsafe.Sizeof(f[0])))
	*q = 30
	bits := *(*uint32)(unsafe.Pointer(&f[0]))
	fmt.Printf("%v %#x %v %v\n", f, bits, unsafe.Slice(&f[1], 2), unsafe.String(unsafe.StringData("xyz"), 2))
	up := uintptr(p) + unsafe.Sizeof(f[0])
	fmt.Println(up-uintptr(unsafe.Pointer(&f[0])), *(*int32)(unsafe.Pointer(&[]int32{7}[0])))
	anon := struct {
		X, Y int
		T    struct{ Z string }
	}{1, 2, struct{ Z string }{"z"}}
	same := struct {
		X, Y int
		T    struct{ Z string }
	}(anon)
	fmt.Println(anon == same, anon.T.Z)
}

// Output:
// [0 5 0] [0 6 0] [7 8 9] [0 6 0] [100 8 9] true true
// [1 0] [-1 0] 3 3 4 4
// [[2 0] [2 1] [2 2] [2 30]] false false
// 0 55 [changed b  ] 9 0 [x] 10
// [0 3] 55 0
// 55
// 9 true 1000
// 9
// true false true
// false true true
// true 0 64 16 8
// [0 10 2 30 4] [10 2 30] [1 2 40] 3 4 2 0
// [9 0 10 2 30] 1 2
// [9 10 2 30 9 10 2 30] [97 98 99 100] [1 x <nil>]
// [0 0 2 30 9 10 2 30] 0
// [z b c] [z b c] [z b] [z b copy] 2
// [[2] [2 3] [4]] 2
// [50 0 0] true 2
// map[a:2 b:1] map[x:map[y:[1 2]]] 0 0
// [b z c] right left
// héllo Héllo é 6
// [1 2 30 4] 0x3f800000 [2 30] xy
// 4 7
// true z
