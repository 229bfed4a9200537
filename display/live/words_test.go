package live

import (
	"testing"

	"cajal/display/internal/words"
	"cajal/display/internal/words/wordstest"
)

func TestTable(t *testing.T) { wordstest.Complete(t, chinese) }

func TestNames(t *testing.T) {
	for _, test := range []struct{ metric, english, chinese string }{
		{"accuracy", "accuracy", "准确率"},
		{"top 5 accuracy", "top 5 accuracy", "前 5 准确率"},
		{"precision of 12", "precision of 12", "类别 12 的精确率"},
		{"F1 of 3", "F1 of 3", "类别 3 的 F1"},
		{"kilograms of 3", "kilograms of 3", "kilograms of 3"},
		{"100% of it", "100% of it", "100% of it"},
		{"", "", ""},
	} {
		if got := (state{}).name(test.metric); got != test.english {
			t.Errorf("got %q, want %q", got, test.english)
		}
		if got := (state{lang: words.Chinese}).name(test.metric); got != test.chinese {
			t.Errorf("got %q, want %q", got, test.chinese)
		}
	}
}
