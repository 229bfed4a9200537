// This file holds the few words that the page itself says.

package report

import (
	"fmt"
	"time"
	"unicode"

	"cajal/notebooks/nbformat"
)

// words are in the language of the notebook's text.
type words struct {
	Contents, Unfinished, Provenance, Code, Output, Pages, Solution string

	executed, executedPart string // with a duration
	date                   string // for time.Format
	names                  map[string]string
}

var english = words{
	Contents: "Contents", Unfinished: "This run did not reach the end.", Provenance: "Provenance", Code: "Code", Output: "Output", Pages: "Other pages", Solution: "Solution",
	executed: "Executed in %s", executedPart: "Executed in part, in %s", date: "2 January 2006, 15:04 UTC",
}

var chinese = words{
	Contents: "目录", Unfinished: "运行没有到达结尾。", Provenance: "来源", Code: "代码", Output: "输出", Pages: "其他页面", Solution: "参考解答",
	executed: "运行用时 %s", executedPart: "部分运行，用时 %s", date: "2006年1月2日 15:04 UTC",
	names: map[string]string{
		"Executed": "运行", "Program": "程序", "Machine": "机器", "Notebook": "笔记本", "Parameters": "参数", "Seeds": "随机种子", "Data": "数据", "Module": "模块",
	},
}

func wordsOf(lang string) words {
	if lang == "zh" || len(lang) > 2 && lang[:3] == "zh-" {
		return chinese
	}
	return english
}

// SolutionWord is what stands over a hidden solution in the language lang.
func SolutionWord(lang string) string { return wordsOf(lang).Solution }

func (w words) name(english string) string {
	if n := w.names[english]; n != "" {
		return n
	}
	return english
}

func (w words) run(elapsed time.Duration, failed bool) string {
	if failed {
		return fmt.Sprintf(w.executedPart, Duration(elapsed))
	}
	return fmt.Sprintf(w.executed, Duration(elapsed))
}

// Language returns the language of the text for the page's lang attribute:
// metadata.lang, else Chinese if the text has many of its characters.
func Language(nb *nbformat.Notebook) string {
	lang, _ := nb.Metadata["lang"].(string)
	for _, r := range lang {
		if r != '-' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)) {
			return "en"
		}
	}
	if lang != "" {
		return lang
	}
	han, latin := 0, 0
	for _, c := range nb.Cells {
		if c.Type != nbformat.Markdown {
			continue
		}
		for _, r := range c.Source {
			switch {
			case unicode.Is(unicode.Hiragana, r), unicode.Is(unicode.Katakana, r):
				return "ja"
			case unicode.Is(unicode.Han, r):
				han++
			case unicode.IsLetter(r):
				latin++
			}
		}
	}
	if han > latin/2 {
		return "zh"
	}
	return "en"
}
