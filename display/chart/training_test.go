package chart

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// spikes makes up the times of some neurons, which fire more often in the middle.
func spikes(neurons, steps int, rate float64) [][]float64 {
	r := rand.New(rand.NewPCG(5, 6))
	out := make([][]float64, neurons)
	for i := range out {
		for t := range steps {
			bump := 1 + 4*math.Exp(-math.Pow((float64(t)-0.5*float64(steps))/(0.1*float64(steps)), 2))
			if r.Float64() < rate*bump*(0.5+float64(i%5)/5) {
				out[i] = append(out[i], float64(t))
			}
		}
	}
	return out
}

// judged makes up scores: those of class 1 are higher by a distance.
func judged(n int, distance float64, seed uint64) (truth []int, scores []float64) {
	noise := normal(n, 0, 1, seed)
	for i, v := range noise {
		truth = append(truth, i%3/2)
		scores = append(scores, 1/(1+math.Exp(-(v+distance*(float64(i%3/2)-0.5)))))
	}
	return truth, scores
}

func trainingGallery() map[string]*Figure {
	layerNames := []string{"dense_1", "dense_2", "dense_3", "dense_4", "dense_5"}
	var grads [][]float64
	for i := range layerNames {
		grads = append(grads, normal(500, 0, 1e-7*math.Pow(20, float64(i)), uint64(i)))
	}
	var rates, losses []float64
	noise := normal(200, 0, 0.02, 8)
	for i := range 200 {
		rate := 1e-6 * math.Pow(10, float64(i)/200*7)
		l := math.Log10(rate)
		loss := 2.3 - 1.9/(1+math.Exp(-3*(l+2.9))) + math.Exp(4*(l+0.4)) + noise[i]
		rates, losses = append(rates, rate), append(losses, loss)
	}
	explode := slices.Clone(losses)
	for i := 190; i < 200; i++ {
		explode[i] = math.NaN()
	}
	truth, scores := judged(600, 2.5, 1)
	_, worse := judged(600, 1.1, 2)
	classTruth, table := []int{}, mat.NewDense(300, 4, nil)
	for i := range 300 {
		classTruth = append(classTruth, i%4)
		row := normal(4, 0, 1, uint64(100+i))
		row[i%4] += 1 + float64(i%4)/2
		sum := 0.0
		for j := range row {
			row[j] = math.Exp(row[j])
			sum += row[j]
		}
		for j := range row {
			table.Set(i, j, row[j]/sum)
		}
	}
	groups := []string{}
	for i := range 40 {
		groups = append(groups, []string{"excitatory", "inhibitory"}[i/30])
	}
	few := spikes(40, 500, 0.012)
	return map[string]*Figure{
		"gradients":   Gradients(layerNames, grads, Title("Gradient by layer: it vanishes")),
		"deadlayer":   Gradients([]string{"conv", "dense", "out"}, []float64{0, 0.003, math.NaN()}, Title("梯度流")),
		"longgrads":   Gradients([]string{"the first convolution of the network", "the second convolution of the network", "the dense layer", "the last one, with a softmax"}, []float64{1e-5, 3e-4, 0.002, 0.05}),
		"logbars":     Bar([]string{"1960", "1980", "2000", "2020"}, []float64{1e3, 2e6, 5e10, 3e23}, LogY(), Title("Operations to train a model")),
		"lrfinder":    LRFinder(rates, losses, Title("Which learning rate?")),
		"exploded":    LRFinder(rates, explode, Title("学习率搜索"), XLabel("学习率"), YLabel("损失")),
		"raster":      Raster(few, Groups(groups), Rate(20), Title("Spikes of 40 neurons"), XLabel("time / ms"), Mark(250, "stimulus")),
		"plainraster": Raster(few[:8], Title("八个神经元的脉冲"), XLabel("时间 / 毫秒"), YLabel("神经元")),
		"busyraster":  Raster(spikes(200, 1000, 0.03), Rate(10)),
		"roc":         ROC(truth, scores, Name("network"), Series("logistic", worse), Title("Who finds more?")),
		"rocclasses":  ROC(classTruth, table, Classes("猫", "狗", "鸟", "鱼"), Title("每类对其余")),
		"precision":   PrecisionRecall(truth, scores, Title("Precision and recall")),
		"calibration": Calibration(truth, scores, Title("How sure, how right")),
		"box":         Box([]string{"SGD", "momentum", "Adam", "none"}, [][]float64{normal(80, 0.89, 0.02, 1), normal(80, 0.92, 0.012, 2), append(normal(80, 0.935, 0.006, 3), 0.86, 0.97), {math.NaN()}}, Title("Accuracy over 80 seeds")),
		"lyingboxes":  Box([]string{"with a learning rate that is much too small", "with the usual learning rate of Adam", "with a learning rate that is too large"}, [][]float64{normal(30, 1, 0.1, 4), normal(30, 0.3, 0.05, 5), normal(30, 0.9, 0.4, 6)}, XLabel("loss")),
	}
}

