// This file moves values: transposes, slices, gathers and joins.

package nd

// strided fills dst, of a shape, from src, whose neighbours lie strides apart.
func strided[T Float](dst []T, shape []int, src []T, strides []int) {
	rank := len(shape)
	if rank == 0 {
		dst[0] = src[0]
		return
	}
	n, s := shape[rank-1], strides[rank-1]
	index := make([]int, rank-1)
	at := 0
	for o := 0; o < len(dst); o += n {
		row := dst[o : o+n]
		switch s {
		case 1:
			copy(row, src[at:at+n])
		case 0:
			v := src[at]
			for i := range row {
				row[i] = v
			}
		default:
			for i, p := 0, at; i < n; i, p = i+1, p+s {
				row[i] = src[p]
			}
		}
		for d := rank - 2; d >= 0; d-- {
			at += strides[d]
			if index[d]++; index[d] < shape[d] {
				break
			}
			at -= shape[d] * strides[d]
			index[d] = 0
		}
	}
}

// Permute fills dst with src, of a shape, so that axis d of dst is axis perm[d]
// of src.
func Permute[T Float](dst, src []T, shape, perm []int) {
	if len(dst) == 0 {
		return
	}
	if len(perm) == 2 && perm[0] == 1 {
		transpose(dst, src, shape[0], shape[1])
		return
	}
	strided(dst, Permuted(shape, perm), src, Permuted(Strides(shape), perm))
}

// transpose works in squares that fit the cache.
func transpose[T Float](dst, src []T, rows, cols int) {
	const side = 32
	for i0 := 0; i0 < rows; i0 += side {
		i1 := min(i0+side, rows)
		for j0 := 0; j0 < cols; j0 += side {
			for j := j0; j < min(j0+side, cols); j++ {
				for i := i0; i < i1; i++ {
					dst[j*rows+i] = src[i*cols+j]
				}
			}
		}
	}
}

// Inverse returns the permutation that undoes perm.
func Inverse(perm []int) []int {
	inv := make([]int, len(perm))
	for d, p := range perm {
		inv[p] = d
	}
	return inv
}

// around returns the number of blocks before an axis and the numbers in one step
// along it.
func around(shape []int, axis int) (outer, inner int) {
	return Size(shape[:axis]), Size(shape[axis+1:])
}

// Slice fills dst with indices lo, lo+1, … of an axis of src, which has a shape;
// count says how many.
func Slice[T Float](dst, src []T, shape []int, axis, lo, count int) {
	outer, inner := around(shape, axis)
	for o := range outer {
		from := (o*shape[axis] + lo) * inner
		copy(dst[o*count*inner:(o+1)*count*inner], src[from:])
	}
}

// AddSlice adds g to the part of sum that Slice took it from.
func AddSlice[T Float](sum, g []T, shape []int, axis, lo, count int) {
	outer, inner := around(shape, axis)
	for o := range outer {
		from := (o*shape[axis] + lo) * inner
		Accumulate(sum[from:from+count*inner], g[o*count*inner:])
	}
}

// Put writes src into the part of dst that Slice would take.
func Put[T Float](dst, src []T, shape []int, axis, lo, count int) {
	outer, inner := around(shape, axis)
	for o := range outer {
		from := (o*shape[axis] + lo) * inner
		copy(dst[from:from+count*inner], src[o*count*inner:])
	}
}

// Take fills dst with the given indices of an axis of src.
func Take[T Float](dst, src []T, shape []int, axis int, index []int) {
	outer, inner := around(shape, axis)
	for o := range outer {
		for k, i := range index {
			to := (o*len(index) + k) * inner
			from := (o*shape[axis] + i) * inner
			copy(dst[to:to+inner], src[from:])
		}
	}
}

// AddTake adds g to where Take took it from, in order, so that an index that was
// taken twice gets both.
func AddTake[T Float](sum, g []T, shape []int, axis int, index []int) {
	outer, inner := around(shape, axis)
	for o := range outer {
		for k, i := range index {
			from := (o*shape[axis] + i) * inner
			Accumulate(sum[from:from+inner], g[(o*len(index)+k)*inner:])
		}
	}
}
