package chart

import (
	"strings"
	"testing"

	"cajal/display"
	"cajal/display/internal/words/wordstest"
)

func TestTable(t *testing.T) { wordstest.Complete(t, chinese) }

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
		if !strings.Contains(svg, test.want) || strings.Contains(svg, test.not) {
			t.Errorf("%s: %q is missing, or %q there", test.f, test.want, test.not)
		}
	}
}

// TestLanguage wants the language that was set to win over that of the words, and
// the numbers to be the same.
func TestLanguage(t *testing.T) {
	defer display.SetLanguage("")
	draw := func() *Figure { return Confusion([]int{0, 0, 1, 1}, []int{0, 1, 1, 1}, Classes("cat", "狗")) }
	for tag, want := range map[string]string{
		"":      "2 个类别的混淆矩阵：答对 3，共 4，75.0%；最常混淆：cat 判为 狗（1）",
		"zh-CN": "2 个类别的混淆矩阵：答对 3，共 4，75.0%；最常混淆：cat 判为 狗（1）",
		"en":    "confusion matrix of 2 classes: 3 of 4 right, 75.0%; most often mixed up: cat as 狗 (1)",
	} {
		if err := display.SetLanguage(tag); err != nil {
			t.Fatal(err)
		}
		if got := draw().String(); got != want {
			t.Errorf("%q: got  %s\nwant %s", tag, got, want)
		}
	}
	if err := display.SetLanguage("fr"); err == nil {
		t.Error("there are no French words")
	}
}