func TestTrainingErrors(t *testing.T) {
	tests := []struct {
		f    *Figure
		want string
	}{
		{Gradients([]string{"a"}, []int{1, 2}), "chart.Gradients: there are 1 layers and 2 gradients"},
		{Gradients([]string{"a"}, 3), "chart.Gradients: the gradients are a int; a number for each layer, or a slice of them, was expected"},
		{Gradients([]string{"a"}, [][]int{{}}), "chart.Gradients: gradient 0 has no values"},
		{Gradients([]string{"a"}, []string{"b"}), "chart.Gradients: gradient 0 is a string; a matrix, or a slice of rows of numbers, was expected"},
		{LRFinder([]int{1, 2}, []int{1}), "chart.LRFinder: there are 2 rates and 1 losses"},
		{LRFinder([]int{2, 2}, []int{1, 1}), "chart.LRFinder: rate 1 is 2: rates above 0, each greater than the one before, were expected"},
		{LRFinder([]int{0}, []int{1}), "chart.LRFinder: rate 0 is 0: rates above 0, each greater than the one before, were expected"},
		{Raster([]int{1}), "chart.Raster: neuron 0 is a int; a slice of numbers was expected"},
		{Raster([][]int{}), "chart.Raster: there are no neurons"},
		{Raster("x"), "chart.Raster: the spikes are a string; a slice of the times of each neuron, or a matrix, was expected"},
		{Raster([][]int{{1}}, Rate(0)), "chart.Raster: ranges of time 0 wide: a number above 0 was expected"},
		{Raster([][]int{{1}}, Groups([]int{1, 2})), "chart.Raster: there are 1 neurons and 2 groups"},
		{ROC([]int{}, []int{}), "chart.ROC: there are no answers"},
		{ROC([]int{0, 0}, []int{1, 2}), "chart.ROC: all answers are of one class: both were expected"},
		{ROC([]int{0, 2}, []int{1, 2}), "chart.ROC: truth has a class 2 and there is one score for each: a column for each class was expected"},
		{ROC([]int{0, 1}, []int{1}), "chart.ROC: there are 2 true classes and 1 scores"},
		{ROC([]int{0, 1}, [][]int{{1}, {2}}), "chart.ROC: there are 2 true classes, up to 1, and scores of 2 × 1"},
		{Calibration([]int{0, 1}, []float64{0.5, 1.5}), "chart.Calibration: probability 1 is 1.5: numbers from 0 to 1 were expected"},
		{Calibration([]int{0}, []float64{math.NaN()}), "chart.Calibration: there are no probabilities"},
		{Box([]string{"a"}, []int{1}), "chart.Box: group 0 is a int; a matrix, or a slice of rows of numbers, was expected"},
		{Box([]string{"a"}, [][]int{{1}, {2}}), "chart.Box: there are 1 names and 2 groups of values"},
		{Box([]string{"a"}, 1), "chart.Box: the values are a int; a slice of slices of numbers was expected"},
	}
	for _, tt := range tests {
		if err := tt.f.Err(); err == nil || err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", err, tt.want)
		}
	}
}

