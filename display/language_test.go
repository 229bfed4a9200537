package display

import (
	"strings"
	"testing"
)

// notebook is an outlet with a language.
type notebook struct {
	Outlet
	tag string
}

func (n *notebook) Language() string       { return n.tag }
func (n *notebook) SetLanguage(tag string) { n.tag = tag }

// Each notebook has a language of its own, and the program another.
func TestLanguages(t *testing.T) {
	defer SetOutlet(nil)
	defer func() { _ = SetLanguage("") }()
	a, b := &notebook{}, &notebook{}
	in := func(n *notebook) { SetOutlet(func() Outlet { return n }) }
	in(a)
	if err := SetLanguage("zh-Hans-CN"); err != nil || a.tag != "zh" {
		t.Errorf("language %q, %v", a.tag, err)
	}
	if err := SetLanguage("klingon"); err == nil || !strings.Contains(err.Error(), `"klingon"`) || a.tag != "zh" {
		t.Errorf("language %q, %v", a.tag, err)
	}
	long := map[string]int{"a": 1, "b": 2}
	if text := formattedTable(long); text != "map[string]int，2 项\n键  值\na    1\nb    2" {
		t.Errorf("got %s", text)
	}
	in(b)
	if text := formattedTable(long); b.tag != "" || text != "map[string]int, 2 entries\nkey  value\na        1\nb        2" {
		t.Errorf("language %q, got %s", b.tag, text)
	}
	SetOutlet(nil)
	if got := Language(); got != "" {
		t.Errorf("outside of the notebooks it is %q", got)
	}
	if err := SetLanguage("zh"); err != nil || Language() != "zh" || b.tag != "" {
		t.Errorf("outside: %q, %v", Language(), err)
	}
}

func formattedTable(v any) string {
	data, _ := Of(v)
	text, _ := data["text/plain"].(string)
	return text
}
