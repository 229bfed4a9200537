// This file checks the products, plain and pooled, and the patches.

package f32

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"cajal/engine/internal/rng"
)

// productCase makes the operands of p, b with its padding as it is.
func (p *Product) operands(shift int) (a, b, c guarded) {
	a = noisy((p.M-1)*p.ARow+(p.L-1)*p.ASeg+(p.K-1)*p.ACol+1, shift, 1)
	b = noisy((p.L-1)*p.BSeg+(p.K-1)*p.BRow+(p.N-1)*max(p.BCol, 1)+1, shift/2, 2)
	c = noisy((p.M-1)*p.CRow+p.N, 15-shift, 3)
	return a, b, c
}

// want is the sum of the definition in float64. Of c, what lies between the rows
// must stay.
func (p *Product) want(a, b, c []float32) []float64 {
	out := make([]float64, len(c))
	for i, v := range c {
		out[i] = float64(v)
	}
	for i := range p.M {
		for j := range p.N {
			s := 0.0
			if p.Acc {
				s = float64(c[i*p.CRow+j])
			}
			for l := range p.L {
				for k := range p.K {
					s += float64(a[i*p.ARow+l*p.ASeg+k*p.ACol]) * float64(b[l*p.BSeg+k*p.BRow+j*max(p.BCol, 1)])
				}
			}
			out[i*p.CRow+j] = s
		}
	}
	return out
}

func TestProduct(t *testing.T) {
	var all []Product
	for m := 1; m <= 31; m++ { // every height of tiles, and of what is left
		for _, n := range []int{8, 16, 24, 32, 40, 64, 72} {
			k := (m*5+n)%23 + 1
			all = append(all, Product{M: m, N: n, K: k, L: 1, ARow: k, ACol: 1, BRow: n, CRow: n, Acc: m%2 == 0})
		}
	}
	all = append(all,
		Product{M: 11, N: 64, K: 96, L: 3, ARow: 32, ACol: 1, ASeg: 13 * 32, BRow: 64, BSeg: 96 * 64, CRow: 64},         // a row of a convolution
		Product{M: 13, N: 32, K: 33, L: 17, ARow: 1, ACol: 13, ASeg: 700, BRow: 40, BSeg: 33 * 40, CRow: 48, Acc: true}, // transposed, with gaps
		Product{M: 26, N: 32, K: 3, L: 3, ARow: 1, ACol: 1, ASeg: 28, BRow: 32, BSeg: 96, CRow: 32},                     // overlapping rows
		Product{M: 5, N: 16, K: 1, L: 1, ARow: 0, ACol: 0, BRow: 0, CRow: 16},                                           // one number for all
		Product{M: 1, N: 8, K: 1, L: 1, CRow: 0},                                                                        // the smallest
		Product{M: 40, N: 16, K: 784, L: 1, ARow: 784, ACol: 1, BRow: 16, CRow: 16},                                     // long sums
		Product{M: 784, N: 16, K: 32, L: 1, ARow: 1, ACol: 784, BRow: 16, CRow: 16},                                     // many rows
		Product{M: 7, N: 24, K: 5, L: 2, ARow: 9, ACol: 2, ASeg: 70, BRow: 30, BSeg: 200, CRow: 31, Acc: true},          // odd strides
		Product{M: 12, N: 48, K: 4, L: 5, ARow: 4, ACol: 1, ASeg: 48, BRow: 48, BSeg: 4 * 48, CRow: 48},                 // several segments
		Product{M: 29, N: 8, K: 7, L: 1, ARow: 7, ACol: 1, BRow: 8, CRow: 11},                                           // gaps between rows of c
	)
	for m := 1; m <= 31; m += 3 { // the right side turned: every width of panels and tiles
		for n := 8; n <= 72; n += 8 {
			k := (m*7+n)%29 + 1
			all = append(all, Product{M: m, N: n, K: k, L: 1, ARow: k + 1, ACol: 1, BRow: 1, BCol: k + n%3, CRow: n + 1, Acc: m%2 == 0})
		}
	}
	results := map[int]string{}
	each(t, func(t *testing.T) {
		for i, p := range all {
			a, b, c := p.operands(i % 16)
			want := p.want(a.s, b.s, c.s)
			p.Do(a.s, b.s, c.s)
			what := fmt.Sprintf("%+v", p)
			near(t, what, c.s, want, math.Sqrt(float64(p.K*p.L)))
			c.check(t, what)
			// All assembly rounds alike.
			if got := bits(c.s); Name() != "go" {
				if old, ok := results[i]; ok && old != got {
					t.Fatalf("%s: other bits than another implementation", what)
				}
				results[i] = got
			}
		}
	})
}

