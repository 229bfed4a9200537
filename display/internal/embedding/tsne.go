// This file implements t-SNE.

package embedding

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"
)

// The settings of the optimisation: those of van der Maaten and Hinton with the
// exaggeration and the learning rate of Belkina and others (2019).
const (
	iterations   = 600
	exaggerated  = 200 // iterations in which attraction is so much stronger:
	exaggeration = 12
	before       = 50 // components that distances are measured in
)

// TSNE returns a place in the plane for each row, by t-distributed stochastic
// neighbour embedding (van der Maaten and Hinton, 2008, "Visualizing Data using
// t-SNE"): all pairs of rows are computed, so that time grows with their square,
// about a second for a thousand. Rows of more than 50 numbers are taken in their
// first 50 principal components, as in the paper.
//
// perplexity is about how many neighbours a row has; it is made less than a third
// of the rows. Seed 0 begins with the first two principal components (Kobak and
// Berens, 2019), any other with random places. The result does not depend on the
// number of processors.
func TSNE(rows [][]float64, perplexity float64, seed uint64) ([][]float64, error) {
	n := len(rows)
	if n < 4 {
		return nil, fmt.Errorf("there are %d rows: at least 4 were expected", n)
	}
	c, err := PCA(rows, before)
	if err != nil {
		return nil, err
	}
	t := &tsne{n: n, x: make([]float64, n), y: make([]float64, n)}
	t.attract(c.Rows, min(perplexity, float64(n-1)/3))
	t.begin(c.Rows, seed)
	t.optimise()
	out := make([][]float64, n)
	for i := range out {
		out[i] = []float64{t.x[i], t.y[i]}
	}
	return out, nil
}

// tsne is the state of the optimisation.
type tsne struct {
	n         int
	x, y      []float64
	neighbour [][]int32   // of each row
	strength  [][]float64 // of their attraction; all sum to 1
}

// begin sets the first places, with a standard deviation of 1e-4 across.
func (t *tsne) begin(rows [][]float64, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range t.n {
		if seed != 0 {
			t.x[i], t.y[i] = r.NormFloat64()*1e-4, r.NormFloat64()*1e-4
			continue
		}
		t.x[i] = rows[i][0]
		if len(rows[i]) > 1 {
			t.y[i] = rows[i][1]
		}
		t.y[i] += 1e-9 * r.NormFloat64() // equal rows have to come apart
	}
	if seed == 0 {
		if s := floats.Norm(t.x, 2) / math.Sqrt(float64(t.n)); s > 0 {
			floats.Scale(1e-4/s, t.x)
			floats.Scale(1e-4/s, t.y)
		}
	}
}

// attract finds how strongly rows attract each other: for each the width of a
// bell over its neighbours that has the perplexity. Those beyond three times the
// perplexity are too far to count (van der Maaten, 2014).
func (t *tsne) attract(rows [][]float64, perplexity float64) {
	k := min(int(3*perplexity)+1, t.n-1)
	t.neighbour, t.strength = make([][]int32, t.n), make([][]float64, t.n)
	nearest := make([][]int32, t.n)
	p := make([][]float64, t.n)
	t.share(func(i int) {
		distance := make([]float64, t.n)
		order := make([]int32, 0, t.n-1)
		for j := range t.n {
			if j == i {
				continue
			}
			d := 0.0
			for c, v := range rows[i] {
				d += (v - rows[j][c]) * (v - rows[j][c])
			}
			distance[j] = d
			order = append(order, int32(j))
		}
		slices.SortFunc(order, func(a, b int32) int {
			switch {
			case distance[a] < distance[b]:
				return -1
			case distance[a] > distance[b]:
				return 1
			}
			return int(a - b)
		})
		near := slices.Clone(order[:k])
		d := make([]float64, k)
		for m, j := range near {
			d[m] = distance[j] - distance[near[0]] // the same bell, without underflow
		}
		nearest[i], p[i] = near, bell(d, math.Log(perplexity))
	})
	// Both ways count half.
	at := make([]map[int32]float64, t.n)
	for i := range at {
		at[i] = map[int32]float64{}
	}
	for i, near := range nearest {
		for m, j := range near {
			half := p[i][m] / (2 * float64(t.n))
			at[i][j] += half
			at[j][int32(i)] += half
		}
	}
	for i, m := range at {
		for j := range m {
			t.neighbour[i] = append(t.neighbour[i], j)
		}
		slices.Sort(t.neighbour[i])
		for _, j := range t.neighbour[i] {
			t.strength[i] = append(t.strength[i], m[j])
		}
	}
}

