// This file tests formulas, one a line.

package mathml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestConvert(t *testing.T) {
	for _, test := range []struct{ tex, want string }{
		{`x`, `<mi>x</mi>`},
		{`2x`, `<mrow><mn>2</mn><mi>x</mi></mrow>`},
		{`10.5`, `<mn>10.5</mn>`},
		{`1.`, `<mrow><mn>1</mn>` + tight(".") + `</mrow>`},
		{`x^2`, `<msup><mi>x</mi><mn>2</mn></msup>`},
		{`x^23`, `<mrow><msup><mi>x</mi><mn>2</mn></msup><mn>3</mn></mrow>`},
		{`x_{ij}`, `<msub><mi>x</mi><mrow><mi>i</mi><mi>j</mi></mrow></msub>`},
		{`x_i^2`, `<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>`},
		{`x^2_i`, `<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>`},
		{`f'`, `<msup><mi>f</mi><mo>′</mo></msup>`},
		{`f''^2`, `<msup><mi>f</mi><mrow><mo>′′</mo><mn>2</mn></mrow></msup>`},
		{`\alpha\Omega`, `<mrow><mi>α</mi><mi mathvariant="normal">Ω</mi></mrow>`},
		{`\frac{1}{2n}`, `<mfrac><mn>1</mn><mrow><mn>2</mn><mi>n</mi></mrow></mfrac>`},
		{`\frac12`, `<mfrac><mn>1</mn><mn>2</mn></mfrac>`},
		{`\sqrt{x}`, `<msqrt><mi>x</mi></msqrt>`},
		{`\sqrt[3]{x}`, `<mroot><mi>x</mi><mn>3</mn></mroot>`},
		{`\hat y`, `<mover accent="true"><mi>y</mi><mo stretchy="false">ˆ</mo></mover>`},
		{`\sum_{i=1}^n x`, `<mrow><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>x</mi></mrow>`},
		{`\int_0^1`, `<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup>`},
		{`\int\limits_0^1`, `<munderover><mo>∫</mo><mn>0</mn><mn>1</mn></munderover>`},
		{`\sum\nolimits_i`, `<msub><mo>∑</mo><mi>i</mi></msub>`},
		{`\lim_x`, `<munder><mo movablelimits="true" form="prefix" lspace="0em" rspace="0em">lim</mo><mi>x</mi></munder>`},
		{`\frac{\partial L}{\partial w}`, `<mfrac><mrow><mi>∂</mi><mi>L</mi></mrow><mrow><mi>∂</mi><mi>w</mi></mrow></mfrac>`},
		// Spaces: a sign is no operation, and log keeps off its argument.
		{`a-b`, `<mrow><mi>a</mi><mo>−</mo><mi>b</mi></mrow>`},
		{`a=-b`, `<mrow><mi>a</mi><mo>=</mo><mo form="prefix">−</mo><mi>b</mi></mrow>`},
		{`-\log p`, `<mrow><mo form="prefix">−</mo><mi>log</mi><mspace width="0.1667em"></mspace><mi>p</mi></mrow>`},
		{`\log(p)`, `<mrow><mi>log</mi><mo stretchy="false">(</mo><mi>p</mi><mo stretchy="false">)</mo></mrow>`},
		{`a\,b`, `<mrow><mi>a</mi><mspace width="0.1667em"></mspace><mi>b</mi></mrow>`},
		// Alphabets.
		{`\mathbf{W}x`, `<mrow><mi>𝐖</mi><mi>x</mi></mrow>`},
		{`\mathbb R`, `<mi>ℝ</mi>`},
		{`\mathcal{L}`, `<mi>ℒ</mi>`},
		{`\mathrm{ReLU}`, `<mi>ReLU</mi>`},
		{`\mathrm{d}x`, `<mrow><mi mathvariant="normal">d</mi><mi>x</mi></mrow>`},
		{`\boldsymbol\beta`, `<mi>𝜷</mi>`},
		{`{\bf a}b`, `<mrow><mi>𝐚</mi><mi>b</mi></mrow>`},
		{`\operatorname{softmax}(z)`, `<mrow><mi>softmax</mi><mo stretchy="false">(</mo><mi>z</mi><mo stretchy="false">)</mo></mrow>`},
		{`x \text{ if } y`, `<mrow><mi>x</mi><mrow><mtext>` + "\u00a0if\u00a0" + `</mtext></mrow><mi>y</mi></mrow>`},
		{`\text{损失}`, `<mrow><mtext>损失</mtext></mrow>`},
		{`损失`, `<mtext>损失</mtext>`},
		{`\text{at $x_0$}`, `<mrow><mtext>at` + "\u00a0" + `</mtext><msub><mi>x</mi><mn>0</mn></msub></mrow>`},
		// Brackets and arrays.
		{`\left(\frac ab\right]`, `<mrow><mo fence="true" form="prefix" stretchy="true">(</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo fence="true" form="postfix" stretchy="true">]</mo></mrow>`},
		{`\left.x\right|_0`, `<msub><mrow><mi>x</mi><mo fence="true" form="postfix" stretchy="true">|</mo></mrow><mn>0</mn></msub>`},
		{`\begin{pmatrix}a&b\\c&d\end{pmatrix}`, `<mrow><mo fence="true" form="prefix" stretchy="true">(</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable><mo fence="true" form="postfix" stretchy="true">)</mo></mrow>`},
		{`\begin{cases}z & z>0\\ 0 & \text{else}\\\end{cases}`, `<mrow><mo fence="true" form="prefix" stretchy="true">{</mo><mtable><mtr><mtd style="text-align: left; text-align: -webkit-left"><mi>z</mi></mtd><mtd style="text-align: left; text-align: -webkit-left"><mrow><mi>z</mi><mo>&gt;</mo><mn>0</mn></mrow></mtd></mtr><mtr><mtd style="text-align: left; text-align: -webkit-left"><mn>0</mn></mtd><mtd style="text-align: left; text-align: -webkit-left"><mrow><mtext>else</mtext></mrow></mtd></mtr></mtable></mrow>`},
		{`\begin{aligned}a&=b\\&=c\end{aligned}`, `<mtable displaystyle="true"><mtr><mtd style="text-align: right; text-align: -webkit-right; padding-right: 0"><mi>a</mi></mtd><mtd style="text-align: left; text-align: -webkit-left; padding-left: 0"><mrow><mo>=</mo><mi>b</mi></mrow></mtd></mtr><mtr><mtd style="text-align: right; text-align: -webkit-right; padding-right: 0"><mrow></mrow></mtd><mtd style="text-align: left; text-align: -webkit-left; padding-left: 0"><mrow><mo>=</mo><mi>c</mi></mrow></mtd></mtr></mtable>`},
		{`\underbrace{a}_{b}`, `<munder><munder accentunder="true"><mi>a</mi><mo stretchy="true">⏟</mo></munder><mi>b</mi></munder>`},
		{`\not=\not\in`, `<mrow><mo>≠</mo><mo>∉</mo></mrow>`},
		{`a % comment`, `<mi>a</mi>`},
		{`\{a\}`, `<mrow><mo stretchy="false">{</mo><mi>a</mi><mo stretchy="false">}</mo></mrow>`},
		// What is not known is shown, and what would be markup is text.
		{`\foo{x}`, `<mrow><merror><mtext>\foo</mtext></merror><mi>x</mi></mrow>`},
		{`a<b`, `<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>`},
		{`\text{<script>}`, `<mrow><mtext>&lt;script&gt;</mtext></mrow>`},
		{``, `<mrow></mrow>`},
	} {
		got, err := Convert(test.tex, false)
		want := `<math alttext="` + escaped(test.tex) + `">` + test.want + `</math>`
		if err != nil || got != want {
			t.Errorf("%s\ngot  %s (%v)\nwant %s", test.tex, got, err, want)
		}
	}
	if got, _ := Convert("x", true); got != `<math display="block" alttext="x"><mi>x</mi></math>` {
		t.Errorf("displayed: %s", got)
	}
}

