// This file compares layers, activations, losses, metrics and initialisations with
// those of Keras and PyTorch: testdata/vectors.safetensors has their results and
// gradients, and testdata/vectors.py made it.

package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/internal/par"
	"cajal/engine/internal/rng"
	"cajal/engine/safetensors"
	"cajal/engine/tensor"
)

// A vector is one case of the file, as vectors.py describes it.
type vector struct {
	Kind, Name string
	Layers     []LayerConfig
	Inputs     int  // of layers
	Words      bool // the input is the numbers of words
	Activation Activation
	Loss       savedPart
	Weights    []float64 // of classes
	Figures    []figure
	Init       Init
	Shape      []int
	Rate       float64

	file *safetensors.File
}

// A figure is a metric and what it gives: kind, settings, value.
type figure struct {
	metric Metric
	value  float64
}

func (f *figure) UnmarshalJSON(b []byte) error {
	var p savedPart
	err := json.Unmarshal(b, &[]any{&p.Kind, &p.Settings, &f.value})
	if string(p.Settings) == "null" {
		p.Settings = nil
	}
	if err == nil {
		f.metric, err = part(p, metrics)
	}
	return err
}

var readVectors = sync.OnceValues(func() ([]vector, error) {
	f, err := safetensors.Read("testdata/vectors.safetensors")
	if err != nil {
		return nil, err
	}
	var all []vector
	err = json.Unmarshal([]byte(f.Metadata["cases"]), &all)
	for i := range all {
		all[i].file = f
	}
	return all, err
})

