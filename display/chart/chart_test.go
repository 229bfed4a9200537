package chart

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/vg"
)

// tensor is shaped like the engine's.
type tensor struct {
	shape  []int
	values []float32
}

func (t *tensor) Len() int            { return t.shape[0] }
func (t *tensor) ExampleShape() []int { return t.shape[1:] }
func (t *tensor) ReadRows(dst []float32, lo int) int {
	size := 1
	for _, d := range t.shape[1:] {
		size *= d
	}
	return copy(dst, t.values[lo*size:]) / size
}

// digits are shaped like the engine's data set.
type digits struct{ tensor }

func (digits) HasLabels() bool   { return true }
func (digits) Label(i int) int   { return i }
func (digits) Classes() []string { return []string{"zero", "one"} }

type angry struct{ mat.Vector }

func (angry) Len() int { panic("no length") }

func TestErrors(t *testing.T) {
	var nilTensor *tensor
	tests := []struct {
		f    *Figure
		want string
	}{
		{Line(nil), "chart.Line: y is nil; a slice of numbers was expected"},
		{Line("abc"), "chart.Line: y is a string; a slice of numbers was expected"},
		{Line([]string{"a"}), "chart.Line: y is a []string; a slice of numbers was expected"},
		{Line(nilTensor), "chart.Line: y is nil; a slice of numbers was expected"},
		{Line([]float64{1}, X([]int{1, 2})), "chart.Line: there are 2 x and 1 y"},
		{Line([]float64{1}, Bins(3)), "chart.Line: Bins is an option of Histogram, Calibration"},
		{Line([]float64{1}, SeriesXY("a", []int{1}, []int{1, 2})), `chart.Line: series "a" has 1 x and 2 y`},
		{Line([]float64{1}, Size(1, 1)), "chart.Line: a size of 1 × 1 is not between 80 × 60 and 10000 × 10000"},
		{Line([]float64{1}, YRange(2, 1)), "chart.Line: YRange from 2 to 1: the first must be less than the second, and both be finite"},
		{Line([]float64{1}, Option{}), "chart.Line: an Option that was not made by one of this package's functions"},
		{Line(angry{}), "chart.Line: reading the data panicked: no length"},
		{Scatter([]int{1}, []int{1}, Groups([]int{1, 2})), "chart.Scatter: there are 1 points and 2 groups"},
		{Scatter([]int{1}, nil, Labels([]string{"a", "b"})), "chart.Scatter: there are 1 points and 2 labels"},
		{Bar([]string{"a"}, []int{1, 2}), "chart.Bar: there are 1 names and 2 values"},
		{Histogram([]int{1}, Bins(0)), "chart.Histogram: 0 bins: from 1 to 500 were expected"},
		{Heatmap([]int{1, 2}), "chart.Heatmap: row 0 of the data is a int; a slice of numbers was expected"},
		{Heatmap([][]int{}), "chart.Heatmap: the data has no values"},
		{Heatmap(&tensor{[]int{1, 2, 2}, make([]float32, 4)}), "chart.Heatmap: the data has the shape [1 2 2]: a matrix of rows and columns was expected"},
		{Heatmap([][]int{{1}}, Rows([]string{"a", "b"})), "chart.Heatmap: there are 1 rows and 2 names for them"},
		{Images([]int{1}), "chart.Images: picture 0: it is a int; a matrix, or a slice of rows of numbers, was expected"},
		{Images(nilTensor), "chart.Images: the pictures are nil"},
		{Images(&tensor{[]int{2, 3}, make([]float32, 6)}, Labels([]int{1}), Predicted([]int{})), "chart.Images: there are 1 pictures and 0 predictions"},
		{Images(&tensor{[]int{1, 2, 2, 2}, make([]float32, 8)}), "chart.Images: examples of shape [2 2 2] are no pictures, which have the shape [h w], [h w 1] or [h w 3]"},
		{Confusion([]int{0}, []int{}), "chart.Confusion: there are 1 true classes and 0 predictions"},
		{Confusion([]int{-1}, []int{0}), "chart.Confusion: truth has -1 at 0: class numbers from 0 to 999 were expected"},
		{Confusion([]int{3}, []int{0}, Classes("a")), "chart.Confusion: there is a class 3, and only 1 names"},
	}
	for _, tt := range tests {
		if tt.f.Err() == nil || tt.f.Err().Error() != tt.want {
			t.Errorf("got  %v\nwant %s", tt.f.Err(), tt.want)
			continue
		}
		if b := tt.f.MIMEBundle(); len(b) != 1 || b["text/plain"] != tt.want {
			t.Errorf("%s: shown as %v", tt.want, b)
		}
		if _, err := tt.f.PNG(); !errors.Is(err, tt.f.Err()) {
			t.Errorf("%s: PNG: %v", tt.want, err)
		}
	}
}

