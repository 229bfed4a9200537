// This file has the words of the panel in Chinese.

package live

import (
	"regexp"

	"cajal/display/internal/words"
)

// chinese has what the panel says, by the English.
var chinese = words.Table{
	" … %d more lines":          " … 还有 %d 行",
	"%d/%d epochs":              "%d/%d 轮",
	"%s examples/s":             "%s 样本/秒",
	"ETA %s":                    "剩余 %s",
	"Loss":                      "损失",
	"epoch":                     "轮次",
	"epoch %d/%d":               "第 %d/%d 轮",
	"learning rate %s":          "学习率 %s",
	"loss":                      "损失",
	"loss became %v at step %s": "第 %[2]s 步，损失变为 %[1]v",
	"stopped after step %s":     "在第 %s 步停止",
	"train":                     "训练",
	"val":                       "验证",
	"val %s":                    "验证%s",
	"warning":                   "警告",
	"warning: %s":               "警告：%s",
}

// metricNames are the names of the engine's metrics, a number in them as %s.
var metricNames = words.Table{
	"acc":                 "准确率",
	"accuracy":            "准确率",
	"mean absolute error": "平均绝对误差",
	"top %s accuracy":     "前 %s 准确率",
	"precision of %s":     "类别 %s 的精确率",
	"recall of %s":        "类别 %s 的召回率",
	"F1 of %s":            "类别 %s 的 F1",
}

// say returns what the panel says of itself.
func (s state) say(format string, args ...any) string {
	return chinese.Say(s.lang, format, args...)
}

var lastNumber = regexp.MustCompile(`^(|.*\D)(\d+)(\D*)$`)

// name returns the name of a metric; one of the user's own is as it is.
func (s state) name(metric string) string {
	if m := lastNumber.FindStringSubmatch(metric); m != nil {
		if format := m[1] + "%s" + m[3]; metricNames[format] != "" {
			return metricNames.Say(s.lang, format, m[2])
		}
	}
	return metricNames.Say(s.lang, metric)
}
