// This file finds principal components.

package embedding

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// direct is up to how many columns the components are found at once. Of more,
// the few that are wanted are looked for in a small space that holds them
// (Halko, Martinsson and Tropp, 2011), which takes a hundredth of the time for
// pictures of 784 pixels.
const direct = 100

// Components are rows in the directions in which they differ most.
type Components struct {
	Rows  [][]float64 // a column for each component
	Share []float64   // of the variance of all columns, by component
}

// PCA returns the first k components of rows of equal length, or as many as there
// are. That a component has one sign and not the other means nothing; here the
// greatest of its weights is positive. It fails for numbers that are not finite.
func PCA(rows [][]float64, k int) (Components, error) {
	x, total, err := centred(rows)
	if err != nil {
		return Components{}, err
	}
	n, d := x.Dims()
	k = min(k, n, d)
	basis := mat.Matrix(nil)
	space := x
	if d > direct {
		q := subspace(x, min(k+10, n, d))
		basis = q
		var small mat.Dense
		small.Mul(x, q)
		space = &small
	}
	var pc stat.PC
	if !pc.PrincipalComponents(space, nil) {
		return Components{}, errors.New("the principal components cannot be found")
	}
	var vectors, scores mat.Dense
	pc.VectorsTo(&vectors)
	_, have := vectors.Dims()
	k = min(k, have)
	scores.Mul(space, vectors.Slice(0, vectors.RawMatrix().Rows, 0, k))
	weights := mat.Matrix(&vectors)
	if basis != nil {
		var w mat.Dense
		w.Mul(basis, &vectors)
		weights = &w
	}
	vars := pc.VarsTo(nil)
	out := Components{Rows: make([][]float64, n)}
	for c := range k {
		sign, most := 1.0, 0.0
		for i := range d {
			if w := weights.At(i, c); math.Abs(w) > most*(1+1e-9) {
				most, sign = math.Abs(w), math.Copysign(1, w)
			}
		}
		for i := range out.Rows {
			out.Rows[i] = append(out.Rows[i], sign*scores.At(i, c))
		}
		share := 0.0
		if total > 0 {
			share = vars[c] / total
		}
		out.Share = append(out.Share, share)
	}
	return out, nil
}

// centred returns the rows less their mean, and the sum of the variances of their
// columns.
func centred(rows [][]float64) (x *mat.Dense, variance float64, err error) {
	if len(rows) < 2 || len(rows[0]) == 0 {
		return nil, 0, fmt.Errorf("there are %d rows: at least 2 were expected", len(rows))
	}
	n, d := len(rows), len(rows[0])
	x = mat.NewDense(n, d, nil)
	mean := make([]float64, d)
	for i, row := range rows {
		if len(row) != d {
			return nil, 0, fmt.Errorf("row %d has %d numbers, row 0 has %d", i, len(row), d)
		}
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, 0, fmt.Errorf("row %d has %v at %d: finite numbers were expected", i, v, j)
			}
		}
		floats.Add(mean, row)
	}
	floats.Scale(1/float64(n), mean)
	for i, row := range rows {
		to := x.RawRowView(i)
		floats.SubTo(to, row, mean)
		variance += floats.Dot(to, to)
	}
	return x, variance / float64(n-1), nil
}

// subspace returns k orthonormal columns that span the directions in which the
// rows of x differ most, by power iteration from random ones.
func subspace(x *mat.Dense, k int) *mat.Dense {
	_, d := x.Dims()
	r := rand.New(rand.NewPCG(0x9e3779b97f4a7c15, 1))
	q := mat.NewDense(d, k, nil)
	for i := range d {
		for j := range k {
			q.Set(i, j, r.NormFloat64())
		}
	}
	orthonormalise(q)
	const rounds = 6
	var y, z mat.Dense
	for range rounds {
		y.Mul(x, q)
		z.Mul(x.T(), &y)
		q.Copy(&z)
		orthonormalise(q)
	}
	return q
}

// orthonormalise is the method of Gram and Schmidt, twice, which is enough
// (Giraud and others, 2005).
func orthonormalise(q *mat.Dense) {
	d, k := q.Dims()
	columns := make([][]float64, k)
	for j := range columns {
		columns[j] = mat.Col(nil, j, q)
		for range 2 {
			for _, before := range columns[:j] {
				floats.AddScaled(columns[j], -floats.Dot(before, columns[j]), before)
			}
		}
		if length := floats.Norm(columns[j], 2); length > 1e-300 {
			floats.Scale(1/length, columns[j])
		} else {
			clear(columns[j]) // there are no more directions
		}
		for i := range d {
			q.Set(i, j, columns[j][i])
		}
	}
}