// vectors returns the cases of a kind, which must not be none.
func vectors(t *testing.T, kind string) []vector {
	t.Helper()
	all, err := readVectors()
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	for _, v := range all {
		if v.Kind == kind {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no cases of kind %q in the file", kind)
	}
	return out
}

// find returns a tensor of the case, nil when it has none of that name.
func (v *vector) find(name string) *tensor.Tensor {
	t := v.file.Lookup(v.Name + "/" + name)
	if t == nil {
		return nil
	}
	out, err := t.Float32()
	if err != nil {
		panic(err)
	}
	return out
}

func (v *vector) get(t *testing.T, name string) *tensor.Tensor {
	t.Helper()
	x := v.find(name)
	if x == nil {
		t.Fatalf("the case has no %q", name)
	}
	return x
}

// near compares numbers that were computed in float32 with exact ones. scale is how
// large the terms are that they are sums of; 0 is the largest of want.
func near(t *testing.T, what string, got, want []float32, scale float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	if scale == 0 {
		for _, v := range want {
			scale = max(scale, math.Abs(float64(v)))
		}
	}
	worst, at := 0.0, -1
	for i, v := range want {
		e := math.Abs(float64(got[i]) - float64(v))
		if got[i] == v { // infinite, too
			e = 0
		}
		if e = e / (1e-5*math.Abs(float64(v)) + 2e-6*scale + 1e-30); !(e <= max(worst, 1)) {
			worst, at = e, i
		}
	}
	if at >= 0 {
		t.Errorf("%s: number %d is %v, want %v (%.3g times what is allowed)", what, at, got[at], want[at], worst)
	}
}

// givenLayer gives what its parameter has for every example of a batch, so that the
// gradient of a layer's input can be seen.
type givenLayer struct {
	plain
	input int // of the case
	n     int
	shape []int
}

func given(x *Value, input int, of *tensor.Tensor) *Value {
	return &Value{layer: &givenLayer{input: input, n: of.Shape[0], shape: of.Shape[1:]}, in: []*Value{x}}
}

func (l *givenLayer) Kind() string                { return "given" }
func (l *givenLayer) infer([]int) ([]int, *fault) { return l.shape, nil }
func (l *givenLayer) describe(c *LayerConfig)     { c.Shape = l.shape }
func (l *givenLayer) weights([]int, bool) []paramSpec {
	ch := l.shape[len(l.shape)-1]
	s := matrixSpec("values", l.n*product(l.shape)/ch, ch, nil)
	s.shape = append([]int{l.n}, l.shape...)
	return []paramSpec{s}
}

func (l *givenLayer) onTape(x, w []*grad.Var, train bool) *grad.Var { return w[0] }

func (l *givenLayer) op(b *opBuilder) op {
	o := &givenOp{out: b.shaped(l.shape), w: b.params[0]}
	b.emit(o.out)
	return o
}

type givenOp struct {
	out *buffer
	w   *param
}

func (o *givenOp) forward(lo, hi, _ int)        { copy(o.out.rows(lo, hi), o.w.w[lo*o.out.ld:]) }
func (o *givenOp) backward(lo, hi, _ int)       {}
func (o *givenOp) parts() int                   { return 1 }
func (o *givenOp) grad(_, n int)                { copy(o.w.g, o.out.gradRows(0, n)) }
func (o *givenOp) refresh(p *param, lo, hi int) {}

// model joins the layers of a case. Its inputs are given ones, or that of the model.
func (v *vector) model(t *testing.T, direct bool) *Model {
	t.Helper()
	var x *Value
	var values []*Value
	if x0 := v.get(t, "x0"); direct {
		x = In(x0.Shape[1:]...)
		values = []*Value{x}
	} else {
		x = In(1)
		for i := range v.Inputs {
			values = append(values, given(x, i, v.get(t, fmt.Sprint("x", i))))
		}
	}
	for i, c := range v.Layers {
		l, err := c.layer(i)
		if err != nil {
			t.Fatal(err)
		}
		y := &Value{layer: l}
		from := c.From
		if from == nil {
			from = []int{len(values) - 1}
		}
		for _, j := range from {
			y.in = append(y.in, values[j])
		}
		values = append(values, y)
	}
	m := Graph(x, values[len(values)-1])
	if err := m.Err(); err != nil {
		t.Fatal(err)
	}
	m.initialise(1)
	return m
}

// each calls f with the parameters of a case's layers and how it numbers them.
func (v *vector) each(m *Model, f func(p *param, k int)) {
	k := 0
	for _, n := range m.nodes { // in the order of the file
		if _, ok := n.layer.(*givenLayer); ok {
			continue
		}
		for _, p := range n.params {
			f(p, k)
			k++
		}
	}
}

func everyIndex(n int) []int32 {
	idx := make([]int32, n)
	for i := range idx {
		idx[i] = int32(i)
	}
	return idx
}

func TestLayersLikeKeras(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, v := range vectors(t, "layer") {
		t.Run(v.Name, func(t *testing.T) {
			if !v.Words {
				v.compare(t, pool, false)
			}
			if v.Inputs == 1 {
				t.Run("as the first layer", func(t *testing.T) { v.compare(t, pool, true) })
			}
		})
	}
}

// compare runs a step of training and looks at all that the case has.
func (v *vector) compare(t *testing.T, pool *par.Pool, direct bool) {
	m := v.model(t, direct)
	y, target := v.get(t, "y"), v.get(t, "t")
	n := y.Shape[0]
	x := tensor.New(n, 1)
	if direct {
		x = v.get(t, "x0")
	}
	for _, nd := range m.nodes {
		if l, ok := nd.layer.(*givenLayer); ok {
			nd.params[0].set(v.get(t, fmt.Sprint("x", l.input)).Data)
		}
	}
	v.each(m, func(p *param, k int) {
		w := v.get(t, fmt.Sprint("w", k))
		if len(w.Data) != p.count() {
			t.Fatalf("%s have shape %v, Keras' weights %v", p.name, p.shape, w.Shape)
		}
		p.set(w.Data)
	})
	d, err := data.Arrays(x, target.Reshape(n, len(target.Data)/n))
	if err != nil {
		t.Fatal(err)
	}
	h, err := HalfMSE{}.resolve(m, d)
	if err != nil {
		t.Fatal(err)
	}
	spec := planSpec{batch: n + 1, set: d, head: h, pool: pool, chunk: 2}
	train := spec
	train.opt = SGD{LR: 1e-30}
	p := newPlan(m, train)
	loss, ok := p.step(everyIndex(n))
	want := v.get(t, "loss").Data[0]
	if !ok || math.Abs(loss-float64(want)) > 1e-5*float64(want) {
		t.Errorf("the loss is %v (%v), want %v", loss, ok, want)
	}
	near(t, "output", outputs(p, n), y.Data, 0)
	largest := v.largestGradient()
	if !direct {
		for _, nd := range m.nodes {
			if l, ok := nd.layer.(*givenLayer); ok {
				name := fmt.Sprint("dx", l.input)
				near(t, name, nd.params[0].tensor(nd.params[0].g).Data, v.get(t, name).Data, largest)
			}
		}
	}
	k := 0
	v.each(m, func(p *param, i int) {
		k++
		if p.fixed {
			near(t, p.name+" after the step", p.tensor(p.w).Data, v.get(t, fmt.Sprint("a", i)).Data, 0)
			return
		}
		near(t, "gradient of "+p.name, p.tensor(p.g).Data, v.get(t, fmt.Sprint("dw", i)).Data, largest)
	})
	if v.find(fmt.Sprint("w", k)) != nil {
		t.Errorf("Keras' layers have more than %d parameters", k)
	}
	after := v.find("p")
	if after == nil {
		after = y
	}
	p = newPlan(m, spec)
	if _, ok := p.forwardBackward(everyIndex(n)); !ok {
		t.Fatal("stopped")
	}
	near(t, "output outside of training", outputs(p, n), after.Data, 0)
}

// The definitions of layers on a tape give the same, gradients of weights less those
// of penalties.
func TestTapeLikeKeras(t *testing.T) {
	for _, v := range vectors(t, "layer") {
		t.Run(v.Name, func(t *testing.T) {
			m := v.model(t, v.Words)
			v.each(m, func(p *param, k int) { p.set(v.get(t, fmt.Sprint("w", k)).Data) })
			y := v.get(t, "y")
			n := y.Shape[0]
			x := tensor.New(n, 1)
			if v.Words {
				x = v.get(t, "x0")
			}
			for _, nd := range m.nodes {
				if l, ok := nd.layer.(*givenLayer); ok {
					nd.params[0].set(v.get(t, fmt.Sprint("x", l.input)).Data)
				}
			}
			tape := grad.NewTape()
			net, err := m.onTape(tape, tape.Data("x", x), true)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "output", net.Out().Value().Data, y.Data, 0)
			tape.Backward(net.Out().HalfMSE(tape.Data("t", v.get(t, "t"))))
			largest := v.largestGradient()
			k := 0
			for _, nd := range m.nodes {
				given, ok := nd.layer.(*givenLayer)
				for i, p := range nd.params {
					if p.fixed {
						k++
						continue
					}
					name, g := fmt.Sprint("dw", k), net.Layers[nd.index].Weights[i].Grad()
					if ok {
						name = fmt.Sprint("dx", given.input)
					} else {
						k++
					}
					for j, w := range p.tensor(p.w).Data {
						g.Data[j] += float32(2 * p.l2 * float64(w))
						if w != 0 {
							g.Data[j] += float32(math.Copysign(p.l1, float64(w)))
						}
					}
					near(t, name, g.Data, v.get(t, name).Data, largest)
				}
			}
		})
	}
}

