// Numbers: overflow, shifts, conversions, floats, complex numbers, constants.
package main

import (
	"fmt"
	"math"
)

type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

func arith[T number](a, b T) string {
	s := fmt.Sprint(a+b, a-b, a*b, a/b, a%b, a&b, a|b, a^b, a&^b, -a, ^a, " ")
	return s + fmt.Sprint(a<<1, a<<3, a>>1, a<<70, a>>70, a < b, a <= b, a > b, a >= b, a == b, a != b, min(a, b), max(a, b, 3))
}

func convert[T number](f float64, i int64, u uint64) string {
	return fmt.Sprint(T(i), T(u), T(int8(i)), float32(T(u)), float64(T(i)))
}

const (
	KB = 1 << (10 * (iota + 1))
	MB
	GB
)

const (
	a, b = iota, iota * 10
	c, d
	_, _
	e, f
)

const huge = 1 << 100
const third = 1.0 / 3

type weekday int

const (
	Sunday weekday = iota
	Monday
)

func main() {
	fmt.Println(arith[int](-7, 3))
	fmt.Println(arith[int8](-128, -1))
	fmt.Println(arith[int16](32767, 2))
	fmt.Println(arith[int32](math.MinInt32, 7))
	fmt.Println(arith[int64](math.MinInt64, -1))
	fmt.Println(arith[uint](7, 3))
	fmt.Println(arith[uint8](200, 100))
	fmt.Println(arith[uint16](1, 3))
	fmt.Println(arith[uint32](1<<31, 3))
	fmt.Println(arith[uint64](math.MaxUint64, 2))
	fmt.Println(arith[uintptr](5, 9))
	fmt.Println(arith[weekday](5, 3))
	fmt.Println(convert[int8](1.9, 300, 1<<63), convert[uint8](1.9, -1, 511), convert[int16](0, 70000, 3))
	fmt.Println(convert[uint32](0, -1, 1<<40), convert[uint64](0, -1, 5), convert[int64](0, -1, math.MaxUint64))

	x, nan, inf, zero := 7.9, math.NaN(), math.Inf(1), 0.0
	fmt.Println(int(x), int(-x), uint8(x), int32(-x), float32(0.1), float64(float32(0.1)))
	fmt.Println(nan == nan, nan != nan, nan < 1, nan > 1, !(nan < 1), inf > math.MaxFloat64, -inf, 1/zero, -1/zero, zero/zero)
	fmt.Println(min(1.5, nan), max(nan, 2), min(zero, math.Copysign(0, -1)), max(-zero, zero), min("b", "a", "c"), max(2, 1.5))
	fmt.Println(float32(16777216)+1, float32(1)/3, 1e308*x, 5.0/2, 5/2, -5/2, -5%3, 5%-3)
	m := map[float64]int{nan: 1, nan: 2, 1: 3}
	m[nan] = 4
	_, ok := m[nan]
	fmt.Println(len(m), ok, m[1])
	clear(m)
	fmt.Println(len(m))

	c1, c2 := complex(1, 2), complex64(3-4i)
	fmt.Println(c1*c1, c1/complex128(c2), -c1, real(c2), imag(c1), c1 == complex(1, 2), c2 != 3-4i, c1+1, 1i*1i)
	fmt.Println(complex64(c1)*c2, complex128(c2), complex(float32(x), 1))
	fmt.Println(KB, MB, GB, a, b, c, d, e, f, huge>>98, third, Sunday, Monday)
	fmt.Printf("%T %T %T %T %T\n", 'a', 1.0, 2i, third*3, 1<<3.0)
	var s8 uint8 = 200
	s8 += 100
	s8 <<= 1
	s8++
	fmt.Println(s8, ^s8, -s8, s8>>1|s8<<7, uint16(s8)<<8)
	var sh uint = 65
	var neg int64 = -8
	fmt.Println(1<<sh == 0, neg>>sh, neg>>1, uint64(neg)>>60, int32(s8)<<31, uint8(1)<<7>>7)
	fmt.Println(string(rune(20013)), string(rune(-1)), []byte("é"), []rune("é中"), string([]rune{65, 0x4e2d}), string([]byte{104, 105}))
	var r rune = 'x'
	fmt.Println(r, string(r), "a"+"b" < "b", "abc"[1], len("é"), "abc"[1:], "x" == string([]byte{'x'}))
	var i8 int8 = -128
	fmt.Println(-i8, i8/-1, i8*i8, i8-1, math.MaxInt64+int64(s8)*0, uint32(s8)<<31+1)
	p := new(5)
	*p++
	q := new("text")
	fmt.Println(*p, *q, *new(int))
	fmt.Println(math.Sqrt(2), math.Pow(2, 10), math.Floor(-1.5), math.MaxUint32, math.Pi)
	k := 10
	k, l := k+1, k*2
	k ^= l
	k &^= 3
	k %= 7
	fmt.Println(k, l, k<<l>>l)
	var u64 uint64 = 1<<63 + 1<<10 + 1
	fmt.Println(float32(u64), float64(u64), uint64(float64(1<<63)), int64(float32(1<<30)))
}

