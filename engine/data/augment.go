// This file changes examples at random while a model trains.

package data

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"cajal/engine/internal/rng"
)

// purposeAugment begins the random streams of augmented examples.
const purposeAugment = 1 << 60

// An Augmentation changes an example a little and at random. See [Dataset.Augment].
type Augmentation struct {
	text  string
	wrong string // why it cannot work, "" when it can
	image bool   // wants examples of [height width channels]
	move  func(r *rng.Source, m *affine)
	alter func(r *Random, x []float32, p *picture)
	edge  Edge // of Outside
}

// String is how the augmentation is written, such as Shift(2).
func (a Augmentation) String() string { return a.text }

// picture says how the numbers of an example lie, and what is outside of it.
type picture struct {
	h, w, ch int
	edge     Edge
}

// An augmenter is what Augment made of its arguments.
type augmenter struct {
	picture
	moves  []func(r *rng.Source, m *affine)
	alters []func(r *Random, x []float32, p *picture)
	text   string
	free   sync.Pool // of *brush
}

// A brush is what one example at a time needs to be drawn.
type brush struct {
	r   Random
	m   affine
	src []float32 // an example of a source
}

// A drawing says which of the random forms of an example is meant.
type drawing struct {
	seed  int64
	epoch int
}

// Augment returns the dataset with examples that Fit changes at random, every
// epoch anew, before it trains on them. Evaluate, Predict and all methods of the
// dataset but Epoch see them as they are.
//
// Where pixels move (flips, Shift, Rotate, Zoom), all movements are joined and the
// image is read once, with bilinear interpolation where that is needed; examples are
// then [height width] or [height width channels]. What changes the numbers (Brightness,
// Contrast, Noise, Erase, Clip, Distort) comes after that, in the order given. Amounts
// are in the units of the numbers that a model reads: 0 to 1 for MNIST.
//
// What becomes of an example depends on the seed of the training, the epoch and the
// place of the example in the dataset only, not on the number of threads.
func (d *Dataset) Augment(as ...Augmentation) (*Dataset, error) {
	if len(as) == 0 {
		return nil, fmt.Errorf("data: Augment got nothing to do: give it data.FlipHorizontal(), data.Shift(2) or the like")
	}
	u := &augmenter{picture: picture{h: 1, w: d.ExampleSize(), ch: 1}}
	isImage := len(d.shape) == 2 || len(d.shape) == 3
	if isImage {
		u.h, u.w = d.shape[0], d.shape[1]
		if len(d.shape) == 3 {
			u.ch = d.shape[2]
		}
	}
	var texts []string
	edged := false
	for i, a := range as {
		switch {
		case a.text == "":
			return nil, fmt.Errorf("data: Augment: argument %d is an empty Augmentation: write data.Shift(2) or the like", i+1)
		case a.wrong != "":
			return nil, fmt.Errorf("data: Augment: %s: %s", a, a.wrong)
		case a.image && !isImage:
			return nil, fmt.Errorf("data: Augment: %s wants images, [height width channels], but the examples are %v\nhint: Reshape(28, 28, 1), or augment before Flatten", a, d.shape)
		case a.move != nil:
			u.moves = append(u.moves, a.move)
		case a.alter != nil:
			u.alters = append(u.alters, a.alter)
		default:
			u.edge, edged = a.edge, true
		}
		texts = append(texts, a.text)
	}
	if d.augment != nil {
		texts = append([]string{d.augment.text}, texts...)
		u.moves = append(slices.Clone(d.augment.moves), u.moves...)
		u.alters = append(slices.Clone(d.augment.alters), u.alters...)
		if !edged {
			u.edge = d.augment.edge
		}
	}
	u.text = strings.Join(texts, ", ")
	e := *d
	e.augment = u
	return &e, nil
}

// Augmented tells how Fit changes the examples at random, such as "Shift(2), Noise(0.1)";
// it is empty when it does not.
func (d *Dataset) Augmented() string {
	if d.augment == nil {
		return ""
	}
	return d.augment.text
}

// GatherDrawn is Gather for an epoch of a training: it copies augmented examples when
// there are augmentations.
func (d *Dataset) GatherDrawn(dst []float32, idx []int32, seed int64, epoch int) {
	if d.augment == nil {
		d.Gather(dst, idx)
		return
	}
	w := d.ExampleSize()
	for k, i := range idx {
		d.draw(dst[k*w:(k+1)*w], int(i), drawing{seed, epoch})
	}
}

