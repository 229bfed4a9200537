// This file has occlusion.

package explain

import (
	"fmt"

	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// Occlusion returns how much of an output an image loses when a square about each
// pixel is hidden: the output of the class for the whole image minus that with the
// square filled with fill, in the mean of all squares that cover the pixel, [h w].
// Squares have size pixels a side and move on by stride; the last ones are moved
// back to the border. With a softmax at the end outputs are probabilities. It asks
// the model only for predictions, so it serves every model whose input is an image
// [h w c]. (Zeiler and Fergus 2014, ECCV.)
func Occlusion(m *nn.Model, x *tensor.Tensor, class, size, stride int, fill float32) (*tensor.Tensor, error) {
	b, err := batchOf(m, x)
	if err != nil {
		return nil, err
	}
	shape := m.InputShape()
	if len(shape) != 3 {
		return nil, fmt.Errorf("explain: occlusion wants images [h w c], but the model's input is %v", shape)
	}
	h, w, c := shape[0], shape[1], shape[2]
	if size < 1 || size > h || size > w || stride < 1 || stride > size {
		return nil, fmt.Errorf("explain: a square of %d moved by %d on a %dx%d image; the size must be 1 to %d and the stride 1 to the size", size, stride, h, w, min(h, w))
	}
	whole, err := outputOf(m, b, class)
	if err != nil {
		return nil, err
	}
	sum, count := tensor.New(h, w), tensor.New(h, w)
	rows, cols := places(h, size, stride), places(w, size, stride)
	for _, top := range rows { // a row of squares is a batch
		hidden := tensor.New(len(cols), h, w, c)
		for k, left := range cols {
			img := hidden.Row(k)
			copy(img.Data, b.Data)
			for y := top; y < top+size; y++ {
				line := img.Data[(y*w+left)*c : (y*w+left+size)*c]
				for i := range line {
					line[i] = fill
				}
			}
		}
		out, err := outputOf(m, hidden, class)
		if err != nil {
			return nil, err
		}
		for k, left := range cols {
			for y := top; y < top+size; y++ {
				for x := left; x < left+size; x++ {
					sum.Data[y*w+x] += whole[0] - out[k]
					count.Data[y*w+x]++
				}
			}
		}
	}
	return sum.Div(count), nil
}

// places returns where squares of a size begin along a side.
func places(side, size, stride int) []int {
	var out []int
	for at := 0; at+size < side; at += stride {
		out = append(out, at)
	}
	return append(out, side-size)
}

// outputOf returns what the model says about a class, for every example.
func outputOf(m *nn.Model, batch *tensor.Tensor, class int) ([]float32, error) {
	p, err := m.Predict(batch)
	if err != nil {
		return nil, err
	}
	each := p.Size() / p.Len()
	if class < 0 || class >= each {
		return nil, fmt.Errorf("explain: there is no class %d; the model has outputs 0 to %d", class, each-1)
	}
	return p.Reshape(p.Len(), each).Index(1, class).Data, nil
}
