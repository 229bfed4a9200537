package chart

import (
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// moons makes up two classes of points like half moons.
func moons(n int) (points [][2]float64, labels []int) {
	noise := normal(2*n, 0, 0.12, 11)
	for i := range n {
		a := math.Pi * float64(i/2) / float64(n/2)
		s, c := math.Sincos(a)
		p := [2]float64{c + noise[2*i], s + noise[2*i+1]}
		if i%2 == 1 {
			p = [2]float64{1 - c + noise[2*i], 0.5 - s + noise[2*i+1]}
		}
		points, labels = append(points, p), append(labels, i%2)
	}
	return points, labels
}

func fieldGallery() map[string]*Figure {
	points, labels := moons(160)
	moon := func(x, y float64) float64 { return 1 / (1 + math.Exp(4*(y-0.25+0.6*math.Sin(3.1*(x-0.45))*0.9))) }
	var px, py []float64
	var groups []int
	for i := range 3 {
		px = append(px, normal(30, []float64{0, 2, 1}[i], 0.5, uint64(20+i))...)
		py = append(py, normal(30, []float64{0, 0.2, 1.8}[i], 0.4, uint64(30+i))...)
		for range 30 {
			groups = append(groups, i)
		}
	}
	var three [][2]float64
	for i := range px {
		three = append(three, [2]float64{px[i], py[i]})
	}
	soft := func(x, y float64) []float64 {
		e := []float64{math.Exp(-2 * math.Hypot(x, y)), math.Exp(-2 * math.Hypot(x-2, y-0.2)), math.Exp(-2 * math.Hypot(x-1, y-1.8))}
		sum := e[0] + e[1] + e[2]
		return []float64{e[0] / sum, e[1] / sum, e[2] / sum}
	}
	nearest := func(all [][]float32) []int {
		out := make([]int, len(all))
		for i, p := range all {
			best := math.Inf(1)
			for k, c := range [][2]float64{{0, 0}, {2, 0.2}, {1, 1.8}} {
				if d := math.Hypot(float64(p[0])-c[0], float64(p[1])-c[1]); d < best {
					best, out[i] = d, k
				}
			}
		}
		return out
	}
	bowl := func(x, y float64) float64 { return x*x + 4*y*y + x*y }
	descent := func(rate, x, y float64) (xs, ys []float64) {
		for range 30 {
			xs, ys = append(xs, x), append(ys, y)
			x, y = x-rate*(2*x+y), y-rate*(8*y+x)
		}
		return xs, ys
	}
	slowX, slowY := descent(0.03, -1.8, 1)
	fastX, fastY := descent(0.21, -1.8, -0.9)
	return map[string]*Figure{
		"boundary":   Boundary(moon, points, labels, Title("Decision boundary of a network"), XLabel("x₁"), YLabel("x₂")),
		"boundary3":  Boundary(soft, three, groups, Classes("红", "绿", "蓝"), Title("三类的决策边界")),
		"nearest":    Boundary(nearest, three, groups, Size(420, 320), Resolution(60)),
		"surface":    Surface(bowl, SeriesXY("rate 0.03", slowX, slowY), SeriesXY("rate 0.21", fastX, fastY), Title("Gradient descent on a loss surface"), XLabel("w"), YLabel("b"), XRange(-2, 2), YRange(-1.2, 1.2)),
		"rosenbrock": Surface(func(x, y float64) float64 { return (1-x)*(1-x) + 100*(y-x*x)*(y-x*x) }, XRange(-2, 2), YRange(-1, 3), Title("损失曲面")),
		"holes":      Surface(func(x, y float64) float64 { return math.Log(x) + y }),
	}
}

// reader is what the model of a test reads examples through.
type reader interface {
	Len() int
	ReadRows(dst []float32, lo int) int
}

// slope is a model whose probability of class 1 grows to the right.
type slope struct{ err error }

func (m slope) Predict(in reader) ([][]float32, error) {
	out, row := make([][]float32, in.Len()), make([]float32, 2)
	for i := range out {
		if in.ReadRows(row, i) != 1 {
			return nil, errors.New("no row")
		}
		p := float32(1 / (1 + math.Exp(-float64(row[0]))))
		out[i] = []float32{1 - p, p}
	}
	return out, m.err
}

// TestBoundaryModel wants of a model what its function gives.
func TestBoundaryModel(t *testing.T) {
	points, labels := moons(20)
	f := func(x, _ float64) []float32 {
		p := float32(1 / (1 + math.Exp(-float64(float32(x)))))
		return []float32{1 - p, p}
	}
	want, err := Boundary(f, points, labels).SVG()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Boundary(slope{}, points, labels).SVG(); err != nil || got != want {
		t.Errorf("another picture than of the function (%v)", err)
	}
	if err := Boundary(slope{errors.New("tired")}, points, labels).Err(); err == nil || !strings.Contains(err.Error(), "tired") {
		t.Errorf("the model's error became %v", err)
	}
}

func TestFieldErrors(t *testing.T) {
	two, labels := [][]int{{1, 2}, {3, 4}}, []int{0, 1}
	gone := errors.New("gone")
	tests := []struct {
		f    *Figure
		want string
	}{
		{Surface(nil), "chart.Surface: f is nil; a function was expected"},
		{Surface(3), "chart.Surface: f is a int; a function was expected"},
		{Surface(math.Sqrt), "chart.Surface: f is a func(float64) float64; func(x, y float64) float64, or one that takes all places as [][]float64, was expected"},
		{Surface(func(x, y float64) (int, int) { return 1, 2 }), "chart.Surface: f is a func(float64, float64) (int, int); func(x, y float64) float64, or one that takes all places as [][]float64, was expected"},
		{Surface(func(x, y float64) []float64 { return []float64{x, y} }), "chart.Surface: f returned 2 numbers for a place: 1 was expected"},
		{Surface(func(x, y float64) string { return "" }), "chart.Surface: what f returned is a string; a matrix, or a slice of rows of numbers, was expected"},
		{Surface(func(x, y float64) (float64, error) { return 0, gone }), "chart.Surface: f failed: gone"},
		{Surface(func(all [][]float64) []float64 { return all[0] }), "chart.Surface: row 0 of what f returned is a float64; a slice of numbers was expected"},
		{Surface(func(all [][]float64) [][]float64 { return all[:5] }), "chart.Surface: f returned numbers for 5 places when asked for 3600"},
		{Surface(math.Atan2, Resolution(2)), "chart.Surface: a resolution of 2: from 4 to 500 was expected"},
		{Surface((func(x, y float64) float64)(nil)), "chart.Surface: f is a func(float64, float64) float64; func(x, y float64) float64, or one that takes all places as [][]float64, was expected"},
		{Boundary(math.Atan2, [][]int{{1}}, []int{0}), "chart.Boundary: point 0 has 1 numbers: 2 were expected"},
		{Boundary(math.Atan2, two, []int{0}), "chart.Boundary: there are 2 points and 1 labels"},
		{Boundary(math.Atan2, two, nil), "chart.Boundary: labels is nil; a slice of numbers was expected"},
		{Boundary(func(x, y float64) int { return -1 }, two, labels), "chart.Boundary: predict returned -1: class numbers from 0 to 99 were expected"},
		{Boundary(nil, two, labels), "chart.Boundary: predict is nil; a function or a model was expected"},
		{Boundary(func(x, y float64) float64 { panic("oh") }, two, labels), "chart.Boundary: reading the data panicked: oh"},
	}
	for _, tt := range tests {
		if err := tt.f.Err(); err == nil || err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", err, tt.want)
		}
	}
}

