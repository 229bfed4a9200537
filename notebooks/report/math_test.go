// This file tests where in Markdown formulas are found.

package report

import (
	"regexp"
	"strings"
	"testing"

	"cajal/notebooks/nbformat"
)

// formulasIn shows what was taken for a formula: [tex] in a line, [[tex]]
// displayed.
var (
	displayed = regexp.MustCompile(`<math display="block" alttext="([^"]*)">.*?</math>`)
	inline    = regexp.MustCompile(`<math alttext="([^"]*)">.*?</math>`)
)

func TestFormulas(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"in a line", `Let $x_1$ and *$y_2$*.`, "<p>Let [x_1] and <em>[y_2]</em>.</p>"},
		{"emphasis does not reach in", `$a*b$ and $c*d$`, "<p>[a*b] and [c*d]</p>"},
		{"no link, no quotes, no tag", `$[a](b)$ $f'$ $a<b$`, "<p>[[a](b)] [f&#39;] [a&lt;b]</p>"},
		{"over a line end", "the $a +\nb$ end", "<p>the [a + b] end</p>"},
		{"displayed in a line", "so $$x$$ it is", "<p>so [[x]] it is</p>"},
		{"money", `from $5 to $6, or $7.50`, "<p>from $5 to $6, or $7.50</p>"},
		{"one alone", "a $ b", "<p>a $ b</p>"},
		{"blank within", `$ x$ and $y $`, "<p>$ x$ and $y $</p>"},
		{"escaped", `\$x\$`, "<p>$x$</p>"},
		{"escaped within", `$a\$b$`, `<p>[a\$b]</p>`},
		{"in code", "`$x$`", "<p><code>$x$</code></p>"},
		{"a pair that nothing closes", "a $$ b", "<p>a $$ b</p>"},
		{"a block", "text\n\n$$\na\n+ b\n= c\n$$\n\nmore", "<p>text</p>\n<div class=\"nb-formula\" tabindex=\"0\">[[a + b = c]]</div>\n<p>more</p>"},
		{"a block in one line", "$$ a $$\nmore", "<div class=\"nb-formula\" tabindex=\"0\">[[a]]</div>\n<p>more</p>"},
		{"a block ends a paragraph", "text\n$$a$$", "<p>text</p>\n<div class=\"nb-formula\" tabindex=\"0\">[[a]]</div>"},
		{"a block and text in one line", "$$a$$, and then", "<p>[[a]], and then</p>"},
		{"an environment", "\\begin{align}\na &= b \\\\\n- c\n\\end{align}", "<div class=\"nb-formula\" tabindex=\"0\">[[\\begin{align} a &amp;= b \\\\ - c \\end{align}]]</div>"},
		{"a block that nothing closes ends at an empty line", "$$\na\n\ntext", "<div class=\"nb-formula\" tabindex=\"0\">[[a]]</div>\n<p>text</p>"},
		{"in a list", "- one\n  $$\n  x\n  $$\n- two $y$", "<ul>\n<li>one\n<div class=\"nb-formula\" tabindex=\"0\">[[x]]</div>\n</li>\n<li>two [y]</li>\n</ul>"},
		{"in a heading and a table", "| a |\n|---|\n| $b$ |", "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>[b]</td>\n</tr>\n</tbody>\n</table>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			body, err := newMarkdown(nil).fragment("x", test.source)
			if err != nil {
				t.Fatal(err)
			}
			got := displayed.ReplaceAllString(strings.TrimSpace(string(body)), "[[$1]]")
			got = inline.ReplaceAllString(got, "[$1]")
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	body, err := newMarkdown(nil).fragment("x", `$\frac{1}$`)
	if err != nil || !strings.Contains(string(body), `title="formula: \frac stands at the end, with nothing behind it"`) || !strings.Contains(string(body), `<merror><mtext>\frac{1}</mtext></merror>`) {
		t.Errorf("a formula that cannot be read: %s (%v)", body, err)
	}
}

// TestManyDollars must end soon: no number of signs may take the square of
// their time.
func TestManyDollars(t *testing.T) {
	for _, text := range []string{"$a", "$$", "$1", "$a\n", "$$a\n", "$a$", `\$`, "$$\n\n"} {
		if _, err := newMarkdown(nil).fragment("x", strings.Repeat(text, 50_000)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestTrailed wants punctuation to stay on the line of the formula before it.
func TestTrailed(t *testing.T) {
	nb := nbformat.New()
	nb.Cells = []*nbformat.Cell{{Type: nbformat.Markdown, Source: "由 $x$ 和 $\\frac{\\hat y}{2}$，再加 $z$ 得\n\n$$w$$，"}}
	page, err := HTML(nb, Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	if n := strings.Count(text, `class="nb-keep"`); n != 1 {
		t.Errorf("%d formulas are kept with what follows; 1 is followed by punctuation in its line", n)
	}
	if !strings.Contains(text, `</math>，</span>再加`) || strings.Contains(text, `<span class="nb-keep"><math alttext="x">`) {
		t.Error("not the formula before the comma is kept with it")
	}
}
