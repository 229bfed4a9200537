// This file makes datasets of examples that come one by one: from an iterator, a file,
// or a source that need not fit into memory.

package data

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A Source gives examples in any order, so that they need not all be in memory.
type Source interface {
	Len() int            // how many there are
	ExampleShape() []int // of each

	// Read writes the numbers of example i to dst, which has room for them. Several
	// goroutines call it at the same time. It must give the same numbers for the
	// same i every time, or else the same seed does not give the same model.
	Read(dst []float32, i int) error
}

// sampleOfSource is how many examples of a source are read to learn their range.
const sampleOfSource = 1000

// From returns a dataset whose inputs are read from s whenever they are wanted; y is
// as in [Arrays], with an entry an example, and kept in memory. Scale, Split, Augment and
// the like work as with other datasets; what gives new numbers to all examples (Map,
// the scalers) reads them into memory.
//
// An error of s ends the training or evaluation that reads it, and is what Err returns
// from then on.
func From(s Source, y any) (*Dataset, error) {
	if s == nil {
		return nil, errors.New("data: From got no source: it is nil")
	}
	d := &Dataset{n: s.Len(), shape: slices.Clone(s.ExampleShape()), scale: 1, source: newLazy(s), look: new(look)}
	if d.n < 1 || d.n > math.MaxInt32 {
		return nil, fmt.Errorf("data: the source has %d examples, but must have from 1 to %d", d.n, math.MaxInt32)
	}
	if len(d.shape) == 0 || slices.Min(d.shape) < 1 {
		return nil, fmt.Errorf("data: the examples of the source have shape %v and no numbers", d.shape)
	}
	if err := d.addTruths(y); err != nil {
		return nil, err
	}
	return d, nil
}

// lazy reads a source for a dataset and those made of it.
type lazy struct {
	Source
	err atomic.Pointer[error] // the first
}

func newLazy(s Source) *lazy { return &lazy{Source: s} }

// read writes NaN where the source gives an error: no step can pass over that.
func (l *lazy) read(dst []float32, i int, scale float32) {
	if err := l.Read(dst, i); err != nil {
		err = fmt.Errorf("data: example %d of the source: %w", i, err)
		l.err.CompareAndSwap(nil, &err)
		for k := range dst {
			dst[k] = float32(math.NaN())
		}
		return
	}
	if scale != 1 {
		for k := range dst {
			dst[k] *= scale
		}
	}
}

// Err returns the first error of the [Source] that the examples are read from, nil when
// there was none or they are in memory.
func (d *Dataset) Err() error {
	if d.source != nil {
		if err := d.source.err.Load(); err != nil {
			return *err
		}
	}
	return nil
}

