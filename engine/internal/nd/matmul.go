// This file multiplies matrices and stacks of them.

package nd

import (
	"cajal/engine/internal/f32"
	"cajal/engine/internal/par"
)

// A MatMul is a product of two arrays by NumPy's rule: the last two dimensions
// are matrices, those before them broadcast; a vector on the left is a row, on
// the right a column, and that dimension is not in the result.
type MatMul struct {
	M, K, N int   // one product is [M K] x [K N]
	Out     []int // shape of the result
	A, B    []int // shapes of the operands, vectors made matrices
	Batch   []int // what the dimensions before the last two broadcast to
}

// NewMatMul returns the product of two shapes.
func NewMatMul(a, b []int) (*MatMul, *Misfit) {
	if len(a) == 0 || len(b) == 0 {
		return nil, misfit("a single number has no rows or columns").fixed("Mul or Scale multiplies by a number")
	}
	p := &MatMul{A: a, B: b}
	if len(a) == 1 {
		p.A = []int{1, a[0]}
	}
	if len(b) == 1 {
		p.B = []int{b[0], 1}
	}
	ra, rb := len(p.A), len(p.B)
	p.M, p.K, p.N = p.A[ra-2], p.A[ra-1], p.B[rb-1]
	if inner := p.B[rb-2]; inner != p.K {
		m := misfit("the left side has %d columns and the right side %d rows; they must be the same", p.K, inner)
		switch {
		case rb == 2 && p.N == p.K && len(b) == 2:
			m = m.fixed("T() on the right side makes it %v", []int{p.N, inner})
		case ra == 2 && p.M == inner && len(a) == 2:
			m = m.fixed("T() on the left side makes it %v", []int{p.K, p.M})
		case len(a) > 2 && Size(a[1:]) == inner:
			m = m.fixed("Reshape(%d, %d) makes every example of the left side one row", a[0], inner)
		}
		return nil, m
	}
	batch, m := Broadcast(p.A[:ra-2], p.B[:rb-2])
	if m != nil {
		m.Text = "the dimensions before the last two do not broadcast: " + m.Text
		return nil, m
	}
	p.Batch = batch
	p.Out = append([]int{}, batch...)
	if len(a) > 1 {
		p.Out = append(p.Out, p.M)
	}
	if len(b) > 1 {
		p.Out = append(p.Out, p.N)
	}
	return p, nil
}

// each calls f for every product of the stack with the positions of its matrices
// in the result and the operands.
func (p *MatMul) each(f func(c, a, b int)) {
	count := Size(p.Batch)
	if count == 0 {
		return
	}
	sa, sb := repeated(p.Batch, p.A[:len(p.A)-2]), repeated(p.Batch, p.B[:len(p.B)-2])
	index := make([]int, len(p.Batch))
	a, b := 0, 0
	for i := range count {
		f(i*p.M*p.N, a*p.M*p.K, b*p.K*p.N)
		for d := len(index) - 1; d >= 0; d-- {
			a, b = a+sa[d], b+sb[d]
			if index[d]++; index[d] < p.Batch[d] {
				break
			}
			a, b = a-p.Batch[d]*sa[d], b-p.Batch[d]*sb[d]
			index[d] = 0
		}
	}
}

// flat reports whether the right side is one matrix, so that the left side's
// matrices may be taken for one tall one.
func (p *MatMul) flat() bool { return len(p.B) == 2 }

// Do sets c = a b.
func Product[T Float](p *MatMul, c, a, b []T) {
	if p.flat() {
		gemm(c, a, p.K, 1, b, Size(p.Batch)*p.M, p.K, p.N, false)
		return
	}
	p.each(func(ic, ia, ib int) {
		gemm(c[ic:], a[ia:], p.K, 1, b[ib:], p.M, p.K, p.N, false)
	})
}

