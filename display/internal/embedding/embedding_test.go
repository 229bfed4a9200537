package embedding

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// clouds makes up rows around some centres.
func clouds(n, dims, centres int, seed uint64) (rows [][]float64, which []int) {
	r := rand.New(rand.NewPCG(seed, 0))
	at := make([][]float64, centres)
	for c := range at {
		for range dims {
			at[c] = append(at[c], 6*r.NormFloat64())
		}
	}
	for i := range n {
		row := make([]float64, dims)
		for j := range row {
			row[j] = at[i%centres][j] + r.NormFloat64()
		}
		rows, which = append(rows, row), append(which, i%centres)
	}
	return rows, which
}

// The components are gonum's, whether they are found at once or in a subspace.
func TestPCA(t *testing.T) {
	for _, size := range [][2]int{{40, 5}, {60, 100}, {80, 150}, {30, 400}} {
		rows, _ := clouds(size[0], size[1], 4, 7)
		got, err := PCA(rows, 2)
		if err != nil {
			t.Fatal(err)
		}
		x := mat.NewDense(size[0], size[1], nil)
		for i, row := range rows {
			x.SetRow(i, row)
		}
		var pc stat.PC
		if !pc.PrincipalComponents(x, nil) {
			t.Fatal("no components")
		}
		var v mat.Dense
		pc.VectorsTo(&v)
		vars := pc.VarsTo(nil)
		total := floats.Sum(vars)
		for c := range 2 {
			if want := vars[c] / total; math.Abs(got.Share[c]-want) > 1e-6 {
				t.Errorf("%v: component %d has the share %v, want %v", size, c, got.Share[c], want)
			}
			// Rows less their mean, in the direction of the component.
			var want []float64
			mean := 0.0
			for i := range rows {
				want = append(want, floats.Dot(rows[i], mat.Col(nil, c, &v)))
				mean += want[i] / float64(len(rows))
			}
			floats.AddConst(-mean, want)
			sign := 1.0
			if want[0]*got.Rows[0][c] < 0 {
				sign = -1
			}
			for i := range want {
				if math.Abs(sign*want[i]-got.Rows[i][c]) > 1e-4*math.Abs(want[0]) {
					t.Errorf("%v: component %d of row %d is %v, want %v", size, c, i, got.Rows[i][c], sign*want[i])
					break
				}
			}
		}
	}
}

func TestPCALine(t *testing.T) {
	var rows [][]float64
	for i := range 10 {
		rows = append(rows, []float64{3 * float64(i), 4 * float64(i), 1})
	}
	c, err := PCA(rows, 2)
	if err != nil || math.Abs(c.Share[0]-1) > 1e-12 || math.Abs(c.Share[1]) > 1e-12 {
		t.Fatalf("%v, %v", c.Share, err)
	}
	for i, row := range c.Rows {
		if want := 5 * (float64(i) - 4.5); math.Abs(row[0]-want) > 1e-9 || math.Abs(row[1]) > 1e-9 {
			t.Errorf("row %d is at %v, want %v, 0", i, row, want)
		}
	}
	same, err := PCA([][]float64{{1, 2}, {1, 2}}, 2)
	if err != nil || same.Share[0] != 0 {
		t.Errorf("equal rows: %+v, %v", same, err)
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		rows [][]float64
		want string
	}{
		{nil, "there are 0 rows"},
		{[][]float64{{1}}, "there are 1 rows"},
		{[][]float64{{1}, {2}, {3}, {1, 2}}, "row 3 has 2 numbers, row 0 has 1"},
		{[][]float64{{1}, {2}, {math.NaN()}, {2}}, "row 2 has NaN at 0"},
	}
	for _, tt := range tests {
		if _, err := PCA(tt.rows, 2); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("PCA: %v, want %s", err, tt.want)
		}
		if _, err := TSNE(tt.rows, 5, 0); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("TSNE: %v, want %s", err, tt.want)
		}
	}
}

// Neighbours of a cloud are of the same cloud, from any start.
func TestTSNE(t *testing.T) {
	rows, which := clouds(120, 60, 4, 3)
	for _, seed := range []uint64{0, 1, 2} {
		at, err := TSNE(rows, 15, seed)
		if err != nil {
			t.Fatal(err)
		}
		wrong := 0
		for i := range at {
			best, nearest := math.Inf(1), -1
			for j := range at {
				if d := math.Hypot(at[i][0]-at[j][0], at[i][1]-at[j][1]); j != i && d < best {
					best, nearest = d, j
				}
			}
			if which[nearest] != which[i] {
				wrong++
			}
		}
		if wrong > 0 {
			t.Errorf("seed %d: the nearest of %d rows are of another cloud", seed, wrong)
		}
	}
}

// The same rows and seed give the same places on one processor and on several,
// another seed others.
func TestTSNESeeds(t *testing.T) {
	rows, _ := clouds(50, 5, 2, 5)
	place := func(seed uint64) string {
		at, err := TSNE(rows, 10, seed)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(at)
	}
	a, b, other := place(7), place(7), place(8)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	single := place(7)
	if a != b || a != single {
		t.Error("the same seed gave other places")
	}
	if a == other {
		t.Error("another seed gave the same places")
	}
	// Equal rows and very few of them.
	at, err := TSNE([][]float64{{1, 1}, {1, 1}, {1, 1}, {1, 1}, {5, 5}}, 30, 0)
	if err != nil || math.IsNaN(at[0][0]+at[4][1]) {
		t.Errorf("%v, %v", at, err)
	}
}

// The bell has the perplexity that was asked for.
func TestBell(t *testing.T) {
	d := []float64{0, 1, 2, 3, 5, 8, 13, 21, 1000}
	for _, want := range []float64{1.5, 3, 6} {
		p := bell(d, math.Log(want))
		h := 0.0
		for _, v := range p {
			if v > 0 {
				h -= v * math.Log(v)
			}
		}
		if got := math.Exp(h); math.Abs(got-want) > 1e-3 || math.Abs(floats.Sum(p)-1) > 1e-12 {
			t.Errorf("perplexity %v, want %v", got, want)
		}
	}
}

func BenchmarkTSNE(b *testing.B) {
	rows, _ := clouds(1000, 784, 10, 1)
	for b.Loop() {
		if _, err := TSNE(rows, 30, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPCA(b *testing.B) {
	rows, _ := clouds(2000, 784, 10, 1)
	for b.Loop() {
		if _, err := PCA(rows, 2); err != nil {
			b.Fatal(err)
		}
	}
}