// A photograph takes no more bytes than can be seen of it.
func TestLargePictures(t *testing.T) {
	photo := image.NewNRGBA(image.Rect(0, 0, 3000, 2000))
	for i := range photo.Pix {
		photo.Pix[i] = uint8(i * i >> 11)
	}
	f := Images([]image.Image{photo, photo})
	svg, err := f.SVG()
	if err != nil || len(svg) > 2_000_000 {
		t.Errorf("%d bytes, %v", len(svg), err)
	}
	if want := "2 pictures of 3,000 × 2,000 pixels"; f.String() != strings.ReplaceAll(want, ",", "") {
		t.Errorf("got %q", f)
	}
}

var placed = regexp.MustCompile(`<(?:svg[^>]*|image x="([^"]+)" y="([^"]+)") width="([^"]+)" height="([^"]+)"`)

// Pictures and their frames are within the figure, however many stand side by side.
func TestPicturesFit(t *testing.T) {
	for _, side := range []int{2, 3, 28, 224} {
		for _, perRow := range []int{1, 7, 10, 14, 20} {
			for _, size := range [][]int{nil, {720, 200}, {300, 300}} {
				options := []Option{PerRow(perRow)}
				if size != nil {
					options = append(options, Size(size[0], size[1]))
				}
				svg, err := Images(slices.Repeat([]image.Image{image.NewGray(image.Rect(0, 0, side, side))}, perRow+1), options...).SVG()
				if err != nil {
					t.Fatal(err)
				}
				at := placed.FindAllStringSubmatch(svg, -1)
				number := func(s string) float64 {
					v, _ := strconv.ParseFloat(s, 64)
					return v
				}
				for _, m := range at[1:] {
					right, bottom := number(m[1])+number(m[3])+1, number(m[2])+number(m[4])+1
					if right > number(at[0][3]) || bottom > number(at[0][4]) {
						t.Errorf("%d pixels, %d a row, size %v: a row reaches to %v, %v of %s × %s", side, perRow, size, right, bottom, at[0][3], at[0][4])
					}
				}
				if len(at) != 3 {
					t.Errorf("%d rows, want 2", len(at)-1)
				}
			}
		}
	}
}

// A figure may be drawn by many at a time.
func TestConcurrentDrawing(t *testing.T) {
	f := Line([]float64{1, 2, 3}, Title("损失"), LogY())
	want, _ := f.SVG()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got, _ := f.SVG(); got != want {
				t.Error("another drawing")
			}
			f.PNG()
		})
	}
	wg.Wait()
}

// All that has numbers is the same line.
func TestNumbers(t *testing.T) {
	want := `"y":[1,2,3]`
	for _, v := range []any{
		[]float64{1, 2, 3},
		[]float32{1, 2, 3},
		[]int8{1, 2, 3},
		[]uint16{1, 2, 3},
		[3]int{1, 2, 3},
		&[]int{1, 2, 3},
		[]any{1, 2.0, uint(3)},
		mat.NewVecDense(3, []float64{1, 2, 3}), &tensor{[]int{3, 1}, []float32{1, 2, 3}},
		[]angle{1, 2, 3},
	} {
		svg, err := Line(v).SVG()
		if err != nil || !strings.Contains(svg, strings.ReplaceAll(want, `"`, "&#34;")) {
			t.Errorf("%T: %v in\n%.300s", v, err, svg)
		}
	}
}

type angle float32

