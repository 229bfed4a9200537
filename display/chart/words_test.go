package chart

import (
	"strings"
	"testing"
)

// TestWords wants a chart to speak the language of what it was given.
func TestWords(t *testing.T) {
	truth, said := []int{0, 0, 1, 1}, []int{0, 1, 1, 1}
	for _, test := range []struct {
		f    *Figure
		want string
		not  string
	}{
		{Confusion(truth, said), "taken for", "判为"},
		{Confusion(truth, said, Classes("猫", "狗")), "判为", "taken for"},
		{Network([]int{2, 2}, Weights([][]float64{{1, -1}, {1, 1}}), Title("网络")), "权重大于 0", "weight above 0"},
		{Histogram([]float64{1, 2, 2, 3}, XLabel("长度")), "个数", "count"},
		{Boundary(func(x, y float64) float64 { return x }, [][]float64{{1, 1}, {-1, 0}}, []int{0, 0}, Classes("甲", "乙")), "2 个点中有 1 个在错误的一侧", "ringed"},
		{Raster([][]float64{{1, 2}}, Title("脉冲")), "神经元", ">neuron<"},
		{ROC([]int{0, 1}, []float64{0.2, 0.7}, Name("模型")), "假阳性率", "false positives"},
	} {
		svg, err := test.f.SVG()
		if err != nil {
			t.Error(err)
			continue
		}
		if i := strings.Index(svg, "</desc>"); i > 0 { // the description is in English
			svg = svg[i:]
		}
		if !strings.Contains(svg, test.want) || strings.Contains(svg, test.not) {
			t.Errorf("%s: %q is missing, or %q there", test.f, test.want, test.not)
		}
	}
}
