// This file checks receptive fields against the integrals that they stand for.

package neuro

import (
	"math"
	"testing"

	"cajal/engine/tensor"
)

func field(t *testing.T, f *tensor.Tensor, err error) *tensor.Tensor {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// response is what a cell in the middle of an image answers.
func response(t *testing.T, image, f *tensor.Tensor) float64 {
	t.Helper()
	r, err := Filter(image, f)
	if err != nil {
		t.Fatal(err)
	}
	return float64(r.At(image.Shape[0]/2, image.Shape[1]/2))
}

func grating(t *testing.T, size int, wavelength, orientation, phase float64) *tensor.Tensor {
	g, err := Grating(size, wavelength, orientation, phase)
	return field(t, g, err)
}

// TestDoG compares the answer to gratings with Enroth-Cugell and Robson's formula.
func TestDoG(t *testing.T) {
	f, err := DoG(61, 2, 5)
	d := field(t, f, err)
	if s := d.Sum().Item(); math.Abs(float64(s)) > 1e-6 {
		t.Errorf("the field has sum %v", s)
	}
	if d.At(30, 30) <= 0 || d.At(30, 38) >= 0 {
		t.Errorf("centre %v, surround %v", d.At(30, 30), d.At(30, 38))
	}
	for _, wavelength := range []float64{8, 13, 20, 40, 80} {
		for _, turn := range []float64{0, 0.5, math.Pi / 2} {
			k := 2 * math.Pi / wavelength
			want := math.Exp(-k*k*4/2) - math.Exp(-k*k*25/2)
			if got := response(t, grating(t, 91, wavelength, turn, 0), d); math.Abs(got-want) > 1e-3 {
				t.Errorf("wavelength %v at %v: answer %v, want %v", wavelength, turn, got, want)
			}
		}
	}
	flat, err := Filter(tensor.Full(7, 20, 30), d)
	if err != nil {
		t.Fatal(err)
	}
	if m := flat.Abs().Max().Item(); m > 1e-5 {
		t.Errorf("what is the same everywhere gets an answer of %v", m)
	}
}

// TestGabor compares the answer to a grating of its own wavelength, turned by an
// angle, with the Fourier transform of the field.
func TestGabor(t *testing.T) {
	for _, g := range []Gabor{
		{Wavelength: 10, Sigma: 5},
		{Wavelength: 9, Orientation: 0.6, Sigma: 5, Aspect: 0.7},
		{Wavelength: 10, Orientation: -1, Phase: math.Pi / 2, Sigma: 4},
	} {
		f, err := g.Field(61)
		cell := field(t, f, err)
		aspect := g.Aspect
		if aspect == 0 {
			aspect = 1
		}
		k := 2 * math.Pi / g.Wavelength
		for _, turn := range []float64{0, 0.2, 0.5, math.Pi / 2} {
			// ∫ window · cos(k·x + φ) cos(k'·x + φ) = ½ (G(k-k') + cos 2φ G(k+k')) with
			// the window's transform G(q) = (2πσ²/γ) exp(-σ²(qx² + qy²/γ²)/2).
			G := func(qx, qy float64) float64 {
				return 2 * math.Pi * g.Sigma * g.Sigma / aspect * math.Exp(-g.Sigma*g.Sigma*(qx*qx+qy*qy/aspect/aspect)/2)
			}
			kx, ky := k*math.Cos(turn), k*math.Sin(turn)
			want := (G(k-kx, ky) + math.Cos(2*g.Phase)*G(k+kx, ky)) / 2
			got := response(t, grating(t, 91, g.Wavelength, g.Orientation+turn, g.Phase), cell)
			if math.Abs(got-want) > 1e-3*G(0, 0) {
				t.Errorf("%+v, grating turned by %v: answer %v, want %v", g, turn, got, want)
			}
		}
	}
}

// TestFilter compares with the sum it is, at the border too.
func TestFilter(t *testing.T) {
	image, f := tensor.Normal(1, 0, 1, 6, 5, 1), tensor.Normal(2, 0, 1, 3, 5)
	got, err := Filter(image, f)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 6 {
		for x := range 5 {
			want := 0.0
			for i := range 3 {
				for j := range 5 {
					want += float64(f.At(i, j)) * float64(image.At(min(max(y+i-1, 0), 5), min(max(x+j-2, 0), 4), 0))
				}
			}
			if !near(float64(got.At(y, x)), want, 1e-5) {
				t.Fatalf("answer at %d %d is %v, want %v", y, x, got.At(y, x), want)
			}
		}
	}
	for name, c := range map[string][2]*tensor.Tensor{
		"a row":      {tensor.New(5), f},
		"colours":    {tensor.New(5, 5, 3), f},
		"nothing":    {tensor.New(0, 5), f},
		"even field": {image, tensor.New(2, 3)},
		"no field":   {image, tensor.New(3)},
	} {
		if _, err := Filter(c[0], c[1]); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	for _, c := range []func() (*tensor.Tensor, error){
		func() (*tensor.Tensor, error) { return DoG(4, 1, 2) },
		func() (*tensor.Tensor, error) { return DoG(-3, 1, 2) },
		func() (*tensor.Tensor, error) { return DoG(5, 0, 2) },
		func() (*tensor.Tensor, error) { return DoG(5, 1, math.NaN()) },
		func() (*tensor.Tensor, error) { return Gabor{Wavelength: 3}.Field(5) },
		func() (*tensor.Tensor, error) { return Grating(5, math.Inf(1), 0, 0) },
	} {
		if f, err := c(); err == nil {
			t.Errorf("a field was made: %v", f)
		}
	}
}
