// This file defines Patches, sums of scaled patches of an image.

package f32

// A Term is a patch of the source and what to multiply it by.
type Term struct {
	At int32 // where it begins
	By float32
}

// Patches adds scaled patches, Rows rows of Len numbers each:
//
//	for _, t := range terms {
//		for r := range Rows {
//			for j := range Len {
//				dst[r*DstRow+j] += t.By * src[int(t.At)+r*SrcRow+j]
//			}
//		}
//	}
//
// Behind a max-pooling most gradients are zero: this adds up those that are not.
// The source is an image for the gradient of weights, and weights for the
// gradient of an image. Every number of dst is one sum in the order of the terms.
type Patches struct{ Rows, Len, DstRow, SrcRow int }

// Add computes the sums. It panics when dst is too short, but whoever makes the
// terms must see to it that they lie within src: assembly does not look.
func (p *Patches) Add(dst, src []float32, terms []Term) {
	if len(terms) == 0 || p.Rows <= 0 || p.Len <= 0 {
		return
	}
	_ = dst[(p.Rows-1)*p.DstRow+p.Len-1]
	p.do(dst, src, terms)
}

func (p *Patches) generic(dst, src []float32, terms []Term) {
	for _, t := range terms {
		for r := range p.Rows {
			d, s := dst[r*p.DstRow:][:p.Len], src[int(t.At)+r*p.SrcRow:][:p.Len]
			for j, v := range s {
				d[j] += t.By * v
			}
		}
	}
}
