package report

import (
	"html"
	"regexp"
	"testing"
)

func TestHighlight(t *testing.T) {
	for _, test := range []struct{ source, language, want string }{
		{"x := len(s) // <n>", "go", `x := <span class="ch-t">len</span>(s) <span class="ch-c">// &lt;n&gt;</span>`},
		{"for i := range 3 {", "go", `<span class="ch-k">for</span> i := <span class="ch-k">range</span> <span class="ch-n">3</span> {`},
		{"f(`a\r\nb`, 'c')\r\n", "go", `<span class="ch-f">f</span>(<span class="ch-s">` + "`a\nb`" + `</span>, <span class="ch-s">&#39;c&#39;</span>)`},
		{`{"a": [1.5, true]}`, "json", `{<span class="ch-s">&#34;a&#34;</span>: [<span class="ch-n">1.5</span>, <span class="ch-k">true</span>]}`},
		{"ls <x>", "bash", "ls &lt;x&gt;"},
	} {
		if got := string(highlight(test.source, test.language)); got != test.want {
			t.Errorf("%q\n got %s\nwant %s", test.source, got, test.want)
		}
	}
}

// FuzzHighlight holds that colours change no character, whatever the text is.
func FuzzHighlight(f *testing.F) {
	for _, s := range []string{"", "x := `", "'", "/*", "\x00\xff", "%time f()", "\ufeffpackage p", "a\tb\n\n"} {
		f.Add(s)
	}
	tag := regexp.MustCompile(`</?span[^>]*>`)
	f.Fuzz(func(t *testing.T, s string) {
		coloured := html.UnescapeString(tag.ReplaceAllString(string(highlight(s, "go")), ""))
		plain := html.UnescapeString(string(highlight(s, "")))
		if coloured != plain {
			t.Errorf("%q became %q", plain, coloured)
		}
	})
}
