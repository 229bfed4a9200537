// This file checks what weights begin with against what their names say.

package nn

import (
	"math"
	"testing"

	"cajal/engine/grad"
)

func TestInitialisations(t *testing.T) {
	// A single number is a matrix of one row and one column.
	for init, want := range map[Init]float64{Orthogonal: 1, Identity: 1, Zeros: 0} {
		twice := func(x *grad.Var, w []*grad.Var) *grad.Var { return x.Mul(w[0]) }
		w, _, err := Sequential(Input(2), Custom("Scaled", twice, Weight{Name: "gain", Begin: init})).Weights(1)
		if err != nil || math.Abs(float64(w.Item())) != want {
			t.Errorf("%s: a single number begins with %v, %v", init, w, err)
		}
	}
	for _, init := range []Init{Orthogonal, Identity} {
		for _, m := range []*Model{
			Sequential(Input(6), Dense(9, init)), Sequential(Input(9), Dense(4, init)), Sequential(Input(5, 5, 3), Conv2D(4, 2, 2, init)),
			Sequential(Input(5, 5, 3), DepthwiseConv2D(2, 3, Multiplier(2), init)), Sequential(Input(3, 3, 5), Conv2DTranspose(3, 2, 2, Stride(2), init)),
		} {
			w, _, err := m.Weights(1)
			if err != nil {
				t.Fatal(err)
			}
			cols := w.Shape[len(w.Shape)-1]
			rows := len(w.Data) / cols
			at := func(i, j int) float64 { return float64(w.Data[i*cols+j]) }
			if init == Identity {
				for i := range rows {
					for j := range cols {
						if at(i, j) != choose(i == j, 1, 0) {
							t.Fatalf("%s, %v: %v at %d %d", m.Layers()[1].Kind, w.Shape, at(i, j), i, j)
						}
					}
				}
				continue
			}
			// The fewer of rows and columns have length 1 and stand at right angles.
			n, length := rows, cols
			get := at
			if rows > cols {
				n, length = cols, rows
				get = func(i, j int) float64 { return at(j, i) }
			}
			for a := range n {
				for b := range a + 1 {
					dot := 0.0
					for j := range length {
						dot += get(a, j) * get(b, j)
					}
					if math.Abs(dot-choose(a == b, 1, 0)) > 1e-5 {
						t.Errorf("%s, %v: product of %d and %d is %v", m.Layers()[1].Kind, w.Shape, a, b, dot)
					}
				}
			}
		}
	}
	for init, want := range map[Init]struct{ deviation, most float64 }{
		RandomNormal: {0.05, 1}, RandomUniform: {0.05 / math.Sqrt(3), 0.05}, TruncatedNormal: {0.05 * cutBell, 0.1},
	} {
		w, _, err := Sequential(Input(100), Dense(200, init)).Weights(1)
		if err != nil {
			t.Fatal(err)
		}
		sum, most := 0.0, 0.0
		for _, v := range w.Data {
			sum += float64(v) * float64(v)
			most = max(most, math.Abs(float64(v)))
		}
		if d := math.Sqrt(sum / float64(len(w.Data))); math.Abs(d-want.deviation) > 0.02*want.deviation || most > want.most+1e-7 {
			t.Errorf("%s: deviation %v and at most %v, want %v and %v", init, d, most, want.deviation, want.most)
		}
	}
}

func TestSmoothingRange(t *testing.T) {
	m := Sequential(Input(3), Dense(2, Softmax))
	for _, s := range []float64{-0.1, 1, math.NaN()} {
		if _, err := m.Fit(targeted(t, 5, 2, 3), Fit{Loss: CategoricalCrossEntropy{Smoothing: s}}); err == nil {
			t.Errorf("a smoothing of %v gave no error", s)
		}
	}
}
