// This file checks the product against gonum's, and against gonum's own suite.

package blas32

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/blas/testblas"

	"cajal/engine/internal/f32"
	"cajal/engine/internal/rng"
)

// inDouble has the form of Dgemm, for the suite, whose numbers are exact in float32.
type inDouble struct{}

func (inDouble) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	narrow := func(x []float64) []float32 {
		out := make([]float32, len(x))
		for i, v := range x {
			out[i] = float32(v)
		}
		return out
	}
	c32 := narrow(c)
	if known(tA) && known(tB) && min(m, n, k) > 0 { // past the limit for tiny ones
		g := gemm{m: m, n: n, k: k, alpha: float32(alpha), beta: float32(beta), a: narrow(a), b: narrow(b), c: c32, ldc: ldc}
		turnedIf(tA, m, k, lda, &g.aRow, &g.aCol)
		turnedIf(tB, k, n, ldb, &g.bRow, &g.bCol)
		g.run()
	} else {
		Implementation{}.Sgemm(tA, tB, m, n, k, float32(alpha), narrow(a), lda, narrow(b), ldb, float32(beta), c32, ldc)
	}
	for i, v := range c32 {
		c[i] = float64(v)
	}
}

func TestSuite(t *testing.T) {
	for _, name := range f32.Implementations() {
		t.Run(name, func(t *testing.T) {
			defer f32.Use(name)()
			testblas.TestDgemm(t, inDouble{})
		})
	}
}

// matrix is rows by cols numbers, ld apart, with NaN between the rows and around.
type matrix struct {
	all, x []float32
	rows   int
	cols   int
	ld     int
}

func random(rows, cols, ld int, seed uint64) matrix {
	const guard = 8
	m := matrix{all: make([]float32, guard+rows*ld+guard), rows: rows, cols: cols, ld: ld}
	for i := range m.all {
		m.all[i] = float32(math.NaN())
	}
	m.x = m.all[guard : guard+max((rows-1)*ld+cols, 0)]
	r := rng.New(seed, 1)
	for y := range rows {
		for x := range cols {
			m.x[y*ld+x] = 2*r.Float32() - 1
		}
	}
	return m
}

// nans counts what must have stayed NaN and has not.
func (m matrix) check(t *testing.T, what string) {
	t.Helper()
	count := 0
	for _, v := range m.all {
		if v != v {
			count++
		}
	}
	if want := len(m.all) - m.rows*m.cols; count != want {
		t.Fatalf("%s: %d numbers are NaN, want the %d around the matrix", what, count, want)
	}
}

func compare(t *testing.T, tA, tB blas.Transpose, m, n, k, gap int, alpha, beta float32) {
	t.Helper()
	stored := func(tr blas.Transpose, rows, cols int, seed uint64) matrix {
		if tr != blas.NoTrans {
			rows, cols = cols, rows
		}
		return random(rows, cols, max(cols, 1)+gap, seed)
	}
	a, b, c := stored(tA, m, k, 1), stored(tB, k, n, 2), random(m, n, n+gap, 3)
	if beta == 0 { // C is not looked at
		c.x[(m-1)*c.ld] = float32(math.NaN())
	}
	want := append([]float32{}, c.x...)
	what := fmt.Sprintf("%c%c %dx%dx%d, %d apart, alpha %v, beta %v", tA, tB, m, n, k, gap, alpha, beta)
	gonum.Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a.x, a.ld, b.x, b.ld, beta, want, c.ld)
	Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a.x, a.ld, b.x, b.ld, beta, c.x, c.ld)
	for y := range m {
		for x := range n {
			got, want := float64(c.x[y*c.ld+x]), float64(want[y*c.ld+x])
			if e := math.Abs(got - want); !(e <= 3e-6*(1+math.Sqrt(float64(k)))) {
				t.Fatalf("%s: row %d, column %d is %v, but gonum has %v", what, y, x, got, want)
			}
		}
	}
	c.check(t, what)
}

var transposes = []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans}

// All sizes up to 40, with transposes, gaps and factors in turn.
func TestSizes(t *testing.T) {
	factors := []float32{1, 0, 1, -0.5}
	for _, name := range f32.Implementations() {
		t.Run(name, func(t *testing.T) {
			defer f32.Use(name)()
			i := 0
			for m := 1; m <= 40; m++ {
				for n := 1; n <= 40; n++ {
					k := (m*7+n*3)%40 + 1
					for range 2 {
						compare(t, transposes[i%3], transposes[i/3%3], m, n, k, i%4, factors[i/2%4], factors[i/8%4])
						i += 5
					}
				}
			}
			for i, s := range [][3]int{{300, 301, 257}, {1, 1000, 300}, {1000, 1, 300}, {7, 263, 2000}, {129, 520, 1030}, {520, 129, 65}} {
				for _, tA := range transposes[:2] {
					for _, tB := range transposes[:2] {
						if name == "go" && (i > 3 || tA == tB) {
							continue
						}
						compare(t, tA, tB, s[0], s[1], s[2], i%3, factors[i%4], factors[(i+1)%4])
						compare(t, tA, tB, s[0], s[1], s[2], i%3, 1, 0)
					}
				}
			}
		})
	}
}