// Collect reads all of seq into memory. Each x is one example: a *tensor.Tensor, a
// slice (nested or not) of numbers, or a number; each y is its class (an integer), its
// target (a float, or a slice of numbers), or nil. All must be alike.
func Collect(seq iter.Seq2[any, any]) (*Dataset, error) {
	var c collector
	var bytes []uint8
	var floats []float32
	err := c.run(seq, func(b *block) error {
		if c.bytes {
			bytes = append(bytes, b.bytes...)
		} else {
			floats = append(floats, b.floats...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d := c.dataset()
	d.bytes, d.floats = bytes, floats
	return d, nil
}

// Spool writes the inputs of seq to a file, from which they are then read whenever they
// are wanted, so that they need not fit into memory. x and y are as in [Collect]. Fit
// shuffles such a dataset like any other. An empty path means a temporary file, which
// is removed at once or, where open files cannot be (Windows), when the dataset is no
// longer in use; a file that exists is written over.
func Spool(path string, seq iter.Seq2[any, any]) (d *Dataset, err error) {
	f, err := create(path)
	if err != nil {
		return nil, fmt.Errorf("data: Spool: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	// Where an open file can be removed, it lives on until it is closed.
	left := path == "" && os.Remove(f.Name()) != nil
	var c collector
	w := bufio.NewWriterSize(f, 1<<20)
	var buf []byte
	err = c.run(seq, func(b *block) error {
		buf = append(buf[:0], b.bytes...)
		if !c.bytes {
			for _, v := range b.floats {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
		}
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("data: Spool: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("data: Spool: %w", err)
	}
	d = c.dataset()
	s := &spooled{file: f, n: d.n, shape: d.shape, bytes: c.bytes}
	if left {
		runtime.AddCleanup(s, func(f *os.File) { f.Close(); os.Remove(f.Name()) }, f)
	}
	d.source = newLazy(s)
	return d, nil
}

func create(path string) (*os.File, error) {
	if path == "" {
		return os.CreateTemp("", "cajal-spool*")
	}
	return os.Create(path)
}

// spooled is the source of a file that Spool wrote.
type spooled struct {
	file  *os.File
	n     int
	shape []int
	bytes bool
	free  sync.Pool // of *[]byte
}

func (s *spooled) Len() int            { return s.n }
func (s *spooled) ExampleShape() []int { return s.shape }

func (s *spooled) Read(dst []float32, i int) error {
	size := len(dst)
	if !s.bytes {
		size *= 4
	}
	b, ok := s.free.Get().(*[]byte)
	if !ok {
		b = new([]byte)
		*b = make([]byte, size)
	}
	defer s.free.Put(b)
	if _, err := s.file.ReadAt(*b, int64(i)*int64(size)); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("%s: %w", s.file.Name(), err)
	}
	if s.bytes {
		for k, v := range *b {
			dst[k] = float32(v)
		}
		return nil
	}
	for k := range dst {
		dst[k] = math.Float32frombits(binary.LittleEndian.Uint32((*b)[4*k:]))
	}
	return nil
}

// A collector takes the pairs of an iterator and keeps what is said of the examples.
type collector struct {
	n       int
	shape   []int
	bytes   bool
	note    string
	kind    string // of y: "class", "target", "nothing"
	labels  []int32
	targets []float32
	tshape  []int
}

// run hands the numbers of each example to put.
func (c *collector) run(seq iter.Seq2[any, any], put func(*block) error) error {
	if seq == nil {
		return errors.New("data: the iterator is nil")
	}
	for x, y := range seq {
		b, err := readOne(x)
		if err != nil {
			return fmt.Errorf("data: x of example %d: %w", c.n, err)
		}
		if c.n == 0 {
			c.shape, c.bytes, c.note = b.shape, b.bytes != nil, b.note
		}
		if !slices.Equal(b.shape, c.shape) || (b.bytes != nil) != c.bytes {
			return fmt.Errorf("data: x of example %d is %s, but that of the first is %s: all must be alike", c.n, describe(b.shape, b.bytes != nil), describe(c.shape, c.bytes))
		}
		if err := c.truth(y); err != nil {
			return err
		}
		if c.n++; c.n > math.MaxInt32 {
			return errors.New("data: the iterator gives more examples than a dataset can count")
		}
		if err := put(b); err != nil {
			return err
		}
	}
	if c.n == 0 {
		return errors.New("data: the iterator gave no examples")
	}
	return nil
}

func describe(shape []int, bytes bool) string {
	if bytes {
		return fmt.Sprintf("bytes of %v", shape)
	}
	return fmt.Sprintf("numbers of %v", shape)
}

// truth keeps what belongs to an example.
func (c *collector) truth(y any) error {
	kind := "nothing"
	var b *block
	if y != nil {
		var err error
		if b, err = readOne(y); err != nil {
			return fmt.Errorf("data: y of example %d: %w", c.n, err)
		}
		kind = "target"
		if b.whole && b.single {
			kind = "class"
		}
	}
	if c.n == 0 {
		c.kind = kind
	}
	if kind != c.kind {
		return fmt.Errorf("data: y of example %d is a %s, but that of the first is a %s: all must be alike", c.n, kind, c.kind)
	}
	switch kind {
	case "class":
		v := b.at(0)
		if v < math.MinInt32 || v > math.MaxInt32 {
			return fmt.Errorf("data: y: label %v of example %d is too large", v, c.n)
		}
		c.labels = append(c.labels, int32(v))
	case "target":
		if c.n == 0 {
			c.tshape = b.shape
		}
		if !slices.Equal(b.shape, c.tshape) {
			return fmt.Errorf("data: y of example %d has shape %v, but that of the first %v: all must be alike", c.n, b.shape, c.tshape)
		}
		c.targets = append(c.targets, b.numbers()...)
	}
	return nil
}

// dataset returns a dataset with all but the inputs.
func (c *collector) dataset() *Dataset {
	d := &Dataset{n: c.n, shape: c.shape, scale: 1, labels: c.labels, targets: c.targets, tshape: c.tshape, look: new(look)}
	if c.note != "" {
		d.notes = []string{"x: " + c.note}
	}
	return d
}