// largestGradient is what the rounding of all gradients of a case is measured by: some,
// like that of an attention's key biases, are sums that come to nothing.
func (v *vector) largestGradient() float64 {
	most := 0.0
	for _, x := range v.file.Tensors {
		if name, ok := strings.CutPrefix(x.Name, v.Name+"/d"); ok {
			for _, g := range v.find("d" + name).Data {
				most = max(most, math.Abs(float64(g)))
			}
		}
	}
	return most
}

// outputs are the numbers of n examples at the end of a plan.
func outputs(p *plan, n int) []float32 {
	var out []float32
	cols := product(p.out.shape)
	for i := range n {
		out = append(out, p.out.row(i)[:cols]...)
	}
	return out
}

func TestActivationsLikeKeras(t *testing.T) {
	for _, v := range vectors(t, "activation") {
		t.Run(v.Activation.String(), func(t *testing.T) {
			x, up := v.get(t, "x"), v.get(t, "up")
			n, cols := x.Shape[0], x.Shape[1]
			buf := func() *buffer {
				return &buffer{shape: []int{cols}, ch: cols, ldch: cols, ld: cols, data: make([]float32, n*cols), grad: make([]float32, n*cols)}
			}
			o := &actOp{f: v.Activation, in: buf(), out: buf(), stop: new(atomic.Bool)}
			copy(o.in.data, x.Data)
			copy(o.out.grad, up.Data)
			o.forward(0, n, 0)
			o.backward(0, n, 0)
			y, dx := v.get(t, "y"), v.get(t, "dx")
			scale := 0.0
			if v.Activation == LogSoftmax { // a difference of large numbers
				scale = 1e3
			}
			for i := range y.Data { // by itself, since they are of all sizes
				near(t, fmt.Sprintf("f(%v)", x.Data[i]), o.out.data[i:i+1], y.Data[i:i+1], max(scale, 1))
				near(t, fmt.Sprintf("derivative at %v", x.Data[i]), o.in.grad[i:i+1], dx.Data[i:i+1], 1)
			}
		})
	}
}

