// This file has what charts say of themselves in Chinese, and chooses the language.

package chart

import (
	"slices"
	"strings"
	"unicode"

	"cajal/display/internal/words"
)

// chinese has what charts say, by the English.
var chinese = words.Table{
	// marks between words
	", ":     "，",
	"; ":     "；",
	"%s:":    "%s：",
	"%s: %s": "%s：%s",

	// how many of what
	"%s class":    "%s 个类别",
	"%s column":   "%s 列",
	"%s figure":   "%s 幅图",
	"%s layer":    "%s 层",
	"%s matrix":   "%s 个矩阵",
	"%s more gap": "%s 处间断",
	"%s neuron":   "%s 个神经元",
	"%s number":   "%s 个数",
	"%s outlier":  "%s 个离群值",
	"%s picture":  "%s 张图片",
	"%s place":    "%s 个位置",
	"%s point":    "%s 个点",
	"%s row":      "%s 行",
	"%s score":    "%s 个分数",
	"%s spike":    "%s 个脉冲",
	"%s time":     "%s 次",
	"%s value":    "%s 个值",

	// axes and legends
	"activation":                            "激活值",
	"average precision":                     "平均精确率",
	"area under the curve":                  "曲线下面积",
	"below 0":                               "小于 0",
	"class %d":                              "类别 %d",
	"component %d":                          "主成分 %d",
	"component %d · %.0f%% of the variance": "主成分 %d · 方差的 %.0f%%",
	"count":                                 "个数",
	"expected calibration error":            "期望校准误差",
	"false positives":                       "假阳性率",
	"firing rate":                           "发放率",
	"hidden":                                "隐藏层",
	"input":                                 "输入层",
	"output":                                "输出层",
	"greatest":                              "最大",
	"learning rate":                         "学习率",
	"loss":                                  "损失",
	"mean":                                  "平均",
	"neuron":                                "神经元",
	"precision":                             "精确率",
	"probability":                           "概率",
	"recall":                                "召回率",
	"right":                                 "答对",
	"series %d":                             "系列 %d",
	"size of the gradient":                  "梯度的大小",
	"taken for":                             "判为",
	"time":                                  "时间",
	"true class":                            "真实类别",
	"true positives":                        "真阳性率",
	"weight above 0":                        "权重大于 0",

	// notes and marks
	"%d of %d right; wrong ones are framed: label → prediction": "%d 张判对，共 %d 张；判错的有红框：标签 → 预测",
	"%d of %s on the wrong side, ringed":                        "%[2]s中有 %[1]d 个在错误的一侧（红圈）",
	"%s as %s (%s)":                                             "%s 判为 %s（%s）",
	"%s at %s":                                                  "%[2]s 处为 %[1]s",
	", and %s":                                                  "，另有 %s",
	"%s of %s right, %s":                                        "答对 %s，共 %s，%s",
	"%s of %s rows, evenly taken":                               "均匀取 %s 行，共 %s 行",
	"%s outside of what is shown":                               "%s在图外",
	"NaN or infinite in %s":                                     "NaN 或无穷大：%s",
	"a row for each filter, a column for each of its inputs":    "每个滤波器一行，每个输入一列",
	"falls fastest at %s":                                       "下降最快处 %s",
	"left out, as NaN or infinite: %s":                          "略去 NaN 或无穷大：%s",
	"most often mixed up: %s":                                   "最常混淆：%s",
	"no gradient reaches %s":                                    "没有梯度到达 %s",
	"no neuron fires":                                           "没有神经元发放",
	"no rates: ranges %s wide would be %s":                      "没有发放率：宽 %s 的区间会有 %s 个",
	"no values":                                                 "没有值",
	"shape of what a layer gives · its weights and biases, %s in all": "每层输出的形状 · 权重与偏置，共 %s 个",
	"the first %d of %d filters and %d of %d inputs":                  "前 %d 个滤波器（共 %d 个），前 %d 个输入（共 %d 个）",
	"the first %d of %s": "前 %d 张，共 %s 张",
	aroundZero:           "有小于或等于 0 的值，对数轴在 0 附近是线性的",

	// descriptions, for those who cannot see the chart
	"%.0f%% across, %.0f%% down":                "横 %.0f%%、纵 %.0f%%",
	"%s from %s to %s":                          "%s，从 %s 到 %s",
	"%s, %s to %s; %s":                          "%s，从 %s 到 %s；%s",
	"%s has no values":                          "%s 没有值",
	"%s of %d × %d pixels":                      "%s，%d × %d 像素",
	"%s of %s of %s":                            "%s：%s，每行 %s",
	"%s of a network: %s":                       "网络的 %s：%s",
	"%s, %s: %s":                                "%s，%s：%s",
	"%s: median %s, quartiles %s and %s, %s":    "%s：中位数 %s，四分位数 %s 和 %s，%s",
	", falls fastest at about %s":               "，约在 %s 处下降最快",
	", first %s, last %s":                       "，起始 %s，末尾 %s",
	", from %s to %s":                           "，从 %s 到 %s",
	", most often between %s and %s (%s times)": "，最常在 %s 与 %s 之间（%s 次）",
	", values from %s to %s":                    "，值从 %s 到 %s",
	"; %.0f%% and %.0f%% of the variance":       "；占方差的 %.0f%% 和 %.0f%%",
	"; heat is greatest at %s":                  "；热度最高处：%s",
	"; least at a rate of about %s":             "；学习率约 %s 时最小",
	"; neuron %d fires most often, %s":          "；神经元 %d 发放最多，%s",
	"; path %s of %s from (%s, %s) to (%s, %s)": "；路径 %s，%s，从 (%s, %s) 到 (%s, %s)",
	"ROC curve":                                 "ROC 曲线",
	"and %d more":                               "另有 %d 个",
	"bar chart. %s":                             "条形图。%s",
	"box plot. %s":                              "箱线图。%s",
	"calibration":                               "校准曲线",
	"confusion matrix of %s: %s":                "%s的混淆矩阵：%s",
	"decision boundary of %d classes and %s (%s); %d on the wrong side": "%d 个类别、%s的决策边界（%s）；%d 个在错误的一侧",
	"events in the order of time: %s":                                   "按时间顺序的事件：%s",
	"gradient by layer: %s":                                             "各层的梯度：%s",
	"heat map of %s and %s":                                             "热图，%s、%s",
	"heat maps of %s of %d × %d, values from %s to %s":                  "%s的热图，每个 %d × %d，值从 %s 到 %s",
	"histogram. %s":                                                     "直方图。%s",
	"line chart. %s":                                                    "折线图。%s",
	"loss by learning rate: %s":                                         "不同学习率下的损失：%s",
	"network of %s: %s":                                                 "%s的网络：%s",
	"nowhere":                                                           "没有位置",
	"precision and recall":                                              "精确率与召回率",
	"principal components":                                              "主成分",
	"scattered points. %s":                                              "散点图。%s",
	"spike raster of %s and %s":                                         "脉冲栅格图，%s、%s",
	"surface with heights from %s to %s, lowest near x %s, y %s":        "曲面，高度从 %s 到 %s，最低处约在 x %s、y %s",
	"x from %s to %s":                                                   "x 从 %s 到 %s",
}

