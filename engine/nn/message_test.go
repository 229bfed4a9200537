// This file holds the messages for models, data and settings that cannot work
// against what they should say.

package nn_test

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"cajal/engine/data"
	"cajal/engine/nn"
	"cajal/engine/optim"
	"cajal/engine/tensor"
)

// here returns the present line, as messages show it.
func here() string {
	_, _, line, _ := runtime.Caller(1)
	return fmt.Sprintf("message_test.go:%d", line)
}

func TestShapeError(t *testing.T) {
	at, m := here(), nn.Sequential(nn.Input(28, 28, 1), nn.Conv2D(32, 3, 3, nn.ReLU), nn.MaxPool2D(2), nn.Dense(10, nn.Softmax))
	want := strings.ReplaceAll(`nn: layer 3 Dense (AT) wants one vector per example, [features]
      got        [13 13 32] per example (rank 3)
      fix        put nn.Flatten() before it: [13 13 32] -> [5408], which gives 54090 parameters here
      path       Input [28 28 1] -> Conv2D [26 26 32] -> MaxPool2D [13 13 32] -> ✗ Dense`, "AT", at)
	if got := fmt.Sprint(m.Err()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := m.String(); got != want {
		t.Errorf("the model shows itself as\n%s", got)
	}
	if b := m.MIMEBundle(); b["text/plain"] != want {
		t.Errorf("bundle %v", b)
	}
	// Every method that can fail tells the same.
	_, fit := m.Fit(nil, nn.Fit{})
	_, eval := m.Evaluate(nil)
	_, predict := m.Predict(nil)
	_, outputs := m.Outputs(nil, 1)
	_, _, weights := m.Weights(1)
	for i, err := range []error{fit, eval, predict, outputs, weights, m.SetWeights(1, nil, nil), m.Reset()} {
		if err != m.Err() {
			t.Errorf("method %d: %v", i, err)
		}
	}
	var be *nn.BuildError
	if !errors.As(m.Err(), &be) || be.Layer != 3 || be.Kind != "Dense" || be.At != at {
		t.Errorf("as a value: %+v", be)
	}
}

func TestBuildErrors(t *testing.T) {
	big := nn.Input(28, 28, 1)
	for _, c := range []struct {
		name   string
		layers []nn.Layer
		want   []string
	}{
		{"no layers", nil, []string{"nn: a model needs layers, and has none\n      fix        nn.Sequential(nn.Input(784), nn.Dense(10, nn.Softmax))"}},
		{"an Input alone", []nn.Layer{big}, []string{"needs a layer behind its Input"}},
		{"nil layer", []nn.Layer{big, nil}, []string{"layer 1 is nil"}},
		{"no Input", []nn.Layer{nn.Dense(3)}, []string{"layer 0 Dense", "comes first", "put nn.Input(784)"}},
		{"two Inputs", []nn.Layer{big, nn.Input(3)}, []string{"layer 1 Input", "in the middle"}},
		{"Input()", []nn.Layer{nn.Input()}, []string{"has no shape"}},
		{"Input(0)", []nn.Layer{nn.Input(28, 0)}, []string{"has shape [28 0], where every number must be above 0"}},
		{"no units", []nn.Layer{nn.Input(3), nn.Dense(0)}, []string{"has 0 units, but needs at least 1"}},
		{"no such activation", []nn.Layer{nn.Input(3), nn.Dense(2, nn.Activation(99))}, []string{"unknown activation, activation(99)", "nn.ReLU"}},
		{"negative L2", []nn.Layer{nn.Input(3), nn.Dense(2, nn.L2(-1))}, []string{"has nn.L2(-1), but the factor must not be negative"}},
		{"NaN L2", []nn.Layer{nn.Input(3), nn.Dense(2, nn.L2(math.NaN()))}, []string{"nn.L2(NaN)"}},
		{"convolution of a row", []nn.Layer{nn.Input(784), nn.Conv2D(3, 3, 3)}, []string{"layer 1 Conv2D", "wants an image per example", "[784] per example (rank 1)", "nn.Input(28, 28, 1)"}},
		{"convolution without channels", []nn.Layer{nn.Input(28, 28), nn.Conv2D(3, 3, 3)}, []string{"nn.Input(28, 28, 1) gives the image its one channel"}},
		{"convolution behind Flatten", []nn.Layer{big, nn.Flatten(), nn.Conv2D(3, 3, 3)}, []string{"cannot follow nn.Flatten()", "path       Input [28 28 1] -> Flatten [784] -> ✗ Conv2D"}},
		{"nothing left", []nn.Layer{nn.Input(4, 4, 1), nn.MaxPool2D(4), nn.Conv2D(3, 3, 3)}, []string{"has a 3x3 filter on a 1x1 image: nothing is left (-1x-1)", "nn.Conv2D(..., nn.Same) keeps the size"}},
		{"no filter", []nn.Layer{big, nn.Conv2D(3, 0, 3)}, []string{"has a 0x3 filter, but its sides must be above 0"}},
		{"no filters", []nn.Layer{big, nn.Conv2D(0, 3, 3)}, []string{"has 0 filters"}},
		{"no such padding", []nn.Layer{big, nn.Conv2D(3, 3, 3, nn.Padding(7))}, []string{"unknown padding (7)"}},
		{"window too large", []nn.Layer{big, nn.MaxPool2D(29)}, []string{"has a 29x29 window on a 28x28 image: nothing is left (0x0)"}},
		{"window of 0", []nn.Layer{big, nn.MaxPool2D(0)}, []string{"has a window of 0"}},
		{"pool of a row", []nn.Layer{nn.Input(9), nn.MaxPool2D(2)}, []string{"layer 1 MaxPool2D", "wants an image"}},
		{"stride of 0", []nn.Layer{big, nn.Conv2D(3, 3, 3, nn.Stride(0))}, []string{"has nn.Stride(0), which must be above 0"}},
		{"pool with stride -1", []nn.Layer{big, nn.MaxPool2D(3, nn.Stride(-1))}, []string{"has nn.Stride(-1)"}},
		{"Conv1D of a row", []nn.Layer{nn.Input(30), nn.Conv1D(4, 3)}, []string{"layer 1 Conv1D", "wants a sequence per example, [steps features]", "nn.Reshape(30, 1)"}},
		{"Conv1D of an image", []nn.Layer{big, nn.MaxPool1D(2)}, []string{"layer 1 MaxPool1D", "wants a sequence", "[28 28 1] per example (rank 3)"}},
		{"sequence too short", []nn.Layer{nn.Input(4, 2), nn.Conv1D(4, 5)}, []string{"has a filter of 5 on 4 steps: nothing is left"}},
		{"window longer than the sequence", []nn.Layer{nn.Input(4, 2), nn.AvgPool1D(5)}, []string{"layer 1 AvgPool1D", "has a window of 5 on 4 steps"}},
		{"reshape to another number", []nn.Layer{nn.Input(30), nn.Reshape(5, 7)}, []string{"has shape [5 7] of 35 numbers", "[30] per example, 30 numbers"}},
		{"reshape to 0", []nn.Layer{nn.Input(30), nn.Reshape(0, 7)}, []string{"every number must be above 0"}},
		{"global pool of a row", []nn.Layer{nn.Input(30), nn.GlobalAvgPool()}, []string{"layer 1 GlobalAvgPool", "wants an image or a sequence"}},
		{"dropout of all", []nn.Layer{nn.Input(30), nn.Dropout(1)}, []string{"has a rate of 1, but it must be from 0 to below 1"}},
		{"embedding of an image", []nn.Layer{big, nn.Embedding(5, 3)}, []string{"layer 1 Embedding", "wants the numbers of words, [steps]", "[28 28 1] per example"}},
		{"embedding inside", []nn.Layer{nn.Input(5), nn.Dense(4), nn.Embedding(5, 3)}, []string{"reads numbers of words, which only nn.Input gives", "what comes out of layer 1 Dense"}},
		{"embedding of no words", []nn.Layer{nn.Input(5), nn.Embedding(0, 3)}, []string{"has 0 words and 3 numbers for each"}},
		{"LSTM of a row", []nn.Layer{nn.Input(30), nn.LSTM(4)}, []string{"layer 1 LSTM", "wants a sequence per example, [steps features]", "nn.Reshape(30, 1)"}},
		{"GRU of no units", []nn.Layer{nn.Input(30, 2), nn.GRU(0)}, []string{"layer 1 GRU", "has 0 units"}},
		{"RNN with softmax", []nn.Layer{nn.Input(30, 2), nn.SimpleRNN(3, nn.Softmax)}, []string{"cannot have softmax as its activation", "nn.Tanh"}},
		{"LSTM with ReLU", []nn.Layer{nn.Input(30, 2), nn.LSTM(3, nn.ReLU)}, []string{"cannot have relu as its activation", "the cell has its own"}},
		{"attention of an image", []nn.Layer{big, nn.MultiHeadAttention(2, 8)}, []string{"layer 1 MultiHeadAttention", "wants a sequence"}},
		{"attention of no heads", []nn.Layer{nn.Input(30, 2), nn.MultiHeadAttention(0, 8)}, []string{"has 0 heads of 8 numbers"}},
		{"one name twice", []nn.Layer{nn.Input(9), nn.Dense(2, nn.Name("a")), nn.Dense(2, nn.Name("a"))}, []string{`is called "a", as layer 1 is`}},
	} {
		err := nn.Sequential(c.layers...).Err()
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		wantText(t, c.name, err, c.want...)
	}
	var none *nn.Model
	wantText(t, "nil model", none.Err(), "the model is nil")
	wantText(t, "zero model", new(nn.Model).Err(), "has no layers: make it with nn.Sequential")
}

// A wrong option is refused by the compiler, since its type lacks the method.
func TestOptionsBelongToLayers(t *testing.T) {
	for _, c := range []struct {
		option            any
		dense, conv, pool bool
	}{
		{nn.ReLU, true, true, false},
		{nn.L2(1), true, true, false},
		{nn.HeNormal, true, true, false},
		{nn.NoBias, true, true, false},
		{nn.Stride(2), false, true, true},
		{nn.Sequences, false, false, false},
		{nn.Causal, false, false, false},
		{nn.Same, false, true, false},
		{nn.Name("x"), true, true, true},
		{3, false, false, false},
	} {
		_, dense := c.option.(nn.DenseOption)
		_, conv := c.option.(nn.ConvOption)
		_, pool := c.option.(nn.PoolOption)
		if dense != c.dense || conv != c.conv || pool != c.pool {
			t.Errorf("%T is an option of Dense %v, Conv2D %v, MaxPool2D %v; want %v %v %v", c.option, dense, conv, pool, c.dense, c.conv, c.pool)
		}
	}
}

func wantText(t *testing.T, name string, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want one with %q", name, texts)
		return
	}
	for _, s := range texts {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%s: %q\ndoes not have %q", name, err, s)
		}
	}
	if !strings.HasPrefix(err.Error(), "nn: ") || strings.HasSuffix(err.Error(), "\n") {
		t.Errorf("%s: %q: want it to begin with the package and to end without a newline", name, err)
	}
}

