// This file checks shapes, sizes and messages of the depthwise and the transposed
// convolution. Their numbers are checked in gradient_test.go.

package nn

import (
	"slices"
	"strings"
	"testing"
)

func TestDepthwiseAndTransposedShapes(t *testing.T) {
	for _, c := range []struct {
		layer         Layer
		in, out       []int
		params, flops int
		window        []int
		stride        int
	}{
		{DepthwiseConv2D(3, 3, Same), []int{28, 28, 32}, []int{28, 28, 32}, 9*32 + 32, 2 * 28 * 28 * 32 * 9, []int{3, 3}, 1},
		{DepthwiseConv2D(3, 2, Multiplier(2), NoBias), []int{28, 28, 32}, []int{26, 27, 64}, 6 * 64, 2 * 26 * 27 * 64 * 6, []int{3, 2}, 1},
		{DepthwiseConv2D(5, 5, Stride(3), Same), []int{28, 27, 4}, []int{10, 9, 4}, 25*4 + 4, 2 * 10 * 9 * 4 * 25, []int{5, 5}, 3},
		// As Keras: (in-1)·stride + filter at least, or in·stride.
		{Conv2DTranspose(8, 2, 2, Stride(2)), []int{14, 14, 16}, []int{28, 28, 8}, 2*2*8*16 + 8, 2 * 14 * 14 * 16 * 4 * 8, []int{2, 2}, 2},
		{Conv2DTranspose(8, 3, 3), []int{5, 6, 2}, []int{7, 8, 8}, 9*8*2 + 8, 2 * 30 * 2 * 9 * 8, []int{3, 3}, 1},
		{Conv2DTranspose(8, 3, 5, Stride(2), NoBias), []int{5, 6, 2}, []int{11, 15, 8}, 15 * 8 * 2, 2 * 30 * 2 * 15 * 8, []int{3, 5}, 2},
		{Conv2DTranspose(8, 3, 3, Stride(2), Same), []int{5, 6, 2}, []int{10, 12, 8}, 9*8*2 + 8, 2 * 30 * 2 * 9 * 8, []int{3, 3}, 2},
		{Conv2DTranspose(8, 1, 2, Stride(3)), []int{5, 6, 2}, []int{15, 18, 8}, 2*8*2 + 8, 2 * 30 * 2 * 2 * 8, []int{1, 2}, 3},
	} {
		m := Sequential(Input(c.in...), c.layer)
		if err := m.Err(); err != nil {
			t.Error(err)
			continue
		}
		l := m.Layers()[1]
		if !slices.Equal(l.Out, c.out) || l.Params != c.params || l.Flops != c.flops || !slices.Equal(l.Window, c.window) || l.Stride != c.stride {
			t.Errorf("%s of %v: %+v, want %v, %d parameters, %d operations", l.Kind, c.in, l, c.out, c.params, c.flops)
		}
	}
	pool := Sequential(Input(8, 8, 2), MaxPool2D(3, Stride(2)), Flatten()).Layers()
	if !slices.Equal(pool[1].Window, []int{3, 3}) || pool[1].Stride != 2 || pool[2].Window != nil || pool[2].Stride != 0 {
		t.Errorf("windows %+v", pool)
	}
}

func TestDepthwiseAndTransposedMessages(t *testing.T) {
	for _, c := range []struct {
		in    []int
		layer Layer
		want  string
	}{
		{[]int{784}, DepthwiseConv2D(3, 3), "wants an image per example"},
		{[]int{5, 5}, Conv2DTranspose(2, 3, 3), "nn.Input(5, 5, 1) gives the image its one channel"},
		{[]int{2, 2, 3}, DepthwiseConv2D(3, 3), "nn.DepthwiseConv2D(..., nn.Same) keeps the size"},
		{[]int{5, 5, 3}, DepthwiseConv2D(3, 3, Multiplier(0)), "has nn.Multiplier(0), which must be above 0"},
		{[]int{5, 5, 3}, DepthwiseConv2D(3, 3, Multiplier(1<<40)), "which is too large"},
		{[]int{5, 5, 3}, DepthwiseConv2D(0, 3), "has a 0x3 filter"},
		{[]int{5, 5, 3}, DepthwiseConv2D(3, 3, L2(-1)), "nn.L2(-1)"},
		{[]int{5, 5, 3}, Conv2DTranspose(0, 3, 3), "has 0 filters"},
		{[]int{5, 5, 3}, Conv2DTranspose(2, 3, -1), "has a 3x-1 filter"},
		{[]int{5, 5, 3}, Conv2DTranspose(2, 3, 3, Stride(0)), "nn.Stride(0)"},
		{[]int{5, 5, 3}, Conv2DTranspose(2, 3, 3, Stride(1<<40)), "which is too large"},
		{[]int{5, 5, 3}, Conv2DTranspose(2, 3, 1<<20), "sides of at most 1024"},
		{[]int{5, 5, 3}, Conv2DTranspose(2, 3, 3, Activation(99)), "unknown activation"},
	} {
		err := Sequential(Input(c.in...), c.layer).Err()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "depthwise_test.go:") {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
