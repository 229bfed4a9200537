// This file gives batches to training loops that users write themselves.

package data

import (
	"iter"

	"cajal/engine/internal/rng"
	"cajal/engine/tensor"
)

// purposePass begins the random streams of the orders of epochs.
const purposePass = 1 << 61

// A Batch is some examples, read. It is its receiver's own: the next batch has other
// memory.
type Batch struct {
	X      *tensor.Tensor // [n, shape of an example…]
	Y      *tensor.Tensor // targets, [n, shape of a target…]; nil without
	Labels []int          // classes; nil without
	Index  []int          // which examples of the dataset they are
}

// Len returns the number of examples.
func (b *Batch) Len() int { return len(b.Index) }

// Batches returns the examples, size at a time and in their order; the last batch has
// what is left. A size below 1 means 32. Where examples are read from a [Source], Err
// tells behind the loop whether all could be read.
//
//	for e := range 5 {
//		for b := range train.Epoch(seed, e).Batches(32) {
//			// b.X, b.Labels
//		}
//	}
func (d *Dataset) Batches(size int) iter.Seq[*Batch] {
	if size < 1 {
		size = 32
	}
	return func(yield func(*Batch) bool) {
		for lo := 0; lo < d.n; lo += size {
			if !yield(d.batch(lo, min(lo+size, d.n))) {
				return
			}
		}
	}
}

func (d *Dataset) batch(lo, hi int) *Batch {
	n := hi - lo
	b := &Batch{X: tensor.New(append([]int{n}, d.shape...)...), Index: make([]int, n)}
	idx := make([]int32, n)
	for k := range idx {
		idx[k], b.Index[k] = int32(lo+k), lo+k
	}
	d.Gather(b.X.Data, idx)
	if d.targets != nil {
		b.Y = tensor.New(append([]int{n}, d.tshape...)...)
		d.GatherTargets(b.Y.Data, idx)
	}
	if d.labels != nil {
		b.Labels = make([]int, n)
		for k := range b.Labels {
			b.Labels[k] = d.Label(lo + k)
		}
	}
	return b
}

// Epoch returns the examples as one epoch of a training sees them: in a random order,
// and augmented when [Dataset.Augment] says so. Both depend on seed and epoch only. It
// is for training loops of one's own; Fit does the like by itself.
func (d *Dataset) Epoch(seed int64, epoch int) *Dataset {
	idx := d.all()
	src := rng.New(uint64(seed), purposePass+uint64(epoch))
	src.Shuffle(idx)
	e := d.pick(idx)
	if e.augment != nil {
		e.drawn = &drawing{seed, epoch}
	}
	return e
}