// All ways to predict draw the same plane.
func TestBoundaryWays(t *testing.T) {
	points, labels := moons(20)
	right := func(x, y float64) float64 { return 1 / (1 + math.Exp(-8*x)) }
	want := Boundary(right, points, labels)
	for name, predict := range map[string]any{
		"score":  func(x, y float64) float64 { return 8 * x },
		"single": func(x, y float32) float32 { return float32(right(float64(x), float64(y))) },
		"both":   func(x, y float64) []float64 { return []float64{1 - right(x, y), right(x, y)} },
		"class": func(x, y float64) int {
			if x > 0 {
				return 1
			}
			return 0
		},
		"batch": func(all [][]float64) *tensor {
			out := &tensor{shape: []int{len(all), 2}}
			for _, p := range all {
				out.values = append(out.values, float32(1-right(p[0], p[1])), float32(right(p[0], p[1])))
			}
			return out
		},
		"error": func(all [][]float32) ([]float64, error) {
			out := make([]float64, len(all))
			for i, p := range all {
				out[i] = right(float64(p[0]), 0)
			}
			return out, nil
		},
	} {
		f := Boundary(predict, points, labels)
		if f.Err() != nil || f.String() != want.String() {
			t.Errorf("%s: %v\n%s\nwant %s", name, f.Err(), f, want)
		}
	}
	if s := want.String(); !strings.HasPrefix(s, "decision boundary of 2 classes and 20 points (class 0 10, class 1 10); ") {
		t.Errorf("got %q", s)
	}
}