func TestLossesLikeKeras(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, v := range vectors(t, "loss") {
		t.Run(strings.TrimPrefix(v.Name, "loss "), func(t *testing.T) {
			loss, err := part(v.Loss, losses)
			if err != nil {
				t.Fatal(err)
			}
			z, truth := v.get(t, "z"), v.get(t, "t")
			n := z.Shape[0]
			x := In(1)
			m := Graph(x, Act(v.Activation)(given(x, 0, z)))
			if err := m.Err(); err != nil {
				t.Fatal(err)
			}
			m.initialise(1)
			m.nodes[1].params[0].set(z.Data)
			var y any = truth
			if len(truth.Shape) == 1 {
				labels := make([]int, n)
				for i, v := range truth.Data {
					labels[i] = int(v)
				}
				y = labels
			}
			d, err := data.Arrays(tensor.New(n, 1), y)
			if err != nil {
				t.Fatal(err)
			}
			h, err := loss.resolve(m, d)
			if err != nil {
				t.Fatal(err)
			}
			p := newPlan(m, planSpec{batch: n, set: d, head: h, opt: SGD{LR: 1e-30}, weights: v.Weights, pool: pool, chunk: 3})
			got, ok := p.step(everyIndex(n))
			want := v.get(t, "loss").Data[0]
			if !ok || math.Abs(got-float64(want)) > 1e-5*math.Abs(float64(want)) {
				t.Errorf("the loss is %v (%v), want %v", got, ok, want)
			}
			dz := m.nodes[1].params[0]
			near(t, "gradient", dz.tensor(dz.g).Data, v.get(t, "dz").Data, 0)
		})
	}
}

