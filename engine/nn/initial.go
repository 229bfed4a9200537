// This file has what weights begin with.

package nn

import (
	"fmt"
	"math"

	"cajal/engine/internal/rng"
)

// An initial fills one row of a parameter after the other.
type initial interface {
	fill(row []float32, p *param, src *rng.Source)
}

// A whole initial fills the parameter at once.
type whole interface {
	fillAll(p *param, src *rng.Source)
}

// An Init says what the weights of a layer begin with; biases begin with 0. The
// numbers are spread evenly or in a bell curve (cut at two deviations), so that sums
// are about as large as their terms; in and out are how many numbers a sum has, and
// in how many sums a number is.
type Init int

const (
	GlorotUniform   Init = iota // up to √(6/(in+out)); Glorot and Bengio, 2010; the default
	GlorotNormal                // deviation √(2/(in+out))
	HeUniform                   // up to √(6/in); He and others, 2015; for ReLU
	HeNormal                    // deviation √(2/in)
	LecunUniform                // up to √(3/in); LeCun and others, 1998; for SELU
	LecunNormal                 // deviation √(1/in)
	Zeros                       // 0
	Ones                        // 1
	RandomNormal                // a bell curve of deviation 0.05, not cut
	RandomUniform               // up to 0.05
	TruncatedNormal             // a bell curve of deviation 0.05, cut at two
	Orthogonal                  // rows or columns, the fewer, at right angles and of length 1; Saxe and others, 2014
	Identity                    // 1 where row and column are the same, 0 elsewhere
)

// smallInit is the size of those that do not look at the number of inputs, as in Keras.
const smallInit = 0.05

var initNames = [...]string{
	"glorot uniform", "glorot normal", "he uniform", "he normal", "lecun uniform", "lecun normal", "zeros", "ones",
	"random normal", "random uniform", "truncated normal", "orthogonal", "identity",
}

// String returns the name in words.
func (i Init) String() string {
	if i < 0 || int(i) >= len(initNames) {
		return fmt.Sprintf("init(%d)", int(i))
	}
	return initNames[i]
}

func (i Init) known() bool { return i >= 0 && int(i) < len(initNames) }

func (i Init) fill(row []float32, p *param, src *rng.Source) {
	in, out := float64(p.fanIn), float64(p.fanOut)
	switch i {
	case GlorotUniform:
		src.Uniform(row, float32(math.Sqrt(6/(in+out))))
	case GlorotNormal:
		bell(row, math.Sqrt(2/(in+out)), src)
	case HeUniform:
		src.Uniform(row, float32(math.Sqrt(6/in)))
	case HeNormal:
		bell(row, math.Sqrt(2/in), src)
	case LecunUniform:
		src.Uniform(row, float32(math.Sqrt(3/in)))
	case LecunNormal:
		bell(row, math.Sqrt(1/in), src)
	case RandomNormal:
		for j := range row {
			row[j] = float32(smallInit * normal(src))
		}
	case RandomUniform:
		src.Uniform(row, smallInit)
	case TruncatedNormal:
		bell(row, smallInit*cutBell, src)
	case Zeros:
		clear(row)
	case Ones:
		for j := range row {
			row[j] = 1
		}
	}
}

// evenly fills rows with numbers up to a limit.
type evenly float32

func (e evenly) fill(row []float32, _ *param, src *rng.Source) { src.Uniform(row, float32(e)) }

// cutBell is the deviation of what is left of normal numbers cut at two.
const cutBell = 0.87962566103423978

// bell fills row with normal numbers, drawn again beyond two deviations. What is
// left has a smaller deviation, which is made up for.
func bell(row []float32, deviation float64, src *rng.Source) {
	for j := range row {
		z := 3.0
		for math.Abs(z) > 2 {
			z = normal(src)
		}
		row[j] = float32(z * deviation / cutBell)
	}
}

// normal returns a normal number (Box and Muller, 1958).
func normal(src *rng.Source) float64 {
	u := (float64(src.Uint64()>>11) + 0.5) / (1 << 53)
	v := float64(src.Uint64()>>11) / (1 << 53)
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}

// orthogonal makes rows that are orthogonal and of length 1, or columns where there are
// more rows (Saxe, McClelland and Ganguli, 2014), by Gram and Schmidt's way from normal
// numbers. All dimensions but the last are rows.
type orthogonal struct{}

func (orthogonal) fill([]float32, *param, *rng.Source) {}

func (orthogonal) fillAll(p *param, src *rng.Source) {
	cols := lastOf(p.shape)
	n, length := p.count()/cols, cols
	tall := n > length
	if tall {
		n, length = length, n
	}
	values := make([]float32, p.count())
	for i, row := range orthogonalRows(n, length, src) {
		for j, v := range row {
			if tall {
				values[j*cols+i] = float32(v)
			} else {
				values[i*cols+j] = float32(v)
			}
		}
	}
	p.set(values)
}

// orthogonalRows makes n rows of a length that is not below n.
func orthogonalRows(n, length int, src *rng.Source) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		row := make([]float64, length)
		for norm := 0.0; norm < 1e-6; { // again, should it lie within the others
			for j := range row {
				row[j] = normal(src)
			}
			// Twice, since once loses digits.
			for range 2 {
				for _, other := range rows[:i] {
					dot := 0.0
					for j, v := range other {
						dot += v * row[j]
					}
					for j, v := range other {
						row[j] -= dot * v
					}
				}
			}
			norm = 0
			for _, v := range row {
				norm += v * v
			}
			norm = math.Sqrt(norm)
			for j := range row {
				row[j] /= norm
			}
		}
		rows[i] = row
	}
	return rows
}

// identity makes a matrix of all dimensions but the last, and the last.
type identity struct{}

func (identity) fill([]float32, *param, *rng.Source) {}

func (identity) fillAll(p *param, _ *rng.Source) {
	cols := lastOf(p.shape)
	values := make([]float32, p.count())
	for i := range min(cols, p.count()/cols) {
		values[i*cols+i] = 1
	}
	p.set(values)
}

// lastOf returns the last dimension, 1 for a single number.
func lastOf(shape []int) int {
	if len(shape) == 0 {
		return 1
	}
	return shape[len(shape)-1]
}

// all returns what fills a parameter at once, nil for those that go row by row.
func (i Init) all() whole {
	switch i {
	case Orthogonal:
		return orthogonal{}
	case Identity:
		return identity{}
	}
	return nil
}