// Output:
// -4 -10 -21 -2 -1 1 -5 -6 -8 7 6 -14 -56 -4 0 -1 true true false false false true -7 3
// 127 -127 -128 -128 0 -128 -1 127 0 -128 127 0 0 -64 0 -1 true true false false false true -128 3
// -32767 32765 -2 16383 1 2 32767 32765 32765 -32767 -32768 -2 -8 16383 0 0 false false true true false true 2 32767
// -2147483641 2147483641 -2147483648 -306783378 -2 0 -2147483641 -2147483641 -2147483648 -2147483648 2147483647 0 0 -1073741824 0 -1 true true false false false true -2147483648 7
// 9223372036854775807 -9223372036854775807 -9223372036854775808 -9223372036854775808 0 -9223372036854775808 -1 9223372036854775807 0 -9223372036854775808 9223372036854775807 0 0 -4611686018427387904 0 -1 true true false false false true -9223372036854775808 3
// 10 4 21 2 1 3 7 4 4 18446744073709551609 18446744073709551608 14 56 3 0 0 false false true true false true 3 7
// 44 100 32 2 0 64 236 172 136 56 55 144 64 100 0 0 false false true true false true 100 200
// 4 65534 3 0 1 1 3 2 0 65535 65534 2 8 0 0 0 true true false false false true 1 3
// 2147483651 2147483645 2147483648 715827882 2 0 2147483651 2147483651 2147483648 2147483648 2147483647 0 0 1073741824 0 0 false false true true false true 3 2147483648
// 1 18446744073709551613 18446744073709551614 9223372036854775807 1 2 18446744073709551615 18446744073709551613 18446744073709551613 1 0 18446744073709551614 18446744073709551608 9223372036854775807 0 0 false false true true false true 2 18446744073709551615
// 14 18446744073709551612 45 0 5 1 13 12 4 18446744073709551611 18446744073709551610 10 40 2 0 0 true true false false false true 5 9
// 8 2 15 1 2 1 7 6 4 -5 -6 10 40 2 0 0 false false true true false true 3 5
// 44 0 44 0 44 255 255 255 255 255 4464 3 112 3 4464
// 4294967295 0 4294967295 0 4.294967295e+09 18446744073709551615 5 18446744073709551615 5 1.8446744073709552e+19 -1 -1 -1 -1 -1
// 7 -7 7 -7 0.1 0.10000000149011612
// false true false false true true -Inf +Inf -Inf NaN
// NaN NaN -0 0 a 2
// 1.6777216e+07 0.33333334 +Inf 2.5 2 -2 -2 2
// 4 false 3
// 0
// (-3+4i) (-0.2+0.4i) (-1-2i) 3 2 true false (2+2i) (-1+0i)
// (11+2i) (3-4i) (7.9+1i)
// 1024 1048576 1073741824 0 0 1 10 3 30 4 0.3333333333333333 0 1
// int32 float64 complex128 float64 int
// 89 166 167 172 22784
// true -1 -4 15 -2147483648 1
// 中 � [195 169] [233 20013] A中 hi
// 120 x true 98 2 bc true
// -128 -128 0 127 9223372036854775807 2147483649
// 6 text 0
// 1.4142135623730951 1024 -2 4294967295 3.141592653589793
// 0 20 0
// 9.223372e+18 9.223372036854778e+18 9223372036854775808 1073741824