// Contours of a cone are circles: closed, all around, each place at its distance.
func TestContour(t *testing.T) {
	f := &field{x0: -1, x1: 1, y0: -1, y1: 1, nx: 81, ny: 61}
	if _, _, err := f.fill("f", math.Hypot, nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, r := range []float64{0.11, 0.5, 0.93} {
		lines := f.contour(f.values[0], r)
		if len(lines) != 1 || lines[0][0] != lines[0][len(lines[0])-1] {
			t.Fatalf("radius %v: %d lines", r, len(lines))
		}
		turn := 0.0
		before := math.NaN()
		for _, at := range lines[0] {
			x, y := -1+2*at.u/80, -1+2*at.v/60
			if d := math.Hypot(x, y); math.Abs(d-r) > 0.005 {
				t.Errorf("radius %v: a place at %v", r, d)
			}
			a := math.Atan2(y, x)
			if d := math.Abs(a - before); d < 1 {
				turn += d
			}
			before = a
		}
		if turn < 5.7 {
			t.Errorf("radius %v: %v of the way around", r, turn)
		}
	}
	// Beyond the sides, four open arcs at the corners.
	lines := f.contour(f.values[0], 1.2)
	if len(lines) != 4 {
		t.Errorf("%d arcs", len(lines))
	}
	for _, l := range lines {
		if l[0] == l[len(l)-1] {
			t.Error("an arc is closed")
		}
	}
	// A saddle and what is no number.
	s := &field{x1: 1, y1: 1, nx: 2, ny: 2}
	if lines := s.contour([]float64{1, 0, 0, 1}, 0.5); len(lines) != 2 {
		t.Errorf("a saddle has %d lines", len(lines))
	}
	if lines := s.contour([]float64{1, math.NaN(), 0, 1}, 0.5); len(lines) != 0 {
		t.Errorf("a gap has %d lines", len(lines))
	}
}

func TestStraightened(t *testing.T) {
	var pts []vg.Point
	for i := range 1000 {
		s, c := math.Sincos(2 * math.Pi * float64(i) / 999)
		pts = append(pts, vg.Point{X: vg.Length(100 * c), Y: vg.Length(100 * s)})
	}
	got := straightened(pts)
	if len(got) > 70 || len(got) < 20 || got[0] != pts[0] || got[len(got)-1] != pts[999] {
		t.Errorf("%d points of a circle", len(got))
	}
	if got := straightened(pts[:2]); len(got) != 2 {
		t.Errorf("%v", got)
	}
}
