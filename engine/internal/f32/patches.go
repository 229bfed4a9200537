// This file defines Patches, sums of scaled patches of an image, and the lists of
// what is to be added.

package f32

import "math"

// A Term is a patch of the source and what to multiply it by.
type Term struct {
	At int32 // where it begins
	By float32
}

// A Group is a patch of the destination and what is to be added to it: terms
// From to From+N-1 of a list.
type Group struct {
	To, From, N int32
}

// Patches adds scaled patches, Rows rows of Len numbers each. What is over a multiple of
// [Lane] in Len is left to the Go loop:
//
//	for _, g := range groups {
//		for _, t := range terms[g.From : g.From+g.N] {
//			for r := range Rows {
//				for j := range Len {
//					dst[g.To+r*DstRow+j] += t.By * src[t.At+r*SrcRow+j]
//				}
//			}
//		}
//	}
//
// Behind a max-pooling most gradients are zero: this adds up those that are not.
// The source is an image for the gradient of weights, and weights for the
// gradient of an image. Where groups do not overlap, every number of dst is one sum
// in the order of the terms; where they do, the order of groups depends on the
// implementation.
type Patches struct{ Rows, Len, DstRow, SrcRow int }

// Add computes the sums. Whoever makes the groups and terms must see to it that
// they lie within dst and src: assembly does not look.
func (p *Patches) Add(dst, src []float32, terms []Term, groups []Group) {
	if len(groups) == 0 || len(terms) == 0 || p.Rows <= 0 || p.Len <= 0 {
		return
	}
	if counted != nil {
		for _, g := range groups {
			counted.Add(int64(2 * p.Rows * p.Len * int(g.N)))
		}
	}
	p.do(dst, src, terms, groups)
}

func (p *Patches) generic(dst, src []float32, terms []Term, groups []Group) {
	for _, g := range groups {
		for _, t := range terms[g.From : g.From+g.N] {
			for r := range p.Rows {
				d, s := dst[int(g.To)+r*p.DstRow:][:p.Len], src[int(t.At)+r*p.SrcRow:][:p.Len]
				for j, v := range s {
					d[j] += t.By * v
				}
			}
		}
	}
}

// Collect lists, for every group's channel, the windows whose gradient is not zero:
// the gradient of channel c at window k is grad[k*stride+c], and its patch begins at
// corners[k] + places[won[k*stride+c]]. It sets N of the groups, whose lists need
// room for all windows. The numbers of won must be places: assembly does not look.
func Collect(terms []Term, groups []Group, grad []float32, won, corners, places []int32, stride int) {
	if len(groups) == 0 || len(corners) == 0 {
		return
	}
	last := (len(corners)-1)*stride + len(groups) - 1
	_, _ = grad[last], won[last]
	for i := range groups {
		_ = terms[int(groups[i].From)+len(corners)-1]
	}
	collect(terms, groups, grad, won, corners, places, stride)
}

func collectGeneric(terms []Term, groups []Group, grad []float32, won, corners, places []int32, stride int) {
	for c := range groups {
		g := &groups[c]
		g.N = 0
		for k, corner := range corners {
			v := grad[k*stride+c]
			terms[g.From+g.N] = Term{At: corner + places[won[k*stride+c]], By: v}
			g.N += present(v)
		}
	}
}

// Split lists, for every place of a window, the channels whose gradient is not zero
// there: that of channel c is grad[c] at place won[c], and its patch begins at c*step.
// It sets N of the groups, one a place, whose lists need room for all channels, rounded
// up to [SplitRoom]; what they do not fill of it is overwritten. The numbers of won must
// be places: assembly does not look.
func Split(terms []Term, groups []Group, grad []float32, won []int32, step int) {
	for i := range groups {
		groups[i].N = 0
	}
	if len(grad) == 0 {
		return
	}
	room := (len(grad) + SplitRoom - 1) &^ (SplitRoom - 1)
	for i := range groups {
		_ = terms[int(groups[i].From)+room-1]
	}
	split(terms, groups, grad, won[:len(grad)], step)
}

// SplitRoom is how many terms the room for a list of [Split] is a multiple of.
const SplitRoom = 16

func splitGeneric(terms []Term, groups []Group, grad []float32, won []int32, step int) {
	for c, v := range grad {
		g := &groups[won[c]]
		terms[g.From+g.N] = Term{At: int32(c * step), By: v}
		g.N += present(v)
	}
}

// present is 1 where a number is not zero, of either sign.
func present(v float32) int32 {
	b := math.Float32bits(v) << 1
	return int32((b | -b) >> 31)
}
