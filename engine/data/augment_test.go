// This file checks what augmentation makes of an image, number by number.

package data

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cajal/engine/internal/rng"
)

// draws returns the forms of example 0 in epochs 1 to n.
func draws(t testing.TB, d *Dataset, n int, as ...Augmentation) [][]float32 {
	t.Helper()
	a, err := d.Augment(as...)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]float32
	for epoch := 1; epoch <= n; epoch++ {
		x := make([]float32, d.ExampleSize())
		a.GatherDrawn(x, []int32{0}, 3, epoch)
		out = append(out, x)
	}
	return out
}

// distinct drops repetitions and sorts what is left.
func distinct(forms [][]float32) [][]float32 {
	slices.SortFunc(forms, slices.Compare)
	return slices.CompactFunc(forms, slices.Equal)
}

func TestMovements(t *testing.T) {
	d := arrays(t, [][][]uint8{{{1, 2, 3}, {4, 5, 6}}}, nil)
	two := arrays(t, [][][][]float32{{{{1, -1}, {2, -2}}, {{3, -3}, {4, -4}}}}, nil)
	for _, c := range []struct {
		name string
		d    *Dataset
		as   []Augmentation
		want [][]float32 // all forms, sorted
	}{
		{"FlipHorizontal", d, []Augmentation{FlipHorizontal()}, [][]float32{{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}}},
		{"FlipVertical", d, []Augmentation{FlipVertical()}, [][]float32{{1, 2, 3, 4, 5, 6}, {4, 5, 6, 1, 2, 3}}},
		{"both flips", d, []Augmentation{FlipHorizontal(), FlipVertical()}, [][]float32{{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {4, 5, 6, 1, 2, 3}, {6, 5, 4, 3, 2, 1}}},
		{"two channels", two, []Augmentation{FlipHorizontal()}, [][]float32{{1, -1, 2, -2, 3, -3, 4, -4}, {2, -2, 1, -1, 4, -4, 3, -3}}},
		{"Shift", d, []Augmentation{Shift(1)}, [][]float32{
			{0, 0, 0, 0, 1, 2},
			{0, 0, 0, 1, 2, 3},
			{0, 0, 0, 2, 3, 0},
			{0, 1, 2, 0, 4, 5},
			{0, 4, 5, 0, 0, 0},
			{1, 2, 3, 4, 5, 6},
			{2, 3, 0, 5, 6, 0},
			{4, 5, 6, 0, 0, 0},
			{5, 6, 0, 0, 0, 0},
		}},
		{"Shift over the edge", d, []Augmentation{Shift(1), Outside(EdgeNearest)}, [][]float32{
			{1, 1, 2, 1, 1, 2},
			{1, 1, 2, 4, 4, 5},
			{1, 2, 3, 1, 2, 3},
			{1, 2, 3, 4, 5, 6},
			{2, 3, 3, 2, 3, 3},
			{2, 3, 3, 5, 6, 6},
			{4, 4, 5, 4, 4, 5},
			{4, 5, 6, 4, 5, 6},
			{5, 6, 6, 5, 6, 6},
		}},
	} {
		if got := distinct(draws(t, c.d, 300, c.as...)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: forms %v, want %v", c.name, got, c.want)
		}
	}
}

// Of several edges the last one counts, in one call and in two.
func TestLastEdge(t *testing.T) {
	d := arrays(t, [][][]uint8{{{1, 2, 3}, {4, 5, 6}}}, nil)
	want := distinct(draws(t, d, 300, Shift(1)))
	if got := distinct(draws(t, d, 300, Shift(1), Outside(EdgeReflect), Outside(EdgeZero))); !reflect.DeepEqual(got, want) {
		t.Errorf("in one call: forms %v, want %v", got, want)
	}
	mirrored, err := d.Augment(Shift(1), Outside(EdgeReflect))
	if err != nil {
		t.Fatal(err)
	}
	if got := distinct(draws(t, mirrored, 300, Outside(EdgeZero))); !reflect.DeepEqual(got, want) {
		t.Errorf("in two: forms %v, want %v", got, want)
	}
}

func TestWarp(t *testing.T) {
	src := []float32{0, 10, 20, 30, 40, 50, 60, 70, 80}
	for _, c := range []struct {
		name string
		m    affine
		edge Edge
		want []float32
	}{
		{"half a pixel", affine{a: 1, d: 1, e: 0.5}, EdgeZero, []float32{5, 15, 10, 35, 45, 25, 65, 75, 40}},
		{"half a pixel, nearest", affine{a: 1, d: 1, e: 0.5}, EdgeNearest, []float32{5, 15, 20, 35, 45, 50, 65, 75, 80}},
		{"half a row up, mirrored", affine{a: 1, d: 1, f: -0.5}, EdgeReflect, []float32{0, 10, 20, 15, 25, 35, 45, 55, 65}},
		{"a quarter turn", affine{a: 0, b: 1, c: -1, d: 0}, EdgeZero, []float32{60, 30, 0, 70, 40, 10, 80, 50, 20}},
		{"twice as large", affine{a: 0.5, d: 0.5}, EdgeZero, []float32{20, 25, 30, 35, 40, 45, 50, 55, 60}},
		{"far away", affine{a: 1, d: 1, e: 100.5}, EdgeZero, make([]float32, 9)},
		{"far away, whole", affine{a: 1, d: 1, e: 100}, EdgeZero, make([]float32, 9)},
		{"far to the left, whole", affine{a: 1, d: 1, e: -100}, EdgeZero, make([]float32, 9)},
		{"flipped and moved, mirrored", affine{a: -1, d: 1, e: 1}, EdgeReflect, []float32{20, 20, 10, 50, 50, 40, 80, 80, 70}},
	} {
		got := make([]float32, 9)
		for i := range got {
			got[i] = float32(math.NaN()) // every pixel must be written
		}
		warp(got, src, &picture{h: 3, w: 3, ch: 1, edge: c.edge}, &c.m, 1)
		for i := range got {
			if math.Abs(float64(got[i]-c.want[i])) > 1e-5 || got[i] != got[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}

// TestWarpOfBytes: bytes and float32 give the same picture.
func TestWarpOfBytes(t *testing.T) {
	r := rng.New(1, 1)
	p := &picture{h: 7, w: 5, ch: 3, edge: EdgeReflect}
	b, f := make([]uint8, 105), make([]float32, 105)
	for i := range b {
		b[i] = uint8(r.Uint64())
		f[i] = float32(b[i])
	}
	for _, m := range []affine{{a: 1, d: 1, e: 2, f: -3}, {a: -1, d: -1}, {a: 0.9, b: 0.3, c: -0.3, d: 0.9, e: 1.3}} {
		x, y := make([]float32, 105), make([]float32, 105)
		warp(x, b, p, &m, 1)
		warp(y, f, p, &m, 1)
		if !slices.Equal(x, y) {
			t.Errorf("%+v: bytes and floats differ", m)
		}
	}
}

func TestAlterations(t *testing.T) {
	x := make([]float32, 400)
	for i := range x {
		x[i] = float32(i%20) / 10
	}
	d, err := arrays(t, [][]float32{x}, nil).Reshape(20, 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	const mean = 0.95
	for _, f := range draws(t, d, 50, Brightness(0.5)) {
		by := f[0] - x[0]
		for i := range f {
			if diff := f[i] - x[i]; math.Abs(float64(diff-by)) > 1e-6 || diff < -0.5 || diff > 0.5 {
				t.Fatalf("Brightness changed by %v here and %v there", by, diff)
			}
		}
	}
	for _, f := range draws(t, d, 50, Contrast(0.5)) {
		k := (f[0] - mean) / (x[0] - mean)
		if k < 0.5 || k > 1.5 || math.Abs(float64((f[19]-mean)/(x[19]-mean)-k)) > 1e-5 {
			t.Fatalf("Contrast: factor %v", k)
		}
	}
	sum, squares, n := 0.0, 0.0, 0.0
	for _, f := range draws(t, d, 100, Noise(0.2)) {
		for i := range f {
			e := float64(f[i] - x[i])
			sum, squares, n = sum+e, squares+e*e, n+1
		}
	}
	if dev := math.Sqrt(squares / n); math.Abs(sum/n) > 0.004 || math.Abs(dev-0.2) > 0.004 {
		t.Errorf("Noise of mean %v and deviation %v, want 0 and 0.2", sum/n, dev)
	}
	least, most := 400, 0
	ones := arrays(t, [][]float32{slices.Repeat([]float32{1}, 400)}, nil)
	if ones, err = ones.Reshape(20, 20, 1); err != nil {
		t.Fatal(err)
	}
	for _, f := range draws(t, ones, 200, Erase(6)) {
		zeros := 0
		for _, v := range f {
			if v == 0 {
				zeros++
			} else if v != 1 {
				t.Fatalf("Erase left %v", v)
			}
		}
		least, most = min(least, zeros), max(most, zeros)
	}
	if most != 36 || least < 9 {
		t.Errorf("Erase(6) erased from %d to %d pixels, want at most 36, and 9 in a corner", least, most)
	}
	for _, f := range draws(t, d, 10, Brightness(3), Clip(0, 1)) {
		if slices.Min(f) < 0 || slices.Max(f) > 1 {
			t.Errorf("Clip left %v to %v", slices.Min(f), slices.Max(f))
		}
	}
	for _, f := range draws(t, d, 1, Distort(func(x []float32, r *Random) { x[0] = 7 + r.Between(0, 1) + float32(r.Intn(1)) })) {
		if f[0] < 7 || f[0] >= 8 || !slices.Equal(f[1:], x[1:]) {
			t.Errorf("Distort made %v", f[:3])
		}
	}
}

func TestAugmentIsDrawnByPlace(t *testing.T) {
	d, err := arrays(t, [][][]uint8{{{1, 2}, {3, 4}}, {{1, 2}, {3, 4}}, {{1, 2}, {3, 4}}}, []int{0, 1, 2}).Augment(Rotate(30), Noise(1))
	if err != nil {
		t.Fatal(err)
	}
	read := func(seed int64, epoch int, idx ...int32) []float32 {
		x := make([]float32, 4*len(idx))
		d.GatherDrawn(x, idx, seed, epoch)
		return x
	}
	all := read(1, 1, 0, 1, 2)
	if !slices.Equal(read(1, 1, 2), all[8:]) || !slices.Equal(read(1, 1, 1, 0)[4:], all[:4]) {
		t.Error("the form of an example depends on the others of the batch")
	}
	for name, other := range map[string][]float32{"seed": read(2, 1, 0), "epoch": read(1, 2, 0), "place": read(1, 1, 1)} {
		if slices.Equal(other, all[:4]) {
			t.Errorf("another %s gives the same form", name)
		}
	}
	// All that looks at examples sees the originals.
	if x := d.Inputs().Data; !slices.Equal(x[:4], []float32{1, 2, 3, 4}) || d.Stats().Max != 4 {
		t.Errorf("Inputs %v, %+v", x, d.Stats())
	}
	if x := d.Epoch(1, 1).Take(2).Inputs().Data; slices.Equal(x[:4], []float32{1, 2, 3, 4}) || slices.Equal(x[:4], x[4:]) {
		t.Errorf("the examples of an epoch are as they were: %v", x)
	}
	if d.Augmented() != "Rotate(30), Noise(1)" || !strings.Contains(d.String(), "Rotate(30), Noise(1)") {
		t.Errorf("it does not tell that it is augmented: %v", d)
	}
	more, err := d.Augment(Clip(0, 1), Outside(EdgeNearest))
	if err != nil || !strings.Contains(more.String(), "Rotate(30), Noise(1), Clip(0, 1), Outside(EdgeNearest)") {
		t.Errorf("augmented twice: %v, %v", more, err)
	}
}

func TestAugmentRefuses(t *testing.T) {
	d := arrays(t, [][]uint8{{1, 2}}, nil)
	im, err := d.Reshape(1, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d    *Dataset
		as   []Augmentation
		want string
	}{
		{im, nil, "nothing to do"},
		{im, []Augmentation{FlipHorizontal(), {}}, "argument 2 is an empty Augmentation"},
		{d, []Augmentation{Noise(1), Shift(1)}, "Shift(1) wants images, [height width channels], but the examples are [2]"},
		{im, []Augmentation{Shift(0)}, "Shift(0): the number of pixels must be from 1 to 1048576"},
		{im, []Augmentation{Rotate(200)}, "at most 180"},
		{im, []Augmentation{Zoom(1)}, "above 0 and below 1"},
		{im, []Augmentation{Noise(math.NaN())}, "Noise(NaN): the amount must be above 0"},
		{im, []Augmentation{Erase(-1)}, "the side must be from 1 to 1048576 pixels"},
		{im, []Augmentation{Clip(1, 0)}, "first must be below"},
		{im, []Augmentation{Distort(nil)}, "is nil"},
		{im, []Augmentation{Outside(9)}, "Outside(Edge(9)): there are data.EdgeZero"},
	} {
		_, err := c.d.Augment(c.as...)
		wantError(t, err, "Augment", c.want)
	}
	if _, err := d.Augment(Noise(1), Brightness(1), Contrast(0.1)); err != nil {
		t.Errorf("rows of numbers cannot have noise: %v", err)
	}
}

func BenchmarkAugment(b *testing.B) {
	x := make([][]uint8, 64)
	for i := range x {
		x[i] = make([]uint8, 784)
	}
	d, err := arrays(b, x, nil).Scale(1.0/255).Reshape(28, 28, 1)
	if err != nil {
		b.Fatal(err)
	}
	dst, idx := make([]float32, 784), []int32{5}
	for _, a := range []Augmentation{Shift(2), FlipHorizontal(), Rotate(10), Noise(0.1), Contrast(0.1)} {
		b.Run(a.String(), func(b *testing.B) {
			a, err := d.Augment(a)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for i := range b.N {
				a.GatherDrawn(dst, idx, 1, i)
			}
		})
	}
}
