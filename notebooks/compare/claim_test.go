// This file tests claims.

package compare

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cajal/notebooks/nbformat"
)

func TestClaims(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"no claim, 93 of 100 <!-- a comment -->", nil},
		{"about 93<!-- = eval: accuracy * 100 ~ 1 --> of 100", nil},
		{"93.2 %<!-- = eval: accuracy * 100 --> right", nil},
		{"**0.9324**<!--=eval:accuracy-->", nil},
		{"准确率约为 93%<!-- = eval: accuracy * 100 -->。", nil},
		{"1,875<!-- = train --> steps", nil},
		{"test loss −0.5<!-- = eval: shift -->", nil},
		{"about 95<!-- = eval: accuracy * 100 ~ 1 --> of 100", []string{"the text says 95, but the result is 93.24 (eval: accuracy * 100 ~ 1)"}},
		{"0.94<!-- = eval: accuracy -->", []string{"the text says 0.94, but the result is 0.9324 (eval: accuracy)"}},
		{"1<!-- = gone: x -->", []string{`the text says 1, but no code cell has the id "gone" (gone: x)`}},
		{"1<!-- = eval: speed -->", []string{"the text says 1, but the cell eval shows no number speed (eval: speed)"}},
		{"1<!-- = eval: accuracy * much -->", []string{`the text says 1, but "much" is no factor (eval: accuracy * much)`}},
		{"1<!-- = eval: accuracy ~ -3 -->", []string{`the text says 1, but "-3" is no tolerance (eval: accuracy ~ -3)`}},
		{"1<!-- = -->", []string{"the text says 1, but it is bound to something that is not written CELL: NAME * FACTOR ~ TOLERANCE ()"}},
		{"2<!-- = eval: accuracy --> and 3<!-- = train -->", []string{"the text says 2, but the result is 0.9324 (eval: accuracy)", "the text says 3, but the result is 1875 (train)"}},
	} {
		nb := nbformat.New()
		nb.Cells = []*nbformat.Cell{
			{Type: nbformat.Markdown, Source: test.text},
			{Type: nbformat.Code, ID: "train", Outputs: out(map[string]any{"text/plain": "done after 1,875 steps"})},
			{Type: nbformat.Code, ID: "eval", Outputs: stdout("test accuracy 0.9324, shift -0.5\n")},
		}
		var got []string
		for _, c := range Claims(nb) {
			got = append(got, c.String())
		}
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, d)
		}
	}
}