// A large product is computed in pieces, whose bits are those of one product for each
// few rows and columns.
func TestLargeProduct(t *testing.T) {
	each(t, func(t *testing.T) {
		if Name() == "go" {
			t.Skip("the Go loop has no pieces")
		}
		for i, p := range []Product{
			{M: 131, N: 1032, K: 520, L: 1, ARow: 520, ACol: 1, BRow: 1032, CRow: 1032},
			{M: 230, N: 776, K: 700, L: 1, ARow: 1, ACol: 230, BRow: 780, CRow: 777, Acc: true}, // the left side turned
			{M: 129, N: 536, K: 999, L: 1, ARow: 1007, ACol: 1, BRow: 1, BCol: 1001, CRow: 536}, // the right side turned
			{M: 3, N: 1048, K: 257, L: 1, ARow: 1, ACol: 3, BRow: 1, BCol: 260, CRow: 1048, Acc: true},
			{M: 128, N: 4096, K: 128, L: 1, ARow: 300, ACol: 2, BRow: 4099, CRow: 4096},
			{M: 27, N: 2056, K: 300, L: 1, ARow: 1024, ACol: 1, BRow: 2056, CRow: 2056, Acc: true}, // rows a page apart
			{M: 29, N: 2080, K: 1024, L: 1, ARow: 1027, ACol: 1, BRow: 1, BCol: 1024, CRow: 2081},  // few rows, the right side turned
			{M: 250, N: 24, K: 21846, L: 1, ARow: 21846, ACol: 1, BRow: 24, CRow: 24},
		} {
			a, b, c := p.operands(i)
			want := slices.Clone(c.s)
			p.Do(a.s, b.s, c.s)
			what := fmt.Sprintf("%+v", p)
			c.check(t, what)
			small := p
			right := b.s
			if p.turned() {
				right = make([]float32, p.K*p.N)
				transposeGeneric(right, b.s, p.N, p.K, p.N, p.BCol)
				small.BRow, small.BCol = p.N, 0
			}
			small.M = 1
			for i := range p.M {
				small.Do(a.s[i*p.ARow:], right, want[i*p.CRow:])
			}
			for k, v := range want {
				if math.Float32bits(v) != math.Float32bits(c.s[k]) {
					t.Fatalf("%s: number %d is %v, but row by row %v", what, k, c.s[k], v)
				}
			}
		}
	})
}

func TestCountWork(t *testing.T) {
	stop := CountWork()
	p := Product{M: 3, N: 8, K: 4, L: 2, ARow: 8, ACol: 1, ASeg: 4, BRow: 8, BSeg: 32, CRow: 8}
	a, b, c := p.operands(0)
	p.Do(a.s, b.s, c.s)
	(&Pooled{M: 1, N: 8, K: 2, L: 1, ARow: 1, ASeg: 4, BRow: 8, CRow: 8}).Do(a.s, b.s, c.s, make([]int32, 8))
	(&Patches{Rows: 2, Len: 3, DstRow: 3, SrcRow: 3}).Add(c.s, b.s, []Term{{}, {}, {}}, []Group{{N: 1}, {From: 1, N: 2}})
	if got, want := stop(), int64(2*(3*8*4*2+4*8*2+2*3*3)); got != want {
		t.Errorf("counted %d operations, want %d", got, want)
	}
	p.Do(a.s, b.s, c.s) // is not counted any more, nor fails
	each(t, func(t *testing.T) {
		lanes := map[string]int{"go": 1, "avx2": 8, "avx512": 16}[Name()]
		if got := MultiplyAdd(5); got != 5*2*fmaSums*lanes || MultiplyAdd(0) != 0 {
			t.Errorf("%d operations in 5 rounds", got)
		}
	})
}

