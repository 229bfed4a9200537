// This file has the embedding, forward and backward side by side.

package nn

import (
	"fmt"
	"math"

	"cajal/engine/internal/f32"
)

// An EmbeddingOption is what [Embedding] takes after its sizes: an [Init] or [Name].
type EmbeddingOption interface{ embedding(*embeddingLayer) }

type embeddingLayer struct {
	layerCommon
	words, width int
	first        initial
}

// Embedding gives every word of a sequence a vector of width numbers, which is learnt:
// [30] numbers of words, each from 0 to words-1, become [30 width]. It reads the Input.
// The vectors begin with numbers from -0.05 to 0.05.
func Embedding(words, width int, options ...EmbeddingOption) Layer {
	l := &embeddingLayer{layerCommon: layerCommon{at: caller()}, words: words, width: width, first: evenly(0.05)}
	for _, o := range options {
		if o != nil {
			o.embedding(l)
		}
	}
	return of(l)
}

func (l *embeddingLayer) Kind() string             { return "Embedding" }
func (l *embeddingLayer) flops(_, _ []int) float64 { return 0 }

func (l *embeddingLayer) infer(in []int) ([]int, *fault) {
	switch {
	case l.words < 1 || l.width < 1:
		return nil, &fault{text: fmt.Sprintf("has %d words and %d numbers for each, but both must be above 0", l.words, l.width)}
	case len(in) != 1:
		return nil, &fault{
			text: "wants the numbers of words, [steps]",
			got:  fmt.Sprintf("%v per example (rank %d)", in, len(in)),
			fix:  "nn.Input(steps) before it",
		}
	}
	return []int{in[0], l.width}, nil
}

func (l *embeddingLayer) weights([]int, bool) []paramSpec {
	return []paramSpec{matrixSpec("weights", l.words, l.width, l.first)}
}

func (l *embeddingLayer) op(b *opBuilder) op {
	o := &embeddingOp{in: b.in, w: b.params[0], words: l.words, out: b.shaped([]int{b.in.shape[0], l.width})}
	if b.train {
		o.blocks = b.blocks(l.words, float64(len(o.w.w))/float64(b.batch))
	}
	b.emit(o.out)
	return o
}

type embeddingOp struct {
	in, out *buffer
	w       *param
	words   int
	blocks  []block
}

// word returns the number of a word; what is not one was refused before, and is
// brought into range so that no input can do harm.
func (o *embeddingOp) word(v float32) int {
	if !(v >= 0) {
		return 0
	}
	return min(int(min(v, math.MaxInt32)), o.words-1)
}

func (o *embeddingOp) forward(lo, hi, _ int) {
	ld, steps := o.w.ldCol, o.in.shape[0]
	for i := lo; i < hi; i++ {
		out := o.out.row(i)
		for k, v := range o.in.row(i)[:steps] {
			copy(out[k*ld:(k+1)*ld], o.w.w[o.word(v)*ld:])
		}
	}
}

func (o *embeddingOp) backward(lo, hi, _ int) {}

func (o *embeddingOp) parts() int { return len(o.blocks) }

// grad adds up the gradients of some of the words, over n examples.
func (o *embeddingOp) grad(part, n int) {
	lo, hi := o.blocks[part].lo, o.blocks[part].hi
	ld, steps := o.w.ldCol, o.in.shape[0]
	clear(o.w.g[lo*ld : hi*ld])
	for i := range n {
		dy := o.out.gradRow(i)
		for k, v := range o.in.row(i)[:steps] {
			if w := o.word(v); w >= lo && w < hi {
				f32.Bias(o.w.g[w*ld:(w+1)*ld], dy[k*ld:(k+1)*ld])
			}
		}
	}
}

func (o *embeddingOp) refresh(p *param, lo, hi int) {}

// checkWords refuses inputs that are no numbers of words, naming the first.
func checkWords(m *Model, in Inputs) error {
	words := math.MaxInt
	for _, n := range m.nodes {
		if l, ok := n.layer.(*embeddingLayer); ok {
			words = min(words, l.words)
		}
	}
	if words == math.MaxInt {
		return nil
	}
	row := make([]float32, product(m.nodes[0].out))
	for i := range in.Len() {
		in.ReadRows(row, i)
		for k, v := range row {
			if v >= 0 && v < float32(words) && v == float32(math.Trunc(float64(v))) {
				continue
			}
			err := &DataError{Text: fmt.Sprintf("word %d of example %d (counted from 0) is %v, but nn.Embedding knows the whole numbers 0 to %d", k, i, v, words-1)}
			if v >= float32(words) && v < 1e9 {
				return err.fixed(fmt.Sprintf("nn.Embedding(%d, …) has room for that one, or give words that are not known a number of their own", int(v)+1))
			}
			return err.fixed("give every word its number, counted from 0, and words that are not known one of their own")
		}
	}
	return nil
}