func TestMetricsLikeKeras(t *testing.T) {
	for _, v := range vectors(t, "metrics") {
		t.Run(v.Name, func(t *testing.T) {
			pred := v.get(t, "pred")
			n, cols := pred.Shape[0], pred.Shape[1]
			labels, targets := v.find("labels"), v.find("targets")
			if targets == nil { // the labels in another form
				targets = tensor.New(n, cols)
				for i, l := range labels.Data {
					if cols == 1 {
						targets.Data[i] = l
					} else {
						targets.Data[i*cols+int(l)] = 1
					}
				}
			}
			for _, f := range v.Figures {
				for _, byLabel := range []bool{true, false} {
					if byLabel && labels == nil {
						continue
					}
					var sum, count float64
					for i := range n {
						label, target := -1, targets.Row(i).Data
						if byLabel {
							label, target = int(labels.Data[i]), nil
						}
						part, whole := f.metric.Score(pred.Row(i).Data, label, target), 1.0
						if r, ok := f.metric.(RatioMetric); ok {
							part, whole = r.Ratio(pred.Row(i).Data, label, target)
						}
						sum += part
						count += whole
					}
					if got := sum / count; !(math.Abs(got-f.value) < 1e-6) {
						t.Errorf("%s (%T, by label: %v) is %v, want %v", f.metric.Name(), f.metric, byLabel, got, f.value)
					}
				}
			}
		})
	}
}

