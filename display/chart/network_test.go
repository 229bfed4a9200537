package chart

import (
	"errors"
	"math"
	"testing"
)

// modelLayer and model are shaped like the engine's.
type modelLayer struct {
	Index      int
	Kind, Name string
	Activation string
	In, Out    []int
	Params     int
}

type model struct {
	layers  []modelLayer
	weights map[int][][]float64
	err     error
}

func (m *model) Layers() []modelLayer { return m.layers }
func (m *model) Err() error           { return m.err }
func (m *model) Weights(i int) (w, b *tensor, err error) {
	rows, ok := m.weights[i]
	if !ok {
		return nil, nil, errors.New("no weights")
	}
	w = &tensor{shape: []int{len(rows), len(rows[0])}}
	for _, row := range rows {
		for _, v := range row {
			w.values = append(w.values, float32(v))
		}
	}
	return w, nil, nil
}

// mlp is a network of dense layers, its weights made up.
func mlp() *model {
	m := &model{weights: map[int][][]float64{}}
	sizes := []int{784, 10, 10, 10}
	for i, n := range sizes {
		l := modelLayer{Index: i, Kind: "Dense", Name: "dense_1", Activation: "relu", Out: []int{n}}
		if i == 0 {
			l.Kind, l.Name, l.Activation = "Input", "input_0", ""
		} else {
			l.Params = (sizes[i-1] + 1) * n
			all := normal(sizes[i-1]*n, 0, 0.4, uint64(i))
			for k := range sizes[i-1] {
				m.weights[i] = append(m.weights[i], all[k*n:(k+1)*n])
			}
		}
		if i == 3 {
			l.Activation = "softmax"
		}
		m.layers = append(m.layers, l)
	}
	return m
}

// cnn is the article's convolutional network.
func cnn() *model {
	return &model{layers: []modelLayer{
		{Kind: "Input", Out: []int{28, 28, 1}},
		{Kind: "Conv2D", Activation: "relu", Out: []int{26, 26, 32}, Params: 320},
		{Kind: "MaxPool2D", Out: []int{13, 13, 32}},
		{Kind: "Conv2D", Activation: "relu", Out: []int{11, 11, 64}, Params: 18496},
		{Kind: "MaxPool2D", Out: []int{5, 5, 64}},
		{Kind: "Flatten", Out: []int{1600}},
		{Kind: "Dense", Activation: "relu", Out: []int{64}, Params: 102464},
		{Kind: "Dense", Activation: "softmax", Out: []int{10}, Params: 650},
	}}
}

func networkGallery() map[string]*Figure {
	digits := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	texts := indices(len(digits))
	return map[string]*Figure{
		"network":     Network([]int{784, 10, 10, 10}, Title("The network of chapter 7"), Classes(texts...)),
		"weights":     Network(mlp(), Weights(mlp()), Title("Weights after training")),
		"activations": Network([]int{3, 5, 5, 2}, Activations([]float64{0.2, -0.6, 1}, []float64{0, 0.4, 0, 1.2, 0.3}, []float64{0, 0, 0.9, 0, 0.2}, []float64{0.9, math.NaN()}), Classes("cat", "dog"), Rows([]string{"ears", "tail", "weight"})),
		"neuron":      Network([]int{3, 1}, Size(420, 220), Rows([]string{"x₁", "x₂", "x₃"}), Classes("ŷ"), Columns([]string{"inputs", "neuron"}), Weights([][]float64{{0.8}, {-0.5}, {0.3}})),
		"chinesenet":  Network([]int{784, 10, 10, 10}, Title("手写数字识别网络"), Columns([]string{"输入层", "隐藏层一", "隐藏层二", "输出层"})),
		"layers":      Layers(cnn(), Title("The network of chapter 8"), Size(760, 360)),
		"mlplayers":   Layers(mlp()),
		"sizes":       Layers([]int{3, 5, 2}, Columns([]string{"输入层", "隐藏层", "输出层"}), Title("三层网络")),
		"manylayers":  Layers(&model{layers: append(cnn().layers[:5:5], cnn().layers[1:]...)}, Size(500, 300)),
		"cnnunits":    Network(cnn(), Title("A convolutional network"), Size(720, 360)),
	}
}

func TestNetworkErrors(t *testing.T) {
	broken := mlp()
	broken.err = errors.New("no input")
	var none *model
	tests := []struct {
		f    *Figure
		want string
	}{
		{Network(nil), "chart.Network: the network is nil"},
		{Network(none), "chart.Network: the network is nil"},
		{Network([]int{}), "chart.Network: the network has no layers"},
		{Network([]int{3, 0}), "chart.Network: layer 1 has the shape [0]: numbers of 1 and more were expected"},
		{Network("mlp"), "chart.Network: the network is a string; sizes such as []int{784, 10, 10}, or a model with a method Layers, were expected"},
		{Network([]struct{ In []int }{{}}), "chart.Network: the network is a []struct { In []int }; sizes such as []int{784, 10, 10}, or a model with a method Layers, were expected"},
		{Network(broken), "chart.Network: the model has an error: no input"},
		{Network([]int{2, 3}, Weights([][]int{{1, 2}})), "chart.Network: the weights between layers of 2 and 3 units are a 1 × 2 matrix"},
		{Network([]int{2, 3}, Weights()), "chart.Network: there are 2 layers and 0 matrices of weights: one between each two was expected"},
		{Network([]int{2, 3}, Activations([]int{1, 2})), "chart.Network: there are 2 layers and the activations of 1"},
		{Network([]int{2, 1}, Activations([]int{1, 2}, []int{1, 2})), "chart.Network: layer 1 has 1 units and 2 activations"},
		{Network([]int{2, 1}, Classes("a", "b")), "chart.Network: a layer has 1 units and 2 names for them"},
		{Network([]int{2, 1}, Columns([]string{"a"})), "chart.Network: 2 layers are drawn and there are 1 names for them"},
		{Network([]int{2, 1}, Units(1)), "chart.Network: 1 units: from 2 to 100 were expected"},
	}
	for _, tt := range tests {
		if err := tt.f.Err(); err == nil || err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", err, tt.want)
		}
	}
}
