// This file defines Dataset: examples, and what is to be said of each.

// Package data has datasets: where examples come from, how they are split and
// shuffled, and how a batch of them is read.
//
// It is not a data frame and does no feature engineering; a dataset is numbers of
// one shape an example, with a class label or target numbers beside each.
//
//	Arrays                 your own slices and tensors
//	MNIST, FashionMNIST    published sets of images
//	CSV, Images            a table, a folder of images
//	Collect, Spool, From   examples from an iterator, or read when they are wanted
//	Split, Shuffle, …      other datasets over the same examples, without a copy
//	Map, StandardScaler, … other numbers in the examples
//	Augment                changes at random while a model trains
//	Batches                for a training loop of one's own
package data

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"cajal/engine/internal/f32"
	"cajal/engine/tensor"
)

// A Dataset is a list of examples of one shape. Each has either a class label,
// target numbers of one shape, or nothing.
//
// A Dataset does not change: Split, Take and the like return others that share
// the numbers. The zero value is an empty dataset. It may be read by several
// goroutines.
type Dataset struct {
	name    string
	shape   []int // of an example
	bytes   []uint8
	scale   float32 // of bytes, and of what source gives
	floats  []float32
	labels  []int32
	targets []float32
	tshape  []int
	classes []string
	order   []int32 // which examples, in which order; nil means all
	n       int
	either  bool    // examples may be read as rows whatever the shape: see MNIST
	schema  *schema // of a table
	source  *lazy
	augment *augmenter
	drawn   *drawing // examples are augmented as drawn; nil means as they are
	notes   []string
	look    *look
}

// look is what a scan of the numbers found, made once and shared.
type look struct {
	once  sync.Once
	stats Stats
}

// derive returns a copy of d that may be given other examples.
func (d *Dataset) derive() *Dataset {
	e := *d
	e.look = new(look)
	return &e
}

// Name returns what the dataset is called, such as "mnist train"; it may be
// empty.
func (d *Dataset) Name() string { return d.name }

// Named returns the dataset under another name.
func (d *Dataset) Named(name string) *Dataset {
	e := *d
	e.name = name
	return &e
}

// Len returns the number of examples.
func (d *Dataset) Len() int { return d.n }

// ExampleShape returns the shape of one example.
func (d *Dataset) ExampleShape() []int { return slices.Clone(d.shape) }

// ExampleSize returns how many numbers an example has.
func (d *Dataset) ExampleSize() int {
	n := 1
	for _, s := range d.shape {
		n *= s
	}
	return n
}

// AnyShape reports whether a model may read the examples in another shape of
// the same size, as one may with MNIST's images.
func (d *Dataset) AnyShape() bool { return d.either }

// HasLabels reports whether every example has a class label.
func (d *Dataset) HasLabels() bool { return d.labels != nil }

// HasTargets reports whether every example has target numbers.
func (d *Dataset) HasTargets() bool { return d.targets != nil }

// TargetShape returns the shape of one example's target, nil without targets.
func (d *Dataset) TargetShape() []int { return slices.Clone(d.tshape) }

// TargetSize returns how many target numbers an example has, 0 without.
func (d *Dataset) TargetSize() int {
	if d.targets == nil {
		return 0
	}
	n := 1
	for _, s := range d.tshape {
		n *= s
	}
	return n
}

// Classes returns the names of the classes, nil when they have none.
func (d *Dataset) Classes() []string { return slices.Clone(d.classes) }

// WithClasses returns the dataset with names for its classes 0, 1, ….
func (d *Dataset) WithClasses(names ...string) *Dataset {
	e := *d
	e.classes = slices.Clone(names)
	return &e
}

// Notes tells what was converted when the dataset was made, a line each.
func (d *Dataset) Notes() []string { return slices.Clone(d.notes) }

// at returns where example i is stored.
func (d *Dataset) at(i int) int {
	if d.order != nil {
		return int(d.order[i])
	}
	if i < 0 || i >= d.n {
		panic(fmt.Sprintf("data: example %d is out of range: the dataset has %d", i, d.n))
	}
	return i
}