func TestEmptyProduct(t *testing.T) {
	each(t, func(t *testing.T) {
		c := noisy(16, 0, 1)
		before := bits(c.s)
		(&Product{M: 0, N: 8, K: 1, L: 1}).Do(nil, nil, nil)
		(&Product{M: 2, N: 8, K: 0, L: 1, CRow: 8, Acc: true}).Do(nil, nil, c.s)
		if bits(c.s) != before {
			t.Error("a sum of nothing has changed the result")
		}
		(&Product{M: 2, N: 8, K: 0, L: 1, CRow: 8}).Do(nil, nil, c.s)
		near(t, "a sum of nothing", c.s, make([]float64, 16), 0)
	})
}

func TestProductPanics(t *testing.T) {
	good := Product{M: 3, N: 8, K: 4, L: 1, ARow: 4, ACol: 1, BRow: 8, CRow: 8}
	with := func(f func(p *Product)) Product { p := good; f(&p); return p }
	each(t, func(t *testing.T) {
		for name, f := range map[string]func(){
			"a short": func() { good.Do(make([]float32, 11), make([]float32, 32), make([]float32, 24)) },
			"b short": func() { good.Do(make([]float32, 12), make([]float32, 31), make([]float32, 24)) },
			"c short": func() { good.Do(make([]float32, 12), make([]float32, 32), make([]float32, 23)) },
			"odd width": func() {
				p := with(func(p *Product) { p.N = 7 })
				p.Do(make([]float32, 99), make([]float32, 99), make([]float32, 99))
			},
			"rows overlap": func() {
				p := with(func(p *Product) { p.CRow = 7 })
				p.Do(make([]float32, 99), make([]float32, 99), make([]float32, 99))
			},
			"backwards": func() {
				p := with(func(p *Product) { p.ARow = -1 })
				p.Do(make([]float32, 99), make([]float32, 99), make([]float32, 99))
			},
			"turned, b short": func() {
				p := with(func(p *Product) { p.BRow, p.BCol = 1, 9 })
				p.Do(make([]float32, 12), make([]float32, 7*9+3), make([]float32, 24))
			},
			"turned, segments": func() {
				p := with(func(p *Product) { p.BRow, p.BCol, p.L = 1, 9, 2 })
				p.Do(make([]float32, 99), make([]float32, 999), make([]float32, 24))
			},
			"turned, rows apart": func() { // assembly would take them for neighbours
				p := with(func(p *Product) { p.BRow, p.BCol = 2, 9 })
				p.Do(make([]float32, 12), make([]float32, 99), make([]float32, 24))
			},
			"pooled, a short": func() {
				p := Pooled{M: 1, N: 8, K: 1, L: 1, ARow: 1, ASeg: 4, BRow: 8, CRow: 8}
				p.Do(make([]float32, 5), make([]float32, 8), make([]float32, 8), make([]int32, 8))
			},
			"pooled, won short": func() {
				p := Pooled{M: 1, N: 8, K: 1, L: 1, ARow: 1, ASeg: 4, BRow: 8, CRow: 8}
				p.Do(make([]float32, 6), make([]float32, 8), make([]float32, 8), make([]int32, 7))
			},
			"rows do not fit": func() { BiasReLU(make([]float32, 5), make([]float32, 2)) },
			"sum":             func() { Sum(make([]float32, 5), make([]float32, 9), 2, 5) },
			"transpose":       func() { Transpose(make([]float32, 5), make([]float32, 6), 2, 3, 2, 3) },
			"winners": func() {
				(&Winners{M: 1, N: 8, L: 1}).Add(make([]float32, 8), make([]float32, 2), make([]float32, 8), make([]int32, 8), []int32{2})
			},
			"lists, few terms": func() {
				Collect(make([]Term, 2), make([]Group, 1), make([]float32, 9), make([]int32, 9), make([]int32, 3), make([]int32, 1), 1)
			},
			"lists, few gradients": func() {
				Collect(make([]Term, 3), make([]Group, 1), make([]float32, 2), make([]int32, 9), make([]int32, 3), make([]int32, 1), 1)
			},
			"split, few terms": func() { Split(make([]Term, 2), make([]Group, 1), make([]float32, 3), make([]int32, 3), 1) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic", name)
					}
				}()
				f()
			}()
		}
	})
}