// draw writes the augmented example i.
func (d *Dataset) draw(dst []float32, i int, g drawing) {
	u := d.augment
	b, ok := u.free.Get().(*brush)
	if !ok {
		b = new(brush)
	}
	defer u.free.Put(b)
	b.r = Random{rng.New(uint64(g.seed), purposeAugment+uint64(g.epoch)<<32+uint64(i))}
	b.m = affine{a: 1, d: 1}
	for _, move := range u.moves {
		move(&b.r.src, &b.m)
	}
	at, n := d.at(i), len(dst)
	switch {
	case b.m == affine{a: 1, d: 1}:
		d.row(dst, at)
	case d.bytes != nil:
		warp(dst, d.bytes[at*n:(at+1)*n], &u.picture, &b.m, d.scale)
	case d.source != nil:
		if b.src == nil {
			b.src = make([]float32, n)
		}
		d.row(b.src, at)
		warp(dst, b.src, &u.picture, &b.m, 1)
	default:
		warp(dst, d.floats[at*n:(at+1)*n], &u.picture, &b.m, 1)
	}
	for _, alter := range u.alters {
		alter(&b.r, dst, &u.picture)
	}
}

// Random gives random numbers for one example. It is not for use after the call that
// it was given to.
type Random struct{ src rng.Source }

// Float32 returns a number in [0, 1).
func (r *Random) Float32() float32 { return r.src.Float32() }

// Between returns a number in [lo, hi).
func (r *Random) Between(lo, hi float32) float32 { return lo + (hi-lo)*r.src.Float32() }

// Intn returns a number in [0, n); n must be above 0.
func (r *Random) Intn(n int) int { return r.src.Intn(n) }

// Normal returns a number of mean 0 and variance 1 that is nearly normal: the sum of
// four uniform ones, at most 3.47 from 0.
func (r *Random) Normal() float32 {
	v := r.src.Uint64()
	sum := v&0xffff + v>>16&0xffff + v>>32&0xffff + v>>48
	return (float32(sum) - 2*0xffff) * (math.Sqrt2 * 1.2247449 / 0xffff) // √3 over the width
}

// An affine map takes a pixel of the result to the place in the source that it comes
// from; both are counted from the middle of the image: [x' y'] = [a b; c d]·[x y] + [e f].
type affine struct{ a, b, c, d, e, f float64 }

// then makes m the map that applies t and then what m was.
func (m *affine) then(t affine) {
	*m = affine{
		m.a*t.a + m.b*t.c, m.a*t.b + m.b*t.d,
		m.c*t.a + m.d*t.c, m.c*t.b + m.d*t.d,
		m.a*t.e + m.b*t.f + m.e, m.c*t.e + m.d*t.f + m.f,
	}
}

func between(r *rng.Source, lo, hi float64) float64 { return lo + (hi-lo)*float64(r.Float32()) }

// FlipHorizontal mirrors every second image, on average, left to right. It is not for
// images whose class depends on the side, such as digits.
func FlipHorizontal() Augmentation {
	return Augmentation{text: "FlipHorizontal()", image: true, move: func(r *rng.Source, m *affine) {
		if r.Intn(2) == 1 {
			m.then(affine{a: -1, d: 1})
		}
	}}
}

// FlipVertical turns every second image, on average, upside down.
func FlipVertical() Augmentation {
	return Augmentation{text: "FlipVertical()", image: true, move: func(r *rng.Source, m *affine) {
		if r.Intn(2) == 1 {
			m.then(affine{a: 1, d: -1})
		}
	}}
}

// Shift moves the image by whole pixels, at most so many in each direction: the same
// as padding it with as many and cutting the old size out of it at random.
func Shift(pixels int) Augmentation {
	a := Augmentation{text: fmt.Sprintf("Shift(%d)", pixels), image: true, move: func(r *rng.Source, m *affine) {
		dx, dy := r.Intn(2*pixels+1)-pixels, r.Intn(2*pixels+1)-pixels
		m.then(affine{a: 1, d: 1, e: float64(dx), f: float64(dy)})
	}}
	if pixels < 1 || pixels > 1<<20 {
		a.wrong = fmt.Sprintf("the number of pixels must be from 1 to %d", 1<<20)
	}
	return a
}

// Rotate turns the image about its middle by an angle of at most so many degrees.
func Rotate(degrees float64) Augmentation {
	a := Augmentation{text: fmt.Sprintf("Rotate(%v)", degrees), image: true, move: func(r *rng.Source, m *affine) {
		sin, cos := math.Sincos(between(r, -degrees, degrees) * math.Pi / 180)
		m.then(affine{a: cos, b: -sin, c: sin, d: cos})
	}}
	if !(degrees > 0 && degrees <= 180) {
		a.wrong = "the degrees must be above 0 and at most 180"
	}
	return a
}

