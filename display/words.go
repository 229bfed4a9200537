// This file has the words of tables and progress in Chinese.

package display

import (
	"strconv"

	"cajal/display/internal/words"
)

var chinese = words.Table{
	"%s row":                         "%s 行",
	"%s column":                      "%s 列",
	"%s entry":                       "%s 项",
	"%s left out":                    "省略 %s",
	", ":                             "，",
	"key":                            "键",
	"value":                          "值",
	"stopped after %d of %d":         "在第 %d 次停止，共 %d 次",
	"%d/%d · %d%% · ETA %s · %.3g/s": "%d/%d · %d%% · 剩余 %s · 每秒 %.3g 次",
}

func say(format string, args ...any) string { return chinese.Say(Language(), format, args...) }

func count(n int, what string) string { return chinese.Count(Language(), n, strconv.Itoa(n), what) }
