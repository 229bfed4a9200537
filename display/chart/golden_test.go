package chart

import (
	"image"
	"image/color"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"cajal/display"
	"cajal/display/internal/golden"
)

// falling makes up the loss of a training.
func falling(n int, noise float64) (x, y []float64) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		t := 5 * float64(i+1) / float64(n)
		x = append(x, t)
		y = append(y, 0.24+2.06*math.Exp(-4*t)+0.15*math.Exp(-0.7*t)+noise*r.NormFloat64()*(0.3+math.Exp(-t)))
	}
	return x, y
}

func normal(n int, mean, deviation float64, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	out := make([]float64, n)
	for i := range out {
		out[i] = mean + deviation*r.NormFloat64()
	}
	return out
}

// digit draws something like a handwritten 0, 1 or 7.
func digit(which, seed int) [][]float32 {
	r := rand.New(rand.NewPCG(uint64(seed), 7))
	dx, dy, slant := r.Float64()*2-1, r.Float64()*2-1, r.Float64()*0.3
	out := make([][]float32, 28)
	for y := range out {
		out[y] = make([]float32, 28)
		for x := range out[y] {
			u, v := float64(x)-13.5-dx+slant*(float64(y)-14), float64(y)-13.5-dy
			d := 9.0
			switch which {
			case 0:
				d = math.Abs(math.Hypot(u*1.4, v)-8.5) / 1.2
			case 1:
				if math.Abs(v) < 10 {
					d = math.Abs(u)
				}
			case 7:
				d = math.Abs(u - 5 + (v+9)*0.5)
				if v < -9 || v > 10 {
					d = 9
				}
				if u < 6 && u > -7 {
					d = min(d, math.Abs(v+9))
				}
			}
			out[y][x] = float32(min(max(2.4-d, 0), 1))
		}
	}
	return out
}

// gallery has a figure of every kind, and of what they do in special cases.
func gallery() map[string]*Figure {
	all := basicGallery()
	for _, more := range []map[string]*Figure{networkGallery(), fieldGallery(), filtersGallery(), trainingGallery(), embeddingGallery(), rowGallery()} {
		maps.Copy(all, more)
	}
	return all
}

