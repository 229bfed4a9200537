package chart

import (
	"math"
	"strings"
	"testing"
)

// gabor makes up a filter like those of the visual cortex.
func gabor(h, w int, angle, wave float64) []float64 {
	out := make([]float64, 0, h*w)
	s, c := math.Sincos(angle)
	for i := range h {
		for j := range w {
			y, x := float64(i)-float64(h-1)/2, float64(j)-float64(w-1)/2
			out = append(out, math.Cos((x*c+y*s)*wave)*math.Exp(-(x*x+y*y)/float64(h*w)*5))
		}
	}
	return out
}

// shaped makes a tensor whose values are those of f at an index.
func shaped(f func(index []int) float64, shape ...int) *tensor {
	t := &tensor{shape: shape}
	index := make([]int, len(shape))
	for {
		t.values = append(t.values, float32(f(index)))
		d := len(shape) - 1
		for ; d >= 0; d-- {
			if index[d]++; index[d] < shape[d] {
				break
			}
			index[d] = 0
		}
		if d < 0 {
			return t
		}
	}
}

func filtersGallery() map[string]*Figure {
	conv := shaped(func(i []int) float64 {
		return gabor(7, 7, math.Pi*float64(i[3])/16, 0.5+0.1*float64(i[3]%4))[i[0]*7+i[1]]
	}, 7, 7, 1, 32)
	deep := shaped(func(i []int) float64 { return math.Sin(float64(i[0] + 2*i[1] + 3*i[2] + 5*i[3])) }, 3, 3, 12, 20)
	active := shaped(func(i []int) float64 {
		return max(float64(digit(7, 1)[i[1]][i[2]])*(float64(i[3])-1)+gabor(26, 26, float64(i[3]), 0.4)[i[1]*26+i[2]], 0)
	}, 1, 26, 26, 8)
	dense := shaped(func(i []int) float64 { return gabor(28, 28, float64(i[1]), 0.2)[i[0]] * float64(1+i[1]) / 10 }, 784, 10)
	cam := [][]float64{{0, 0, 0.2, 0.1, 0}, {0, 0.1, 0.5, 0.6, 0.1}, {0, 0, 0.3, 1, 0.2}, {0, 0, 0.4, 0.5, 0}, {0, 0.1, 0.1, 0, 0}}
	signed := shaped(func(i []int) float64 {
		return float64(digit([]int{0, 1, 7}[i[0]%3], i[0])[i[1]][i[2]]) * math.Sin(float64(i[1])/4)
	}, 4, 28, 28)
	var digits [][][]float32
	for i := range 4 {
		digits = append(digits, digit([]int{0, 1, 7}[i%3], i))
	}
	return map[string]*Figure{
		"filters":    Filters(conv, Title("Filters of the first convolution")),
		"deep":       Filters(deep, Title("第二层卷积核")),
		"activemaps": Filters(active, Title("Activations for a 7"), Labels([]int{0, 1, 2, 3, 4, 5, 6, 7})),
		"dense":      Filters(dense, PerRow(5), Labels([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), Title("Weights of ten neurons")),
		"onefilter":  Filters([][]float64{{1, 2, 1}, {0, 0, 0}, {-1, -2, math.NaN()}}),
		"gradcam":    Overlay(digit(7, 1), cam, Title("Grad-CAM"), Labels([]int{7}), Predicted([]int{7})),
		"saliency":   Overlay(digits, signed, Labels([]int{0, 1, 7, 0}), Predicted([]int{0, 1, 1, 0}), Title("哪些像素重要")),
	}
}

// Each shape is read so that matrix k has the values that it should.
func TestFilterShapes(t *testing.T) {
	value := func(index []int) float64 {
		v := 0
		for _, i := range index {
			v = 10*v + i
		}
		return float64(v)
	}
	tests := []struct {
		shape []int
		want  string // the first two matrices
	}{
		{[]int{2, 2, 1, 3}, "[[0 100] [1000 1100]] [[1 101] [1001 1101]]"},
		{[]int{2, 3, 2, 2}, "[[0 100 200] [1000 1100 1200]] [[10 110 210] [1010 1110 1210]]"}, // inputs first
		{[]int{1, 2, 2, 3}, "[[0 10] [100 110]] [[1 11] [101 111]]"},
		{[]int{2, 2, 3}, "[[0 10] [100 110]] [[1 11] [101 111]]"},
		{[]int{2, 3, 3}, "[[0 1 2] [10 11 12] [20 21 22]] [[100 101 102] [110 111 112] [120 121 122]]"},
		{[]int{2, 3, 2}, "[[0 1] [10 11] [20 21]] [[100 101] [110 111] [120 121]]"},
		{[]int{4, 2}, "[[0 10] [20 30]] [[1 11] [21 31]]"},
		{[]int{2, 4}, "[[0 1] [2 3]] [[10 11] [12 13]]"},
	}
	for _, tt := range tests {
		f := Filters(shaped(value, tt.shape...))
		if f.Err() != nil {
			t.Errorf("%v: %v", tt.shape, f.Err())
			continue
		}
		first := f.inner.(*mapGrid).first
		var got []string
		for _, m := range first[:2] {
			var rows []string
			for _, row := range m {
				var words []string
				for _, v := range row {
					words = append(words, strings.ReplaceAll(numberText(v), ",", ""))
				}
				rows = append(rows, "["+strings.Join(words, " ")+"]")
			}
			got = append(got, "["+strings.Join(rows, " ")+"]")
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%v: got %s, want %s", tt.shape, s, tt.want)
		}
	}
}

func TestFiltersErrors(t *testing.T) {
	var none *tensor
	tests := []struct {
		f    *Figure
		want string
	}{
		{Filters(nil), "chart.Filters: the matrices are nil"},
		{Filters(none), "chart.Filters: the matrices are nil"},
		{Filters(3), "chart.Filters: the matrices are a int; a tensor or a slice of matrices was expected"},
		{Filters([]string{"a"}), "chart.Filters: matrix 0 is a string; a matrix, or a slice of rows of numbers, was expected"},
		{Filters([][][]int{}), "chart.Filters: there are no matrices"},
		{Filters(&tensor{shape: []int{3, 5}, values: make([]float32, 15)}), "chart.Filters: the shape [3 5] is none of [h w in out], [n h w], [h w n], [1 h w n], [h·w n] and [n h·w]"},
		{Filters(&tensor{shape: []int{3, 0}}), "chart.Filters: the shape [3 0] has no numbers"},
		{Filters([][]int{{1}}, Labels([]int{})), "chart.Filters: there are 1 matrices and 0 labels"},
		{Overlay([][]int{{1}}, nil), "chart.Overlay: the heat is nil"},
		{Overlay([][][]int{{{1}}, {{2}}}, [][][]int{{{1}}}), "chart.Overlay: there are 2 pictures and the heat of 1"},
		{Overlay([][][]int{{{1}}, {{2}}}, &tensor{shape: []int{2, 3}, values: make([]float32, 6)}), "chart.Overlay: the heat has the shape [2 3]: a matrix for each picture was expected"},
		{Overlay([][]int{{1}}, [][]int{{1}}, Labels([]int{})), "chart.Overlay: there are 1 pictures, 0 labels and 0 predictions"},
	}
	for _, tt := range tests {
		if err := tt.f.Err(); err == nil || err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", err, tt.want)
		}
	}
}

