// This file makes datasets with other numbers in their examples.

package data

import (
	"errors"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"cajal/engine/tensor"
)

// remade returns the dataset with examples of another shape, which f makes of what they
// were, one after the other.
func (d *Dataset) remade(shape []int, f func(dst, src []float32)) (*Dataset, error) {
	size := 1
	for _, s := range shape {
		size *= s
	}
	if d.augment != nil && !slices.Equal(shape, d.shape) {
		return nil, fmt.Errorf("data: examples of %v cannot become %v: they are augmented as they are\nhint: do this before Augment", d.shape, shape)
	}
	e := d.inMemory()
	e.shape, e.either = slices.Clone(shape), false
	e.floats = make([]float32, d.n*size)
	src := make([]float32, d.ExampleSize())
	for i := range d.n {
		d.row(src, d.at(i))
		f(e.floats[i*size:(i+1)*size], src)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return e, nil
}

// inMemory returns a dataset of the same examples in their present order, with labels
// and targets of its own, whose inputs are still to be given.
func (d *Dataset) inMemory() *Dataset {
	e := d.derive()
	e.bytes, e.floats, e.source, e.drawn, e.order, e.scale = nil, nil, nil, nil, nil, 1
	if d.labels != nil {
		e.labels = make([]int32, d.n)
		d.GatherLabels(e.labels, d.all())
	}
	if d.targets != nil {
		e.targets = make([]float32, d.n*d.TargetSize())
		d.GatherTargets(e.targets, d.all())
	}
	return e
}

// Map returns the dataset with the examples that f makes of them, all of one shape. f gets
// a copy of each, which it may change and return. It is called for one example after the
// other, once; [Distort] is for what should differ from epoch to epoch.
func (d *Dataset) Map(f func(x *tensor.Tensor) *tensor.Tensor) (*Dataset, error) {
	if f == nil {
		return nil, errors.New("data: Map got no function: it is nil")
	}
	if d.n == 0 {
		return d, nil
	}
	e := d.inMemory()
	for i := range d.n {
		x := tensor.New(d.shape...)
		d.row(x.Data, d.at(i))
		if err := d.Err(); err != nil {
			return nil, err
		}
		y := f(x)
		if y == nil {
			return nil, fmt.Errorf("data: Map: the function returned nil for example %d", i)
		}
		if err := y.Check(); err != nil {
			return nil, fmt.Errorf("data: Map: example %d: %w", i, err)
		}
		switch {
		case i == 0 && (len(y.Shape) == 0 || slices.Contains(y.Shape, 0)):
			return nil, fmt.Errorf("data: Map: the function made an example of shape %v, without numbers", y.Shape)
		case i == 0:
			if !slices.Equal(d.shape, y.Shape) {
				e.either, e.schema = false, nil
			}
			e.shape = slices.Clone(y.Shape)
			e.floats = make([]float32, 0, d.n*len(y.Data))
		case !slices.Equal(y.Shape, e.shape):
			return nil, fmt.Errorf("data: Map: the function made example %d of shape %v, but the first of %v: all must be alike", i, y.Shape, e.shape)
		}
		e.floats = append(e.floats, y.Data...)
	}
	if e.augment != nil && !slices.Equal(d.shape, e.shape) {
		return nil, errors.New("data: Map changes the shape of examples that are augmented\nhint: Map before Augment")
	}
	return e, nil
}

// Concat returns the examples of d and then those of the others. All must have one shape
// and the same kind of truth; name, classes and augmentation are those of d.
func (d *Dataset) Concat(others ...*Dataset) (*Dataset, error) {
	total, bytes := d.n, d.bytes != nil
	for i, o := range others {
		switch {
		case o == nil:
			return nil, fmt.Errorf("data: Concat: dataset %d is nil", i+1)
		case !slices.Equal(o.shape, d.shape):
			return nil, fmt.Errorf("data: Concat: dataset %d has examples of %v, but the first of %v", i+1, o.shape, d.shape)
		case (o.labels != nil) != (d.labels != nil) || (o.targets != nil) != (d.targets != nil) || !slices.Equal(o.tshape, d.tshape):
			return nil, fmt.Errorf("data: Concat: dataset %d has %s, but the first has %s", i+1, o.truth(), d.truth())
		case !slices.Equal(o.classes, d.classes):
			return nil, fmt.Errorf("data: Concat: dataset %d has the classes %q, but the first has %q", i+1, o.classes, d.classes)
		case o.n > math.MaxInt32-total:
			return nil, fmt.Errorf("data: Concat: more than %d examples", math.MaxInt32)
		}
		total += o.n
		bytes = bytes && o.bytes != nil && o.scale == d.scale
	}
	all := append([]*Dataset{d}, others...)
	e := d.derive()
	e.n, e.order, e.drawn, e.source, e.bytes, e.floats, e.labels, e.targets = total, nil, nil, nil, nil, nil, nil, nil
	w := d.ExampleSize()
	if bytes {
		e.bytes = make([]uint8, 0, total*w)
	} else {
		e.scale, e.floats = 1, make([]float32, total*w)
	}
	at := 0
	for _, o := range all {
		if bytes {
			for i := range o.n {
				k := o.at(i) * w
				e.bytes = append(e.bytes, o.bytes[k:k+w]...)
			}
		} else {
			for i := range o.n {
				o.row(e.floats[(at+i)*w:(at+i+1)*w], o.at(i))
			}
			if err := o.Err(); err != nil {
				return nil, err
			}
		}
		part := o.inMemory()
		e.labels, e.targets = append(e.labels, part.labels...), append(e.targets, part.targets...)
		at += o.n
	}
	return e, nil
}

// truth says what the examples have beside their numbers.
func (d *Dataset) truth() string {
	switch {
	case d.labels != nil:
		return "labels"
	case d.targets != nil:
		return fmt.Sprintf("targets of %v", d.tshape)
	}
	return "neither labels nor targets"
}

// A Scaler brings inputs to a common scale: x becomes (x - Shift) · Factor. It is made of
// the training set and applied to all others too, so that a model meets them as it was
// trained.
type Scaler struct {
	Shift, Factor []float32 // one for each number of a row, or for each channel of images
	kind          string
	shape         []int
	names         []string
}

// StandardScaler returns the scaler after which each number of a row (each channel, where
// examples have several dimensions) has mean 0 and standard deviation 1 over the examples
// of d. Numbers that are always the same become 0.
func (d *Dataset) StandardScaler() (*Scaler, error) {
	s, err := d.newScaler("standard")
	if err != nil {
		return nil, err
	}
	w := len(s.Shift)
	mean, squares := make([]float64, w), make([]float64, w)
	count := float64(d.n) * float64(d.ExampleSize()/w)
	err = d.eachRow(func(x []float32) {
		for k, v := range x {
			mean[k%w] += float64(v)
		}
	})
	if err != nil {
		return nil, err
	}
	for k := range mean {
		mean[k] /= count
	}
	err = d.eachRow(func(x []float32) {
		for k, v := range x {
			e := float64(v) - mean[k%w]
			squares[k%w] += e * e
		}
	})
	if err != nil {
		return nil, err
	}
	for k := range mean {
		s.Shift[k] = float32(mean[k])
		s.Factor[k] = inverse(math.Sqrt(squares[k] / count))
	}
	return s, s.check()
}

// MinMaxScaler returns the scaler after which each number of a row (each channel, where
// examples have several dimensions) reaches from 0 to 1 over the examples of d.
func (d *Dataset) MinMaxScaler() (*Scaler, error) {
	s, err := d.newScaler("min-max")
	if err != nil {
		return nil, err
	}
	w := len(s.Shift)
	lo, hi := slices.Repeat([]float32{float32(math.Inf(1))}, w), slices.Repeat([]float32{float32(math.Inf(-1))}, w)
	err = d.eachRow(func(x []float32) {
		for k, v := range x {
			lo[k%w], hi[k%w] = min(lo[k%w], v), max(hi[k%w], v)
		}
	})
	if err != nil {
		return nil, err
	}
	for k := range lo {
		s.Shift[k], s.Factor[k] = lo[k], inverse(float64(hi[k])-float64(lo[k]))
	}
	return s, s.check()
}

// inverse is 1/v, and 1 for what never changes.
func inverse(v float64) float32 {
	if v < 1e-30 {
		return 1
	}
	return float32(1 / v)
}

func (d *Dataset) newScaler(kind string) (*Scaler, error) {
	if d.n == 0 {
		return nil, fmt.Errorf("data: the %s scaler needs examples, but the dataset has none", kind)
	}
	w := d.shape[len(d.shape)-1]
	s := &Scaler{Shift: make([]float32, w), Factor: make([]float32, w), kind: kind, shape: slices.Clone(d.shape)}
	if names := d.FeatureNames(); len(names) == w {
		s.names = names
	}
	return s, nil
}

func (d *Dataset) eachRow(f func(x []float32)) error {
	x := make([]float32, d.ExampleSize())
	for i := range d.n {
		d.row(x, d.at(i))
		f(x)
	}
	return d.Err()
}

func (s *Scaler) check() error {
	for k := range s.Shift {
		if v := s.Shift[k] * s.Factor[k]; v-v != 0 || s.Factor[k] == 0 {
			return fmt.Errorf("data: the %s scaler found a NaN or infinite number at place %d of the examples", s.kind, k)
		}
	}
	return nil
}

// Apply returns d scaled. Its examples must have the shape of those that the scaler was
// made of.
func (s *Scaler) Apply(d *Dataset) (*Dataset, error) {
	if !slices.Equal(d.shape, s.shape) {
		return nil, fmt.Errorf("data: the scaler was made for examples of %v, but these are %v", s.shape, d.shape)
	}
	either := d.either
	e, err := d.remade(d.shape, func(dst, src []float32) {
		for k, v := range src {
			j := k % len(s.Shift)
			dst[k] = (v - s.Shift[j]) * s.Factor[j]
		}
	})
	if err == nil {
		e.either = either
	}
	return e, err
}

// String tells shift and factor of each number, or of the first twenty.
func (s *Scaler) String() string {
	rows := s.rows()
	var b strings.Builder
	fmt.Fprintf(&b, "%s scaler for examples of %v", s.kind, s.shape)
	for _, r := range rows {
		fmt.Fprintf(&b, "\n%-16s shift %-12s factor %s", r[0], r[1], r[2])
	}
	if more := len(s.Shift) - len(rows); more > 0 {
		fmt.Fprintf(&b, "\n… and %d more", more)
	}
	return b.String()
}

// MIMEBundle returns the same as text/plain and, as a table, text/html.
func (s *Scaler) MIMEBundle() map[string]any {
	var b strings.Builder
	b.WriteString(`<table class="cajal-dataset"><tr><th>`)
	fmt.Fprintf(&b, "%s scaler, %v</th><th>shift</th><th>factor</th></tr>", s.kind, s.shape)
	for _, r := range s.rows() {
		fmt.Fprintf(&b, `<tr><th style="text-align:left">%s</th><td>%s</td><td>%s</td></tr>`, html.EscapeString(r[0]), r[1], r[2])
	}
	b.WriteString("</table>")
	return map[string]any{"text/plain": s.String(), "text/html": b.String()}
}

func (s *Scaler) rows() (rows [][3]string) {
	for k := range min(len(s.Shift), 20) {
		name := fmt.Sprint(k)
		if s.names != nil {
			name = s.names[k]
		}
		rows = append(rows, [3]string{name, fmt.Sprintf("%.6g", s.Shift[k]), fmt.Sprintf("%.6g", s.Factor[k])})
	}
	return rows
}