func TestEmpty(t *testing.T) {
	for m := range 3 {
		for n := range 3 {
			for k := range 3 {
				if m*n*k == 0 {
					x, c := make([]float32, 9), []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}
					Implementation{}.Sgemm(blas.NoTrans, blas.NoTrans, m, n, k, 1, x, 3, x, 3, 0.5, c, 3)
					for i, v := range c {
						want := float32(1)
						if i/3 < m && i%3 < n {
							want = 0.5
						}
						if v != want {
							t.Errorf("%dx%dx%d: number %d is %v, want %v", m, n, k, i, v, want)
						}
					}
				}
			}
		}
	}
}

// What cannot be computed panics with gonum's words.
func TestPanics(t *testing.T) {
	x := make([]float32, 400)
	said := func(f func()) (text any) {
		defer func() { text = recover() }()
		f()
		return nil
	}
	for name, f := range map[string]func(blas.Float32){
		"transpose": func(i blas.Float32) { i.Sgemm('x', blas.NoTrans, 20, 20, 20, 1, x, 20, x, 20, 0, x, 20) },
		"m":         func(i blas.Float32) { i.Sgemm(blas.NoTrans, blas.NoTrans, -1, 20, 20, 1, x, 20, x, 20, 0, x, 20) },
		"lda":       func(i blas.Float32) { i.Sgemm(blas.NoTrans, blas.NoTrans, 20, 20, 20, 1, x, 19, x, 20, 0, x, 20) },
		"ldb":       func(i blas.Float32) { i.Sgemm(blas.NoTrans, blas.Trans, 20, 20, 20, 1, x, 20, x, 19, 0, x, 20) },
		"ldc":       func(i blas.Float32) { i.Sgemm(blas.NoTrans, blas.NoTrans, 20, 20, 20, 1, x, 20, x, 20, 0, x, 19) },
		"short a":   func(i blas.Float32) { i.Sgemm(blas.Trans, blas.NoTrans, 20, 20, 20, 1, x[1:], 20, x, 20, 0, x, 20) },
		"short b":   func(i blas.Float32) { i.Sgemm(blas.NoTrans, blas.NoTrans, 20, 20, 20, 1, x, 20, x[1:], 20, 0, x, 20) },
		"short c":   func(i blas.Float32) { i.Sgemm(blas.NoTrans, blas.NoTrans, 20, 20, 20, 1, x, 20, x, 20, 0, x[1:], 20) },
	} {
		want := said(func() { f(gonum.Implementation{}) })
		if got := said(func() { f(Implementation{}) }); got != want || got == nil {
			t.Errorf("%s: panics with %v, but gonum with %v", name, got, want)
		}
	}
}

func TestProcessorsDoNotChangeBits(t *testing.T) {
	const m, n, k = 130, 587, 300
	for _, name := range f32.Implementations() {
		t.Run(name, func(t *testing.T) {
			defer f32.Use(name)()
			// Factors that round, and with them what is fused and what is not.
			for _, f := range [][2]float32{{1, 0}, {1, 1}, {0.3, 0}, {0.3, 0.7}, {1, 0.7}} {
				a, b, c := random(m, k, k, 1), random(k, n, n, 2), random(m, n, n, 3)
				g := gemm{m: m, n: n, k: k, alpha: f[0], beta: f[1], a: a.x, b: b.x, aRow: k, aCol: 1, bRow: n, bCol: 1, ldc: n}
				want := slices.Clone(c.x)
				g.c = want
				g.strip(0, m, 0, n)
				for _, cols := range []int{32, 96, 288, 320} { // multiples of 32, as run cuts
					g.c = slices.Clone(c.x)
					for i := 0; i < m; i += 13 {
						for j := 0; j < n; j += cols {
							g.strip(i, i+13, j, min(j+cols, n))
						}
					}
					for i, v := range want {
						if v != g.c[i] {
							t.Fatalf("alpha %v, beta %v: number %d is %v in one piece, %v in strips of %d columns", f[0], f[1], i, v, g.c[i], cols)
						}
					}
				}
			}
		})
	}
}

func BenchmarkSgemm(b *testing.B) {
	for _, n := range []int{64, 512, 1024} {
		x, y, z := random(n, n, n, 1), random(n, n, n, 2), random(n, n, n, 3)
		for _, c := range []struct {
			name   string
			tA, tB blas.Transpose
			use    blas.Float32
		}{
			{"this", blas.NoTrans, blas.NoTrans, Implementation{}},
			{"this, both turned", blas.Trans, blas.Trans, Implementation{}},
			{"gonum", blas.NoTrans, blas.NoTrans, gonum.Implementation{}},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, c.name), func(b *testing.B) {
				for b.Loop() {
					c.use.Sgemm(c.tA, c.tB, n, n, n, 1, x.x, n, y.x, n, 0, z.x, n)
				}
				b.ReportMetric(2*float64(n*n*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