func TestPooled(t *testing.T) {
	var all []Pooled
	for m := 1; m <= 14; m++ {
		for _, n := range []int{8, 16, 24, 32, 64} {
			ci := 1 + (m+n/8)%4
			all = append(all, Pooled{M: m, N: n, K: 3 * ci, L: 1 + m%3, ARow: ci, ASeg: (2*m + 4) * ci, BRow: n, BSeg: 3 * ci * n, CRow: n + m%2*8})
		}
	}
	all = append(all, Pooled{M: 5, N: 64, K: 96, L: 3, ARow: 32, ASeg: 13 * 32, BRow: 64, BSeg: 96 * 64, CRow: 64})
	results := map[int]string{}
	each(t, func(t *testing.T) {
		for i, p := range all {
			a := noisy((2*p.M-1)*p.ARow+p.L*p.ASeg+p.K, i%16, 1)
			b := noisy((p.L-1)*p.BSeg+(p.K-1)*p.BRow+p.N, i%5, 2)
			n := (p.M-1)*p.CRow + p.N
			c, won := noisy(n, 15-i%16, 3), guardInts(n, i%7)
			what := fmt.Sprintf("%+v", p)
			p.Do(a.s, b.s, c.s, won.s)
			c.check(t, what)
			won.check(t, what)
			for m := range p.M {
				for j := range p.N {
					var s [4]float64
					for q := range s {
						for l := range p.L {
							for k := range p.K {
								s[q] += float64(a.s[(2*m+q%2)*p.ARow+(q/2+l)*p.ASeg+k]) * float64(b.s[l*p.BSeg+k*p.BRow+j])
							}
						}
					}
					at := m*p.CRow + j
					best := max(s[0], s[1], s[2], s[3])
					if e := math.Abs(float64(c.s[at]) - best); !(e < 1e-5) {
						t.Fatalf("%s: window %d, column %d is %v, want %v", what, m, j, c.s[at], best)
					}
					if q := won.s[at]; q < 0 || q > 3 || math.Abs(s[q]-best) > 1e-5 {
						t.Fatalf("%s: window %d, column %d was won by %d of %v", what, m, j, q, s)
					}
				}
			}
			if got := bits(c.s) + fmt.Sprint(won.s); Name() != "go" {
				if old, ok := results[i]; ok && old != got {
					t.Fatalf("%s: other bits than another implementation", what)
				}
				results[i] = got
			}
		}
	})
}

// Of equal sums the first wins, and NaN never does, unless it comes first.
func TestPooledTies(t *testing.T) {
	nan := float32(math.NaN())
	each(t, func(t *testing.T) {
		for _, c := range []struct {
			four [4]float32
			want float32
			won  int32
		}{
			{[4]float32{2, 2, 2, 2}, 2, 0},
			{[4]float32{1, 2, 2, 1}, 2, 1},
			{[4]float32{1, nan, 3, nan}, 3, 2},
			{[4]float32{-4, -3, -2, -1}, -1, 3},
			{[4]float32{float32(math.Inf(-1)), -3, nan, -5}, -3, 1},
		} {
			for _, n := range []int{8, 16, 24} {
				a := append(append([]float32{}, c.four[:]...), 0, 0)
				b, out, won := make([]float32, n), make([]float32, n), make([]int32, n)
				for j := range b {
					b[j] = 1
				}
				p := Pooled{M: 1, N: n, K: 1, L: 1, ARow: 1, ASeg: 2, BRow: n, CRow: n}
				p.Do(a, b, out, won)
				for j := range out {
					if out[j] != c.want || won[j] != c.won {
						t.Fatalf("%v: column %d of %d is %v from %d, want %v from %d", c.four, j, n, out[j], won[j], c.want, c.won)
					}
				}
			}
		}
	})
}