func must(t testing.TB, x, y any) *data.Dataset {
	t.Helper()
	d, err := data.Arrays(x, y)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// rows are n examples of w numbers from -1 to 1.
func rows(n, w int) [][]float32 {
	x := make([][]float32, n)
	for i := range x {
		x[i] = make([]float32, w)
		for j := range x[i] {
			x[i][j] = float32((i*31+j*17)%21-10) / 10
		}
	}
	return x
}

func TestDataErrors(t *testing.T) {
	nan := float32(math.NaN())
	classes := func(n int, act ...nn.DenseOption) *nn.Model {
		return nn.Sequential(nn.Input(2), nn.Dense(n, act...))
	}
	soft := classes(3, nn.Softmax)
	good := must(t, rows(4, 2), []int{0, 1, 2, 0}).Named("good")
	hot := must(t, rows(3, 2), [][]float32{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}).Named("hot")
	scce, cce, bce := nn.SparseCategoricalCrossEntropy{}, nn.CategoricalCrossEntropy{}, nn.BinaryCrossEntropy{}
	for _, c := range []struct {
		name  string
		model *nn.Model
		d     *data.Dataset
		fit   nn.Fit
		want  []string
	}{
		{"nil", soft, nil, nn.Fit{}, []string{"the training set is nil", "data.MNIST()"}},
		{"zero", soft, new(data.Dataset), nn.Fit{}, []string{"has no examples"}},
		{"empty", soft, good.Take(0), nn.Fit{}, []string{`the dataset "good" has no examples`}},
		{"label 3 of 3", soft, must(t, rows(4, 2), []int{0, 1, 3, 9}), nn.Fit{}, []string{"has label 3 at example 2 (counted from 0), but the model knows classes 0 to 2", "nn.Dense(10, nn.Softmax)"}},
		{"labels from 1", soft, must(t, rows(3, 2), []int{1, 2, 3}), nn.Fit{}, []string{"has label 3 at example 2", "labels count from 0: take 1 from each"}},
		{"negative label", soft, must(t, rows(2, 2), []int{0, -1}), nn.Fit{}, []string{"has label -1 at example 1", "cannot be negative"}},
		{"NaN", soft, must(t, [][]float32{{1, 2}, {1, nan}, {nan, 2}}, []int{0, 1, 2}), nn.Fit{}, []string{"NaN or infinite number, first in example 1"}},
		{"infinite target", classes(1), must(t, rows(2, 2), []float64{1, math.Inf(1)}), nn.Fit{}, []string{"NaN or infinite target, first at example 1"}},
		{"one-hot, sparse loss", soft, hot, nn.Fit{Loss: scce}, []string{`the dataset "hot" has one-hot targets`, "use nn.CategoricalCrossEntropy{}"}},
		{"labels, dense loss", soft, good, nn.Fit{Loss: cce}, []string{"has class labels", "use nn.SparseCategoricalCrossEntropy{}, or the dataset's OneHot(3)"}},
		{"no labels", soft, must(t, rows(2, 2), nil), nn.Fit{}, []string{"has no class labels"}},
		{"no targets", classes(1), must(t, rows(2, 2), nil), nn.Fit{}, []string{"has no targets"}},
		{"targets above 1", soft, must(t, rows(1, 2), [][]float32{{0, 0, 2}}), nn.Fit{}, []string{"targets from 0 to 2", "probabilities in [0, 1]"}},
		{"too few targets", soft, must(t, rows(2, 2), [][]float32{{0, 1}, {1, 0}}), nn.Fit{}, []string{"targets of [2] (2 numbers), but the model has 3 outputs", "nn.Dense(2)"}},
		{"a row too long", soft, must(t, rows(2, 4), []int{0, 1}), nn.Fit{}, []string{"has examples of [4], but nn.Input takes [2]", "nn.Input(4)"}},
		{"image for a row", nn.Sequential(nn.Input(4), nn.Dense(2, nn.Softmax)), must(t, [][][]float32{{{1, 2}, {3, 4}}}, []int{0}), nn.Fit{}, []string{"examples of [2 2], but nn.Input takes [4]", "nn.Flatten()", "[2 2] -> [4]"}},
		{"row for an image", nn.Sequential(nn.Input(2, 2, 1), nn.Flatten(), nn.Dense(2, nn.Softmax)), must(t, rows(2, 4), []int{0, 1}), nn.Fit{}, []string{"Reshape(2, 2, 1)"}},
		{"softmax, FromLogits", soft, good, nn.Fit{Loss: nn.SparseCategoricalCrossEntropy{FromLogits: true}}, []string{"layer 1 Dense (message_test.go:", "has nn.Softmax, but nn.SparseCategoricalCrossEntropy{FromLogits: true} applies it too", "write nn.SparseCategoricalCrossEntropy{}"}},
		{"relu, FromLogits", classes(3, nn.ReLU), good, nn.Fit{Loss: nn.SparseCategoricalCrossEntropy{FromLogits: true}}, []string{"has relu, but FromLogits means a last layer without activation"}},
		{"linear, probabilities wanted", classes(3), good, nn.Fit{Loss: scce}, []string{"ends the model with linear", "nn.Dense(3, nn.Softmax), or nn.SparseCategoricalCrossEntropy{FromLogits: true}"}},
		{"sigmoid with ten classes", classes(10, nn.Sigmoid), good, nn.Fit{}, []string{"has class labels, but the last layer has 10 sigmoid outputs", "nn.Dense(10, nn.Softmax)", "nn.Dense(1, nn.Sigmoid)"}},
		{"softmax, binary loss", soft, good, nn.Fit{Loss: bce}, []string{"softmax over 3 classes, but nn.BinaryCrossEntropy wants a sigmoid"}},
		{"yes or no with label 2", classes(1, nn.Sigmoid), good, nn.Fit{}, []string{"has label 2 at example 2", "yes or no is labels 1 and 0"}},
		{"softmax of one", classes(1, nn.Softmax), good, nn.Fit{}, []string{"one output, whose softmax is always 1", "nn.BinaryCrossEntropy{}"}},
		{"labels, MSE of three", classes(3), good, nn.Fit{Loss: nn.MSE{}}, []string{"compares the 3 outputs with 3 numbers an example"}},
		{"image out", nn.Sequential(nn.Input(2, 2, 1), nn.Conv2D(3, 1, 1, nn.Softmax)), must(t, [][][][]float32{{{{1}, {2}}, {{3}, {4}}}}, []int{0}), nn.Fit{}, []string{"gives [2 2 3] an example", "nn.Flatten()"}},
		{"pool last", nn.Sequential(nn.Input(2, 2, 1), nn.MaxPool2D(1)), must(t, [][][][]float32{{{{1}, {2}}, {{3}, {4}}}}, []int{0}), nn.Fit{Loss: scce}, []string{"layer 1 MaxPool2D", "comes last"}},
		{"validation of another shape", soft, good, nn.Fit{Val: must(t, rows(2, 3), []int{0, 1}).Named("val")}, []string{`the dataset "val" has examples of [3]`, "Fit.Val"}},
		{"validation with a label too many", soft, good, nn.Fit{Val: must(t, rows(2, 2), []int{0, 5}).Named("val")}, []string{"has label 5", "Fit.Val"}},
		{"empty validation", soft, good, nn.Fit{Val: new(data.Dataset)}, []string{"has no examples", "Fit.Val"}},
		{"negative epochs", soft, good, nn.Fit{Epochs: -1}, []string{"Fit.Epochs is -1"}},
		{"negative batch", soft, good, nn.Fit{Batch: -1}, []string{"Fit.Batch is -1"}},
		{"negative threads", soft, good, nn.Fit{Threads: -1}, []string{"Fit.Threads is -1"}},
		{"negative rate", soft, good, nn.Fit{Optimizer: nn.Adam{LR: -1}}, []string{"Adam.LR is -1"}},
		{"half a word", nn.Sequential(nn.Input(2), nn.Embedding(5, 3), nn.Flatten(), nn.Dense(3, nn.Softmax)), must(t, [][]float32{{1, 2}, {4, 1.5}}, []int{0, 1}), nn.Fit{}, []string{"word 1 of example 1 (counted from 0) is 1.5", "give every word its number, counted from 0"}},
		{"an unknown word", nn.Sequential(nn.Input(2), nn.Embedding(5, 3), nn.Flatten(), nn.Dense(3, nn.Softmax)), must(t, [][]float32{{1, 2}, {4, 5}}, []int{0, 1}), nn.Fit{}, []string{"word 1 of example 1 (counted from 0) is 5, but nn.Embedding knows the whole numbers 0 to 4", "nn.Embedding(6, …)"}},
		{"half a word", nn.Sequential(nn.Input(2), nn.Embedding(5, 3), nn.Flatten(), nn.Dense(3, nn.Softmax)), must(t, [][]float32{{1, 2.5}}, []int{0}), nn.Fit{}, []string{"word 1 of example 0 (counted from 0) is 2.5"}},
		{"nil metric", soft, good, nn.Fit{Metrics: []nn.Metric{nil}}, []string{"Fit.Metrics[0] is nil"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.model.Err(); err != nil {
				t.Fatal(err)
			}
			h, err := c.model.Fit(c.d, c.fit)
			wantText(t, c.name, err, c.want...)
			if h != nil {
				t.Errorf("got a history beside the error: %v", h)
			}
			if err := c.model.Reset(); err != nil {
				t.Errorf("the model is not as it was: %v", err)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	pixels := make([][]uint8, 4)
	for i := range pixels {
		pixels[i] = []uint8{uint8(60 * i), 255}
	}
	for _, c := range []struct {
		name string
		x, y any
		want []string // one warning each
	}{
		{"good", rows(4, 2), []int{0, 1, 2, 0}, nil},
		{"raw pixels", pixels, []int{0, 1, 2, 0}, []string{"inputs reach from 0 to 255, and networks learn badly from numbers so large; these look like pixels: use Scale(1/255.0) on every dataset"}},
		{"large", [][]float32{{1, -500}, {2, 30}}, []int{0, 1}, []string{"inputs reach from -500 to 30", "Scale(1/500.0) brings them"}},
		{"constant", [][]float32{{2, 2}, {2, 2}}, []int{0, 1}, []string{"all inputs are 2"}},
		{"one class", rows(2, 2), []int{1, 1}, []string{"all labels are 1"}},
		{"converted", [][]float64{{1, 0}, {0, 1}}, []int{0, 1}, []string{"x: float64 was converted to float32"}},
	} {
		d := must(t, c.x, c.y).Named("set")
		h, err := nn.Sequential(nn.Input(2), nn.Dense(3, nn.Softmax)).Fit(d, nn.Fit{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		all := strings.Join(h.Warnings, "\n")
		if (len(h.Warnings) == 0) != (len(c.want) == 0) || !strings.HasPrefix(all, "set: ") && all != "" {
			t.Errorf("%s: warnings %q, want %q", c.name, all, c.want)
		}
		for _, w := range c.want {
			if !strings.Contains(all, w) {
				t.Errorf("%s: warnings %q, want %q", c.name, all, w)
			}
		}
		if all != "" && !strings.Contains(h.String(), "warning: set: ") {
			t.Errorf("%s: the history does not show it:\n%v", c.name, h)
		}
	}
}

func TestPredictRefuses(t *testing.T) {
	m := nn.Sequential(nn.Input(4), nn.Dense(3, nn.Softmax))
	vector, _ := tensor.FromSlice(make([]float32, 4))
	three, _ := tensor.FromSlice(make([]float32, 6), 2, 3)
	batches, _ := tensor.FromSlice(make([]float32, 8), 1, 2, 4)
	var noTensor *tensor.Tensor
	var noData *data.Dataset
	for _, c := range []struct {
		name string
		in   nn.Inputs
		want string
	}{
		{"nil", nil, "Predict got nil"},
		{"nil tensor", noTensor, "Predict got nil"},
		{"nil dataset", noData, "Predict got nil"},
		{"one example as a vector", vector, "one example of 4 numbers is a tensor of shape [1 4]"},
		{"other width", three, "the examples have shape [3], but nn.Input takes [4]"},
		{"batch of batches", batches, "one dimension too many"},
		{"broken", &tensor.Tensor{Shape: []int{2, 4}, Data: make([]float32, 3)}, "has room for 8 values, found 3"},
	} {
		_, err := m.Predict(c.in)
		wantText(t, c.name, err, c.want)
	}
	_, err := nn.Sequential(nn.Input(3), nn.Embedding(5, 3)).Predict(&tensor.Tensor{Shape: []int{1, 3}, Data: []float32{0, -1, 2}})
	wantText(t, "a negative word", err, "word 1 of example 0 (counted from 0) is -1")
	_, err = m.Outputs(vector, 5)
	wantText(t, "no such layer", err, "no layer 5: the model has layers 0 (Input) to 1")
	_, _, err = m.Weights(0)
	wantText(t, "no weights", err, "layer 0 Input has no weights")
	wantText(t, "wrong weights", m.SetWeights(1, three, vector), "takes weights [4 3] and biases [3]")
}

// TestKerasMisses has the mistakes that Keras 3.15 trains with, or answers with a text
// that does not name them. (That a misspelt loss does not compile needs no test, and a
// Dense behind a Conv2D is in TestShapeError.)
func TestKerasMisses(t *testing.T) {
	p1 := func() *nn.Model {
		return nn.Sequential(nn.Input(784), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.Softmax))
	}
	digits := func(n int) []int {
		y := make([]int, n)
		for i := range y {
			y[i] = i % 10
		}
		return y
	}
	label10 := digits(20)
	label10[13] = 10
	allNaN := rows(20, 784)
	for _, r := range allNaN {
		for j := range r {
			r[j] = float32(math.NaN())
		}
	}
	images := make([][][]float32, 20)
	for i := range images {
		images[i] = rows(28, 28)
	}
	hot := make([][]float32, 20)
	for i := range hot {
		hot[i] = make([]float32, 10)
		hot[i][i%10] = 1
	}
	good := must(t, rows(20, 784), digits(20))
	for _, c := range []struct {
		name string
		d    *data.Dataset
		fit  nn.Fit
		want []string
	}{
		{"label 10 with 10 classes", must(t, rows(20, 784), label10), nn.Fit{}, []string{"has label 10 at example 13 (counted from 0), but the model knows classes 0 to 9", "nn.Dense(11, nn.Softmax)"}},
		{"all inputs NaN", must(t, allNaN, digits(20)), nn.Fit{}, []string{"NaN or infinite number, first in example 0"}},
		{"28x28 fed to 784", must(t, images, digits(20)), nn.Fit{}, []string{"has examples of [28 28], but nn.Input takes [784]", "nn.Flatten()", "[28 28] -> [784]"}},
		{"one-hot labels, sparse loss", must(t, rows(20, 784), hot), nn.Fit{Loss: nn.SparseCategoricalCrossEntropy{}}, []string{"has one-hot targets", "nn.CategoricalCrossEntropy{}"}},
		{"softmax, FromLogits", good, nn.Fit{Loss: nn.SparseCategoricalCrossEntropy{FromLogits: true}}, []string{"applies it too"}},
		{"validation of another shape", good, nn.Fit{Val: must(t, rows(20, 783), digits(20))}, []string{"has examples of [783], but nn.Input takes [784]", "Fit.Val"}},
	} {
		h, err := p1().Fit(c.d, c.fit)
		wantText(t, c.name, err, c.want...)
		if h != nil {
			t.Errorf("%s: trained all the same: %v", c.name, h)
		}
	}
	tens := nn.Sequential(nn.Input(784), nn.Dense(10, nn.Sigmoid))
	_, err := tens.Fit(good, nn.Fit{})
	wantText(t, "sigmoid with ten classes", err, "has class labels, but the last layer has 10 sigmoid outputs")

	pixels := make([][]uint8, 20)
	for i := range pixels {
		pixels[i] = make([]uint8, 784)
		for j := range pixels[i] {
			pixels[i][j] = uint8(i*j%256) | 128
		}
	}
	double := make([][]float64, 20)
	for i := range double {
		double[i] = make([]float64, 784)
		double[i][i] = 0.1
	}
	for name, c := range map[string]struct {
		x    any
		want string
	}{
		"raw 0..255 pixels": {pixels, "these look like pixels: use Scale(1/255.0) on every dataset"},
		"float64":           {double, "float64 was converted to float32"},
	} {
		h, err := p1().Fit(must(t, c.x, digits(20)), nn.Fit{})
		if err != nil || !strings.Contains(strings.Join(h.Warnings, "\n"), c.want) || !strings.Contains(h.String(), c.want) {
			t.Errorf("%s: %v, %v, want a warning %q", name, h, err, c.want)
		}
	}
}

// What Fit warns of beside what one look at a number finds.
func TestFitWarns(t *testing.T) {
	y := make([]int, 60)
	for i := range y {
		y[i] = i % 2
	}
	y[7] = 2
	x := tensor.Uniform(5, -1, 1, 60, 4)
	d := must(t, x, y).Named("set")
	h, err := nn.Sequential(nn.Input(4), nn.Dense(3, nn.Softmax)).Fit(d, nn.Fit{Val: d.Slice(10, 13).Named("held back")})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(h.Warnings, "\n")
	for _, want := range []string{
		"set: class 2 has 1 of 60 examples; fix: more examples of it, or nn.Fit{ClassWeights: map[int]float64{2: 20}}",
		"3 examples of held back are in set too, first number 0: what is measured on them is memory; fix: leave them out of one of the two",
	} {
		if !strings.Contains(all, want) || !strings.Contains(h.String(), want) {
			t.Errorf("warnings %q, want %q", all, want)
		}
	}
}

// What Fit finds afterwards.
func TestFitFinds(t *testing.T) {
	x := tensor.Uniform(5, 0, 1, 60, 4)
	y := make([]int, 60)
	for i := range y {
		y[i] = i % 2
	}
	d := must(t, x, y)
	m := nn.Sequential(nn.Input(4), nn.Dense(10, nn.ReLU), nn.Dense(2, nn.Softmax))
	w, b, err := m.Weights(1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range w.Data {
		w.Data[i] = 0.1 * float32(i%3+1) // all fire, but for those that follow
	}
	for _, u := range []int{2, 5, 7} {
		b.Data[u] = -1e3
	}
	if err := m.SetWeights(1, w, b); err != nil {
		t.Fatal(err)
	}
	find := func(name string, m *nn.Model, f nn.Fit, want string) {
		t.Helper()
		h, err := m.Fit(d, f)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if want == "" {
			if len(h.Findings) != 0 {
				t.Errorf("%s: %v", name, h.Findings)
			}
			return
		}
		for _, f := range h.Findings {
			if strings.HasPrefix(f.String(), want) && strings.Contains(h.String(), "found: "+f.String()) && f.Fix != "" {
				return
			}
		}
		t.Errorf("%s: %v, want %q", name, h.Findings, want)
	}
	find("dead units", m, nn.Fit{Optimizer: nn.SGD{LR: 1e-3}}, "layer 1 dense_1: 3 of 10 units never fire, with 60 examples; fix: ")
	fresh := func() *nn.Model {
		return nn.Sequential(nn.Input(4), nn.Dense(10, nn.Tanh), nn.Dense(2, nn.Softmax))
	}
	find("nothing", fresh(), nn.Fit{Epochs: 3}, "")
	find("too slow", fresh(), nn.Fit{Optimizer: nn.SGD{LR: 1e-7}}, "layer 1 dense_1 hardly learns")
	find("too fast", fresh(), nn.Fit{Optimizer: nn.Adam{LR: 3}}, "layer 1 dense_1 is unsteady to the end")
	layers := []nn.Layer{nn.Input(4)}
	for range 12 {
		layers = append(layers, nn.Dense(4, nn.Sigmoid))
	}
	find("vanishing", nn.Sequential(append(layers, nn.Dense(2, nn.Softmax))...), nn.Fit{Optimizer: nn.SGD{LR: 0.1}}, "the gradient vanishes on its way: that of layer 1 dense_1 is")
}

func TestLossBecomesNaN(t *testing.T) {
	d := must(t, rows(64, 4), []int{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0})
	m := nn.Sequential(nn.Input(4), nn.Dense(8, nn.ReLU), nn.Dense(1))
	h, err := m.Fit(d, nn.Fit{Epochs: 500, Loss: nn.MSE{}, Optimizer: optim.SGD{LR: 1e6}})
	wantText(t, "exploding", err, "the loss became", fmt.Sprintf("step %d of the training, at a learning rate of 1e+06", h.Steps+1), "those of the step before", "a smaller learning rate than SGD{LR: 1e+06}", "nn.Clip{", "Model.Reset() begins anew")
	if h == nil || !h.Stopped || h.Steps == 0 {
		t.Fatalf("history %v", h)
	}
	last := h.Points[len(h.Points)-1]
	if last.Loss-last.Loss == 0 || math.Abs(last.Epoch-float64(h.Steps+1)/2) > 1e-9 || last.LearningRate != 1e6 || h.Failure != fmt.Sprintf("loss became %v at step %d", last.Loss, h.Steps+1) {
		t.Errorf("the last point is %+v after %d steps, failure %q", last, h.Steps, h.Failure)
	}
	for _, p := range h.Points[:len(h.Points)-1] {
		if p.Loss-p.Loss != 0 {
			t.Errorf("point %+v before the last", p)
		}
	}
	// The weights are those of as many steps.
	again := nn.Sequential(nn.Input(4), nn.Dense(8, nn.ReLU), nn.Dense(1))
	h2, err := again.Fit(d, nn.Fit{Epochs: 500, Loss: nn.MSE{}, Optimizer: optim.SGD{LR: 1e6}, OnBatch: func(b nn.BatchInfo) error {
		if b.Step == h.Steps {
			return nn.ErrStop
		}
		return nil
	}})
	if err != nil || h2.WeightHash != h.WeightHash {
		t.Errorf("weights %s, after as many steps %s, %v", h.WeightHash, h2.WeightHash, err)
	}

	// Before any update the fix is another.
	bad := must(t, [][]float32{{3e38, 3e38, 3e38, 3e38}}, []float64{1})
	_, err = nn.Sequential(nn.Input(4), nn.Dense(8), nn.Dense(1)).Fit(bad, nn.Fit{})
	wantText(t, "at the first step", err, "in epoch 1 at batch 1 of 1, step 1", "before any update", "scaled to about 1")
}