// Label returns the class of example i, or -1 when there are no labels. It
// panics when there is no such example.
func (d *Dataset) Label(i int) int {
	i = d.at(i)
	if d.labels == nil {
		return -1
	}
	return int(d.labels[i])
}

// Labels returns the classes of all examples, nil when there are none.
func (d *Dataset) Labels() []int {
	if d.labels == nil {
		return nil
	}
	out := make([]int, d.n)
	for i := range out {
		out[i] = d.Label(i)
	}
	return out
}

// Example returns a copy of the numbers of example i, in its shape. It panics
// when there is no such example.
func (d *Dataset) Example(i int) *tensor.Tensor {
	t := tensor.New(d.shape...)
	d.Gather(t.Data, []int32{int32(i)})
	return t
}

// Target returns a copy of the target of example i, nil without targets.
func (d *Dataset) Target(i int) *tensor.Tensor {
	if d.targets == nil {
		return nil
	}
	t := tensor.New(d.tshape...)
	d.GatherTargets(t.Data, []int32{int32(i)})
	return t
}

// Inputs returns a copy of all examples as one tensor, [Len, shape…].
func (d *Dataset) Inputs() *tensor.Tensor {
	t := tensor.New(append([]int{d.n}, d.shape...)...)
	d.ReadRows(t.Data, 0)
	return t
}

// Targets returns a copy of all targets as one tensor, nil without targets.
func (d *Dataset) Targets() *tensor.Tensor {
	if d.targets == nil {
		return nil
	}
	t := tensor.New(append([]int{d.n}, d.tshape...)...)
	w := d.TargetSize()
	for i := range d.n {
		d.GatherTargets(t.Data[i*w:(i+1)*w], []int32{int32(i)})
	}
	return t
}

// ReadRows copies examples lo, lo+1, … into dst, as many as fit, and returns
// how many those were.
func (d *Dataset) ReadRows(dst []float32, lo int) int {
	w := d.ExampleSize()
	if w == 0 || lo < 0 || lo >= d.n {
		return 0
	}
	k := min(len(dst)/w, d.n-lo)
	for i := range k {
		d.read(dst[i*w:(i+1)*w], lo+i)
	}
	return k
}

// Gather copies the examples that idx numbers into dst, one after the other.
// It allocates nothing.
func (d *Dataset) Gather(dst []float32, idx []int32) {
	w := d.ExampleSize()
	for k, i := range idx {
		d.read(dst[k*w:(k+1)*w], int(i))
	}
}

// read writes example i.
func (d *Dataset) read(dst []float32, i int) {
	if d.drawn != nil && d.augment != nil {
		d.draw(dst, i, *d.drawn)
		return
	}
	d.row(dst, d.at(i))
}

// row writes what is stored at place i.
func (d *Dataset) row(dst []float32, i int) {
	w := len(dst)
	switch {
	case d.bytes != nil:
		f32.Pixels(dst, d.bytes[i*w:(i+1)*w], d.scale)
	case d.source != nil:
		d.source.read(dst, i, d.scale)
	default:
		copy(dst, d.floats[i*w:(i+1)*w])
	}
}

// Prefetch asks the processor to bring the examples that idx numbers near,
// without waiting for them.
func (d *Dataset) Prefetch(idx []int32) {
	if d.bytes == nil {
		return
	}
	w := d.ExampleSize()
	for _, k := range idx {
		i := d.at(int(k))
		f32.Prefetch(d.bytes[i*w : (i+1)*w])
	}
}

// GatherLabels copies the labels of the examples that idx numbers into dst.
// It does nothing without labels.
func (d *Dataset) GatherLabels(dst []int32, idx []int32) {
	if d.labels == nil {
		return
	}
	for k, i := range idx {
		dst[k] = d.labels[d.at(int(i))]
	}
}