func TestPatches(t *testing.T) {
	type patchCase struct {
		Patches
		terms, groups int
	}
	var all []patchCase
	for length := 1; length <= 140; length++ { // every number of vectors and of what is left
		for rows := 1; rows <= 5; rows += 1 + length%2 {
			all = append(all, patchCase{Patches{rows, length, length + length%3, length + 5}, length % 5, 1 + length%3})
		}
	}
	all = append(all,
		patchCase{Patches{3, 96, 96, 13 * 32}, 25, 16},
		patchCase{Patches{3, 96, 13 * 32, 96}, 25, 4},
		patchCase{Patches{1, 500, 500, 500}, 7, 1},
		patchCase{Patches{7, 300, 400, 301}, 2, 2},
	)
	results := map[int]string{}
	each(t, func(t *testing.T) {
		for i, c := range all {
			p := c.Patches
			src := noisy((p.Rows-1)*p.SrcRow+p.Len+50, 15-i%16, 2)
			dst := noisy((p.Rows-1)*p.DstRow+p.Len+20, i%16, 1)
			r := rng.New(uint64(i), 3)
			var terms []Term
			var groups []Group
			for k := range c.groups {
				n := (c.terms + k) % (c.terms + 1) // one is empty
				groups = append(groups, Group{To: int32(r.Intn(21)), From: int32(len(terms)), N: int32(n)})
				for range n {
					terms = append(terms, Term{int32(r.Intn(51)), 2*r.Float32() - 1})
				}
			}
			terms = append(terms, Term{1 << 30, 1}) // belongs to none
			want := make([]float64, len(dst.s))
			for k, v := range dst.s {
				want[k] = float64(v)
			}
			for _, g := range groups {
				for _, tm := range terms[g.From : g.From+g.N] {
					for r := range p.Rows {
						for j := range p.Len {
							want[int(g.To)+r*p.DstRow+j] += float64(tm.By) * float64(src.s[int(tm.At)+r*p.SrcRow+j])
						}
					}
				}
			}
			what := fmt.Sprintf("%+v, %+v", p, groups)
			p.Add(dst.s, src.s, terms, groups)
			near(t, what, dst.s, want, float64(c.terms*c.groups))
			dst.check(t, what)
			if got := bits(dst.s); Name() != "go" && c.groups == 1 {
				if old, ok := results[i]; ok && old != got {
					t.Fatalf("%s: other bits than another implementation", what)
				}
				results[i] = got
			}
		}
	})
}

// Both lists are made of the same gradient, of which some numbers are 0 and -0.
func TestLists(t *testing.T) {
	const windows, stride, channels, places = 7, 40, 37, 4
	g, won := noisy(windows*stride, 3, 1), make([]int32, windows*stride)
	for i := range won {
		won[i] = int32(i*i%7) % places
		switch i % 3 {
		case 0:
			g.s[i] = 0
		case 1:
			if i%2 == 0 {
				g.s[i] = float32(math.Copysign(0, -1))
			}
		}
	}
	g.s[5] = float32(math.NaN()) // is not zero
	corners, place := []int32{0, 100, 200, 300, 400, 500, 600}, []int32{0, 1, 10, 11}
	each(t, func(t *testing.T) {
		terms, groups := make([]Term, channels*windows), make([]Group, channels)
		for c := range groups {
			groups[c].From = int32(c * windows)
		}
		Collect(terms, groups, g.s, won, corners, place, stride)
		for c, gr := range groups {
			var want []Term
			for k := range windows {
				if v := g.s[k*stride+c]; v != 0 {
					want = append(want, Term{corners[k] + place[won[k*stride+c]], v})
				}
			}
			if got := terms[gr.From : gr.From+gr.N]; fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("channel %d has %v, want %v", c, got, want)
			}
		}
		const room = 48
		none := Term{-1, -1}
		lists, where := make([]Term, places*room+1), make([]Group, places)
		for k := range windows {
			for i := range lists {
				lists[i] = none
			}
			for q := range where {
				where[q] = Group{To: 5, From: int32(q * room), N: 99}
			}
			row := g.s[k*stride : k*stride+channels]
			Split(lists, where, row, won[k*stride:], 288)
			for q, gr := range where {
				var want []Term
				for c, v := range row {
					if v != 0 && won[k*stride+c] == int32(q) {
						want = append(want, Term{int32(c * 288), v})
					}
				}
				if got := lists[gr.From : gr.From+gr.N]; fmt.Sprint(got) != fmt.Sprint(want) || gr.To != 5 {
					t.Errorf("window %d, place %d has %v, want %v", k, q, got, want)
				}
			}
			if lists[places*room] != none {
				t.Errorf("window %d: written behind the last list", k)
			}
		}
		Collect(nil, nil, nil, nil, nil, nil, 0)
		Split(lists, where, nil, nil, 1)
		if where[0].N != 0 {
			t.Error("a split of nothing leaves terms")
		}
	})
}

