// This file has receptive fields: what of an image a cell of the visual system
// answers to.

package neuro

import (
	"fmt"
	"math"

	"cajal/engine/internal/nd"
	"cajal/engine/tensor"
)

// DoG returns the field of a retinal ganglion cell, a difference of two Gaussians
// [size size]: a centre of standard deviation centre, in pixels, minus a surround,
// each with sum 1 (Rodieck 1965, Vision Res. 5: 583). So it answers to spots and
// edges, and not at all to what is the same everywhere. To a grating of k radians
// a pixel it answers in proportion to exp(-k²c²/2) - exp(-k²s²/2) (Enroth-Cugell
// and Robson 1966, J. Physiol. 187: 517).
func DoG(size int, centre, surround float64) (*tensor.Tensor, error) {
	if err := checkField(size, centre, surround); err != nil {
		return nil, err
	}
	out := tensor.New(size, size)
	c, s := gaussian(size, centre), gaussian(size, surround)
	for i := range size {
		for j := range size {
			out.Data[i*size+j] = float32(c[i]*c[j] - s[i]*s[j])
		}
	}
	return out, nil
}

// gaussian returns size values about their middle, with sum 1.
func gaussian(size int, sigma float64) []float64 {
	g := make([]float64, size)
	sum := 0.0
	for i := range g {
		x := float64(i - size/2)
		g[i] = math.Exp(-x * x / (2 * sigma * sigma))
		sum += g[i]
	}
	for i := range g {
		g[i] /= sum
	}
	return g
}

// A Gabor is the field of a simple cell of the primary visual cortex, a grating
// seen through a Gaussian window,
//
//	exp(-(x'² + Aspect² y'²) / 2 Sigma²) cos(2π x'/Wavelength + Phase)
//
// where x' = x cos Orientation + y sin Orientation is measured across the grating
// and y' = y cos Orientation - x sin Orientation along it, in pixels from the
// middle, x to the right and y downwards (Daugman 1985, J. Opt. Soc. Am. A 2: 1160;
// measured by Jones and Palmer 1987, J. Neurophysiol. 58: 1233).
type Gabor struct {
	Wavelength  float64 // pixels
	Orientation float64 // radians; 0: the bars stand upright
	Phase       float64 // radians; 0: bright in the middle, π/2: an edge
	Sigma       float64 // pixels
	Aspect      float64 // width by length of the window; 0 means 1
}

// Field returns the field as an image [size size].
func (g Gabor) Field(size int) (*tensor.Tensor, error) {
	if err := checkField(size, g.Sigma, g.Wavelength); err != nil {
		return nil, err
	}
	aspect := g.Aspect
	if aspect == 0 {
		aspect = 1
	}
	return plane(size, g.Orientation, func(x, y float64) float64 {
		return math.Exp(-(x*x+aspect*aspect*y*y)/(2*g.Sigma*g.Sigma)) * math.Cos(2*math.Pi*x/g.Wavelength+g.Phase)
	}), nil
}

// Grating returns an image [size size] of bars whose brightness is
// cos(2π x'/wavelength + phase), with x' as in [Gabor].
func Grating(size int, wavelength, orientation, phase float64) (*tensor.Tensor, error) {
	if err := checkField(size, wavelength, 1); err != nil {
		return nil, err
	}
	return plane(size, orientation, func(x, _ float64) float64 { return math.Cos(2*math.Pi*x/wavelength + phase) }), nil
}

// plane fills an image with a function of turned coordinates.
func plane(size int, orientation float64, f func(x, y float64) float64) *tensor.Tensor {
	out := tensor.New(size, size)
	sin, cos := math.Sincos(orientation)
	for i := range size {
		for j := range size {
			x, y := float64(j-size/2), float64(i-size/2)
			out.Data[i*size+j] = float32(f(x*cos+y*sin, y*cos-x*sin))
		}
	}
	return out
}

func checkField(size int, lengths ...float64) error {
	if size < 1 || size > 1<<14 || size%2 == 0 {
		return fmt.Errorf("neuro: a field of %d pixels a side; it must be odd, so that it has a middle", size)
	}
	for _, l := range lengths {
		if !(l > 0) || math.IsInf(l, 0) {
			return fmt.Errorf("neuro: a length of %v pixels; all must be above 0", l)
		}
	}
	return nil
}

// Filter returns what cells with one field answer to an image, a cell for every
// pixel with its field about it: [h w], the sum of field times image. Beyond the
// border the image goes on with its last pixels. The image is [h w] or [h w 1], the
// field's sides are odd.
func Filter(image, field *tensor.Tensor) (*tensor.Tensor, error) {
	if image.Rank() == 3 && image.Shape[2] == 1 {
		image = image.Reshape(image.Shape[0], image.Shape[1])
	}
	if image.Rank() != 2 || image.Size() == 0 {
		return nil, fmt.Errorf("neuro: an image has shape [h w] or [h w 1], found %v", image.Shape)
	}
	if field.Rank() != 2 || field.Shape[0]%2 == 0 || field.Shape[1]%2 == 0 {
		return nil, fmt.Errorf("neuro: a field has shape [h w] with odd sides, found %v", field.Shape)
	}
	h, w := image.Shape[0], image.Shape[1]
	top, left := field.Shape[0]/2, field.Shape[1]/2
	ph, pw := h+2*top, w+2*left
	framed := make([]float32, ph*pw)
	for i := range ph {
		for j := range pw {
			y, x := min(max(i-top, 0), h-1), min(max(j-left, 0), w-1)
			framed[i*pw+j] = image.Data[y*w+x]
		}
	}
	c, bad := nd.NewConv([]int{1, ph, pw, 1}, []int{field.Shape[0], field.Shape[1], 1, 1}, 1, false)
	if bad != nil {
		return nil, fmt.Errorf("neuro: %s", bad.Text)
	}
	out := tensor.New(h, w)
	nd.ConvForward(c, out.Data, framed, field.Data)
	return out, nil
}