// language is that of the notebook, or of the words that the chart was given.
func (s *settings) language() string {
	if s.spoken == "" && s.givenChinese() {
		return words.Chinese
	}
	return s.spoken
}

// givenChinese tells whether any word that the chart was given is in Chinese.
func (s *settings) givenChinese() bool {
	texts := [][]string{{s.title, s.xlabel, s.ylabel, s.alt, s.name}, s.groups, s.rows, s.columns, s.labels, s.predicted, s.classes}
	for _, one := range s.series {
		texts = append(texts, []string{one.name})
	}
	for _, m := range s.marks {
		texts = append(texts, []string{m.text})
	}
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	return slices.ContainsFunc(texts, func(list []string) bool {
		return slices.ContainsFunc(list, func(text string) bool { return strings.ContainsFunc(text, han) })
	})
}

// say returns what the chart says of itself.
func (s *settings) say(format string, args ...any) string {
	return chinese.Say(s.language(), format, args...)
}

// count says how many of what there are.
func (s *settings) count(n int, what string) string {
	return chinese.Count(s.language(), n, numberText(float64(n)), what)
}

// leftOut is the note on values that cannot be drawn.
func (s *settings) leftOut(n int, what string) string {
	return s.say("left out, as NaN or infinite: %s", s.count(n, what))
}
