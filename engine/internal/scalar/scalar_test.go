package scalar

import (
	"encoding/binary"
	"math"
	"reflect"
	"testing"
)

// Every type goes to bytes and back, in both byte orders, and says the same as
// float32 and int64.
func TestRoundTrip(t *testing.T) {
	for _, s := range []any{
		[]bool{true, false, true},
		[]int8{-128, -1, 0, 127},
		[]int16{-32768, -1, 0, 32767},
		[]int32{-1 << 31, -1, 0, 1<<31 - 1},
		[]int64{-1 << 63, -1, 0, 1<<63 - 1},
		[]uint8{0, 1, 255},
		[]uint16{0, 1, 65535},
		[]uint32{0, 1, 1<<32 - 1},
		[]uint64{0, 1, 1<<63 - 1},
		[]float32{0, -1, 5, 1 << 40},
		[]float64{0, -1, 5, 1 << 40},
	} {
		typ, n := Of(s)
		b := Append(nil, s)
		if len(b) != n*typ.Size() {
			t.Errorf("%v: %d bytes, want %d", typ, len(b), n*typ.Size())
		}
		swapped := make([]byte, len(b))
		for i := range b {
			k := typ.Size()
			swapped[i/k*k+k-1-i%k] = b[i]
		}
		for _, c := range []struct {
			b     []byte
			order binary.ByteOrder
		}{{b, binary.LittleEndian}, {swapped, binary.BigEndian}} {
			if got := typ.Slice(c.b, c.order); !reflect.DeepEqual(got, s) {
				t.Errorf("%v, %v: got %v, want %v", typ, c.order, got, s)
			}
			floats := typ.Float32s(c.b, c.order)
			ints, err := typ.Int64s(c.b, c.order)
			if err != nil {
				t.Errorf("%v, %v: %v", typ, c.order, err)
			}
			for i, v := range ints {
				if want := reflect.ValueOf(s).Index(i); want.CanInt() && want.Int() != v || want.CanFloat() && want.Float() != float64(v) {
					t.Errorf("%v: number %d is %v, want %v", typ, i, v, want)
				}
				if floats[i] != float32(v) {
					t.Errorf("%v: number %d is %v as a float32, %v as an int64", typ, i, floats[i], v)
				}
			}
		}
	}
	if typ, _ := Of([]string{"a"}); typ != Invalid {
		t.Errorf("strings are %v", typ)
	}
	if typ, n := Of([]int{1, 2}); typ != Int64 || n != 2 {
		t.Errorf("ints are %d of %v", n, typ)
	}
}

func TestHalf(t *testing.T) {
	for bits, want := range map[uint16]float64{
		0x0000: 0, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0400: 1.0 / (1 << 14), 0x0001: 1.0 / (1 << 24), 0x83ff: -1023.0 / (1 << 24),
		0x3555: 0.333251953125, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1),
	} {
		b := binary.LittleEndian.AppendUint16(nil, bits)
		if got := Float16.Float32s(b, binary.LittleEndian)[0]; float64(got) != want {
			t.Errorf("%#04x is %v, want %v", bits, got, want)
		}
	}
	if v := half(0x8000); v != 0 || !math.Signbit(float64(v)) {
		t.Errorf("0x8000 is %v, want -0", v)
	}
	if v := half(0x7e00); v == v {
		t.Errorf("0x7e00 is %v, want NaN", v)
	}
	b := binary.LittleEndian.AppendUint16(nil, 0xc049)
	if got := BFloat16.Float32s(b, binary.LittleEndian)[0]; got != -3.140625 {
		t.Errorf("bfloat16 0xc049 is %v, want -3.140625", got)
	}
}

func TestInt64sRefuses(t *testing.T) {
	for _, s := range []any{[]float32{0.5}, []float64{1e300}, []float64{math.NaN()}, []uint64{1 << 63}, []float32{float32(math.Inf(1))}} {
		typ, _ := Of(s)
		if v, err := typ.Int64s(Append(nil, s), binary.LittleEndian); err == nil {
			t.Errorf("%v became %v", s, v)
		}
	}
}

func TestCount(t *testing.T) {
	for _, c := range []struct {
		shape []int
		n     int
		ok    bool
	}{
		{nil, 1, true},
		{[]int{5, 5}, 25, true},
		{[]int{5, 5, 2}, 0, false},
		{[]int{1 << 40, 1 << 40, 0}, 0, true},
		{[]int{0, 1 << 62, 1 << 62}, 0, true},
		{[]int{1 << 62, 1 << 62}, 0, false},
		{[]int{-1}, 0, false},
		{[]int{-1, 0}, 0, false},
	} {
		n, ok := Float32.Count(c.shape, 100)
		if ok != c.ok || ok && n != c.n {
			t.Errorf("%v: %d, %v, want %d, %v", c.shape, n, ok, c.n, c.ok)
		}
	}
}