func TestWinners(t *testing.T) {
	results := map[int]string{}
	each(t, func(t *testing.T) {
		for i := range 23 { // every number of taps
			n := Lane * (1 + i*5%9)
			w := Winners{M: 1 + i%5, N: n, L: 1 + i%3, ARow: 2 + i%4, ASeg: 40, Places: [4]int32{int32(i % 2), 1, 9, 10}}
			taps := make([]int32, i)
			for k := range taps {
				taps[k] = int32(k*7%11 + k)
			}
			all := w.L * w.M * n
			a, g, c := noisy((w.L-1)*w.ASeg+(w.M-1)*w.ARow+10+11+i+1, i%16, 1), noisy(all, i%16, 2), noisy(max(i, 1)*n, i%16, 3)
			r, won := rng.New(uint64(i), 4), make([]int32, all)
			for k := range won {
				won[k] = int32(r.Intn(4))
			}
			want := make([]float64, len(c.s))
			for k, v := range c.s {
				want[k] = float64(v)
			}
			for l := range w.L {
				for m := range w.M {
					for tap, at := range taps {
						for j := range n {
							k := (l*w.M+m)*n + j
							want[tap*n+j] += float64(g.s[k]) * float64(a.s[l*w.ASeg+m*w.ARow+int(at+w.Places[won[k]])])
						}
					}
				}
			}
			what := fmt.Sprintf("%+v, %d taps", w, i)
			w.Add(c.s, a.s, g.s, won, taps)
			near(t, what, c.s, want, float64(w.L*w.M))
			c.check(t, what)
			if got := bits(c.s); Name() != "go" {
				if old, ok := results[i]; ok && old != got {
					t.Fatalf("%s: other bits than another implementation", what)
				}
				results[i] = got
			}
		}
	})
}

func TestPrimitivesAllocateNothing(t *testing.T) {
	p := Product{M: 11, N: 64, K: 9, L: 1, ARow: 9, ACol: 1, BRow: 64, CRow: 64}
	a, b, c := p.operands(0)
	q := Pooled{M: 3, N: 32, K: 3, L: 2, ARow: 1, ASeg: 8, BRow: 32, BSeg: 96, CRow: 32}
	won := make([]int32, 96)
	x := Patches{Rows: 3, Len: 9, DstRow: 9, SrcRow: 9}
	terms, groups := []Term{{0, 1}, {3, 2}}, []Group{{0, 0, 1}, {4, 1, 1}}
	y, taps := Winners{M: 3, N: 32, L: 1, ARow: 2, ASeg: 9, Places: [4]int32{0, 1, 9, 10}}, []int32{0, 1, 2}
	each(t, func(t *testing.T) {
		if n := testing.AllocsPerRun(10, func() {
			p.Do(a.s, b.s, c.s)
			q.Do(b.s, b.s, c.s, won)
			x.Add(c.s, b.s, terms, groups)
			y.Add(c.s, a.s, b.s, won, taps)
			BiasReLU(c.s[:96], b.s[:32])
			Largest(c.s[:96], won, b.s, 0)
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
