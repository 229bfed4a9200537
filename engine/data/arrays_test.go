// This file checks what Arrays makes of slices, and the datasets made of it.

package data

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cajal/engine/tensor"
)

func arrays(t testing.TB, x, y any) *Dataset {
	t.Helper()
	d, err := Arrays(x, y)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

type celsius float32

func TestArrays(t *testing.T) {
	tn, err := tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		x, y   any
		shape  []int
		first  []float32 // of the last example
		label  int       // of the last example, -1 without
		target []float32 // of the last example
		notes  string
	}{
		{"tensor", tn, []int{0, 1, 2}, []int{2}, []float32{5, 6}, 2, nil, ""},
		{"numbers", []float32{1, 2, 3}, []int8{4, 5, 6}, []int{1}, []float32{3}, 6, nil, ""},
		{"rows", [][]float32{{1, 2}, {3, 4}}, nil, []int{2}, []float32{3, 4}, -1, nil, ""},
		{"arrays in a slice", [][2]float32{{1, 2}, {3, 4}}, []uint16{9, 65535}, []int{2}, []float32{3, 4}, 65535, nil, ""},
		{"float64", [][]float64{{1, 2}, {3, 4}}, []float64{1, 0.5}, []int{2}, []float32{3, 4}, -1, []float32{0.5}, "x: float64 was converted to float32|y: float64 was converted to float32"},
		{"bytes stay bytes", [][][]uint8{{{1, 2}, {3, 4}}, {{5, 6}, {7, 255}}}, []uint8{0, 255}, []int{2, 2}, []float32{5, 6, 7, 255}, 255, nil, ""},
		{"ints", [][]int{{1}, {-7}}, [][]int{{1, 0}, {0, 1}}, []int{1}, []float32{-7}, -1, []float32{0, 1}, "x: int was converted to float32|y: int was converted to float32"},
		{"bytes as targets", []float32{1, 2}, [][]uint8{{1, 0}, {0, 1}}, []int{1}, []float32{2}, -1, []float32{0, 1}, ""},
		{"bool", []float32{1, 2}, []bool{false, true}, []int{1}, []float32{2}, 1, nil, ""},
		{"named type", [][]celsius{{1, 2}, {3, 4}}, []celsius{1, 2}, []int{2}, []float32{3, 4}, -1, []float32{2}, ""},
		{"labels that float32 cannot hold", []float32{1, 2}, []int{0, 1<<24 + 1}, []int{1}, []float32{2}, 1<<24 + 1, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := arrays(t, c.x, c.y)
			last := d.Len() - 1
			if !slices.Equal(d.ExampleShape(), c.shape) {
				t.Errorf("shape %v, want %v", d.ExampleShape(), c.shape)
			}
			if got := d.Example(last).Data; !slices.Equal(got, c.first) {
				t.Errorf("last example %v, want %v", got, c.first)
			}
			if got := d.Label(last); got != c.label {
				t.Errorf("last label %d, want %d", got, c.label)
			}
			var target []float32
			if tn := d.Target(last); tn != nil {
				target = tn.Data
			}
			if !slices.Equal(target, c.target) {
				t.Errorf("last target %v, want %v", target, c.target)
			}
			if got := strings.Join(d.Notes(), "|"); got != c.notes {
				t.Errorf("notes %q, want %q", got, c.notes)
			}
			if d.HasLabels() != (c.label >= 0) || d.HasTargets() != (c.target != nil) || d.TargetSize() != len(c.target) {
				t.Errorf("labels %v, targets %v of %d", d.HasLabels(), d.HasTargets(), d.TargetSize())
			}
		})
	}
}

func TestArraysRefuses(t *testing.T) {
	var none *tensor.Tensor
	for _, c := range []struct {
		name string
		x, y any
		want string
	}{
		{"nil", nil, nil, "x: is nil"},
		{"nil tensor", none, nil, "x: is a nil *tensor.Tensor"},
		{"broken tensor", &tensor.Tensor{Shape: []int{2}, Data: make([]float32, 3)}, nil, "x: tensor: shape [2] has room for 2 values, found 3"},
		{"tensor of rank 0", &tensor.Tensor{}, nil, "x: is an empty tensor"},
		{"empty", []float32{}, nil, "x has no examples"},
		{"empty rows", [][]float32{{}, {}}, nil, "examples have shape [0] and no numbers"},
		{"a number", 3, nil, "x: has type int, but must be a *tensor.Tensor or a slice of numbers"},
		{"text", []string{"a"}, nil, "x: has type []string, but must be numbers\nhint: number the texts from 0"},
		{"ragged", [][]float32{{1, 2}, {3}}, nil, "x: entry [1] has length 1, but the first has 2"},
		{"ragged inside", [][][]float32{{{1}, {2}}, {{1}, {2, 3}}}, nil, "x: entry [1 1] has length 2, but the first has 1"},
		{"lengths", []float32{1, 2}, []int{1}, "x has 2 examples, but y has 1"},
		{"a type without numbers", []chan int{nil}, nil, "x: has type []chan int, whose elements (chan int) are not numbers"},
		{"text labels", []float32{1}, []string{"a"}, "y: has type []string, but must be numbers\nhint: number the texts from 0 and name them with Dataset.WithClasses"},
		{"label too large", []float32{1, 2}, []int{1, 1 << 40}, "label 1099511627776 of example 1 is too large"},
		{"huge unsigned label", []float32{1}, []uint64{math.MaxUint64}, "of example 0 is too large"},
		{"empty targets", []float32{1}, [][]float32{{}}, "targets have shape [0] and no numbers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Arrays(c.x, c.y)
			if d != nil {
				t.Errorf("got %v beside the error", d)
			}
			wantError(t, err, c.want)
		})
	}
}

