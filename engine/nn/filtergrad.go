// This file has the gradient of a convolution's weights, which chunks of the batch
// compute and which is then added up.

package nn

import "cajal/engine/internal/f32"

// A filterGrad holds the gradients of weights and biases of every chunk of a batch.
// A chunk adds its images one after the other, while they are near; the chunks are
// added up in their order. So the sum depends on how the batch is cut, which depends
// on model and batch only, and not on who computes when.
type filterGrad struct {
	chunk  int // examples a chunk
	nw, nb int
	w, b   []float32 // one chunk's after another
	blocks []block   // of weights, to be added up at the same time
}

func newFilterGrad(b *opBuilder, nw, nb int) filterGrad {
	g := filterGrad{chunk: b.chunk, nw: nw, nb: nb, w: make([]float32, b.slots*nw), b: make([]float32, b.slots*nb)}
	rows := nw / nb
	for _, k := range b.blocks(rows, float64(nb*rows)/float64(b.chunk)) {
		g.blocks = append(g.blocks, block{k.lo * nb, k.hi * nb})
	}
	return g
}

func (g *filterGrad) weights(slot int) []float32 { return g.w[slot*g.nw : (slot+1)*g.nw] }
func (g *filterGrad) biases(slot int) []float32  { return g.b[slot*g.nb : (slot+1)*g.nb] }

// begin clears the gradients of a chunk.
func (g *filterGrad) begin(slot int) {
	clear(g.weights(slot))
	clear(g.biases(slot))
}

// sumWeights adds up weights from lo on, over a batch of n examples, into dst.
func (g *filterGrad) sumWeights(dst []float32, lo, n int) {
	clear(dst)
	f32.Sum(dst, g.w[lo:], (n+g.chunk-1)/g.chunk, g.nw)
}

func (g *filterGrad) sumBiases(dst []float32, n int) {
	clear(dst)
	f32.Sum(dst, g.b, (n+g.chunk-1)/g.chunk, g.nb)
}

// sum adds up a block of the gradient, and the bias with the first.
func (g *filterGrad) sum(w, bias *param, part, n int) {
	b := g.blocks[part]
	g.sumWeights(w.g[b.lo:b.hi], b.lo, n)
	if part == 0 && bias != nil {
		g.sumBiases(bias.g, n)
	}
}
