package display

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// plain returns the plain text of v, which all content has.
func plain(t *testing.T, v any) string {
	t.Helper()
	data, meta := Of(v)
	s, ok := data["text/plain"].(string)
	if !ok {
		t.Errorf("Of(%T) has no plain text: %v", v, data)
	}
	if _, err := json.Marshal([]any{data, meta}); err != nil {
		t.Errorf("Of(%T) cannot be sent: %v", v, err)
	}
	return s
}

type (
	point struct {
		X, Y float64
		name string
	}
	ring    struct{ Next *ring }
	loud    struct{ volume int }
	named   string
	shy     struct{}
	angry   struct{}
	grim    struct{ why any }
	bundle  map[string]any
	sized   struct{ bundle }
	celsius float64
)

func (l *loud) String() string { return strings.Repeat("!", l.volume) }

func (shy) MIMEBundle() map[string]any { return nil }

func (angry) MIMEBundle() map[string]any { panic(angry{}) }
func (angry) Error() string              { panic(errors.New("not a word")) }

func (g grim) String() string { panic(g.why) }

func (b bundle) MIMEBundle() map[string]any { return b }
func (sized) MIMEMetadata() map[string]any {
	return map[string]any{"image/png": map[string]any{"width": 3}}
}

func (c celsius) String() string { return fmt.Sprintf("%.1f °C", float64(c)) }

func TestOfPlain(t *testing.T) {
	three := 3
	self := []any{1, nil}
	self[1] = self
	selves := map[string]any{}
	selves["me"] = selves
	r := &ring{}
	r.Next = r
	var iface any
	iface = &iface
	deep := any(1)
	for range 1000 {
		deep = []any{deep}
	}
	tests := []struct {
		name string
		v    any
		want string // whole, or with … in it the parts
	}{
		{"nil", nil, "nil"},
		{"int", 42, "42"},
		{"named", named("x"), `"x"`},
		{"string", "a\tb ", `"a\tb "`},
		{"lines", "a\nb", "a\nb"},
		{"broken lines", "a\n\xff", `"a\n\xff"`},
		{"bytes", []byte("go"), "[]byte, 2 B\n00000000  67 6f  …|go|"},
		{"no bytes", []byte{}, "[]byte{}"},
		{"error", errors.New("no"), "no"},
		{"stringer", celsius(21.5), "21.5 °C"},
		{"stringers", []celsius{1, 2}, "[1.0 °C 2.0 °C]"},
		{"pointer", &three, "&3"},
		{"struct", point{1, 2.5, "p"}, `display.point{X: 1, Y: 2.5, name: "p"}`},
		{"unexported stringer", struct{ l celsius }{1}, "struct { l display.celsius }{l: 1}"},
		{"nil pointer", (*point)(nil), "nil"},
		{"nil stringer", (*loud)(nil), "nil"},
		{"nil bundler", (*bundle)(nil), "nil"},
		{"nil plot", (*plot.Plot)(nil), "nil"},
		{"nil picture", (*image.RGBA)(nil), "nil"},
		{"nil matrix", (*mat.Dense)(nil), "nil"},
		{"nil map", map[string]int(nil), "nil"},
		{"nil slice", []int(nil), "nil"},
		{"nil func", (func(int) error)(nil), "func(int) error(nil)"},
		{"func", strings.ToUpper, "func(string) string"},
		{"channel", make(chan int, 3), "chan int (0 of 3)"},
		{"slice in itself", self, "[1 (itself)]"},
		{"map in itself", selves, "map[string]any, 1 entry\nkey  value\nme   map[\"me\":(itself)]"},
		{"pointer to itself", iface, "&(itself)"},
		{"ring", r, "&display.ring{Next: (itself)}"},
		{"deep", deep, "[[[[[[[[[[[[[…]]]]]]]]]]]]]"},
		{"long", make([]int, 1000), "[0 0 …… 800 more]"},
		{"panic", grim{"no"}, "display.grim{why: \"no\"}\n(while it was shown, display.grim panicked: no)"},
		{"panic with a panic", grim{grim{nil}}, "panicked: …display.grim"},
		{"panic with nil", grim{nil}, "display.grim{why: nil}\n(while it was shown, display.grim panicked: panic called with nil argument)"},
		{"panics everywhere", angry{}, "display.angry{}\n(while it was shown, display.angry panicked: …\n(while it was shown, display.angry panicked: not a word)"},
		{"empty bundle", shy{}, "display.shy{}"},
		{"bundle of nil", bundle{"text/html": nil}, "display.bundle, 1 entry\nkey        value\ntext/html  nil"},
		{"bundle without text", bundle{"image/png": "iVBO"}, "display.bundle"},
		{"bundle of bytes", bundle{"text/plain": []byte("b")}, "b"},
		{"bundle of named strings", bundle{"text/plain": named("n")}, "n"},
		{"bundle of a channel", bundle{"text/plain": "c", "application/json": make(chan int)}, "c\n(the application/json of display.bundle cannot be sent: json: unsupported type: chan int)"},
		{"bundle of a cycle", bundle{"application/json": selves}, "(the application/json of display.bundle cannot be sent: …"},
		{"JSON", JSON{map[string]int{"a": 1}}, "{\n  \"a\": 1\n}"},
		{"no JSON", JSON{math.NaN()}, "no JSON: json: unsupported value: NaN\nNaN"},
		{"NaN keys", map[float64]int{math.NaN(): 1, 2: 3}, "map[float64]int, 2 entries\nkey  value\nNaN      1\n  2      3"},
		{"LaTeX", LaTeX("x^2"), "x^2"},
		{"endless picture", image.NewUniform(color.Black), "picture 2000000000×2000000000"},
		{"no picture", Image{}, "no picture"},
		{"empty picture", image.NewGray(image.Rect(0, 0, 0, 5)), "picture 0×5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := plain(t, tt.v)
			rest := got
			for i, part := range strings.Split(tt.want, "…") {
				at := strings.Index(rest, part)
				if at < 0 || i == 0 && !strings.Contains(tt.want, "…") && got != tt.want {
					t.Fatalf("got  %q\nwant %q", got, tt.want)
				}
				rest = rest[at+len(part):]
			}
		})
	}
}