// The figures that sum up a curve are those that can be found by hand.
func TestRatings(t *testing.T) {
	truth := []int{0, 0, 1, 1}
	tests := []struct {
		f    *Figure
		want string
	}{
		// Of the four pairs of a 0 and a 1, one is in the wrong order.
		{ROC(truth, []float64{0.1, 0.4, 0.35, 0.8}), "ROC curve, area under the curve: 0.750"},
		{ROC(truth, []float64{4, 3, 2, 1}), "ROC curve, area under the curve: 0.000"},
		{ROC(truth, []float64{1, 1, 1, 1}), "ROC curve, area under the curve: 0.500"},
		{ROC(truth, []float64{1, 2, math.Inf(1), 3}), "ROC curve, area under the curve: 1.000"},
		// 0.5·1 + 0.5·2/3.
		{PrecisionRecall(truth, []float64{0.1, 0.4, 0.35, 0.8}), "precision and recall, average precision: 0.833"},
		// Half of the answers at 0.2 with 0 right, half at 0.9 with 1 right: (0.2+0.1)/2.
		{Calibration(truth, []float64{0.2, 0.2, 0.9, 0.9}), "calibration, expected calibration error: 0.150"},
		// 0.75 sure, and right in two of three.
		{Calibration([]int{0, 1, 0}, [][]float64{{0.75, 0.25}, {0.25, 0.75}, {0.25, 0.75}}), "calibration, expected calibration error: 0.083"},
		{Calibration([]int{0, 1, 2}, &tensor{[]int{3, 3}, []float32{0.75, 0.25, 0, 0.25, 0.75, 0, 0.25, 0.75, 0}}), "calibration, expected calibration error: 0.083"},
		{ROC([]int{0, 1, 2}, [][]float64{{1, 0, 0}, {0, 1, 0}, {0, 1, 1}}), "ROC curve, area under the curve: 0 1.000, 1 0.750, 2 1.000"},
	}
	for _, tt := range tests {
		if got := tt.f.String(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestSpread(t *testing.T) {
	s, lost := spreadOf([]float64{7, 1, 3, 5, 100, math.NaN(), 9})
	if s.n != 6 || lost != 1 || s.lower != 3.5 || s.median != 6 || s.upper != 8.5 || s.low != 1 || s.high != 9 || !slices.Equal(s.outliers, []float64{100}) {
		t.Errorf("%+v, %d lost", s, lost)
	}
	if s, _ := spreadOf([]float64{4}); s.median != 4 || s.low != 4 || s.high != 4 {
		t.Errorf("%+v", s)
	}
}

// The marked rate is where the made-up curve falls fastest, at 10^-2.9.
func TestLRFinder(t *testing.T) {
	f := trainingGallery()["lrfinder"]
	r := f.inner.(*rateCurve)
	if rate := r.one.x[r.steepest]; rate < 7e-4 || rate > 2.3e-3 {
		t.Errorf("falls fastest at %v", rate)
	}
	if s := f.String(); !strings.Contains(s, "falls fastest at about") {
		t.Errorf("got %q", s)
	}
	up := LRFinder([]float64{1, 2, 3}, []float64{1, 2, 3})
	if up.Err() != nil || up.inner.(*rateCurve).steepest != -1 {
		t.Error("a curve that only rises has a steepest fall")
	}
}

func TestRaster(t *testing.T) {
	steps := mat.NewDense(2, 5, []float64{0, 1, 0, 0, 1, 0, 0, 0, 0, 0})
	times := Raster([][]float64{{1, 4}, {math.NaN()}}, Rate(2))
	matrix := Raster(steps, Rate(2))
	if times.String() != matrix.String() || times.String() != "spike raster of 2 neurons and 2 spikes, from 1 to 4; neuron 0 fires most often, 2 times" {
		t.Errorf("%s\n%s", times, matrix)
	}
	// Two neurons, 2 wide: a spike is a quarter.
	h := matrix.inner.(*train).rate.plotters[0].(stair)
	if !slices.Equal(h.y, []float64{0.25, 0, 0.25}) {
		t.Errorf("rates %v", h.y)
	}
	if n := Raster([][]float64{{0, 1e9}}, Rate(1)); n.Err() != nil || len(n.inner.(*train).notes) != 1 {
		t.Errorf("too many rates: %v", n.Err())
	}
}