func TestDataIsCopied(t *testing.T) {
	y := []float64{1, 2}
	f := Line(y, Series("a", y), X(y))
	before, _ := f.SVG()
	y[0] = 100
	if after, _ := f.SVG(); after != before {
		t.Error("the chart changed with the data")
	}
}

// Every chart is well-formed XML, has no script and nothing to load, says what
// it is, and carries its data as JSON.
func TestDocuments(t *testing.T) {
	figures := gallery()
	figures["hostile"] = Line([]float64{1, 2}, Title("<script>alert(1)</script>\x00\xff&\"'"), Name("<b>&"), Series("]]>", []int{2}), XLabel("</text>"), Mark(1, "<!--"))
	for name, f := range figures {
		svg, err := f.SVG()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.String() == "" {
			t.Errorf("%s has no words", name)
		}
		d := xml.NewDecoder(strings.NewReader(svg))
		seen := map[string]int{}
		var inside []string
		for {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
			switch tok := tok.(type) {
			case xml.StartElement:
				inside = append(inside, tok.Name.Local)
				seen[tok.Name.Local]++
				for _, a := range tok.Attr {
					if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !strings.HasPrefix(a.Value, "data:image/png;base64,") {
						t.Errorf("%s: %s=%.50q", name, a.Name.Local, a.Value)
					}
				}
			case xml.EndElement:
				inside = inside[:len(inside)-1]
			case xml.CharData:
				if slices.Contains(inside, "metadata") && !json.Valid(tok) {
					t.Errorf("%s: the metadata is no JSON: %.200s", name, tok)
				}
			}
		}
		if seen["script"] > 0 || seen["metadata"] != 1 || seen["svg"] != 1 && f.kind&(row|gridded) == 0 {
			t.Errorf("%s has the elements %v", name, seen)
		}
		if strings.Contains(svg, "NaN\"") || strings.Contains(svg, "Inf\"") {
			t.Errorf("%s has attributes that are no numbers", name)
		}
	}
}