func basicGallery() map[string]*Figure {
	x, y := falling(375, 0.06)
	withNaN := append(append([]float64{}, y[:200]...), math.NaN(), math.NaN())
	long := make([]float64, 100_000)
	for i := range long {
		long[i] = math.Sin(float64(i)/9000) + 0.2*math.Sin(float64(i)/7)
	}
	var px, py []float64
	var groups []string
	for i, g := range []string{"setosa", "versicolor", "virginica"} {
		px = append(px, normal(40, float64(2+2*i), 0.6, uint64(i))...)
		py = append(py, normal(40, 3+float64(i)*0.9, 0.5, uint64(10+i))...)
		for range 40 {
			groups = append(groups, g)
		}
	}
	weights := make([][]float64, 28)
	for i := range weights {
		weights[i] = make([]float64, 28)
		for j := range weights[i] {
			u, v := float64(i)-13.5, float64(j)-13.5
			weights[i][j] = math.Sin(u/3) * math.Exp(-(u*u+v*v)/120)
		}
	}
	var digits [][][]float32
	var labels, predicted []int
	for i := range 20 {
		which := []int{0, 1, 7}[i%3]
		digits = append(digits, digit(which, i))
		labels = append(labels, which)
		if i == 4 || i == 13 {
			which = 8 - which
		}
		predicted = append(predicted, which)
	}
	r := rand.New(rand.NewPCG(3, 4))
	var truth, guess []int
	for i := range 10_000 {
		t := i % 10
		g := t
		if r.Float64() < 0.07 {
			g = []int{6, 7, 3, 5, 9, 3, 0, 2, 3, 4}[t]
			if r.Float64() < 0.4 {
				g = r.IntN(10)
			}
		}
		truth, guess = append(truth, t), append(guess, g)
	}
	var many, mixed []int
	for i := range 20_000 {
		many, mixed = append(many, i%1000), append(mixed, i%1000)
		if r.Float64() < 0.1 {
			mixed[i] = r.IntN(1000)
		}
	}
	colours := image.NewRGBA(image.Rect(0, 0, 48, 32))
	for yy := range 32 {
		for xx := range 48 {
			colours.Set(xx, yy, color.RGBA{uint8(5 * xx), uint8(8 * yy), 120, 255})
		}
	}
	return map[string]*Figure{
		"line":     Line([]float64{1, 4, 9, 16, 25, 36, 49}),
		"loss":     Line(y, X(x), Name("training"), Smooth(25), SeriesXY("validation", []int{1, 2, 3, 4, 5}, []float64{0.336, 0.287, 0.271, 0.258, 0.252}), Title("Loss"), XLabel("epoch"), YLabel("cross-entropy"), XRange(0, 5)),
		"many":     Line(normal(30, 1, 0.1, 1), Name("SGD"), Series("momentum", normal(30, 1.15, 0.1, 2)), Series("Adam", normal(30, 1.2, 0.1, 3)), Series("Lion", normal(30, 1.25, 0.1, 4)), Series("RMSprop with a long name indeed", normal(30, 2, 0.1, 5)), Title("Five optimizers, and a title that is so long that it has to be broken into two lines to fit above the chart")),
		"nan":      Line(withNaN, X(x[:202]), Name("loss"), Title("A training that failed")),
		"gaps":     Line([]float64{1, 2, math.NaN(), 2, math.NaN(), 3, 4, math.Inf(1), 5}, YLabel("value")),
		"log":      Line(y, X(x), LogY(), Title("Loss, logarithmic"), XLabel("epoch")),
		"decades":  Line([]float64{1e-5, 1e-3, 0.1, 3, 200, 40_000}, LogY(), Title("Ten decades")),
		"symlog":   Line([]float64{0, 0.001, 0.1, 3, -200, 40_000}, LogY()),
		"thinned":  Line(long, Title("100,000 values")),
		"chinese":  Line([]float64{2.3, 0.6, 0.31, 0.27, 0.25}, Name("训练"), Series("验证", []float64{1.2, 0.45, 0.33, 0.3, 0.29}), Title("损失函数随训练轮次的变化"), XLabel("轮次"), YLabel("交叉熵损失")),
		"marks":    Line(y, X(x), Mark(2, "best epoch"), Fault(4.6, "loss became NaN at step 1,240")),
		"flat":     Line([]float64{3, 3, 3}),
		"none":     Line([]float64{}),
		"millions": Line([]float64{0, 20_000_000, 45_000_000}, YLabel("parameters")),
		"scatter":  Scatter(px, py, Groups(groups), Title("Iris"), XLabel("petal length / cm"), YLabel("sepal width / cm")),
		"timeline": Scatter([]int{1943, 1949, 1958, 1986, 1989, 2012, 2017}, nil, Title("Networks"),
			Labels([]string{"McCulloch–Pitts", "Hebb", "perceptron", "back-propagation", "LeNet", "AlexNet", "Transformer"}),
			Groups([]string{"brain", "brain", "network", "network", "network", "network", "network"}), Size(640, 240)),
		"cloud":       Scatter(normal(8000, 0, 1, 1), normal(8000, 0, 1, 2)),
		"bar":         Bar([]string{"Dense", "Conv2D", "MaxPool", "Flatten"}, []int{7850, 320, 0, 110}, YLabel("parameters")),
		"groupedbars": Bar([]int{32, 64, 128}, []float64{0.951, 0.967, 0.978}, Name("train"), Series("test", []float64{0.945, 0.955, -0.2}), Title("Accuracy by width")),
		"longnames":   Bar([]string{"plain stochastic gradient descent", "the same with momentum of 0.9", "Adam with its defaults", "Lion"}, []float64{0.88, 0.91, 0.934, 0.92}, Title("Test accuracy"), XLabel("accuracy")),
		"histogram":   Histogram(normal(2000, 0, 0.08, 9), Title("Weights of layer 1"), XLabel("weight")),
		"histograms":  Histogram(normal(900, 0, 1, 5), Name("before"), Series("after", normal(900, 1.5, 0.6, 6)), Bins(40)),
		"heatmap":     Heatmap(weights, Title("Weights of one neuron")),
		"smallheat":   Heatmap(mat.NewDense(3, 4, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, math.NaN()}), Rows([]string{"input", "hidden", "output"}), Columns([]string{"a", "b", "c", "d"}), YLabel("layer"), XLabel("unit")),
		"wideheat":    Heatmap([][]float64{normal(784, 0.5, 0.2, 4), normal(784, 0.4, 0.2, 5)}),
		"images":      Images(digits, Labels(labels), Predicted(predicted), Title("Test pictures")),
		"onepicture":  Images(colours, Title("A picture")),
		"confusion":   Confusion(truth, guess, Title("Which digits are mixed up")),
		"crowded":     Scatter([]float64{1, 1.02, 1.04, 1.01, 3, 1.03}, []float64{1, 1.05, 1, 0.95, 1, 1.02}, Labels([]string{"first", "second", "third", "fourth", "at the right", "sixth"}), Size(360, 240)),
		"narrowbars":  Bar([]string{"alpha", "beta", "gamma"}, []float64{0.5, 0.6, 123456.789}, Size(160, 120)),
		"unscaled":    Heatmap([][]float64{{0, 0.5}}),
		"emptybars":   Bar([]string{}, []float64{}),
		"greatest":    Line([]float64{math.MaxFloat64, -math.MaxFloat64, 0}),
		"narrow":      Confusion([]int{0, 1, 2, 2}, []int{0, 1, 1, 2}, Classes("a class with a name that is long", "名称非常非常非常长的另一个类别", "c"), Size(300, 200)),
		"thousand":    Confusion(many, mixed, Title("1,000 classes")),
		"classes":     Confusion([]int{0, 0, 1, 1, 2, 2, 2}, []int{0, 1, 1, 1, 2, 2, 0}, Classes("T-shirt", "trouser", "pullover")),
	}
}