func ten(t testing.TB) *Dataset {
	x, y := make([]float32, 10), make([]int, 10)
	for i := range x {
		x[i], y[i] = float32(i), i%3
	}
	return arrays(t, x, y).Named("ten")
}

func inputs(d *Dataset) []float32 { return d.Inputs().Data }

func TestParts(t *testing.T) {
	d := ten(t)
	for _, c := range []struct {
		name string
		got  *Dataset
		want []float32
	}{
		{"Take", d.Take(3), []float32{0, 1, 2}},
		{"Take all", d.Take(99), []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"Take none", d.Take(-1), nil},
		{"Slice", d.Slice(8, 99), []float32{8, 9}},
		{"Slice backwards", d.Slice(5, 2), nil},
		{"Where", d.Where(2), []float32{2, 5, 8}},
		{"Where of a part", d.Slice(3, 9).Where(0), []float32{3, 6}},
		{"a part of a part", d.Slice(4, 9).Slice(1, 3), []float32{5, 6}},
		{"Scale", d.Slice(4, 6).Scale(0.5), []float32{2, 2.5}},
	} {
		if got := inputs(c.got); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if c.got.Len() != len(c.want) || c.got.Name() != "ten" {
			t.Errorf("%s: length %d, name %q", c.name, c.got.Len(), c.got.Name())
		}
	}
	p, err := d.Pick(9, 0, 9)
	if err != nil || !slices.Equal(inputs(p), []float32{9, 0, 9}) || !slices.Equal(p.Labels(), []int{0, 0, 0}) {
		t.Errorf("Pick: %v %v, %v", inputs(p), p.Labels(), err)
	}
	_, err = d.Pick(10)
	wantError(t, err, "no example 10: the dataset has 10")
	if !slices.Equal(inputs(d), []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Error("the dataset itself has changed")
	}
}

func TestShuffleAndSplit(t *testing.T) {
	d := ten(t)
	a, b, c := d.Shuffle(1), d.Shuffle(1), d.Shuffle(2)
	if !slices.Equal(inputs(a), inputs(b)) || slices.Equal(inputs(a), inputs(c)) || slices.Equal(inputs(a), inputs(d)) {
		t.Errorf("shuffles of seeds 1, 1, 2: %v %v %v", inputs(a), inputs(b), inputs(c))
	}
	if s := slices.Sorted(slices.Values(inputs(a))); !slices.Equal(s, inputs(d)) {
		t.Errorf("a shuffle has examples %v", s)
	}
	for i := range a.Len() {
		if a.Label(i) != int(a.Example(i).Data[0])%3 {
			t.Errorf("example %v has label %d", a.Example(i).Data, a.Label(i))
		}
	}
	part, rest, err := d.Split(0.3, 5)
	if err != nil {
		t.Fatal(err)
	}
	both := slices.Sorted(slices.Values(append(inputs(part), inputs(rest)...)))
	if part.Len() != 3 || !slices.Equal(both, inputs(d)) || !slices.IsSorted(inputs(part)) || !slices.IsSorted(inputs(rest)) {
		t.Errorf("parts %v and %v", inputs(part), inputs(rest))
	}
	for _, f := range []float64{0, 1, -1, math.NaN(), 0.01, 0.99} {
		if _, _, err := d.Split(f, 1); err == nil {
			t.Errorf("split by %v of 10 examples gave no error", f)
		}
	}
}

func TestScaleOfBytes(t *testing.T) {
	d := arrays(t, [][]uint8{{0, 51, 255}}, nil)
	unit := d.Scale(1 / 255.0)
	if got := inputs(unit); got[0] != 0 || math.Abs(float64(got[1])-0.2) > 1e-6 || math.Abs(float64(got[2])-1) > 1e-6 {
		t.Errorf("scaled bytes %v", got)
	}
	if got := inputs(unit.Scale(255)); !slices.Equal(got, []float32{0, 51, 255}) {
		t.Errorf("scaled there and back %v, want whole numbers", got)
	}
}