func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;").Replace(strings.Join(strings.Fields(s), " "))
}

func TestErrors(t *testing.T) {
	for tex, want := range map[string]string{
		`\frac{1}`:                           `\frac stands at the end, with nothing behind it`,
		`{a`:                                 `a { is not closed`,
		`a}`:                                 `} has no partner before it`,
		`\left( a`:                           `a \left has no \right`,
		`\left x \right)`:                    `behind \left stands "x", which is no bracket`,
		`a \right)`:                          `\right has no partner before it`,
		`\begin{pmatrix} a`:                  `\begin{pmatrix} has no \end`,
		`\begin{pmatrix} a \end{bmatrix}`:    `\begin{pmatrix} is ended by \end{bmatrix}`,
		`\begin{tikz}\end{tikz}`:             `\begin{tikz} is not known`,
		`x^a^b`:                              `two superscripts`,
		`x_a_b`:                              `two subscripts`,
		`x^`:                                 `^ stands at the end`,
		`\not`:                               `something is missing at the end`,
		strings.Repeat(`\hat`, 1000):         `nested more than 100 deep`,
		strings.Repeat(`x`, 100_001):         `it has 100001 characters`,
		`\text x`:                            `behind \text should stand {`,
		strings.Repeat("{", 1000):            `nested more than 100 deep`,
		`\color{url(evil)}{x}`:               `is no colour`,
		strings.Repeat(`\text{$`, 300) + "x": `not closed`,
	} {
		got, err := Convert(tex, true)
		if err == nil || !strings.HasPrefix(err.Error(), "formula: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: error %v, want …%s…", tex, err, want)
		}
		if !strings.Contains(got, "<merror><mtext>"+escaped(tex)+"</mtext></merror>") {
			t.Errorf("%.40s: the source is not shown: %.200s", tex, got)
		}
	}
}