// moments are the mean, the deviation, the smallest, the largest, and the mean fourth
// power of the distance from the mean over the square of the second.
func moments(x []float32) [5]float64 {
	n := float64(len(x))
	var mean, two, four float64
	for _, v := range x {
		mean += float64(v) / n
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range x {
		d := float64(v) - mean
		two += d * d / n
		four += d * d * d * d / n
		low, high = min(low, float64(v)), max(high, float64(v))
	}
	return [5]float64{mean, math.Sqrt(two), low, high, four / max(two*two, 1e-30)}
}

// compareMoments allows what chance does to some ten thousand numbers.
func compareMoments(t *testing.T, what string, x []float32, want []float32) {
	t.Helper()
	got := moments(x)
	deviation := float64(want[1])
	for i, name := range []string{"mean", "deviation", "smallest", "largest", "fourth moment"} {
		allowed := [...]float64{0.02 * deviation, 0.02 * deviation, 0.02 * deviation, 0.02 * deviation, 0.05 * float64(want[4])}[i]
		// The ends of a bell curve that is not cut are anywhere.
		if i == 2 || i == 3 {
			if want[4] > 2.8 {
				allowed = deviation
			}
		}
		if !(math.Abs(got[i]-float64(want[i])) <= allowed+1e-6) {
			t.Errorf("%s: the %s is %.6g, want %.6g", what, name, got[i], want[i])
		}
	}
}

func TestInitialisationsLikeKeras(t *testing.T) {
	for _, v := range vectors(t, "initial") {
		t.Run(v.Init.String(), func(t *testing.T) {
			rows, cols := v.Shape[0], v.Shape[1]
			p := &param{paramSpec: matrixSpec("weights", rows, cols, v.Init)}
			p.begin(rng.New(3, 4))
			w := p.tensor(p.w)
			compareMoments(t, "weights", w.Data, v.get(t, "moments").Data)
			want := v.find("product")
			if want == nil {
				return
			}
			square := make([]float32, cols*cols)
			for k := range rows {
				row := w.Row(k).Data
				for i, x := range row {
					for j, y := range row {
						square[i*cols+j] += x * y
					}
				}
			}
			for i, x := range moments(square) {
				if y := float64(want.Data[i]); math.Abs(x-y) > 1e-4*max(1, math.Abs(y)) {
					t.Errorf("moment %d of WᵀW is %v, want %v", i, x, y)
				}
			}
		})
	}
}

func TestDropoutLikeKeras(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, v := range vectors(t, "dropout") {
		const n, width = 200, 300
		x := tensor.New(n, width)
		for i := range x.Data {
			x.Data[i] = 1
		}
		m := Sequential(Input(width), Dropout(v.Rate))
		d, err := data.Arrays(x, x)
		if err != nil {
			t.Fatal(err)
		}
		h, err := MSE{}.resolve(m, d)
		if err != nil {
			t.Fatal(err)
		}
		m.initialise(1)
		p := newPlan(m, planSpec{batch: n, set: d, head: h, opt: SGD{}, seed: 3, pool: pool})
		if _, ok := p.step(everyIndex(n)); !ok {
			t.Fatal("stopped")
		}
		y := outputs(p, n)
		zeros := 0
		for _, v := range y {
			if v == 0 {
				zeros++
			}
		}
		what := fmt.Sprintf("a rate of %v", v.Rate)
		if share, want := float64(zeros)/float64(len(y)), float64(v.get(t, "share").Data[0]); math.Abs(share-want) > 0.01 {
			t.Errorf("%s: %.4f were dropped, Keras drops %.4f", what, share, want)
		}
		kept := slices.DeleteFunc(slices.Clone(y), func(v float32) bool { return v == 0 })
		near(t, what+": what was kept", []float32{slices.Min(kept), slices.Max(kept)}, v.get(t, "kept").Data, 0)
		compareMoments(t, what, y, v.get(t, "moments").Data)
	}
}

// Nothing of the package may be without a case: no kind of layer, none of its
// settings, no activation, loss, metric or initialisation.
func TestEverythingHasAVector(t *testing.T) {
	configs := map[string][]LayerConfig{"Input": {{Kind: "Input", Shape: []int{2}}}} // of every model
	for _, v := range vectors(t, "layer") {
		for _, c := range v.Layers {
			configs[c.Kind] = append(configs[c.Kind], c)
		}
	}
	for _, v := range vectors(t, "dropout") {
		configs["Dropout"] = append(configs["Dropout"], LayerConfig{Kind: "Dropout", Rate: v.Rate})
	}
	for kind := range kinds {
		if len(configs[kind]) == 0 {
			t.Errorf("the layer %s has no case: add one to testdata/vectors.py, and run it", kind)
			continue
		}
		for field := range reflect.TypeFor[LayerConfig]().Fields() {
			if !hasSetting(configs[kind], field) {
				t.Errorf("the layer %s has no case with %s: add one to testdata/vectors.py, and run it", kind, field.Name)
			}
		}
	}
	has := map[string]bool{}
	for _, v := range vectors(t, "activation") {
		has["activation "+v.Activation.String()] = true
	}
	for _, v := range vectors(t, "initial") {
		has["initialisation "+v.Init.String()] = true
	}
	for _, v := range vectors(t, "loss") {
		has["loss "+v.Loss.Kind] = true
	}
	for _, v := range vectors(t, "metrics") {
		for _, f := range v.Figures {
			has["metric "+reflect.TypeOf(f.metric).Name()] = true
		}
	}
	var want []string
	for a := Linear; a.known(); a++ {
		want = append(want, "activation "+a.String())
	}
	for i := GlorotUniform; i.known(); i++ {
		want = append(want, "initialisation "+i.String())
	}
	for _, l := range losses {
		want = append(want, "loss "+reflect.TypeOf(l).Name())
	}
	for _, m := range metrics {
		want = append(want, "metric "+reflect.TypeOf(m).Name())
	}
	for _, what := range want {
		if !has[what] {
			t.Errorf("the %s has no case: add one to testdata/vectors.py, and run it", what)
		}
	}
}

// hasSetting reports whether one of the cases of a kind has a field at another value
// than the default. Fields that the kind does not take need none.
func hasSetting(cases []LayerConfig, field reflect.StructField) bool {
	for _, c := range cases {
		if !reflect.ValueOf(c).FieldByIndex(field.Index).IsZero() {
			return true
		}
	}
	other := reflect.New(field.Type).Elem()
	switch other.Interface().(type) {
	case bool:
		other.SetBool(true)
	case float64:
		other.SetFloat(0.1)
	case int:
		other.SetInt(2)
	case Padding:
		other.SetInt(int64(Same))
	case Activation:
		other.SetInt(int64(Tanh))
	default:
		return true // names and shapes; initialisations have cases of their own
	}
	c := cases[0]
	reflect.ValueOf(&c).Elem().FieldByIndex(field.Index).Set(other)
	_, err := c.layer(0)
	return err != nil
}