func TestDescriptions(t *testing.T) {
	tests := []struct {
		f    *Figure
		want string
	}{
		{Line([]float64{3, 1, 2}, Title("T"), Name("a")), "T: line chart. a, 3 values from 1 to 3, first 3, last 2"},
		{Line([]float64{math.NaN()}), "line chart. no values"},
		{Line([]int{1}, Alt("words")), "words"},
		{Scatter([]int{1943, 1949}, nil, Labels([]string{"cell", "rule"})), "events in the order of time: 1943 cell; 1949 rule"},
		{Scatter([]int{1, 2}, []int{3, 4}), "scattered points. 2 values from 3 to 4, first 3, last 4, x from 1 to 2"},
		{Bar([]string{"a", "b"}, []int{1, -2000}), "bar chart. a 1, b −2,000"},
		{Histogram([]float64{1, 2, 2, 3}), "histogram. 4 values from 1 to 3, first 1, last 3, most often between 2 and 3 (2 times)"},
		{Heatmap([][]int{{1, 2, 3}}), "heat map of 1 row and 3 columns, values from 1 to 3"},
		{Images(&digits{tensor{[]int{2, 4}, make([]float32, 8)}}, Predicted([]int{1, 1})), "2 pictures of 2 × 2 pixels: zero → one, one; 1 of 2 right; wrong ones are framed: label → prediction"},
		{Network(mlp()), "network of 4 layers: Input 784, Dense 10 relu, Dense 10 relu, Dense 10 softmax"},
		{Layers(mlp()), "4 layers of a network: Input 784, Dense 10 relu 7,850, Dense 10 relu 110, Dense 10 softmax 110"},
		{Surface(math.Hypot, Resolution(5), SeriesXY("p", []int{-1, 0}, []int{1, 0}), XRange(-1, 1), YRange(-1, 1)), "surface with heights from 0.3333 to 1.414, lowest near x 0, y 0.3333; path p of 2 places from (−1, 1) to (0, 0)"},
		{Gradients([]string{"a", "b"}, []float64{-0.5, 0}), "gradient by layer: a 0.5, b 0; no gradient reaches b"},
		{Filters([][]int{{1, -2}}), "heat maps of 1 matrix of 1 × 2, values from −2 to 2"},
		{Box([]string{"a", "b"}, [][]int{{1, 2, 3}, {}}), "box plot. a: median 2, quartiles 1.5 and 2.5, 3 values; b has no values"},
		{Row(Line([]int{1}), Bar([]string{"a"}, []int{2})), "2 figures: line chart. 1 value from 1 to 1 | bar chart. a 2"},
		{Confusion([]int{0, 1, 1}, []int{1, 1, 1}), "confusion matrix of 2 classes: 2 of 3 right, 66.7%; most often mixed up: 0 as 1 (1)"},
	}
	for _, tt := range tests {
		if got := tt.f.String(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

// Thinning keeps the lowest and the highest of each column of pixels, and the
// ends.
func TestThinned(t *testing.T) {
	_, y := falling(50_000, 1)
	pts := make([]vg.Point, len(y))
	type extremes struct{ lo, hi vg.Length }
	collect := func(pts []vg.Point) map[int]extremes {
		m := map[int]extremes{}
		for _, p := range pts {
			e, ok := m[int(p.X)]
			if !ok {
				e = extremes{p.Y, p.Y}
			}
			m[int(p.X)] = extremes{min(e.lo, p.Y), max(e.hi, p.Y)}
		}
		return m
	}
	for i := range pts {
		pts[i] = vg.Point{X: vg.Length(i) / 100, Y: vg.Length(y[i])}
	}
	want := collect(pts)
	got := thinned(slices.Clone(pts))
	if len(got) > 4*500 {
		t.Errorf("%d points for 500 columns", len(got))
	}
	if fmt.Sprint(collect(got)) != fmt.Sprint(want) {
		t.Error("the extremes of the columns changed")
	}
	if got[0] != pts[0] || got[len(got)-1] != pts[len(pts)-1] {
		t.Error("the ends changed")
	}
	// A line that turns back keeps its shape: no point is far from it.
	var circle []vg.Point
	for i := range 100_000 {
		s, c := math.Sincos(float64(i) / 10_000)
		circle = append(circle, vg.Point{X: vg.Length(100 * c), Y: vg.Length(100 * s)})
	}
	if n := len(thinned(circle)); n > 2100 || n < 600 {
		t.Errorf("%d points of a circle", n)
	}
}

func TestTicks(t *testing.T) {
	tests := []struct {
		a    axis
		want string
	}{
		{axis{lo: 0, hi: 5, ticks: 8, whole: true}, "0 1 2 3 4 5"},
		{axis{lo: 0, hi: 1, ticks: 4}, "0.00 0.25 0.50 0.75 1.00"},
		{axis{lo: -0.003, hi: 0.004, ticks: 4}, "−0.002 0.000 0.002 0.004"},
		{axis{lo: 0, hi: 60000, ticks: 3}, "0 20,000 40,000 60,000"},
		{axis{lo: 0, hi: 6e7, ticks: 3}, "0 20M 40M 60M"},
		{axis{lo: 0, hi: 1e-8, ticks: 2}, "0 5e−9 1e−8"},
		{axis{lo: 0, hi: 1e300, ticks: 2}, "0 5e299 1e300"},
		{axis{lo: 1, hi: 1000, ticks: 5, scale: scale{log: true}}, "1 10 100 1,000"},
		{axis{lo: 0.2, hi: 3, ticks: 5, scale: scale{log: true}}, "0.2 0.5 1 2"},
		{axis{lo: 1e-12, hi: 1, ticks: 4, scale: scale{log: true}}, "1e−12 1e−9 1e−6 0.001 1"},
		{axis{lo: -100, hi: 100, ticks: 9, scale: scale{log: true, zero: 1}}, "−100 −1 0 1 100"},
		{axis{lo: -0.6, hi: 3.6, ticks: 2, names: []string{"a", "b", "c", "d"}}, "a c"},
		{axis{lo: math.Inf(-1), hi: math.Inf(1), ticks: 5}, ""},
		{axis{lo: -math.MaxFloat64, hi: math.MaxFloat64, ticks: 5}, "−1e308 0 1e308"},
	}
	for _, tt := range tests {
		ticks := tt.a.Ticks(tt.a.lo, tt.a.hi)
		var got []string
		for _, k := range ticks {
			if k.Label != "" {
				got = append(got, k.Label)
			}
		}
		if s := strings.Join(got, " "); s != tt.want && !sameSet(got, tt.want) {
			t.Errorf("%v to %v: got %q, want %q", tt.a.lo, tt.a.hi, s, tt.want)
		}
	}
}

// sameSet tells whether the words are those of want, in any order.
func sameSet(got []string, want string) bool {
	a, b := slices.Clone(got), strings.Fields(want)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// Whatever the numbers, there is a chart.
func FuzzLine(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, true)
	f.Add(math.NaN(), math.Inf(1), 0.0, true)
	f.Add(math.MaxFloat64, -math.MaxFloat64, 5e-324, true)
	f.Add(1e308, 1e-308, -1e308, false)
	f.Fuzz(func(t *testing.T, a, b, c float64, log bool) {
		var options []Option
		if log {
			options = []Option{LogX(), LogY()}
		}
		y := []float64{a, b, c}
		for _, fig := range []*Figure{
			Line(y, options...), Line(y, append(options, X([]float64{c, a, b}))...), Scatter(y, []float64{b, c, a}, options...),
			Histogram(y), Bar(y, y), Heatmap([][]float64{y, y}), Images([][]float64{y, y}), Bar(y, y, LogY()), Box(y, [][]float64{y, {a}, nil}),
			Gradients(y, y), Gradients([]string{"a", "b"}, [][]float64{y, {c}}), LRFinder([]float64{1, 2, 3}, y), LRFinder(y, y),
			Raster([][]float64{y, nil}, Rate(0.5)), ROC([]int{0, 1, 1}, y), PrecisionRecall([]int{0, 1, 0}, y), Calibration([]int{0, 1, 0}, y),
			Filters([][]float64{y, y}), Overlay([][]float64{y, y}, [][]float64{{a}, {b}}), PCA([][]float64{y, {c, b, a}, {a, a, a}}),
			Surface(func(u, v float64) float64 { return a*u + b*v*v + c }, Resolution(8)), Surface(math.Atan2, Resolution(8), SeriesXY("", y, y)),
			Boundary(func(u, v float64) float64 { return a*u + b*v + c }, [][]float64{{a, b}, {b, c}}, []int{0, 1}, Resolution(8)),
			Network([]int{3, 1}, Weights([][]float64{{a}, {b}, {c}}), Activations(y, []float64{a})),
			Row(Line(y), Histogram(y)),
		} {
			if svg, err := fig.SVG(); fig.Err() == nil && (err != nil || strings.Contains(svg, "NaN\"")) {
				i := max(strings.Index(svg, "NaN\""), 0)
				t.Errorf("chart.%s of %v: %v, %q", fig.kind, y, err, svg[max(i-80, 0):i])
			}
		}
	})
}

// TestInkAboveOne wants numbers a little above 1, as interpolation and brighter
// light make them, to be ink, not a trace of 255.
func TestInkAboveOne(t *testing.T) {
	for _, top := range []float64{1, 1.0000001, 1.3} {
		img := rasterized([]float64{0, top}, 1, 2, 1)
		paper, _, _, _ := img.At(0, 0).RGBA()
		ink, _, _, _ := img.At(1, 0).RGBA()
		if paper != 0xffff || ink != 0 {
			t.Errorf("%v: paper is %#x, ink %#x", top, paper, ink)
		}
	}
}

// TestYears wants years without commas below named points, and other numbers with.
func TestYears(t *testing.T) {
	names := Labels([]string{"a", "b", "c"})
	for _, test := range []struct {
		figure *Figure
		want   string
	}{
		{Scatter([]int{1986, 1998, 2020}, []int{1, 2, 3}, names), ">2000<"},
		{Scatter([]int{1986, 1998, 2020}, []int{1, 2, 3}), ">2,000<"},
		{Scatter([]float64{1986, 1998.5, 2020}, []int{1, 2, 3}, names), ">2,000<"},
	} {
		svg, err := test.figure.SVG()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(svg, test.want) {
			t.Errorf("no %s in %s", test.want, svg)
		}
	}
}