// ProductBackLeft adds g bᵀ to da, the gradient of the left side.
func ProductBackLeft[T Float](p *MatMul, da, g, b []T) {
	bt := make([]T, p.K*p.N)
	if p.flat() {
		transpose(bt, b, p.K, p.N)
		gemm(da, g, p.N, 1, bt, Size(p.Batch)*p.M, p.N, p.K, true)
		return
	}
	p.each(func(ic, ia, ib int) {
		transpose(bt, b[ib:], p.K, p.N)
		gemm(da[ia:], g[ic:], p.N, 1, bt, p.M, p.N, p.K, true)
	})
}

// ProductBackRight adds aᵀ g to db, the gradient of the right side.
func ProductBackRight[T Float](p *MatMul, db, g, a []T) {
	if p.flat() {
		gemm(db, a, 1, p.K, g, p.K, Size(p.Batch)*p.M, p.N, true)
		return
	}
	p.each(func(ic, ia, ib int) {
		gemm(db[ib:], a[ia:], 1, p.K, g[ic:], p.K, p.M, p.N, true)
	})
}

// gemm sets c = a b, or adds it to c: a is m by k with strides aRow and aCol, b is
// k by n and c is m by n, both row by row.
func gemm[T Float](c, a []T, aRow, aCol int, b []T, m, k, n int, acc bool) {
	if m == 0 || n == 0 {
		return
	}
	p := f32.Product{M: m, N: n, K: k, L: 1, ARow: aRow, ACol: aCol, BRow: n, CRow: n, Acc: acc}
	if !lanes[T](n) {
		ld := f32.Pad(n)
		wide := make([]T, k*ld)
		widen(wide, ld, b, n, k)
		out := make([]T, m*ld)
		if acc {
			widen(out, ld, c, n, m)
		}
		p.N, p.BRow, p.CRow = ld, ld, ld
		shared(p, a, wide, out)
		for i := range m {
			copy(c[i*n:(i+1)*n], out[i*ld:])
		}
		return
	}
	shared(p, a, b, c)
}

// lanes reports whether rows of n numbers need no padding. In float64 none do.
func lanes[T Float](n int) bool {
	var v T
	_, single := any(v).(float32)
	return !single || n%f32.Lane == 0
}

// widen copies rows of n numbers into rows of ld.
func widen[T Float](dst []T, ld int, src []T, n, rows int) {
	for i := range rows {
		copy(dst[i*ld:], src[i*n:(i+1)*n])
	}
}

// sharedFlops is the size from which a product is worth several goroutines, and
// rowsFlops the least that one of them is given at a time.
const (
	sharedFlops = 2e7
	rowsFlops   = 4e6
)

// shared computes a product, on all processors when it is large. Rows are cut,
// never sums.
func shared[T Float](p f32.Product, a, b, c []T) {
	row := 2 * float64(p.N) * float64(p.K) * float64(p.L)
	if row*float64(p.M) < sharedFlops {
		multiply(p, a, b, c)
		return
	}
	const tile = 6 // rows that a primitive computes together
	rows := (int(rowsFlops/row)/tile + 1) * tile
	parallel((p.M+rows-1)/rows, func(i int) {
		part := p
		lo := i * rows
		part.M = min(rows, p.M-lo)
		multiply(part, a[lo*p.ARow:], b, c[lo*p.CRow:])
	})
}

// parallel runs tasks that touch nothing in common.
func parallel(n int, task func(int)) {
	if n < 2 {
		for i := range n {
			task(i)
		}
		return
	}
	pool := par.New(0)
	defer pool.Close()
	pool.Run(n, task)
}

// multiply computes a product on this goroutine: in float32 by the primitive, in
// float64 by the loop that specifies it.
func multiply[T Float](p f32.Product, a, b, c []T) {
	if a32, ok := any(a).([]float32); ok {
		p.Do(a32, any(b).([]float32), any(c).([]float32))
		return
	}
	for i := range p.M {
		row := c[i*p.CRow : i*p.CRow+p.N]
		if !p.Acc {
			clear(row)
		}
		for l := range p.L {
			for k := range p.K {
				at := l*p.BSeg + k*p.BRow
				AddScaled(row, a[i*p.ARow+l*p.ASeg+k*p.ACol], b[at:at+p.N])
			}
		}
	}
}
