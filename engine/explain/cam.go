// This file has Grad-CAM.

package explain

import (
	"fmt"
	"slices"

	"cajal/engine/grad"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// GradCAM returns where in an image the outputs of a layer speak for a class: the maps
// of its channels, weighed by the mean gradient of the score with respect to each,
// summed, and what is below 0 left out (Selvaraju et al. 2017, ICCV). layer counts as
// nn.Model.Layers does and gives an image: a convolution, or what follows one; -1 is the
// last convolution. The map has the size of the layer's output [h w]; [Resize] brings it
// to that of the image.
func GradCAM(m *nn.Model, x *tensor.Tensor, class, layer int) (*tensor.Tensor, error) {
	b, err := batchOf(m, x)
	if err != nil {
		return nil, err
	}
	if layer, err = imageLayer(m, layer); err != nil {
		return nil, err
	}
	t := grad.NewTape()
	n, err := Put(t, m, t.Param("x", b))
	if err != nil {
		return nil, err
	}
	s, err := scoreOf(n, class)
	if err != nil {
		return nil, err
	}
	t.Backward(s.Sum())
	out := n.Layers[layer].Out
	weight := out.Grad().Mean(1, 2) // [1 channels]
	return out.Value().Mul(weight.Reshape(1, 1, 1, -1)).Sum(0, 3).ReLU(), nil
}

// convolutions are the kinds of layers with filters over images.
var convolutions = []string{"Conv2D", "DepthwiseConv2D", "Conv2DTranspose"}

// layerAt checks a layer's number; -1 finds the last convolution of images.
func layerAt(m *nn.Model, layer int) (nn.LayerInfo, error) {
	layers := m.Layers()
	if layer == -1 {
		for i := len(layers) - 1; i > 0; i-- {
			if slices.Contains(convolutions, layers[i].Kind) {
				return layers[i], nil
			}
		}
		return nn.LayerInfo{}, fmt.Errorf("explain: the model has no Conv2D layer")
	}
	if layer < 1 || layer >= len(layers) {
		return nn.LayerInfo{}, fmt.Errorf("explain: there is no layer %d; layers are 1 to %d, or -1 for the last Conv2D", layer, len(layers)-1)
	}
	return layers[layer], nil
}

// imageLayer is layerAt for layers that give images.
func imageLayer(m *nn.Model, layer int) (int, error) {
	l, err := layerAt(m, layer)
	if err == nil && len(l.Out) != 3 {
		err = fmt.Errorf("explain: layer %d is %s, which gives %v, not images [h w channels]", layer, l.Kind, l.Out)
	}
	return l.Index, err
}

// Resize returns a map [h w] in another size, with values between the centres of
// pixels interpolated linearly. It fails unless the rank is 2 and both sizes are
// above 0.
func Resize(image *tensor.Tensor, height, width int) (*tensor.Tensor, error) {
	if image.Rank() != 2 || image.Size() == 0 || height < 1 || width < 1 {
		return nil, fmt.Errorf("explain: cannot make %dx%d of a map of shape %v; a map is [h w]", height, width, image.Shape)
	}
	h, w := image.Shape[0], image.Shape[1]
	out := tensor.New(height, width)
	for y := range height {
		y0, y1, fy := between(y, height, h)
		for x := range width {
			x0, x1, fx := between(x, width, w)
			top := image.At(y0, x0)*(1-fx) + image.At(y0, x1)*fx
			low := image.At(y1, x0)*(1-fx) + image.At(y1, x1)*fx
			out.Set(top*(1-fy)+low*fy, y, x)
		}
	}
	return out, nil
}

// between returns the two pixels out of n that pixel i out of count lies between,
// and how near it is to the second.
func between(i, count, n int) (lo, hi int, f float32) {
	at := (float32(i)+0.5)*float32(n)/float32(count) - 0.5
	at = min(max(at, 0), float32(n-1))
	lo = int(at)
	return lo, min(lo+1, n-1), at - float32(lo)
}
