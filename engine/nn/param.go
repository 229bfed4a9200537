// This file has the parameters of layers: how they are stored, and what they begin
// with.

package nn

import (
	"fmt"

	"cajal/engine/internal/f32"
	"cajal/engine/internal/rng"
	"cajal/engine/tensor"
)

// A paramSpec describes a parameter of a layer: its shape as the user sees it, and
// the matrix in which it is stored. The matrix has blocks of ldRow rows of ldCol
// numbers, of which inRows by cols are real; a convolution has a block for every cell
// of its filter. The rest is padding and stays zero.
type paramSpec struct {
	name          string // such as "weights"
	shape         []int
	blocks        int
	inRows, ldRow int
	cols, ldCol   int
	groups        int   // of columns, each padded by itself; 0 is one
	turned        bool  // the user has the columns of a block as its rows
	order         []int // where the user's blocks are stored; nil is in their order
	fanIn, fanOut int
	first         initial // nil begins with zeros
	l1, l2        float64
	fixed         bool // not changed by gradients
}

// matrixSpec is that of a matrix without padded rows.
func matrixSpec(name string, rows, cols int, first initial) paramSpec {
	return paramSpec{
		name: name, shape: []int{rows, cols}, blocks: 1, inRows: rows, ldRow: rows, cols: cols, ldCol: f32.Pad(cols),
		fanIn: rows, fanOut: cols, first: first,
	}
}

// grouped pads groups of columns by themselves.
func (s paramSpec) grouped(groups int) paramSpec {
	s.groups, s.ldCol = groups, groups*f32.Pad(s.cols/groups)
	return s
}

// vectorSpec is that of one number for each of n channels.
func vectorSpec(name string, n int, first initial) paramSpec {
	s := matrixSpec(name, 1, n, first)
	s.shape = []int{n}
	return s
}

func (s *paramSpec) count() int { return s.blocks * s.inRows * s.cols }
func (s *paramSpec) rows() int  { return s.blocks * s.ldRow }

// A param is a parameter of a model and, in training, its gradient.
type param struct {
	paramSpec
	w, g []float32
}

// each calls f with the place of every run of numbers as the user sees it and as
// stored, and their count.
func (p *param) each(f func(user, stored, n int)) {
	if p.turned {
		p.eachTurned(f)
		return
	}
	groups := max(p.groups, 1)
	n, ld := p.cols/groups, p.ldCol/groups
	for blk := range p.blocks {
		for r := range p.inRows {
			for g := range groups {
				f((blk*p.inRows+r)*p.cols+g*n, (blk*p.ldRow+r)*p.ldCol+g*ld, n)
			}
		}
	}
}

// eachTurned is each where the blocks are turned, so that runs are of one number.
func (p *param) eachTurned(f func(user, stored, n int)) {
	user := 0
	for blk := range p.blocks {
		at := blk
		if p.order != nil {
			at = p.order[blk]
		}
		for c := range p.cols {
			for r := range p.inRows {
				f(user, (at*p.ldRow+r)*p.ldCol+c, 1)
				user++
			}
		}
	}
}

// begin makes the numbers that training begins with.
func (p *param) begin(src rng.Source) {
	p.w = make([]float32, p.rows()*p.ldCol)
	if i, ok := p.first.(Init); ok && i.all() != nil {
		i.all().fillAll(p, &src)
		return
	}
	switch first := p.first.(type) {
	case nil:
	case whole:
		first.fillAll(p, &src)
	default:
		p.each(func(_, stored, n int) { first.fill(p.w[stored:stored+n], p, &src) })
	}
}

// tensor returns a copy of the numbers in the shape that the user sees.
func (p *param) tensor(from []float32) *tensor.Tensor {
	t := &tensor.Tensor{Shape: append([]int{}, p.shape...), Data: make([]float32, p.count())}
	p.each(func(user, stored, n int) { copy(t.Data[user:user+n], from[stored:]) })
	return t
}

// set copies numbers in the user's order.
func (p *param) set(from []float32) {
	p.each(func(user, stored, n int) { copy(p.w[stored:stored+n], from[user:]) })
}

// penalty returns what the parameter adds to the loss, for rows lo to hi-1.
func (p *param) penalty(lo, hi int) float64 {
	sum1, sum2 := 0.0, 0.0
	for _, v := range p.w[lo*p.ldCol : hi*p.ldCol] {
		f := float64(v)
		sum2 += f * f
		if f < 0 {
			f = -f
		}
		sum1 += f
	}
	return p.l1*sum1 + p.l2*sum2
}

// penalise adds the gradient of the penalty for rows lo to hi-1 to theirs, g, and
// returns the penalty.
func (p *param) penalise(lo, hi int, g []float32) float64 {
	l1, l2 := float32(p.l1), float32(2*p.l2)
	for i, v := range p.w[lo*p.ldCol : hi*p.ldCol] {
		g[i] += l2 * v
		if v > 0 {
			g[i] += l1
		} else if v < 0 {
			g[i] -= l1
		}
	}
	return p.penalty(lo, hi)
}

func (p *param) regular() bool { return p.l1 != 0 || p.l2 != 0 }

// check reports a tensor that does not fit.
func (p *param) check(t *tensor.Tensor) error {
	switch {
	case t == nil:
		return fmt.Errorf("%s are nil, but have shape %v", p.name, p.shape)
	case t.Check() != nil:
		return t.Check()
	case !equalShapes(t.Shape, p.shape):
		return fmt.Errorf("%s have shape %v, found %v", p.name, p.shape, t.Shape)
	}
	return nil
}