// Zoom makes the image larger or smaller, by a factor from 1-part to 1+part.
func Zoom(part float64) Augmentation {
	a := Augmentation{text: fmt.Sprintf("Zoom(%v)", part), image: true, move: func(r *rng.Source, m *affine) {
		k := 1 / between(r, 1-part, 1+part)
		m.then(affine{a: k, d: k})
	}}
	if !(part > 0 && part < 1) {
		a.wrong = "the part must be above 0 and below 1, as in Zoom(0.1)"
	}
	return a
}

// An Edge says what lies outside of an image when its pixels are moved.
type Edge int

const (
	EdgeZero    Edge = iota // zeros; what is there without Outside
	EdgeNearest             // the pixel at the edge, again and again
	EdgeReflect             // the image mirrored at its edge
)

// Outside says what comes into the image from beyond its edge, for all movements; of
// several, the last one counts.
func Outside(e Edge) Augmentation {
	a := Augmentation{text: fmt.Sprintf("Outside(%s)", e), image: true, edge: e}
	if e < EdgeZero || e > EdgeReflect {
		a.wrong = "there are data.EdgeZero, EdgeNearest and EdgeReflect"
	}
	return a
}

// String is the constant's name.
func (e Edge) String() string {
	if names := [...]string{"EdgeZero", "EdgeNearest", "EdgeReflect"}; e >= 0 && int(e) < len(names) {
		return names[e]
	}
	return fmt.Sprintf("Edge(%d)", int(e))
}

// Brightness adds a number to the whole example, from -by to by.
func Brightness(by float64) Augmentation {
	return amount("Brightness", by, func(r *Random, x []float32, _ *picture) {
		v := r.Between(-float32(by), float32(by))
		for i := range x {
			x[i] += v
		}
	})
}

// Contrast multiplies each number's distance from the example's mean by a factor from
// 1-part to 1+part.
func Contrast(part float64) Augmentation {
	return amount("Contrast", part, func(r *Random, x []float32, _ *picture) {
		k := r.Between(1-float32(part), 1+float32(part))
		sum := 0.0
		for _, v := range x {
			sum += float64(v)
		}
		mean := float32(sum / float64(len(x)))
		for i, v := range x {
			x[i] = mean + (v-mean)*k
		}
	})
}

// Noise adds a random number of the given standard deviation to each number; see
// [Random.Normal] for how it is spread.
func Noise(deviation float64) Augmentation {
	return amount("Noise", deviation, func(r *Random, x []float32, _ *picture) {
		for i := range x {
			x[i] += r.Normal() * float32(deviation)
		}
	})
}

func amount(name string, by float64, alter func(*Random, []float32, *picture)) Augmentation {
	a := Augmentation{text: fmt.Sprintf("%s(%v)", name, by), alter: alter}
	if !(by > 0) || math.IsInf(by, 0) {
		a.wrong = "the amount must be above 0"
	}
	return a
}

// Erase sets a square of so many pixels a side to zero, anywhere in the image (DeVries
// and Taylor 2017: Cutout). What would be outside is cut off.
func Erase(side int) Augmentation {
	a := Augmentation{text: fmt.Sprintf("Erase(%d)", side), image: true, alter: func(r *Random, x []float32, p *picture) {
		top, left := r.Intn(p.h)-side/2, r.Intn(p.w)-side/2
		lo, hi := max(left, 0)*p.ch, min(left+side, p.w)*p.ch
		for y := max(top, 0); y < min(top+side, p.h); y++ {
			clear(x[y*p.w*p.ch:][lo:hi])
		}
	}}
	if side < 1 || side > 1<<20 {
		a.wrong = fmt.Sprintf("the side must be from 1 to %d pixels", 1<<20)
	}
	return a
}

// Clip brings numbers below lo or above hi to these.
func Clip(lo, hi float64) Augmentation {
	a := Augmentation{text: fmt.Sprintf("Clip(%v, %v)", lo, hi), alter: func(_ *Random, x []float32, _ *picture) {
		for i, v := range x {
			x[i] = min(max(v, float32(lo)), float32(hi))
		}
	}}
	if !(lo < hi) {
		a.wrong = "the first must be below the second"
	}
	return a
}

// Distort calls a function of yours, which changes the numbers x of an example in
// place. Several goroutines call it at the same time; what it does may depend on x
// and r only, or else the same seed does not give the same model.
func Distort(f func(x []float32, r *Random)) Augmentation {
	a := Augmentation{text: "Distort(f)", alter: func(r *Random, x []float32, _ *picture) { f(x, r) }}
	if f == nil {
		a.wrong = "the function is nil"
	}
	return a
}