func TestPlain(t *testing.T) {
	for tex, want := range map[string]string{
		`\hat y = f(Wx + b)`: "yˆ=f(Wx+b)", `\frac{1}{2}`: "1/2", `a < b`: "a<b", `\alpha`: "α", `{`: "{",
	} {
		if got := Plain(tex); got != want {
			t.Errorf("Plain(%s) = %q, want %q", tex, got, want)
		}
	}
}

// sound wants markup whose elements are closed in order, and nothing but MathML.
func sound(markup string) error {
	d := xml.NewDecoder(strings.NewReader(markup))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := tok.(xml.StartElement); ok && !strings.HasPrefix(e.Name.Local, "m") {
			return fmt.Errorf("element %s", e.Name.Local)
		}
	}
}

func TestEverySymbolIsSound(t *testing.T) {
	for name := range signs {
		if name == "{" || name == "}" {
			continue
		}
		tex := `\` + name
		for _, tex := range []string{tex, `a ` + tex + ` b`, `x_{` + tex + `}`, `\mathbf{` + tex + `}`} {
			got, err := Convert(tex, true)
			if err == nil {
				err = sound(got)
			}
			if err != nil || strings.Contains(got, "merror") {
				t.Errorf("%s: %v: %s", tex, err, got)
			}
		}
	}
}

func FuzzConvert(f *testing.F) {
	for _, tex := range []string{
		`\frac{\partial L}{\partial w} = \sum_{i=1}^{n} \left( \hat{y}_i - y_i \right)^2`, `\begin{array}{l|r}a&b\\[2pt]\hline c\end{array}`,
		`\left\{\middle|\right.`, `\text{a $b$ \{ }`, `\sqrt[3]{\sqrt[]]x}`, `\big(\Bigr)'`, `\not\text{x}`, `\substack{a\\b}`, `\xrightarrow[a]{b}`,
	} {
		f.Add(tex)
	}
	f.Fuzz(func(t *testing.T, tex string) {
		tex = strings.Map(func(r rune) rune { // XML has no other control characters
			if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
				return -1
			}
			return r
		}, strings.ToValidUTF8(tex, ""))
		got, _ := Convert(tex, true)
		if err := sound(got); err != nil {
			t.Fatalf("%q: %v\n%s", tex, err, got)
		}
		_ = Plain(tex)
	})
}
