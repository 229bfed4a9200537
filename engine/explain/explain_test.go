// This file checks explanations against models whose answers are known, and
// against finite differences of the model's own outputs.

package explain

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

func model(t *testing.T, layers ...nn.Layer) *nn.Model {
	t.Helper()
	m := nn.Sequential(layers...)
	if err := m.Err(); err != nil {
		t.Fatal(err)
	}
	for i := range m.Layers() { // biases of 0 would hide mistakes
		if w, b, err := m.Weights(i); err == nil {
			if err := m.SetWeights(i, w, tensor.Normal(int64(i), 0, 0.2, b.Shape...)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

// architectures are models of all layers, the windows of some not told by shapes.
func architectures(t *testing.T) map[string]*nn.Model {
	return map[string]*nn.Model{
		"dense":        model(t, nn.Input(6), nn.Dense(5, nn.ReLU), nn.Dense(4, nn.Tanh), nn.Dense(3, nn.Softmax)),
		"sigmoid":      model(t, nn.Input(6), nn.Dense(5, nn.Softmax), nn.Dense(1, nn.Sigmoid)),
		"linear":       model(t, nn.Input(4), nn.Dense(3)),
		"convolutions": model(t, nn.Input(11, 10, 2), nn.Conv2D(4, 3, 2, nn.ReLU, nn.Same), nn.MaxPool2D(2), nn.Conv2D(5, 3, 3, nn.Tanh), nn.Flatten(), nn.Dense(3, nn.Softmax)),
		"pool of 3":    model(t, nn.Input(5, 5, 1), nn.Conv2D(3, 1, 1), nn.MaxPool2D(3), nn.Flatten(), nn.Dense(3, nn.Softmax)),
		"pool of 4":    model(t, nn.Input(5, 5, 1), nn.MaxPool2D(4), nn.Flatten(), nn.Dense(2, nn.Softmax)),
		"pool of 5":    model(t, nn.Input(5, 5, 1), nn.MaxPool2D(5), nn.Flatten(), nn.Dense(2, nn.Softmax)),
		"new":          model(t, nn.Input(5, 4, 2), nn.DepthwiseConv2D(2, 3, nn.Multiplier(2), nn.GELU), nn.BatchNorm(), nn.Conv2DTranspose(3, 2, 2, nn.Stride(2), nn.LeakyReLU), nn.AvgPool2D(3, nn.Stride(2)), nn.LayerNorm(), nn.GlobalAvgPool(), nn.Dropout(0.3), nn.Dense(3, nn.Softmax)),
		"sequence":     model(t, nn.Input(6, 3), nn.Conv1D(4, 2, nn.Mish), nn.MaxPool1D(2, nn.Stride(1)), nn.LSTM(3, nn.Sequences), nn.MultiHeadAttention(2, 2), nn.GRU(3, nn.Sequences), nn.SimpleRNN(3), nn.Dense(2, nn.Softmax)),
		"branches":     model(t, nn.Input(6), branches, nn.Dense(3, nn.Softmax)),
		"own": model(t, nn.Input(4), nn.Custom("Own", func(x *grad.Var, w []*grad.Var) *grad.Var { return x.MatMul(w[0]).Tanh().Mul(w[1]).Mul(w[2]) },
			nn.Weight{Name: "weights", Shape: []int{-1, 3}}, nn.Weight{Name: "gain", Shape: []int{3}}, nn.Weight{Name: "all", Begin: nn.Ones}), nn.Dense(2, nn.Softmax)),
		"even filters": model(t, nn.Input(6, 7, 1), nn.Conv2D(3, 4, 2, nn.Sigmoid, nn.Same), nn.Flatten(), nn.Dense(2)),
	}
}

func branches(x *nn.Value) *nn.Value {
	a, b := nn.Dense(4, nn.Tanh)(x), nn.Dense(4, nn.Sigmoid)(x)
	return nn.Concat(nn.Add(a, b), nn.Multiply(a, b, a), nn.Act(nn.ReLU)(a))
}

func TestPut(t *testing.T) {
	for name, m := range architectures(t) {
		x := tensor.Normal(1, 0, 1, append([]int{7}, m.InputShape()...)...)
		tp := grad.NewTape()
		n, err := Put(tp, m, tp.Data("x", x))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, l := range n.Layers {
			want, err := m.Outputs(x, i)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(l.Out.Shape(), want.Shape) || l.Out.Value().Sub(want).Abs().Max().Item() > 1e-5*(1+want.Abs().Max().Item()) {
				t.Errorf("%s: layer %d gives\n%v\nwant\n%v", name, i, l.Out.Value(), want)
			}
			if (l.Weights != nil) != (l.Params > 0) || (l.Sum != nil) != (l.Activation != "") {
				t.Errorf("%s: layer %d: %+v", name, i, l)
			}
		}
	}
}

// TestLayerGradient compares with finite differences of the layers behind.
func TestLayerGradient(t *testing.T) {
	m := architectures(t)["new"]
	x := tensor.Normal(1, 0, 1, append([]int{2}, m.InputShape()...)...)
	layers := m.Layers()
	for _, c := range []struct{ of, at int }{{4, 0}, {6, 0}, {Score, 0}, {8, 0}} {
		out := c.of
		if c.of == Score {
			out = 8
		}
		seed := tensor.New(layers[out].Out...)
		k := seed.Size() / 2
		seed.Data[k] = 1
		g, err := LayerGradient(m, x, c.of, c.at, seed)
		if err != nil {
			t.Fatal(err)
		}
		value := func(x *tensor.Tensor) float64 {
			tp := grad.NewTape()
			n, err := m.OnTape(tp, tp.Data("x", x))
			if err != nil {
				t.Fatal(err)
			}
			v := n.Score()
			if c.of != Score {
				v = n.Layers[c.of].Out
			}
			return float64(v.Value().Row(1).Data[k])
		}
		for i := range x.Row(1).Data {
			const h = 0.01
			up, down := x.Clone(), x.Clone()
			up.Row(1).Data[i] += h
			down.Row(1).Data[i] -= h
			if want := (value(up) - value(down)) / (2 * h); math.Abs(float64(g.Row(1).Data[i])-want) > 5e-3 {
				t.Errorf("of layer %d: gradient %d is %v, want %v", c.of, i, g.Row(1).Data[i], want)
			}
		}
	}
	// With respect to a layer between, by the chain rule of a layer that only adds.
	lin := model(t, nn.Input(3), nn.Dense(2), nn.Dense(2))
	w, _, _ := lin.Weights(2)
	one, _ := tensor.FromSlice([]float32{0, 1})
	g, err := LayerGradient(lin, tensor.New(1, 3), Score, 1, one)
	if err != nil || g.At(0, 0) != w.At(0, 1) || g.At(0, 1) != w.At(1, 1) {
		t.Errorf("gradient %v, %v, want column 1 of %v", g, err, w)
	}
	if g, err := LayerGradient(lin, tensor.New(1, 3), 1, 2, one); err != nil || g.Abs().Max().Item() != 0 {
		t.Errorf("of a layer before: %v, %v", g, err)
	}
	for want, f := range map[string]func() (*tensor.Tensor, error){
		"layers are 0 (Input) to 2": func() (*tensor.Tensor, error) { return LayerGradient(lin, tensor.New(1, 3), 3, 0, one) },
		"the seed has shape [3]":    func() (*tensor.Tensor, error) { return LayerGradient(lin, tensor.New(1, 3), 2, 0, tensor.New(3)) },
		"are nil":                   func() (*tensor.Tensor, error) { return LayerGradient(lin, nil, 2, 0, one) },
		"the model wants [n 3]":     func() (*tensor.Tensor, error) { return LayerGradient(lin, tensor.New(1, 4), 2, 0, one) },
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestGradient compares with finite differences of the model's own predictions,
// which are scores where the last layer is linear.
func TestGradient(t *testing.T) {
	for _, m := range []*nn.Model{
		model(t, nn.Input(6), nn.Dense(8, nn.Tanh), nn.Dense(3)),
		model(t, nn.Input(6, 5, 2), nn.Conv2D(4, 2, 2, nn.Sigmoid), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(3)),
	} {
		x := tensor.Normal(1, 0, 1, m.InputShape()...)
		for class := range 3 {
			g, err := Gradient(m, x, class)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(g.Shape, x.Shape) {
				t.Fatalf("shape %v", g.Shape)
			}
			for k := range x.Data {
				const h = 0.01
				both := tensor.Stack(0, x, x)
				both.Row(0).Data[k] += h
				both.Row(1).Data[k] -= h
				p, err := m.Predict(both)
				if err != nil {
					t.Fatal(err)
				}
				want := float64(p.At(0, class)-p.At(1, class)) / (2 * h)
				if math.Abs(float64(g.Data[k])-want) > 2e-3 {
					t.Errorf("gradient %d of class %d is %v, want %v", k, class, g.Data[k], want)
				}
			}
			if x.Rank() != 3 {
				continue
			}
			s, err := Saliency(m, x, class)
			if err != nil {
				t.Fatal(err)
			}
			want := float32(math.Max(math.Abs(float64(g.At(2, 3, 0))), math.Abs(float64(g.At(2, 3, 1)))))
			if !slices.Equal(s.Shape, []int{6, 5}) || s.At(2, 3) != want {
				t.Errorf("saliency %v, want %v there", s, want)
			}
		}
	}
}

func TestIntegratedGradients(t *testing.T) {
	// Of a linear model the shares are weight times distance, exactly.
	linear := model(t, nn.Input(4), nn.Dense(3))
	x, base := tensor.Normal(1, 0, 1, 4), tensor.Normal(2, 0, 1, 4)
	a, err := IntegratedGradients(linear, x, 2, base, 3)
	if err != nil {
		t.Fatal(err)
	}
	w, _, _ := linear.Weights(1)
	for i := range 4 {
		if want := w.At(i, 2) * (x.At(i) - base.At(i)); math.Abs(float64(a.Values.At(i)-want)) > 1e-6 {
			t.Errorf("share %d is %v, want %v", i, a.Values.At(i), want)
		}
	}
	// Of any model they add up, the better the more steps.
	m := architectures(t)["convolutions"]
	x = tensor.Normal(1, 0, 1, m.InputShape()...)
	for _, c := range []struct {
		steps int
		gap   float64
	}{{4, 0.2}, {0, 0.02}, {500, 0.003}} {
		a, err := IntegratedGradients(m, x, 1, nil, c.steps)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(a.Gap) > c.gap || math.Abs(a.Score-a.Baseline) < 0.1 {
			t.Errorf("%d steps: %v", c.steps, a)
		}
		if !slices.Equal(a.Values.Shape, m.InputShape()) || math.Abs(float64(a.Values.Sum().Item())-(a.Score-a.Baseline-a.Gap)) > 1e-5 {
			t.Errorf("%d steps: %v, sum %v", c.steps, a, a.Values.Sum())
		}
	}
}

// spot is a model of 6x6 images that looks at pixel (1, 4) of filter 0 only, which
// is twice the pixel's value, and at nothing for class 1.
func spot(t *testing.T) *nn.Model {
	m := nn.Sequential(nn.Input(6, 6, 1), nn.Conv2D(2, 1, 1, nn.ReLU), nn.Flatten(), nn.Dense(2))
	conv, dense := tensor.New(1, 1, 1, 2), tensor.New(72, 2)
	conv.Set(2, 0, 0, 0, 0)
	conv.Set(1, 0, 0, 0, 1)
	dense.Set(3, (1*6+4)*2, 0)
	if err := errors.Join(m.SetWeights(1, conv, tensor.New(2)), m.SetWeights(3, dense, tensor.New(2))); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOcclusion(t *testing.T) {
	m := spot(t)
	x := tensor.Full(0.5, 6, 6, 1)
	for _, c := range []struct{ size, stride int }{{1, 1}, {2, 2}, {3, 2}, {4, 3}, {6, 1}} {
		o, err := Occlusion(m, x, 0, c.size, c.stride, 0)
		if err != nil {
			t.Fatal(err)
		}
		// Hiding the pixel takes 3·2·0.5; a place gets its share of the squares that
		// cover it.
		begins := places(6, c.size, c.stride)
		for y := range 6 {
			for x := range 6 {
				hit, all := 0, 0
				for _, top := range begins {
					for _, left := range begins {
						if y < top || y >= top+c.size || x < left || x >= left+c.size {
							continue
						}
						all++
						if 1 >= top && 1 < top+c.size && 4 >= left && 4 < left+c.size {
							hit++
						}
					}
				}
				if want := 3 * float64(hit) / float64(all); math.Abs(float64(o.At(y, x))-want) > 1e-5 {
					t.Errorf("squares of %d by %d: %v at %d %d, want %v", c.size, c.stride, o.At(y, x), y, x, want)
				}
			}
		}
	}
	if got := places(7, 3, 2); !slices.Equal(got, []int{0, 2, 4}) {
		t.Errorf("squares begin at %v", got)
	}
	if got := places(8, 3, 2); !slices.Equal(got, []int{0, 2, 4, 5}) {
		t.Errorf("squares begin at %v", got)
	}
	if o, err := Occlusion(m, x, 0, 1, 1, 1); err != nil || math.Abs(float64(o.At(1, 4))+3) > 1e-5 {
		t.Errorf("filled with a brighter value: %v, %v", o, err)
	}
}

func TestGradCAM(t *testing.T) {
	m := spot(t)
	x := tensor.Uniform(1, 0, 1, 6, 6, 1)
	for _, layer := range []int{-1, 1} {
		cam, err := GradCAM(m, x, 0, layer)
		if err != nil {
			t.Fatal(err)
		}
		// The gradient of filter 0 is 3 at one of 36 places, that of filter 1 is 0.
		want := x.Reshape(6, 6).Scale(2 * 3.0 / 36)
		if !slices.Equal(cam.Shape, []int{6, 6}) || cam.Sub(want).Abs().Max().Item() > 1e-6 {
			t.Errorf("map %v, want %v", cam, want)
		}
	}
	if cam, err := GradCAM(m, x, 1, -1); err != nil || cam.Max().Item() != 0 {
		t.Errorf("a class that looks at nothing: %v, %v", cam, err)
	}
	f, err := Filters(m, -1)
	if err != nil || !slices.Equal(f.Shape, []int{2, 1, 1, 1}) || f.At(0, 0, 0, 0) != 2 || f.At(1, 0, 0, 0) != 1 {
		t.Errorf("filters %v, %v", f, err)
	}
}

func TestFiltersAndActivations(t *testing.T) {
	m := architectures(t)["new"]
	deep, _, _ := m.Weights(1) // [2 3 2 2]
	f, err := Filters(m, 1)
	if err != nil || !slices.Equal(f.Shape, []int{4, 2, 3, 1}) || f.At(3, 1, 2, 0) != deep.At(1, 2, 1, 1) {
		t.Errorf("filters of a depthwise convolution: %v, %v", f, err)
	}
	turned, _, _ := m.Weights(3) // [2 2 3 4]
	f, err = Filters(m, -1)
	if err != nil || !slices.Equal(f.Shape, []int{3, 2, 2, 4}) || f.At(2, 0, 1, 3) != turned.At(0, 1, 2, 3) {
		t.Errorf("filters of a transposed convolution: %v, %v", f, err)
	}
	x := tensor.Normal(1, 0, 1, m.InputShape()...)
	out, err := m.Outputs(x.ExpandDims(0), 3)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Activations(m, x, 3)
	if err != nil || !slices.Equal(a.Shape, []int{3, 8, 4}) || a.At(2, 5, 1) != out.At(0, 5, 1, 2) {
		t.Errorf("activations %v, %v", a, err)
	}
	if a, err := Activations(m, x, 8); err != nil || !slices.Equal(a.Shape, []int{3}) {
		t.Errorf("activations of the last layer: %v, %v", a, err)
	}
	if _, err := Activations(m, x, 9); err == nil {
		t.Error("a layer that is not there has activations")
	}
	// Where any layer that gives an image speaks for a class.
	for layer, shape := range map[int][]int{1: {4, 2}, 2: {4, 2}, 3: {8, 4}, 4: {3, 1}, 5: {3, 1}} {
		cam, err := GradCAM(m, x, 1, layer)
		if err != nil || !slices.Equal(cam.Shape, shape) {
			t.Errorf("layer %d: map %v, %v, want shape %v", layer, cam, err, shape)
		}
	}
}

func TestResize(t *testing.T) {
	x, err := tensor.FromRows([][]float32{{0, 1}, {2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	big, err := Resize(x, 4, 4)
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5, 1.5, 1.75, 2.25, 2.5, 2, 2.25, 2.75, 3}
	if !slices.Equal(big.Data, want) {
		t.Errorf("twice the size:\n%v", big)
	}
	if same, err := Resize(big, 4, 4); err != nil || !slices.Equal(same.Data, big.Data) {
		t.Errorf("the same size: %v, %v", same, err)
	}
	if one, err := Resize(x, 1, 1); err != nil || one.Item() != 1.5 {
		t.Errorf("one pixel: %v, %v", one, err)
	}
	for _, bad := range []*tensor.Tensor{tensor.New(4), tensor.New(0, 4)} {
		if _, err := Resize(bad, 2, 2); err == nil {
			t.Errorf("%v was resized", bad)
		}
	}
}

// TestGradients compares with what one step of descent by rate 1 takes away.
func TestGradients(t *testing.T) {
	m := model(t, nn.Input(6), nn.Dense(5, nn.ReLU), nn.Dense(3, nn.Softmax))
	w, b, _ := m.Weights(1)
	for i := range 6 { // unit 2 never fires
		w.Set(0, i, 2)
	}
	b.Set(-1, 2)
	if err := m.SetWeights(1, w, b); err != nil {
		t.Fatal(err)
	}
	labels := []int{0, 1, 2, 1, 0, 2, 2, 1}
	x := tensor.Normal(1, 0, 1, 8, 6)
	d, err := data.Arrays(x, labels)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Gradients(m, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := m.Weights(1)
	h, err := m.Fit(d, nn.Fit{Batch: 8, Optimizer: nn.SGD{LR: 1}, InOrder: true})
	if err != nil {
		t.Fatal(err)
	}
	after, _, _ := m.Weights(1)
	if p := s.Params[0]; math.Abs(p.Gradient-rms(before.Sub(after))) > 1e-6 || math.Abs(p.Zero-0.2) > 1e-9 || p.Size != 30 || p.Param != "W1" ||
		math.Abs(p.Weights-rms(before)) > 1e-6 || math.Abs(p.Ratio-p.Gradient/p.Weights) > 1e-9 || math.Abs(p.Largest-float64(before.Sub(after).Abs().Max().Item())) > 1e-6 {
		t.Errorf("%+v, descent takes away %v", p, rms(before.Sub(after)))
	}
	// In parts: those of one batch and of several are the same.
	many, err := data.Arrays(tensor.Concat(0, x, x, x, x, x, x, x, x, x), slices.Repeat(labels, 9))
	if err != nil {
		t.Fatal(err)
	}
	again := m
	if err := again.SetWeights(1, before, b); err != nil {
		t.Fatal(err)
	}
	first, err := Gradients(again, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	nine, err := Gradients(again, many, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range nine.Params {
		if w := first.Params[i]; math.Abs(p.Gradient-w.Gradient) > 1e-6 || math.Abs(p.Mean-w.Mean) > 1e-6 || math.Abs(p.Std-w.Std) > 1e-6 || math.Abs(p.Gradient*p.Gradient-p.Mean*p.Mean-p.Std*p.Std) > 1e-6 {
			t.Errorf("%+v of 72 examples, %+v of 8", p, w)
		}
	}
	for i, f := range nine.Flow {
		w := first.Flow[i]
		if math.Abs(f.Mean-w.Mean) > 1e-6 || math.Abs(f.Std-w.Std) > 1e-6 || f.Largest != w.Largest || math.Abs(f.GradientStd-w.GradientStd) > 1e-6 || math.Abs(f.Zero-w.Zero) > 1e-9 {
			t.Errorf("%+v of 72 examples, %+v of 8", f, w)
		}
	}
	if f := nine.Flow[0]; f.Zero < 0.2 || f.GradientZero != 0 || f.Name != "dense_1" || len(nine.Flow) != 2 {
		t.Errorf("of the layer whose unit 2 never fires: %+v", f)
	}
	if math.Abs(s.Loss-h.Epochs[0].Loss) > 1e-5 || len(s.Params) != 4 {
		t.Errorf("loss %v, want %v", s.Loss, h.Epochs[0].Loss)
	}
	for name, m := range architectures(t) { // of every kind, weights without dimensions too
		labels := []int{0, 0, 0}
		d, err := data.Arrays(tensor.Normal(4, 0, 1, append([]int{3}, m.InputShape()...)...), labels)
		if err != nil {
			t.Fatal(err)
		}
		g, err := Gradients(m, d, nil)
		if len(m.OutputShape()) == 1 && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if err == nil && len(g.Flow) != len(m.Layers())-1 {
			t.Errorf("%s: %d layers of %d", name, len(g.Flow), len(m.Layers())-1)
		}
	}
	text := s.String()
	if !strings.Contains(text, "dense_1") || !strings.Contains(text, "20 %") || !strings.Contains(s.MIMEBundle()["text/html"].(string), "<td") {
		t.Errorf("shown as\n%s", text)
	}
	for _, y := range []*tensor.Tensor{tensor.OneHot(labels, 3), tensor.Normal(3, 0, 1, 8, 3)} {
		d, err := data.Arrays(x, y)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Gradients(m, d, nn.HalfMSE{}); err != nil {
			t.Error(err)
		}
	}
}

func TestPass(t *testing.T) {
	m := nn.Sequential(nn.Input(2), nn.Dense(2, nn.ReLU), nn.Dense(2, nn.Softmax))
	w1, _ := tensor.FromRows([][]float32{{1, -1}, {0.5, 1}})
	w2, _ := tensor.FromRows([][]float32{{1, 0}, {-1, 1}})
	b1, _ := tensor.FromSlice([]float32{0.25, -5})
	b2, _ := tensor.FromSlice([]float32{0, 0.5})
	if err := errors.Join(m.SetWeights(1, w1, b1), m.SetWeights(2, w2, b2)); err != nil {
		t.Fatal(err)
	}
	x, _ := tensor.FromSlice([]float32{0.5, 1})
	e, err := Pass(m, x, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	// z1 = (1.25, -4.5), h1 = (1.25, 0), z2 = (1.25, 0.5), L = log(1 + e^0.75).
	if want := math.Log1p(math.Exp(0.75)); math.Abs(e.Loss-want) > 1e-6 {
		t.Errorf("loss %v, want %v", e.Loss, want)
	}
	if err := e.Check.Err(); err != nil {
		t.Error(err)
	}
	want := `forward
layer    formula                      shapes                 values
──────────────────────────────────────────────────────────────────────────
input_0  x                            [2]                    +0.500 +1.000
dense_1  z1 = x W1 + b1               [2] [2 2] + [2] = [2]  +1.250 -4.500
dense_1  h1 = relu(z1)                [2]                    +1.250 +0.000
dense_2  z2 = h1 W2 + b2              [2] [2 2] + [2] = [2]  +1.250 +0.500
dense_2  h2 = softmax(z2)             [2]                    +0.679 +0.321
loss     L = -log softmax(z2)[label]                         +1.13687
in numbers
  z1[0] = +0.500·+1.000 + +1.000·+0.500 + +0.250 = +1.250
  h1 at its largest: relu(+1.250) = +1.250
  z2[0] = +1.250·+1.000 + +0.000 = +1.250
  h2 at its largest: e^+1.250 / Σ e^z2 = 1/1.472 = +0.679

backward
layer    formula                           shapes  values
──────────────────────────────────────────────────────────────────────────────
dense_2  ∂L/∂z2 = softmax(z2) - onehot(y)  [2]     +0.679 -0.679
dense_2  ∂L/∂W2 = h1ᵀ ∂L/∂z2               [2 2]   +0.849 -0.849 +0.000 +0.000
dense_2  ∂L/∂b2 = Σ ∂L/∂z2                 [2]     +0.679 -0.679
dense_2  ∂L/∂h1 = ∂L/∂z2 W2ᵀ               [2]     +0.679 -1.358
dense_1  ∂L/∂z1 = ∂L/∂h1·relu′(z1)         [2]     +0.679 +0.000
dense_1  ∂L/∂W1 = xᵀ ∂L/∂z1                [2 2]   +0.340 +0.000 +0.679 +0.000
dense_1  ∂L/∂b1 = Σ ∂L/∂z1                 [2]     +0.679 +0.000
in numbers
  ∂L/∂W2[0 0] = h1[0]·∂L/∂z2[0] = +1.250·+0.679 = +0.849
  ∂L/∂W1[1 0] = x[1]·∂L/∂z1[0] = +1.000·+0.679 = +0.679

step by step
step  node  value                ∂L/∂node               rule used going backward
  0   L     +1.13687             +1.000000              ∂L/∂z2 += (softmax(z2) - onehot)
  1   h2    [+0.67918 +0.32082]  not used
  2   z2    [+1.25000 +0.50000]  [+0.679179 -0.679179]  ∂L/∂h1W2 += ∂L/∂z2, ∂L/∂b2 += ∂L/∂z2
`
	if got := e.String(); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, w := range []string{"∂L/∂W2 += h1ᵀ·∂L/∂h1W2", "∂L/∂z1 += ∂L/∂h1·[z1>0]", "gradient check ∂L/∂W1[", "central difference"} {
		if !strings.Contains(e.String(), w) {
			t.Errorf("does not say %q:\n%s", w, e)
		}
	}
	page := e.MIMEBundle()["text/html"].(string)
	if !strings.Contains(page, "<div>forward</div>") || !strings.Contains(page, "cajal-tape") || !strings.Contains(page, "cajal-gradient-check") {
		t.Errorf("page %s", page)
	}

	// Every architecture, with every kind of truth.
	for name, m := range architectures(t) {
		x := tensor.Normal(1, 0, 1, append([]int{1}, m.InputShape()...)...)
		n := 1
		for _, k := range m.OutputShape() {
			n *= k
		}
		truths := map[string]any{"label": 0, "targets": tensor.Full(1/float32(n), n), "numbers": make([]float32, n)}
		for kind, y := range truths {
			e, err := Pass(m, x, y, nil)
			if err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
				continue
			}
			if err := e.Check.Err(); err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
		}
	}
}

func TestLosses(t *testing.T) {
	m := model(t, nn.Input(4), nn.Dense(3))
	x := tensor.Normal(1, 0, 1, 4)
	for _, c := range []struct {
		loss nn.Loss
		y    any
		want string // of the error, "" for none
	}{
		{nn.SparseCategoricalCrossEntropy{FromLogits: true}, 2, ""},
		{nn.CategoricalCrossEntropy{FromLogits: true}, []float32{0, 1, 0}, ""},
		{nn.BinaryCrossEntropy{FromLogits: true}, []float32{0, 1, 0}, ""},
		{nn.MSE{}, []float32{0, 1, 0}, ""},
		{nn.HalfMSE{}, []float32{0, 1, 0}, ""},
		{nn.SparseCategoricalCrossEntropy{FromLogits: true}, []float32{0, 1, 0}, "wants class labels, found targets"},
		{nn.CategoricalCrossEntropy{FromLogits: true}, 2, "wants a target for every class, found labels"},
		{nn.SparseCategoricalCrossEntropy{FromLogits: true}, 3, "label 3 of example 0 is not one of 3 classes"},
		{nn.MSE{}, []float32{0, 1}, "differ in shape"},
		{nil, "three", "the truth is a string"},
	} {
		_, err := Pass(m, x, c.y, c.loss)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v with %v: error %v, want %q", c.loss, c.y, err, c.want)
		}
	}
}

func TestRefuses(t *testing.T) {
	m, bad := spot(t), nn.Sequential(nn.Dense(3))
	x := tensor.New(6, 6, 1)
	row := model(t, nn.Input(4), nn.Dense(3))
	words := nn.Sequential(nn.Input(4), nn.Embedding(3, 2), nn.Flatten(), nn.Dense(2, nn.Softmax))
	nothing := nn.CustomLoss("", func(ŷ *grad.Var, _ nn.Truth) *grad.Var { return nil })
	all := nn.CustomLoss("", func(ŷ *grad.Var, _ nn.Truth) *grad.Var { return ŷ.Square() })
	v := tensor.New(4)
	d, err := data.Arrays(tensor.New(2, 5), []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	fits, err := data.Arrays(tensor.New(2, 4), []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	unlabelled, err := data.Arrays(tensor.New(2, 4), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		err  func() error
		want string
	}{
		{"broken model", func() error { _, err := Gradient(bad, x, 0); return err }, "Input"},
		{"other shape", func() error { _, err := Saliency(m, v, 0); return err }, "one example has shape [6 6 1], found [4]"},
		{"nil", func() error { _, err := Saliency(m, nil, 0); return err }, "found nothing"},
		{"class", func() error { _, err := Gradient(m, x, 2); return err }, "there is no class 2; the model has outputs 0 to 1"},
		{"class below", func() error { _, err := Occlusion(m, x, -1, 2, 1, 0); return err }, "there is no class -1"},
		{"occlusion of a row", func() error { _, err := Occlusion(row, v, 0, 1, 1, 0); return err }, "wants images"},
		{"occlusion large", func() error { _, err := Occlusion(m, x, 0, 7, 1, 0); return err }, "a square of 7 moved by 1 on a 6x6 image"},
		{"occlusion gaps", func() error { _, err := Occlusion(m, x, 0, 2, 3, 0); return err }, "the stride 1 to the size"},
		{"cam without convolution", func() error { _, err := GradCAM(row, v, 0, -1); return err }, "no Conv2D layer"},
		{"cam of another layer", func() error { _, err := GradCAM(m, x, 0, 3); return err }, "layer 3 is Dense, which gives [2], not images"},
		{"filters of another layer", func() error { _, err := Filters(m, 3); return err }, "layer 3 is Dense, not Conv2D"},
		{"cam of no layer", func() error { _, err := Filters(m, 9); return err }, "there is no layer 9"},
		{"cam of a broken model", func() error { _, err := Filters(bad, 9); return err }, "Input"},
		{"baseline", func() error { _, err := IntegratedGradients(m, x, 0, v, 0); return err }, "(the baseline)"},
		{"words", func() error { _, err := Saliency(words, v, 0); return err }, "no score has a gradient\n      fix        explain.LayerGradient(m, x, explain.Score, 1, seed)"},
		{"attribution of words", func() error { _, err := IntegratedGradients(words, v, 0, nil, 0); return err }, "no score has a gradient"},
		{"a loss of nothing", func() error { _, err := Gradients(row, fits, nothing); return err }, "the function returned nil"},
		{"a loss of too much", func() error { _, err := row.Explain(v, 1, all); return err }, "one number for each of 1 examples"},
		{"steps", func() error { _, err := IntegratedGradients(m, x, 0, nil, -1); return err }, "-1 steps"},
		{"data of another shape", func() error { _, err := Gradients(row, d, nil); return err }, "examples have shape [2 5], but the model wants [n 4]"},
		{"no data", func() error { _, err := Gradients(row, nil, nil); return err }, "no examples"},
		{"no truth", func() error { _, err := Gradients(row, unlabelled, nil); return err }, "without a truth"},
		{"gradients of a broken model", func() error { _, err := Gradients(bad, unlabelled, nil); return err }, "Input"},
	} {
		if err := c.err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}