func TestShapes(t *testing.T) {
	d := arrays(t, [][][]float32{{{1, 2}, {3, 4}, {5, 6}}}, nil)
	f := d.Flatten()
	r, err := f.Reshape(2, 3, 1)
	if err != nil || !slices.Equal(f.ExampleShape(), []int{6}) || !slices.Equal(r.ExampleShape(), []int{2, 3, 1}) || r.Example(0).At(1, 0, 0) != 4 {
		t.Errorf("Flatten %v, Reshape %v, %v", f, r, err)
	}
	_, err = d.Reshape(4, 2)
	wantError(t, err, "cannot reshape examples of [3 2] (6 numbers) to [4 2] (8 numbers)")
	_, err = d.Reshape(-2, -3)
	wantError(t, err, "-2 is not above 0")
}

func TestOneHot(t *testing.T) {
	d := ten(t).Slice(1, 4) // labels 1 2 0
	o, err := d.OneHot(3)
	if err != nil || o.HasLabels() || !slices.Equal(o.TargetShape(), []int{3}) || !slices.Equal(o.Targets().Data, []float32{0, 1, 0, 0, 0, 1, 1, 0, 0}) {
		t.Errorf("one-hot %v, %v", o, err)
	}
	for _, n := range []int{-1, 0, 1 << 40} {
		_, err = d.OneHot(n)
		wantError(t, err, "the number of classes must be from 1")
	}
	_, err = d.OneHot(2)
	wantError(t, err, "example 1 has label 2, but one-hot of 2 has room for 0..1")
	_, err = o.OneHot(3)
	wantError(t, err, "no labels")
}

func TestStats(t *testing.T) {
	nan := float32(math.NaN())
	d := arrays(t, [][]float32{{1, -2}, {3, nan}, {nan, 9}}, []int{5, 2, 5})
	s := d.Stats()
	want := Stats{Min: -2, Max: 9, BadExample: 1, BadTarget: -1, MinLabel: 2, MaxLabel: 5, MinAt: 1, MaxAt: 0, Counts: []int{0, 0, 1, 0, 0, 2}}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("stats %+v, want %+v", s, want)
	}
	if got := d.Slice(0, 1).Stats(); got.BadExample != -1 || got.Max != 1 {
		t.Errorf("stats of the first example %+v", got)
	}
	d = arrays(t, []float32{1, 2}, []float64{0.5, math.Inf(1)})
	if s := d.Stats(); s.BadTarget != 1 || s.TargetLo != 0.5 || s.TargetHi != 0.5 {
		t.Errorf("stats of targets %+v", s)
	}
	d = arrays(t, [][]uint8{{3, 200}, {7, 9}}, nil)
	if s := d.Scale(0.5).Stats(); s.Min != 1.5 || s.Max != 100 || s.BadExample != -1 {
		t.Errorf("stats of bytes %+v", s)
	}
	if s := new(Dataset).Stats(); s.BadExample != -1 {
		t.Errorf("stats of nothing %+v", s)
	}
}

func TestReadRows(t *testing.T) {
	d := ten(t).Slice(2, 7)
	dst := make([]float32, 3)
	if n := d.ReadRows(dst, 3); n != 2 || dst[0] != 5 || dst[1] != 6 {
		t.Errorf("read %d rows, %v", n, dst)
	}
	if n := d.ReadRows(dst, 5); n != 0 {
		t.Errorf("read %d rows behind the end", n)
	}
	labels := make([]int32, 2)
	d.GatherLabels(labels, []int32{4, 0})
	if labels[0] != 0 || labels[1] != 2 {
		t.Errorf("gathered labels %v", labels)
	}
	defer func() {
		if recover() == nil {
			t.Error("an example beyond a part could be read")
		}
	}()
	d.Example(5)
}

func TestDatasetDisplays(t *testing.T) {
	d := ten(t).WithClasses("red", "<green>")
	text := d.String()
	for _, want := range []string{"ten, 10 examples of [1]", "from 0 to 9", "labels    from 0 to 2", "red: 4, <green>: 3, 2: 3"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not have %q", text, want)
		}
	}
	b := d.MIMEBundle()
	if b["text/plain"] != text || !strings.Contains(b["text/html"].(string), "&lt;green&gt;: 3") {
		t.Errorf("bundle %v", b)
	}
	if got := new(Dataset).String(); got != "dataset   unnamed, 0 examples of []" {
		t.Errorf("the zero dataset is %q", got)
	}
}

func TestGatherAllocatesNothing(t *testing.T) {
	d := arrays(t, [][]uint8{make([]uint8, 784), make([]uint8, 784)}, []int{0, 1}).Shuffle(1)
	dst, labels, idx := make([]float32, 3*784), make([]int32, 3), []int32{1, 0, 1}
	if n := testing.AllocsPerRun(20, func() { d.Gather(dst, idx); d.GatherLabels(labels, idx); d.Prefetch(idx) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