// Heat stands where its matrix has it, whatever the sizes.
func TestOverlayPlaces(t *testing.T) {
	white := make([][]float64, 8)
	for i := range white {
		white[i] = make([]float64, 8)
	}
	for name, heat := range map[string]any{
		"matrix":  [][]float64{{0, 0}, {0, 1}},
		"rows":    [][]float64{{0}, {1}},
		"tensor":  &tensor{shape: []int{1, 2, 2, 1}, values: []float32{0, 0, 0, 1}},
		"row":     &tensor{shape: []int{1, 4}, values: []float32{0, 0, 0, 1}},
		"channel": &tensor{shape: []int{2, 2, 1}, values: []float32{0, 0, 0, 1}},
	} {
		f := Overlay([][][]float64{white}, heat)
		if f.Err() != nil {
			t.Errorf("%s: %v", name, f.Err())
			continue
		}
		o := f.inner.(*heated)
		b := o.pictures[0].Bounds()
		red := func(x, y int) bool { r, g, _, _ := o.pictures[0].At(x, y).RGBA(); return r > g+0x3000 }
		if !red(b.Max.X-1, b.Max.Y-1) || red(0, 0) || red(b.Max.X-1, 0) {
			t.Errorf("%s: the heat is elsewhere", name)
		}
	}
	if got, want := Overlay([][]float64{{0, 1}, {1, 0}}, [][]float64{{0, 2}, {1, 0}}).String(), "1 picture of 2 × 2 pixels; heat is greatest at 75% across, 25% down"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A slice of tensors is as many matrices, not one with a row for each.
func TestSliceOfTensors(t *testing.T) {
	one := func(v float64) *tensor { return shaped(func([]int) float64 { return v }, 3, 4) }
	two := []*tensor{one(1), one(-2)}
	if got, want := Filters(two).String(), "heat maps of 2 matrices of 3 × 4, values from −2 to 2"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	pictures := [][][]float64{{{0, 1}, {1, 0}}, {{1, 1}, {0, 0}}}
	if f := Overlay(pictures, two); f.Err() != nil {
		t.Error(f.Err())
	}
	rows := []*tensor{{[]int{2}, []float32{1, 2}}, {[]int{2}, []float32{3, 4}}}
	if got, want := Filters(rows).String(), "heat maps of 1 matrix of 2 × 2, values from 1 to 4"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
