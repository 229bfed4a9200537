// This file checks Map, Concat and the scalers.

package data

import (
	"math"
	"slices"
	"strings"
	"testing"

	"cajal/engine/tensor"
)

func TestMap(t *testing.T) {
	d := arrays(t, [][]uint8{{1, 2}, {3, 4}, {5, 6}}, []float32{7, 8, 9}).Slice(1, 3).Scale(2)
	m, err := d.Map(func(x *tensor.Tensor) *tensor.Tensor {
		x.Data[0] = -x.Data[0]
		return x
	})
	if err != nil || !slices.Equal(inputs(m), []float32{-6, 8, -10, 12}) || !slices.Equal(m.Targets().Data, []float32{8, 9}) {
		t.Errorf("%v, %v", m, err)
	}
	if !slices.Equal(inputs(d), []float32{6, 8, 10, 12}) {
		t.Errorf("the dataset itself has changed: %v", inputs(d))
	}
	other, err := d.Map(func(x *tensor.Tensor) *tensor.Tensor { y := tensor.New(1, 3); y.Data[2] = x.Data[1]; return y })
	if err != nil || !slices.Equal(other.ExampleShape(), []int{1, 3}) || !slices.Equal(inputs(other), []float32{0, 0, 8, 0, 0, 12}) {
		t.Errorf("%v, %v", other, err)
	}
	n := 0
	for want, f := range map[string]func(x *tensor.Tensor) *tensor.Tensor{
		"nil for example 0":        func(*tensor.Tensor) *tensor.Tensor { return nil },
		"without numbers":          func(*tensor.Tensor) *tensor.Tensor { return tensor.New(0) },
		"all must be alike":        func(*tensor.Tensor) *tensor.Tensor { n++; return tensor.New(n) },
		"example 0: tensor: shape": func(x *tensor.Tensor) *tensor.Tensor { x.Shape = []int{9}; return x },
		"Map got no function":      nil,
	} {
		_, err := d.Map(f)
		wantError(t, err, want)
	}
}

func TestConcat(t *testing.T) {
	a, b := arrays(t, [][]uint8{{1}, {2}}, []int{0, 1}), arrays(t, [][]uint8{{3}, {4}}, []int{2, 3})
	c, err := a.Concat(b.Slice(1, 2), a)
	if err != nil || c.bytes == nil || !slices.Equal(inputs(c), []float32{1, 2, 4, 1, 2}) || !slices.Equal(c.Labels(), []int{0, 1, 3, 0, 1}) {
		t.Errorf("%v, %v", c, err)
	}
	f, err := a.Scale(0.5).Concat(b)
	if err != nil || !slices.Equal(inputs(f), []float32{0.5, 1, 3, 4}) {
		t.Errorf("%v, %v", f, err)
	}
	s, err := From(squares{2, 1}, []int{7, 8})
	if err != nil {
		t.Fatal(err)
	}
	if s, err = s.Concat(a); err != nil || !slices.Equal(inputs(s), []float32{0, 1, 1, 2}) || !slices.Equal(s.Labels(), []int{7, 8, 0, 1}) {
		t.Errorf("%v, %v", s, err)
	}
	y, err := arrays(t, []float32{1}, []float32{2}).Concat(arrays(t, []float32{3}, []float32{4}))
	if err != nil || !slices.Equal(y.Targets().Data, []float32{2, 4}) {
		t.Errorf("%v, %v", y, err)
	}
	for want, o := range map[string]*Dataset{
		"dataset 1 is nil":                             nil,
		"has examples of [2]":                          arrays(t, [][]uint8{{1, 2}}, []int{0}),
		"has neither labels nor targe":                 arrays(t, [][]uint8{{1}}, nil),
		"has targets of [1], but the first has labels": arrays(t, [][]uint8{{1}}, []float32{1}),
		`has the classes ["a"]`:                        b.WithClasses("a"),
	} {
		_, err := a.Concat(o)
		wantError(t, err, want)
	}
}

func TestSkip(t *testing.T) {
	if got := inputs(ten(t).Skip(8)); !slices.Equal(got, []float32{8, 9}) {
		t.Errorf("Skip(8): %v", got)
	}
	if ten(t).Skip(99).Len() != 0 || ten(t).Skip(-1).Len() != 10 {
		t.Error("Skip beyond the ends")
	}
}

func TestScalers(t *testing.T) {
	train := arrays(t, [][]float32{{1, 5, 10}, {3, 5, 30}}, []int{0, 1})
	test := arrays(t, [][]float32{{5, 6, 10}}, []int{1})
	s, err := train.StandardScaler()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d    *Dataset
		want []float32
	}{{train, []float32{-1, 0, -1, 1, 0, 1}}, {test, []float32{3, 1, -1}}} {
		got, err := s.Apply(c.d)
		if err != nil || !slices.Equal(inputs(got), c.want) || got.Label(got.Len()-1) != 1 {
			t.Errorf("standard: %v, %v, want %v", inputs(got), err, c.want)
		}
	}
	m, err := train.MinMaxScaler()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.Apply(test); err != nil || !slices.Equal(inputs(got), []float32{2, 1, 0}) {
		t.Errorf("min-max: %v, %v", got, err)
	}
	if text := s.String(); !strings.Contains(text, "standard scaler for examples of [3]") || !strings.Contains(text, "2                shift 20           factor 0.1") {
		t.Errorf("it tells %s", text)
	}
	if h := m.MIMEBundle()["text/html"].(string); !strings.Contains(h, "min-max scaler, [3]") {
		t.Errorf("it tells %s", h)
	}
	// Of images, each channel.
	im, err := arrays(t, [][][]float32{{{1, 10}, {3, 30}}, {{1, 10}, {3, 30}}}, nil).StandardScaler()
	if err != nil || !slices.Equal(im.Shift, []float32{2, 20}) {
		t.Errorf("channels: %v, %v", im, err)
	}
	table := table(t, "a,b\n1,x\n2,y\n", Table{OneHot: true})
	if s, err := table.StandardScaler(); err != nil || !strings.Contains(s.String(), "b=x") {
		t.Errorf("of a table: %v, %v", s, err)
	}
	_, err = s.Apply(ten(t))
	wantError(t, err, "made for examples of [3], but these are [1]")
	_, err = ten(t).Take(0).StandardScaler()
	wantError(t, err, "needs examples")
	_, err = arrays(t, []float32{1, float32(math.NaN())}, nil).StandardScaler()
	wantError(t, err, "NaN or infinite number at place 0")
	_, err = arrays(t, []float32{1, float32(math.Inf(1))}, nil).MinMaxScaler()
	wantError(t, err, "NaN or infinite number at place 0")
}