// bell returns probabilities exp(-b·d) whose entropy is as wanted, looking for b
// by halving.
func bell(d []float64, entropy float64) []float64 {
	p := make([]float64, len(d))
	b, lo, hi := 1.0, 0.0, math.Inf(1)
	if mean := floats.Sum(d) / float64(len(d)); mean > 0 {
		b = 1 / mean
	}
	for range 100 {
		sum, weighted := 0.0, 0.0
		for m, v := range d {
			p[m] = math.Exp(-b * v)
			sum += p[m]
			weighted += v * p[m]
		}
		got := math.Log(sum) + b*weighted/sum
		floats.Scale(1/sum, p)
		switch {
		case math.Abs(got-entropy) < 1e-5:
			return p
		case got > entropy:
			if lo = b; math.IsInf(hi, 1) {
				b *= 2
			} else {
				b = (b + hi) / 2
			}
		default:
			hi = b
			b = (b + lo) / 2
		}
	}
	return p
}

// optimise moves the rows down the gradient of the difference between the
// attractions and how near they are.
func (t *tsne) optimise() {
	n := t.n
	rate := max(float64(n)/exaggeration, 50)
	stepX, stepY := make([]float64, n), make([]float64, n)
	gainX, gainY := make([]float64, n), make([]float64, n)
	for i := range n {
		gainX[i], gainY[i] = 1, 1
	}
	f := forces{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
	move := func(at, step, gain []float64, i int, gradient, momentum float64) {
		if (gradient > 0) != (step[i] > 0) {
			gain[i] += 0.2
		} else {
			gain[i] = max(gain[i]*0.8, 0.01)
		}
		step[i] = momentum*step[i] - rate*gain[i]*gradient
		at[i] += step[i]
	}
	for k := range iterations {
		strong, momentum := 1.0, 0.8
		if k < exaggerated {
			strong, momentum = exaggeration, 0.5
		}
		t.share(func(i int) { t.force(&f, i) })
		z := floats.Sum(f.near)
		for i := range n {
			move(t.x, stepX, gainX, i, 4*(strong*f.pullX[i]-f.pushX[i]/z), momentum)
			move(t.y, stepY, gainY, i, 4*(strong*f.pullY[i]-f.pushY[i]/z), momentum)
		}
		floats.AddConst(-floats.Sum(t.x)/float64(n), t.x)
		floats.AddConst(-floats.Sum(t.y)/float64(n), t.y)
	}
}

// forces are what acts on each row; near is the sum of its nearnesses.
type forces struct{ pullX, pullY, pushX, pushY, near []float64 }

// force computes what acts on row i.
func (t *tsne) force(f *forces, i int) {
	xi, yi := t.x[i], t.y[i]
	var near, pushX, pushY float64
	x, y := t.x, t.y[:len(t.x)]
	for j, xj := range x {
		dx, dy := xi-xj, yi-y[j]
		w := 1 / (1 + dx*dx + dy*dy)
		near += w
		w *= w
		pushX += w * dx
		pushY += w * dy
	}
	var pullX, pullY float64
	for m, j := range t.neighbour[i] {
		dx, dy := xi-x[j], yi-y[j]
		w := t.strength[i][m] / (1 + dx*dx + dy*dy)
		pullX += w * dx
		pullY += w * dy
	}
	f.near[i] = near - 1 // itself
	f.pushX[i], f.pushY[i], f.pullX[i], f.pullY[i] = pushX, pushY, pullX, pullY
}

// share calls work for each row, on all processors.
func (t *tsne) share(work func(i int)) {
	parts := min(runtime.GOMAXPROCS(0), t.n)
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() {
			for i := p * t.n / parts; i < (p+1)*t.n/parts; i++ {
				work(i)
			}
		})
	}
	wg.Wait()
}