func TestGolden(t *testing.T) {
	for name, f := range gallery() {
		t.Run(name, func(t *testing.T) { checkGolden(t, name, f) })
	}
}

// chineseGallery has a figure of every kind that speaks Chinese although its words
// are not.
func chineseGallery(t *testing.T) map[string]*Figure {
	t.Helper()
	if err := display.SetLanguage("zh"); err != nil {
		t.Fatal(err)
	}
	defer display.SetLanguage("")
	all := gallery()
	chosen := map[string]*Figure{}
	for _, name := range []string{
		"gaps", "scatter", "groupedbars", "histogram", "smallheat", "images", "classes", "neuron", "layers", "nearest", "surface",
		"onefilter", "gradcam", "longgrads", "lrfinder", "raster", "pca", "tsne", "roc", "precision", "calibration", "box", "row", "gridin",
	} {
		if all[name] == nil {
			t.Fatalf("there is no figure %q", name)
		}
		chosen["zh-"+name] = all[name]
	}
	return chosen
}

// TestGoldenChinese wants a golden in both languages of every kind of chart; of
// the colours of a page, light or dark, the document knows nothing.
func TestGoldenChinese(t *testing.T) {
	all := chineseGallery(t)
	var chinese kind
	for name, f := range all {
		if f.kind&chinese != 0 {
			t.Errorf("%s is another one of %v", name, f.kind)
		}
		chinese |= f.kind
		t.Run(name, func(t *testing.T) { checkGolden(t, name, f) })
	}
	if missing := every &^ chinese; missing != 0 {
		t.Errorf("there is no Chinese golden of %v", missing)
	}
}

func checkGolden(t *testing.T, name string, f *Figure) {
	t.Helper()
	svg, err := f.SVG()
	if err != nil {
		t.Fatal(err)
	}
	if f.kind != tsne { // whose places are not the same on every processor
		golden.SVG(t, name, svg)
	}
	// Chinese needs a font of the system.
	if png, err := f.PNG(); err != nil && !strings.Contains(err.Error(), "no font") || err == nil && len(png) < 1000 {
		t.Errorf("PNG: %d bytes, %v", len(png), err)
	}
}