func TestOfLongTexts(t *testing.T) {
	for _, v := range []any{strings.Repeat("é", 1<<20), []string{strings.Repeat("é", 1<<20)}, &loud{1 << 20}, errors.New(strings.Repeat("e", 1<<20))} {
		if n := len(plain(t, v)); n > 3*maxText {
			t.Errorf("%T takes %d bytes", v, n)
		}
	}
}

func TestOfContent(t *testing.T) {
	dot := image.NewRGBA(image.Rect(0, 0, 2, 3))
	p := plot.New()
	p.Title.Text = "Squares"
	p.X.Label.Text = "n"
	line, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: 2, Y: 4}})
	if err != nil {
		t.Fatal(err)
	}
	p.Add(line)
	tests := []struct {
		name, mime, want string
		v                any
	}{
		{"svg", "image/svg+xml", "<svg/>", SVG("<svg/>")},
		{"html", "text/html", "<b>x</b>", HTML("<b>x</b>")},
		{"markdown", "text/markdown", "*x*", Markdown("*x*")},
		{"formula", "text/latex", "$$x^2$$", LaTeX("x^2")},
		{"formula in dollars", "text/latex", "$x^2$", LaTeX("$x^2$")},
		{"environment", "text/latex", `\begin{align}x\end{align}`, LaTeX(`\begin{align}x\end{align}`)},
		{"picture", "image/png", "iVBORw0KGgo", dot},
		{"encoded picture", "text/plain", "PNG 2×3, ", PNG(decode(t, dot))},
		{"plot", "image/svg+xml", "Squares</text>", p},
		{"plot as PNG", "image/png", "iVBORw0KGgo", p},
		{"plot in words", "text/plain", `plot "Squares", x n from 0 to 2, y from 0 to 4`, p},
		{"matrix", "text/html", "<caption", mat.NewDense(1, 2, []float64{1, 2})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, _ := Of(tt.v)
			if got, _ := data[tt.mime].(string); !strings.Contains(got, tt.want) {
				t.Errorf("got %.200q, want %q in it", got, tt.want)
			}
		})
	}
	if data, _ := Of(JSON{[]int{1}}); fmt.Sprint(data["application/json"]) != "[1]" {
		t.Errorf("JSON: %v", data)
	}
}

func decode(t *testing.T, picture image.Image) []byte {
	t.Helper()
	data, _ := Of(picture)
	raw, err := base64.StdEncoding.DecodeString(data["image/png"].(string))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A plot that gonum/plot cannot draw is described, and says why.
func TestOfPlotWithLogOfZero(t *testing.T) {
	p := plot.New()
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = plot.LogTicks{}
	p.Y.Min, p.Y.Max, p.X.Min, p.X.Max = 0, 1, 0, 1
	data, _ := Of(p)
	if text := data["text/plain"].(string); !strings.Contains(text, "*plot.Plot panicked: ") {
		t.Errorf("got %q", text)
	}
}

func TestOfMetadata(t *testing.T) {
	if _, meta := Of(sized{bundle{"image/png": "x"}}); fmt.Sprint(meta) != "map[image/png:map[width:3]]" {
		t.Errorf("got %v", meta)
	}
	_, meta := Of(Image{Picture: image.NewGray(image.Rect(0, 0, 1, 1)), Width: 280})
	if fmt.Sprint(meta) != "map[image/png:map[width:280]]" {
		t.Errorf("got %v", meta)
	}
}

// What is shown does not change when the value does.
func TestOfIsSnapshot(t *testing.T) {
	m := map[string]any{"a": 1}
	data, _ := Of(bundle{"application/json": m})
	m["a"] = 2
	if fmt.Sprint(data["application/json"]) != "map[a:1]" {
		t.Errorf("got %v", data)
	}
}

func FuzzOfText(f *testing.F) {
	f.Add("a\nb", 3.5, []byte("x"))
	f.Fuzz(func(t *testing.T, s string, x float64, b []byte) {
		for _, v := range []any{s, x, b, []any{s, x}, map[string]float64{s: x}, [][]float64{{x}}, []map[string]string{{s: s}}, PNG(b), Text(s), LaTeX(s), JSON{x}, bundle{s: b}} {
			if plain(t, v) == "" && s != "" {
				t.Errorf("%T %v shows nothing", v, v)
			}
		}
	})
}