// GatherTargets copies the targets of the examples that idx numbers into dst,
// one after the other. It does nothing without targets.
func (d *Dataset) GatherTargets(dst []float32, idx []int32) {
	if d.targets == nil {
		return
	}
	w := d.TargetSize()
	for k, i := range idx {
		i := d.at(int(i))
		copy(dst[k*w:(k+1)*w], d.targets[i*w:(i+1)*w])
	}
}

// Stats is what a look at all numbers of a dataset finds, or at the inputs of the
// first 1,000 examples when they are read from a [Source]. An index is -1 when there
// is no such example.
type Stats struct {
	Min, Max           float64 // over the finite inputs
	BadExample         int     // the first with a NaN or infinite input
	BadTarget          int     // the first with a NaN or infinite target
	MinLabel           int
	MaxLabel           int
	MinAt, MaxAt       int // the first examples with those labels
	Counts             []int
	TargetLo, TargetHi float64
}

// Stats looks at all numbers once; later calls return what was found.
func (d *Dataset) Stats() Stats {
	if d.look == nil { // only the zero Dataset has none
		return d.scan()
	}
	d.look.once.Do(func() { d.look.stats = d.scan() })
	return d.look.stats
}

func (d *Dataset) scan() Stats {
	s := Stats{BadExample: -1, BadTarget: -1, MinAt: -1, MaxAt: -1}
	s.Min, s.Max, s.BadExample = d.scanInputs()
	if d.targets != nil {
		w := d.TargetSize()
		s.TargetLo, s.TargetHi = math.Inf(1), math.Inf(-1)
		for i := range d.n {
			lo, hi, bad := extent(d.targets[d.at(i)*w:][:w])
			if bad && s.BadTarget < 0 {
				s.BadTarget = i
			}
			s.TargetLo, s.TargetHi = min(s.TargetLo, lo), max(s.TargetHi, hi)
		}
	}
	if d.labels != nil && d.n > 0 {
		s.MinAt, s.MaxAt = 0, 0
		for i := range d.n {
			if d.Label(i) < d.Label(s.MinAt) {
				s.MinAt = i
			}
			if d.Label(i) > d.Label(s.MaxAt) {
				s.MaxAt = i
			}
		}
		s.MinLabel, s.MaxLabel = d.Label(s.MinAt), d.Label(s.MaxAt)
		if s.MinLabel >= 0 && s.MaxLabel < 1<<16 {
			s.Counts = make([]int, s.MaxLabel+1)
			for i := range d.n {
				s.Counts[d.Label(i)]++
			}
		}
	}
	return s
}

func (d *Dataset) scanInputs() (lo, hi float64, bad int) {
	lo, hi, bad = math.Inf(1), math.Inf(-1), -1
	w := d.ExampleSize()
	if d.source != nil {
		x := make([]float32, w)
		for i := range min(d.n, sampleOfSource) {
			d.row(x, d.at(i))
			a, b, isBad := extent(x)
			if isBad && bad < 0 {
				bad = i
			}
			lo, hi = min(lo, a), max(hi, b)
		}
		return lo, hi, bad
	}
	for i := range d.n {
		o := d.at(i) * w
		if d.bytes != nil {
			a, b := byteExtent(d.bytes[o : o+w])
			lo, hi = min(lo, float64(a)*float64(d.scale)), max(hi, float64(b)*float64(d.scale))
			if lo == 0 && b == 255 {
				return lo, hi, bad // bytes cannot reach further, nor be bad
			}
			continue
		}
		a, b, isBad := extent(d.floats[o : o+w])
		if isBad && bad < 0 {
			bad = i
		}
		lo, hi = min(lo, a), max(hi, b)
	}
	return lo, hi, bad
}

func byteExtent(b []uint8) (lo, hi uint8) {
	lo = 255
	for _, v := range b {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

// extent returns the range of the finite values, and whether others are there.
func extent(x []float32) (lo, hi float64, bad bool) {
	l, h := float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range x {
		if v-v != 0 {
			bad = true
			continue
		}
		if v < l {
			l = v
		}
		if v > h {
			h = v
		}
	}
	return float64(l), float64(h), bad
}
