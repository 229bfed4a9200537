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
	GlorotUniform Init = iota // up to √(6/(in+out)); Glorot and Bengio, 2010; the default
	GlorotNormal              // deviation √(2/(in+out))
	HeUniform                 // up to √(6/in); He and others, 2015; for ReLU
	HeNormal                  // deviation √(2/in)
	LecunUniform              // up to √(3/in); LeCun and others, 1998; for SELU
	LecunNormal               // deviation √(1/in)
	Zeros                     // 0
	Ones                      // 1
)

var initNames = [...]string{"glorot uniform", "glorot normal", "he uniform", "he normal", "lecun uniform", "lecun normal", "zeros", "ones"}

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

// bell fills row with normal numbers, drawn again beyond two deviations. What is
// left has a deviation of .8796 of the whole, which is made up for.
func bell(row []float32, deviation float64, src *rng.Source) {
	const left = 0.87962566103423978
	for j := range row {
		z := 3.0
		for math.Abs(z) > 2 {
			z = normal(src)
		}
		row[j] = float32(z * deviation / left)
	}
}

// normal returns a normal number (Box and Muller, 1958).
func normal(src *rng.Source) float64 {
	u := (float64(src.Uint64()>>11) + 0.5) / (1 << 53)
	v := float64(src.Uint64()>>11) / (1 << 53)
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}

// orthogonal makes rows that are orthogonal and of length 1 (Saxe, McClelland and
// Ganguli, 2014), by Gram and Schmidt's way from normal numbers. There must not be more
// rows than columns.
type orthogonal struct{}

func (orthogonal) fill([]float32, *param, *rng.Source) {}

func (orthogonal) fillAll(p *param, src *rng.Source) {
	rows := make([][]float64, p.inRows)
	for i := range rows {
		row := make([]float64, p.cols)
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
	p.each(func(user, stored, n int) {
		for j := range n {
			p.w[stored+j] = float32(rows[user/p.cols][user%p.cols+j])
		}
	})
}
