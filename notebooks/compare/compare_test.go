// This file tests comparisons as a table: what was, what is, and what is said
// of it.

package compare

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cajal/notebooks/nbformat"
)

func said(all []Difference) []string {
	var out []string
	for _, d := range all {
		out = append(out, d.String())
	}
	return out
}

func TestTexts(t *testing.T) {
	loose := Rule{Rtol: 1e-6}
	for _, test := range []struct {
		name, was, is string
		rule          Rule
		want          []string
	}{
		{"same", "a 1\n", "a 1\n", Rule{}, nil},
		{"number within tolerance", "loss 0.5000000", "loss 0.5000001", loose, nil},
		{"number beyond", "test accuracy 0.93, loss 0.2", "test accuracy 0.94, loss 0.2", loose, []string{"x: test accuracy 0.94, was test accuracy 0.93 (difference 0.01, relative 0.011)"}},
		{"tol is absolute below one", "acc 0.93", "acc 0.94", Rule{Tol: 0.02}, nil},
		{"tol is relative beyond", "676 of 10000", "683 of 10000", Rule{Tol: 0.02}, nil},
		{"tol has an end", "676 of 10000", "700 of 10000", Rule{Tol: 0.02}, []string{"x: 700, was 676 (difference 24, relative 0.036)"}},
		{"word", "a b c", "a x c", loose, []string{`x: "a x c", was "a b c"`}},
		{"line of several", "a\nb 1\nc", "a\nb 2\nc", loose, []string{"x, line 2: b 2, was b 1 (difference 1, relative 1)"}},
		{"lines more", "a\n", "a\nb\nc\n", loose, []string{`x, line 2: "b" and 1 lines more, was nothing`}},
		{"lines less", "a\nb\n", "a\n", loose, []string{`x, line 2: nothing, was "b"`}},
		{"columns move with numbers", "  9.5 |", " 10.5 |", Rule{Tol: 1}, nil},
		{"but not by themselves", "a  b", "a b", loose, []string{`x: "a b", was "a  b"`}},
		{"a hash is no number", "weights d75e82399555", "weights d75e82399556", Rule{Tol: 1}, []string{`x: "weights d75e82399556", was "weights d75e82399555"`}},
		{"nor are digits of names", "conv2d", "conv3d", Rule{Tol: 10}, []string{`x: "conv3d", was "conv2d"`}},
		{"thousands", "1,875 steps", "1,876 steps", Rule{Tol: 0.01}, nil},
		{"thousands beyond", "1,875 steps", "2,875 steps", Rule{Tol: 0.01}, []string{"x: 2,875, was 1,875 (difference 1e+03, relative 0.53)"}},
		{"minus signs", "x −1.5", "x -1.5", loose, nil},
		{"exponents", "1e-05", "1.00000001e-05", loose, nil},
		{"NaN is a word", "loss NaN", "loss 0.1", Rule{Tol: 9}, []string{`x: "loss 0.1", was "loss NaN"`}},
		{"durations", "5/5 epochs · 0.8 s · loss 0.2", "5/5 epochs · 12.3 s · loss 0.2", loose, nil},
		{"Chinese", "5/5 轮 · 0.7 s · 损失 0.2\n453,366 样本/秒", "5/5 轮 · 12.3 s · 损失 0.2\n9 样本/秒", Rule{Exact: true}, nil},
		{"minutes", "5/5 epochs · 42.1 s · loss 0.2", "5/5 epochs · 1m 5s · loss 0.2", Rule{Exact: true}, nil},
		{"durations of Go", "took 1.234ms and 1m2.5s", "took 97µs and 2h3m", loose, nil},
		{"rates, dates, addresses", "12,345 images/s at 2026-11-24 22:45:01 UTC in 0xc000123456", "9 images/s at 2027-01-01T00:00 in 0xc000999999", loose, nil},
		{"durations that are results", "spike at 12.3 ms", "spike at 12.4 ms", Rule{Rtol: 1e-6, Bare: true}, []string{`x, line 1: "spike at 12.4 ms", was "spike at 12.3 ms"`}},
		{"exact", "0.5000000", "0.5000001", Rule{Exact: true}, []string{`x, line 1: "0.5000001", was "0.5000000"`}},
		{"exact but for durations", "0.5 in 3 s", "0.5 in 4 s", Rule{Exact: true}, nil},
		{"in bands nothing else counts", "acc 0.93, 17 wrong", "acc 0.92, 99 wrong", Rule{Bands: []Band{{"", 0, 1}}}, nil},
		{"but words do", "acc 0.93", "accuracy 0.93", Rule{Bands: []Band{{"", 0, 1}}}, []string{`x: "accuracy 0.93", was "acc 0.93"`}},
		{"Chinese", "准确率 0.93，用时 3 秒", "准确率 0.95，用时 4 秒", loose, []string{"x: 准确率 0.95, was 准确率 0.93 (difference 0.02, relative 0.022)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := said(Texts("x", test.was, test.is, test.rule))
			if len(got) == 0 && len(test.want) == 0 {
				return
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestLong wants of long lines what is around the difference, and no more.
func TestLong(t *testing.T) {
	long := strings.Repeat("网 ab ", 300_000)
	for _, test := range []struct {
		was, is string
		rule    Rule
	}{
		{long + "1" + long, long + "2" + long, Rule{}},
		{long + "1" + long, long + "2" + long, Rule{Exact: true}},
		{long, long + "2" + long, Rule{Bare: true}},
		{long, "x", Rule{}},
		{"", long, Rule{}},
		{"a", "a\n" + long, Rule{}},
		{strings.Repeat("x\n", 1_000_000), strings.Repeat("y\n", 1_000_000), Rule{}},
		{strings.Repeat("x\n", 1_000_000), "", Rule{Exact: true}},
	} {
		all := Texts("x", test.was, test.is, test.rule)
		if len(all) == 0 {
			t.Errorf("%.20q and %.20q are the same", test.was, test.is)
		}
		for _, d := range all {
			if len(d.Old) > 400 || len(d.New) > 400 || d.Old == d.New {
				t.Errorf("of %.20q: %.300s, was %.300s", test.was, d.New, d.Old)
			}
		}
	}
}

func out(data map[string]any) []*nbformat.Output {
	return []*nbformat.Output{{Type: nbformat.DisplayData, Data: data}}
}

func stdout(parts ...string) []*nbformat.Output {
	var all []*nbformat.Output
	for _, p := range parts {
		all = append(all, &nbformat.Output{Type: nbformat.Stream, Name: "stdout", Text: p})
	}
	return all
}

func fail(name, value string) []*nbformat.Output {
	return []*nbformat.Output{{Type: nbformat.ErrorOutput, EName: name, EValue: value, Traceback: []string{name, "goroutine 17"}}}
}

// dot returns a PNG of 10 × 10 pixels, the first of which has a shade of grey.
func dot(t *testing.T, size int, shade uint8) string {
	t.Helper()
	i := image.NewGray(image.Rect(0, 0, size, size))
	i.SetGray(0, 0, color.Gray{shade})
	var b bytes.Buffer
	if err := png.Encode(&b, i); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

const table = `<div><p>5 epochs · 0.8 s</p><table><tr><th>epoch</th><th>loss</th><th>seconds</th></tr><tr><td>1</td><td>0.64</td><td>0.20</td></tr></table></div>`

func chart(data, strokes string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg"><metadata>` + data + `</metadata><path d="` + strokes + `"/></svg>`
}

func TestOutputs(t *testing.T) {
	loose := Rule{Rtol: 1e-6}
	for _, test := range []struct {
		name    string
		was, is []*nbformat.Output
		rule    Rule
		want    []string
	}{
		{"streams however cut", stdout("a\nb", "\nc"), stdout("a\n", "b\nc"), loose, nil},
		{"progress bars as they end", stdout("10%\r100%\n"), stdout("100%\n"), loose, nil},
		{"stream", stdout("a 1"), stdout("a 2"), loose, []string{"stdout: a 2, was a 1 (difference 1, relative 1)"}},
		{"stream is gone", stdout("a"), nil, loose, []string{`stdout: "", was "a"`}},
		{"skip", stdout("a"), nil, Rule{Skip: true}, nil},
		{"output is gone", out(map[string]any{"text/plain": "5 epochs\nx"}), nil, loose, []string{`output: nothing, was "5 epochs"`}},
		{"errors by name and message", fail("panic", "boom"), fail("panic", "boom"), loose, nil},
		{"another error", fail("panic", "boom"), fail("type error", "x"), loose, []string{`output: the error "type error: x", was the error "panic: boom"`}},
		{"an error and none", fail("panic", "boom"), out(map[string]any{"text/plain": "1"}), loose, []string{`output: "1", was the error "panic: boom"`}},
		{"tables by cell, without durations", out(map[string]any{"text/html": table, "text/plain": "x"}), out(map[string]any{"text/html": strings.NewReplacer("0.20", "0.99", "0.8 s", "7 s", "<td>", "<td >").Replace(table), "text/plain": "y"}), loose, nil},
		{"cell of a table", out(map[string]any{"text/html": table}), out(map[string]any{"text/html": strings.Replace(table, "0.64", "0.65", 1)}), loose, []string{"table, row 1, loss: 0.65, was 0.64 (difference 0.01, relative 0.016)"}},
		{"rows of a table", out(map[string]any{"text/html": table}), out(map[string]any{"text/html": strings.Replace(table, "</table>", "<tr><td>2</td></tr></table>", 1)}), loose, []string{"table: 3 rows of 3 columns, was 2 rows of 3 columns"}},
		{"text around a table", out(map[string]any{"text/html": table}), out(map[string]any{"text/html": strings.Replace(table, "5 epochs", "6 epochs", 1)}), loose, []string{"output, text: 6, was 5 (difference 1, relative 0.2)"}},
		{"charts by their data", out(map[string]any{"image/svg+xml": chart(`{"y":[1,2],"seconds":3}`, "M0 0"), "image/png": dot(t, 10, 0)}), out(map[string]any{"image/svg+xml": chart(`{"y":[1,2.0000001],"seconds":4}`, "M9 9"), "image/png": dot(t, 10, 9)}), loose, nil},
		{"data of a chart", out(map[string]any{"image/svg+xml": chart(`{"series":[{"name":"loss","y":[1,2]}]}`, "M0 0")}), out(map[string]any{"image/svg+xml": chart(`{"series":[{"name":"loss","y":[1,3]}]}`, "M0 0")}), loose, []string{"chart of output.series[0].y[1]: 3, was 2 (difference 1, relative 0.5)"}},
		{"strokes of a chart, bit for bit", out(map[string]any{"image/svg+xml": chart(`{}`, "M0 0")}), out(map[string]any{"image/svg+xml": chart(`{}`, "M9 9")}), Rule{Exact: true}, []string{`output as image/svg+xml, line 1: "<svg xmlns=\"http://www.w3.org/2000/svg\"><metadata>{}</metadata><path d=\"M 9 9\"/></svg>", was "<svg xmlns=\"http://www.w3.org/2000/svg\"><metadata>{}</metadata><path d=\"M 0 0\"/></svg>"`}},
		{"svg without data by its numbers", out(map[string]any{"image/svg+xml": "<svg><path d=\"M1.00 2L3 4\"/></svg>"}), out(map[string]any{"image/svg+xml": "<svg><path d=\"M1.01 2L3 4\"/></svg>"}), Rule{Tol: 0.02}, nil},
		{"svg without data beyond", out(map[string]any{"image/svg+xml": "<svg><path d=\"M1.00 2\"/></svg>"}), out(map[string]any{"image/svg+xml": "<svg><path d=\"M1.50 2\"/></svg>"}), Rule{Tol: 0.02}, []string{"output: M 1.50, was M 1.00 (difference 0.5, relative 0.5)"}},
		{"json", out(map[string]any{"application/json": map[string]any{"a": []any{true, nil}}}), out(map[string]any{"application/json": map[string]any{"a": []any{false, nil}, "b": "x"}}), loose, []string{"output.a[0]: false, was true", `output.b: "x", was nothing`}},
		{"pixels", out(map[string]any{"image/png": dot(t, 10, 0), "text/plain": "a"}), out(map[string]any{"image/png": dot(t, 10, 255), "text/plain": "a"}), loose, []string{"output: another one, was a picture of 10 × 10 (1 of 100 pixels differ, by 0.01 on the mean of all)"}},
		{"pixels within tolerance", out(map[string]any{"image/png": dot(t, 10, 0)}), out(map[string]any{"image/png": dot(t, 10, 255)}), Rule{Tol: 0.02}, nil},
		{"size of a picture", out(map[string]any{"image/png": dot(t, 10, 0)}), out(map[string]any{"image/png": dot(t, 11, 0)}), loose, []string{"output: a picture of 11 × 11, was a picture of 10 × 10"}},
		{"no picture", out(map[string]any{"image/png": "AAAA"}), out(map[string]any{"image/png": dot(t, 11, 0)}), loose, []string{"output: a picture of 11 × 11, was data that are no picture"}},
		{"durations in a table, bit for bit", out(map[string]any{"text/html": table, "text/plain": "1 0.64 0.20"}), out(map[string]any{"text/html": strings.Replace(table, "0.20", "0.30", 1), "text/plain": "1 0.64 0.30"}), Rule{Exact: true}, nil},
		{"pixels of a chart, bit for bit", out(map[string]any{"image/svg+xml": chart(`{}`, "M0 0"), "image/png": dot(t, 10, 0)}), out(map[string]any{"image/svg+xml": chart(`{}`, "M0 0"), "image/png": dot(t, 10, 9)}), Rule{Exact: true}, nil},
		{"types, bit for bit", out(map[string]any{"text/plain": "a", "text/html": "a"}), out(map[string]any{"text/plain": "a"}), Rule{Exact: true}, []string{"output: text/plain, was text/html, text/plain"}},
		{"types, else only what both have", out(map[string]any{"text/plain": "a", "text/html": "a"}), out(map[string]any{"text/plain": "a"}), loose, nil},
		{"in the band", stdout("test accuracy 0.9"), stdout("test accuracy 0.93"), Rule{Bands: []Band{{"accuracy", 0.92, 0.94}}}, nil},
		{"out of the band", stdout("epoch 5, test accuracy 0.93"), stdout("epoch 5, test accuracy 0.95"), Rule{Bands: []Band{{"accuracy", 0.92, 0.94}, {"", 0, 9}}}, []string{"band of accuracy: 0.95, was accuracy:0.92..0.94"}},
		{"not in the text", stdout("x"), stdout("x"), Rule{Bands: []Band{{"accuracy", 0.92, 0.94}}}, []string{"band of accuracy: no such number, was accuracy:0.92..0.94"}},
		{"bands only", stdout("x 1"), stdout("y 2"), Rule{BandsOnly: true, Bands: []Band{{"", 2, 2}}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := said(Outputs(test.was, test.is, test.rule))
			if len(got) == 0 && len(test.want) == 0 {
				return
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestManyDifferencesAreCut(t *testing.T) {
	was, is := strings.Repeat("1\n", 1000), strings.Repeat("2\n", 1000)
	if n := len(Texts("x", was, is, Rule{})); n != most {
		t.Errorf("%d differences are told, want %d", n, most)
	}
}

func TestFor(t *testing.T) {
	for _, test := range []struct {
		tags []any
		base Rule
		want Rule
		err  string
	}{
		{nil, Rule{Rtol: 1}, Rule{Rtol: 1}, ""},
		{[]any{"skip", "parameters", 7}, Rule{}, Rule{Skip: true}, ""},
		{[]any{"bit"}, Rule{Rtol: 1}, Rule{Exact: true, Bare: true}, ""},
		{[]any{"times"}, Rule{Rtol: 1}, Rule{Rtol: 1, Bare: true}, ""},
		{[]any{"tol=0.02", "band=0.92..0.94", "band=test loss:-1e-3..2"}, Rule{}, Rule{Tol: 0.02, Bands: []Band{{"", 0.92, 0.94}, {"test loss", -1e-3, 2}}}, ""},
		{[]any{"tol=0.02"}, Rule{Exact: true}, Rule{Exact: true}, ""},
		{[]any{"tol=much"}, Rule{}, Rule{}, `the tag "tol=much" should be`},
		{[]any{"tol=-1"}, Rule{}, Rule{}, "should be"},
		{[]any{"band=1"}, Rule{}, Rule{}, `the tag "band=1" should be`},
		{[]any{"band=2..1"}, Rule{}, Rule{}, "should be"},
		{[]any{"band=NaN..1"}, Rule{}, Rule{}, "should be"},
	} {
		got, err := For(&nbformat.Cell{Metadata: map[string]any{"tags": test.tags}}, test.base)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%v: error %v, want …%s…", test.tags, err, test.err)
			}
			continue
		}
		if d := cmp.Diff(test.want, got); d != "" || err != nil {
			t.Errorf("%v: %v (-want +got):\n%s", test.tags, err, d)
		}
	}
}
