package words

import "testing"

func TestSay(t *testing.T) {
	table := Table{"%d of %d rows": "%[2]d 行中的 %[1]d 行", "%s row": "%s 行", "100%": "全部"}
	for _, test := range []struct{ got, want string }{
		{table.Say(English, "%d of %d rows", 1, 2), "1 of 2 rows"},
		{table.Say(Chinese, "%d of %d rows", 1, 2), "2 行中的 1 行"},
		{table.Say("", "100%"), "100%"},
		{table.Say(Chinese, "100%"), "全部"},
		{table.Say(Chinese, "nobody knows %d", 3), "nobody knows 3"},
		{table.Count(English, 1, "1", "row"), "1 row"},
		{table.Count(English, 1000, "1,000", "row"), "1,000 rows"},
		{table.Count(Chinese, 1, "1", "row"), "1 行"},
		{table.Count(Chinese, 2, "2", "class"), "2 classes"},
		{table.Count(English, 0, "0", "entry"), "0 entries"},
		{table.Count(English, 2, "2", "matrix"), "2 matrices"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestTag(t *testing.T) {
	for tag, want := range map[string]string{"zh": Chinese, "zh-CN": Chinese, "ZH_TW.UTF-8": Chinese, "en": English, "en-US": English, "fr": "", "": "", "zhuang": ""} {
		if got, ok := Tag(tag); ok != (want != "") || ok && got != want {
			t.Errorf("%q: got %q, %v", tag, got, ok)
		}
	}
}
