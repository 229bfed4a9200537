// This file checks every routine against loops over indices, in both types, on
// shapes drawn at random.

package nd

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"cajal/engine/internal/rng"
)

// both runs a test in both types.
func both(t *testing.T, f32, f64 func(t *testing.T)) {
	t.Run("float32", f32)
	t.Run("float64", f64)
}

// draw is a source of shapes and numbers.
type draw struct{ rng.Source }

func (d *draw) between(lo, hi int) int { return lo + d.Intn(hi-lo+1) }

func (d *draw) shape(rank, most int) []int {
	s := make([]int, rank)
	for i := range s {
		s[i] = d.between(1, most)
	}
	return s
}

func numbers[T Float](d *draw, shape []int) Array[T] {
	a := Make[T](shape)
	for i := range a.Data {
		a.Data[i] = T(2*d.Float32() - 1)
	}
	return a
}

// indices calls f with every index of a shape, in order.
func indices(shape []int, f func(index []int)) {
	index := make([]int, len(shape))
	for range Size(shape) {
		f(index)
		for d := len(shape) - 1; d >= 0; d-- {
			if index[d]++; index[d] < shape[d] {
				break
			}
			index[d] = 0
		}
	}
}

// at returns the value at an index that may be longer than the shape, and repeats
// where a dimension is 1.
func at[T Float](a Array[T], index []int) T {
	index = index[len(index)-len(a.Shape):]
	o := 0
	for d, n := range a.Shape {
		i := index[d]
		if n == 1 {
			i = 0
		}
		o = o*n + i
	}
	return a.Data[o]
}

func same[T Float](t *testing.T, what string, got, want Array[T], tol float64) {
	t.Helper()
	if !slices.Equal(got.Shape, want.Shape) {
		t.Fatalf("%s: shape %v, want %v", what, got.Shape, want.Shape)
	}
	for i, w := range want.Data {
		if g := got.Data[i]; math.Abs(float64(g-w)) > tol*(1+math.Abs(float64(w))) || g != g != (w != w) {
			t.Fatalf("%s: shape %v, number %d is %v, want %v", what, got.Shape, i, g, w)
		}
	}
}

// narrow makes some dimensions 1 and leaves out leading ones, so that the result
// broadcasts to shape.
func (d *draw) narrow(shape []int) []int {
	s := slices.Clone(shape[d.between(0, len(shape)):])
	for i := range s {
		if d.Intn(3) == 0 {
			s[i] = 1
		}
	}
	return s
}

func TestBroadcast(t *testing.T) { both(t, testBroadcast[float32], testBroadcast[float64]) }

func testBroadcast[T Float](t *testing.T) {
	d := &draw{rng.New(1, 0)}
	for range 400 {
		full := d.shape(d.between(0, 5), 4)
		a, b := numbers[T](d, d.narrow(full)), numbers[T](d, d.narrow(full))
		shape, bad := Broadcast(a.Shape, b.Shape)
		if bad != nil {
			t.Fatal(bad.Text)
		}
		for name, op := range map[string]struct {
			do func(out, a, b Array[T])
			f  func(x, y T) T
		}{
			"add": {Add[T], func(x, y T) T { return x + y }},
			"sub": {Sub[T], func(x, y T) T { return x - y }},
			"mul": {Mul[T], func(x, y T) T { return x * y }},
			"div": {Div[T], func(x, y T) T { return x / y }},
			"max": {Maximum[T], func(x, y T) T { return max(x, y) }},
			"min": {Minimum[T], func(x, y T) T { return min(x, y) }},
		} {
			got, want := Make[T](shape), Make[T](shape)
			op.do(got, a, b)
			i := 0
			indices(shape, func(index []int) {
				want.Data[i] = op.f(at(a, index), at(b, index))
				i++
			})
			same(t, fmt.Sprintf("%s of %v and %v", name, a.Shape, b.Shape), got, want, 0)
		}
		got, want := Make[T](full), Make[T](full)
		Expand(got, a)
		i := 0
		indices(full, func(index []int) { want.Data[i] = at(a, index); i++ })
		same(t, fmt.Sprintf("expand of %v", a.Shape), got, want, 0)

		// AddTo is the transpose of Expand: <Expand a, g> = <a, AddTo g>.
		g := numbers[T](d, full)
		back := numbers[T](d, a.Shape)
		start := slices.Clone(back.Data)
		AddTo(back, g)
		left, right := 0.0, 0.0
		for i := range g.Data {
			left += float64(got.Data[i] * g.Data[i])
		}
		for i := range back.Data {
			right += float64(a.Data[i] * (back.Data[i] - start[i]))
		}
		if math.Abs(left-right) > 2e-5*(1+math.Abs(left)) {
			t.Fatalf("sum from %v back to %v: %v, want %v", full, a.Shape, right, left)
		}
	}
}

func (d *draw) axes(rank int) []int {
	var axes []int
	for a := range rank {
		if d.Intn(2) == 0 {
			axes = append(axes, a)
		}
	}
	if axes == nil && rank > 0 {
		axes = []int{d.Intn(rank)}
	}
	return axes
}

func TestReductions(t *testing.T) { both(t, testReductions[float32], testReductions[float64]) }

func testReductions[T Float](t *testing.T) {
	d := &draw{rng.New(2, 0)}
	for range 300 {
		a := numbers[T](d, d.shape(d.between(0, 4), 5))
		axes := d.axes(len(a.Shape))
		kept := slices.Clone(a.Shape)
		for _, x := range axes {
			kept[x] = 1
		}
		sum, top, where := Make[T](kept), Make[T](kept), make([]int32, Size(kept))
		exps := make([]float64, Size(kept))
		seen := make([]int32, Size(kept))
		place := func(index []int) int {
			o := 0
			for k, n := range kept {
				o = o*n + min(index[k], n-1)
			}
			return o
		}
		indices(a.Shape, func(index []int) {
			v, o := at(a, index), place(index)
			sum.Data[o] += v
			exps[o] += math.Exp(float64(v))
			if seen[o] == 0 || v > top.Data[o] {
				top.Data[o], where[o] = v, seen[o]
			}
			seen[o]++
		})
		sum.Shape, top.Shape = Drop(a.Shape, axes), Drop(a.Shape, axes)
		name := fmt.Sprintf("%v over %v", a.Shape, axes)
		got := Make[T](sum.Shape)
		Sum(got.Data, a, axes)
		same(t, "sum of "+name, got, sum, 1e-5)
		r := RowsOf(a.Shape, axes)
		rows := Gather(r, a.Data)
		won := make([]int32, len(got.Data))
		Max(got.Data, won, rows, r.Len)
		same(t, "max of "+name, got, top, 0)
		if !slices.Equal(won, where) {
			t.Fatalf("max of %s: at %v, want %v", name, won, where)
		}
		LogSumExp(got.Data, rows, r.Len)
		for i, e := range exps {
			if math.Abs(float64(got.Data[i])-math.Log(e)) > 1e-5 {
				t.Fatalf("log-sum-exp of %s: number %d is %v, want %v", name, i, got.Data[i], math.Log(e))
			}
		}
		p, l := make([]T, len(rows)), make([]T, len(rows))
		Softmax(p, rows, r.Len)
		LogSoftmax(l, rows, r.Len)
		i := 0
		p, l = Scatter(r, p), Scatter(r, l)
		indices(a.Shape, func(index []int) {
			want := math.Exp(float64(at(a, index))) / exps[place(index)]
			if math.Abs(float64(p[i])-want) > 1e-6 || math.Abs(float64(l[i])-math.Log(want)) > 1e-5 {
				t.Fatalf("softmax of %s: number %d is %v and its logarithm %v, want %v", name, i, p[i], l[i], want)
			}
			i++
		})
	}
}

func TestMovement(t *testing.T) { both(t, testMovement[float32], testMovement[float64]) }

func testMovement[T Float](t *testing.T) {
	d := &draw{rng.New(3, 0)}
	for range 300 {
		rank := d.between(1, 4)
		a := numbers[T](d, d.shape(rank, 5))
		if rank == 2 && d.Intn(4) == 0 {
			a = numbers[T](d, []int{d.between(30, 70), d.between(30, 70)})
		}
		order := make([]int32, rank)
		for k := range order {
			order[k] = int32(k)
		}
		d.Shuffle(order)
		perm := make([]int, rank)
		for k, p := range order {
			perm[k] = int(p)
		}
		got, want := Make[T](Permuted(a.Shape, perm)), Make[T](Permuted(a.Shape, perm))
		Permute(got.Data, a.Data, a.Shape, perm)
		i := 0
		indices(want.Shape, func(index []int) {
			from := make([]int, rank)
			for k, p := range perm {
				from[p] = index[k]
			}
			want.Data[i] = at(a, from)
			i++
		})
		same(t, fmt.Sprintf("%v in order %v", a.Shape, perm), got, want, 0)
		back := Make[T](a.Shape)
		Permute(back.Data, got.Data, got.Shape, Inverse(perm))
		same(t, "and back", back, a, 0)

		axis := d.Intn(rank)
		lo := d.between(0, a.Shape[axis])
		count := d.between(0, a.Shape[axis]-lo)
		picks := make([]int, d.between(0, 6))
		for k := range picks {
			picks[k] = d.Intn(a.Shape[axis])
		}
		span := make([]int, count)
		for k := range span {
			span[k] = lo + k
		}
		for _, c := range []struct {
			name   string
			picks  []int
			do     func(dst, src []T)
			adding func(sum, g []T)
		}{
			{"slice", span, func(dst, src []T) { Slice(dst, src, a.Shape, axis, lo, count) }, func(sum, g []T) { AddSlice(sum, g, a.Shape, axis, lo, count) }},
			{"take", picks, func(dst, src []T) { Take(dst, src, a.Shape, axis, picks) }, func(sum, g []T) { AddTake(sum, g, a.Shape, axis, picks) }},
		} {
			shape := slices.Clone(a.Shape)
			shape[axis] = len(c.picks)
			got, want := Make[T](shape), Make[T](shape)
			c.do(got.Data, a.Data)
			g := numbers[T](d, shape)
			sum, wantSum := Make[T](a.Shape), Make[T](a.Shape)
			c.adding(sum.Data, g.Data)
			strides := Strides(a.Shape)
			i := 0
			indices(shape, func(index []int) {
				from := slices.Clone(index)
				from[axis] = c.picks[index[axis]]
				want.Data[i] = at(a, from)
				o := 0
				for k, s := range strides {
					o += from[k] * s
				}
				wantSum.Data[o] += g.Data[i]
				i++
			})
			name := fmt.Sprintf("%s of %v along %d: %v", c.name, a.Shape, axis, c.picks)
			same(t, name, got, want, 0)
			same(t, name+", back", sum, wantSum, 1e-6)
		}
		part := make([]T, len(a.Data)/a.Shape[axis]*count)
		Slice(part, a.Data, a.Shape, axis, lo, count)
		again := Make[T](a.Shape)
		copy(again.Data, a.Data)
		Put(again.Data, part, a.Shape, axis, lo, count)
		same(t, "put what was sliced", again, a, 0)
	}
}

func TestMatMul(t *testing.T) { both(t, testMatMul[float32], testMatMul[float64]) }

func testMatMul[T Float](t *testing.T) {
	d := &draw{rng.New(4, 0)}
	for round := range 300 {
		m, k, n := d.between(0, 9), d.between(0, 9), d.between(1, 18)
		if round == 0 { // large enough to be shared
			m, k, n = 500, 97, 240
		}
		batch := d.shape(d.between(0, 2), 3)
		as, bs := append(d.narrow(batch), m, k), append(d.narrow(batch), k, n)
		if round%5 == 0 {
			as = as[len(as)-1:]
		}
		if round%7 == 0 {
			bs = bs[len(bs)-2 : len(bs)-1]
		}
		a, b := numbers[T](d, as), numbers[T](d, bs)
		p, bad := NewMatMul(as, bs)
		if bad != nil {
			t.Fatal(bad.Text)
		}
		name := fmt.Sprintf("%v x %v", as, bs)
		got, g := Make[T](p.Out), numbers[T](d, p.Out)
		Product(p, got.Data, a.Data, b.Data)
		da, db := numbers[T](d, as), numbers[T](d, bs)
		wantA, wantB := Make[T](as), Make[T](bs)
		copy(wantA.Data, da.Data)
		copy(wantB.Data, db.Data)
		ProductBackLeft(p, da.Data, g.Data, b.Data)
		ProductBackRight(p, db.Data, g.Data, a.Data)
		want := Make[T](p.Out)
		// Positions of a matrix in its stack, by index.
		offset := func(stack, index []int, size int) int {
			index = index[len(index)-len(stack):]
			o := 0
			for x, n := range stack {
				o = o*n + min(index[x], n-1)
			}
			return o * size
		}
		c := 0
		indices(p.Batch, func(index []int) {
			ia, ib := offset(p.A[:len(p.A)-2], index, p.M*p.K), offset(p.B[:len(p.B)-2], index, p.K*p.N)
			for i := range p.M {
				for j := range p.N {
					for l := range p.K {
						x, y := a.Data[ia+i*p.K+l], b.Data[ib+l*p.N+j]
						want.Data[c] += x * y
						wantA.Data[ia+i*p.K+l] += g.Data[c] * y
						wantB.Data[ib+l*p.N+j] += g.Data[c] * x
					}
					c++
				}
			}
		})
		same(t, name, got, want, 1e-5)
		same(t, name+", left gradient", da, wantA, 2e-5)
		same(t, name+", right gradient", db, wantB, 2e-5)
	}
}

func TestConv(t *testing.T) { both(t, testConv[float32], testConv[float64]) }

func testConv[T Float](t *testing.T) {
	d := &draw{rng.New(5, 0)}
	for round := range 150 {
		kh, kw, stride, padded := d.between(1, 4), d.between(1, 4), d.between(1, 3), d.Intn(2) == 0
		h, w := d.between(1, 9), d.between(1, 9)
		if !padded {
			h, w = h+kh-1, w+kw-1
		}
		ch, f, n := d.between(1, 9), d.between(1, 10), d.between(1, 3)
		if round == 0 { // large enough to be shared
			n, h, w, ch, f, stride, kh, kw = 9, 20, 21, 16, 24, 1, 3, 3
		}
		x, wt := numbers[T](d, []int{n, h, w, ch}), numbers[T](d, []int{kh, kw, ch, f})
		c, bad := NewConv(x.Shape, wt.Shape, stride, padded)
		if bad != nil {
			t.Fatal(bad.Text)
		}
		name := fmt.Sprintf("%v with %v, stride %d, same %v", x.Shape, wt.Shape, stride, padded)
		got, want := Make[T](c.Out()), Make[T](c.Out())
		g := numbers[T](d, c.Out())
		ConvForward(c, got.Data, x.Data, wt.Data)
		dx, dw := numbers[T](d, x.Shape), numbers[T](d, wt.Shape)
		wantX, wantW := Make[T](x.Shape), Make[T](wt.Shape)
		copy(wantX.Data, dx.Data)
		copy(wantW.Data, dw.Data)
		ConvBackInput(c, dx.Data, g.Data, wt.Data)
		ConvBackFilter(c, dw.Data, g.Data, x.Data)
		top, left := 0, 0
		if padded {
			top = max((c.OH-1)*stride+kh-h, 0) / 2
			left = max((c.OW-1)*stride+kw-w, 0) / 2
			if c.OH != (h+stride-1)/stride || c.OW != (w+stride-1)/stride {
				t.Fatalf("%s: result %v", name, c.Out())
			}
		} else if c.OH != (h-kh)/stride+1 || c.OW != (w-kw)/stride+1 {
			t.Fatalf("%s: result %v", name, c.Out())
		}
		o := 0
		indices(c.Out(), func(index []int) {
			for i := range kh {
				for j := range kw {
					y, z := index[1]*stride+i-top, index[2]*stride+j-left
					if y < 0 || y >= h || z < 0 || z >= w {
						continue
					}
					for k := range ch {
						ix, iw := ((index[0]*h+y)*w+z)*ch+k, ((i*kw+j)*ch+k)*f+index[3]
						want.Data[o] += x.Data[ix] * wt.Data[iw]
						wantX.Data[ix] += g.Data[o] * wt.Data[iw]
						wantW.Data[iw] += g.Data[o] * x.Data[ix]
					}
				}
			}
			o++
		})
		same(t, name, got, want, 1e-5)
		same(t, name+", gradient of the images", dx, wantX, 1e-4)
		same(t, name+", gradient of the filters", dw, wantW, 1e-4)
	}
}

func TestPool(t *testing.T) { both(t, testPool[float32], testPool[float64]) }

func testPool[T Float](t *testing.T) {
	d := &draw{rng.New(6, 0)}
	for range 100 {
		size, step := [2]int{d.between(1, 3), d.between(1, 3)}, [2]int{d.between(1, 3), d.between(1, 3)}
		x := numbers[T](d, []int{d.between(1, 3), d.between(size[0], 8), d.between(size[1], 8), d.between(1, 5)})
		for i := range x.Data {
			x.Data[i] = T(math.Round(float64(x.Data[i]) * 4)) // with equals
		}
		p, bad := NewPool(x.Shape, size, step)
		if bad != nil {
			t.Fatal(bad.Text)
		}
		top, mean, won := Make[T](p.Out()), Make[T](p.Out()), make([]int32, Size(p.Out()))
		MaxPool(p, top.Data, won, x.Data)
		MeanPool(p, mean.Data, x.Data)
		g := numbers[T](d, p.Out())
		dTop, dMean := Make[T](x.Shape), Make[T](x.Shape)
		AddWon(dTop.Data, g.Data, won)
		MeanPoolBack(p, dMean.Data, g.Data)
		wantTop, wantMean, backTop, backMean := Make[T](p.Out()), Make[T](p.Out()), Make[T](x.Shape), Make[T](x.Shape)
		o := 0
		indices(p.Out(), func(index []int) {
			best := -1
			for i := range size[0] {
				for j := range size[1] {
					at := ((index[0]*p.H+index[1]*step[0]+i)*p.W+index[2]*step[1]+j)*p.C + index[3]
					if best < 0 || x.Data[at] > x.Data[best] {
						best = at
					}
					wantMean.Data[o] += x.Data[at] / T(size[0]*size[1])
					backMean.Data[at] += g.Data[o] / T(size[0]*size[1])
				}
			}
			wantTop.Data[o] = x.Data[best]
			backTop.Data[best] += g.Data[o]
			o++
		})
		name := fmt.Sprintf("%v by %v, %v apart", x.Shape, size, step)
		same(t, "largest of "+name, top, wantTop, 0)
		same(t, "mean of "+name, mean, wantMean, 1e-6)
		same(t, "largest of "+name+", back", dTop, backTop, 1e-6)
		same(t, "mean of "+name+", back", dMean, backMean, 1e-6)
	}
}

func TestDepthwise(t *testing.T) { both(t, testDepthwise[float32], testDepthwise[float64]) }

func testDepthwise[T Float](t *testing.T) {
	d := &draw{rng.New(8, 0)}
	for range 60 {
		kh, kw, stride, same1 := d.between(1, 3), d.between(1, 3), d.between(1, 3), d.between(0, 1) == 1
		x := numbers[T](d, []int{d.between(1, 2), d.between(kh, 7), d.between(kw, 7), d.between(1, 4)})
		w := numbers[T](d, []int{kh, kw, x.Shape[3], d.between(1, 3)})
		c, bad := NewDepthwise(x.Shape, w.Shape, stride, same1)
		if bad != nil {
			t.Fatal(bad.Text)
		}
		// A whole convolution whose filters are 0 but for their own channel.
		full := Make[T]([]int{kh, kw, c.C, c.C * c.M})
		for cell := range kh * kw {
			for ch := range c.C {
				for m := range c.M {
					full.Data[(cell*c.C+ch)*c.C*c.M+ch*c.M+m] = w.Data[(cell*c.C+ch)*c.M+m]
				}
			}
		}
		whole, bad := NewConv(x.Shape, full.Shape, stride, same1)
		if bad != nil {
			t.Fatal(bad.Text)
		}
		got, want := Make[T](c.Out()), Make[T](whole.Out())
		DepthwiseForward(c, got.Data, x.Data, w.Data)
		ConvForward(whole, want.Data, x.Data, full.Data)
		name := fmt.Sprintf("%v with %v, stride %d, same %v", x.Shape, w.Shape, stride, same1)
		same(t, name, got, want, 1e-5)
		g := numbers[T](d, c.Out())
		dx, wantX, dw, wantFull, wantW := Make[T](x.Shape), Make[T](x.Shape), Make[T](w.Shape), Make[T](full.Shape), Make[T](w.Shape)
		DepthwiseBackInput(c, dx.Data, g.Data, w.Data)
		ConvBackInput(whole, wantX.Data, g.Data, full.Data)
		DepthwiseBackFilter(c, dw.Data, g.Data, x.Data)
		ConvBackFilter(whole, wantFull.Data, g.Data, x.Data)
		for k := range wantW.Data {
			cell, ch, m := k/(c.C*c.M), k/c.M%c.C, k%c.M
			wantW.Data[k] = wantFull.Data[(cell*c.C+ch)*c.C*c.M+ch*c.M+m]
		}
		same(t, name+", gradient of the images", dx, wantX, 1e-4)
		same(t, name+", gradient of the filters", dw, wantW, 1e-4)
	}
}

// TestTransposed spreads every pixel by the definition.
func TestTransposed(t *testing.T) { both(t, testTransposed[float32], testTransposed[float64]) }

func testTransposed[T Float](t *testing.T) {
	d := &draw{rng.New(9, 0)}
	for range 60 {
		kh, kw, stride, same1 := d.between(1, 4), d.between(1, 4), d.between(1, 3), d.between(0, 1) == 1
		x := numbers[T](d, []int{d.between(1, 2), d.between(1, 4), d.between(1, 4), d.between(1, 3)})
		w := numbers[T](d, []int{kh, kw, d.between(1, 3), x.Shape[3]})
		c, bad := NewTransposed(x.Shape, w.Shape, stride, same1)
		if bad != nil {
			t.Fatal(bad.Text)
		}
		out := []int{c.N, c.H, c.W, c.C}
		if !slices.Equal(c.Out(), x.Shape) {
			t.Fatalf("the way back of %v gives %v", x.Shape, c.Out())
		}
		top, left := 0, 0
		if same1 {
			top, left = max(kh-stride, 0)/2, max(kw-stride, 0)/2
		}
		got, want := Make[T](out), Make[T](out)
		ConvBackInput(c, got.Data, x.Data, w.Data)
		k := 0
		indices(x.Shape, func(i []int) {
			for r := range kh {
				for q := range kw {
					y, z := i[1]*stride+r-top, i[2]*stride+q-left
					if y < 0 || z < 0 || y >= out[1] || z >= out[2] {
						continue
					}
					for f := range out[3] {
						want.Data[((i[0]*out[1]+y)*out[2]+z)*out[3]+f] += x.Data[k] * w.Data[((r*kw+q)*out[3]+f)*x.Shape[3]+i[3]]
					}
				}
			}
			k++
		})
		same(t, fmt.Sprintf("%v with %v, stride %d, same %v", x.Shape, w.Shape, stride, same1), got, want, 1e-5)
	}
}

// TestNaN checks that a NaN is not lost where numbers are compared.
func TestNaN(t *testing.T) {
	nan := math.NaN()
	x := []float64{1, nan, 2, nan, 0, -1, -2, 3}
	out, won := make([]float64, 2), make([]int32, 2)
	Max(out, won, x, 4)
	if out[0] == out[0] || won[0] != 1 || out[1] != 3 || won[1] != 3 {
		t.Errorf("max %v at %v", out, won)
	}
	p, bad := NewPool([]int{1, 2, 4, 1}, [2]int{2, 2}, [2]int{2, 2})
	if bad != nil {
		t.Fatal(bad.Text)
	}
	MaxPool(p, out, won, x)
	if out[0] == out[0] || won[0] != 1 || out[1] == out[1] || won[1] != 3 {
		t.Errorf("pool %v at %v", out, won)
	}
	LogSumExp(out, x, 4)
	if out[0] == out[0] || out[1] != out[1] {
		t.Errorf("log-sum-exp %v", out)
	}
	inf := []float64{math.Inf(1), 0, math.Inf(-1), math.Inf(-1)}
	LogSumExp(out, inf, 2)
	if !math.IsInf(out[0], 1) || !math.IsInf(out[1], -1) {
		t.Errorf("log-sum-exp of infinities %v", out)
	}
}

// TestShapeRules checks what the random tests do not reach.
func TestShapeRules(t *testing.T) {
	if s, bad := Broadcast([]int{0, 3}, []int{1, 1}); bad != nil || !slices.Equal(s, []int{0, 3}) {
		t.Errorf("broadcast with 0: %v", s)
	}
	if _, bad := Broadcast([]int{0}, []int{2}); bad == nil {
		t.Error("0 and 2 broadcast")
	}
	for _, c := range []struct {
		shape []int
		n     int
		ok    bool
	}{
		{nil, 1, true},
		{[]int{2, 3}, 6, true},
		{[]int{0, 1 << 40}, 0, true},
		{[]int{math.MaxInt, 2}, 0, false},
		{[]int{math.MaxInt, 2, 0}, 0, false},
		{[]int{-1, -1}, 0, false},
	} {
		if n, ok := Checked(c.shape); n != c.n || ok != c.ok {
			t.Errorf("size of %v: %d, %v", c.shape, n, ok)
		}
	}
	for _, c := range []struct{ from, to, want []int }{
		{[]int{2, 6}, []int{3, -1}, []int{3, 4}}, {[]int{0, 3}, []int{-1, 3}, []int{0, 3}}, {nil, []int{-1}, []int{1}}, {[]int{1}, nil, []int{}},
	} {
		if got, bad := Reshape(c.from, c.to); bad != nil || !slices.Equal(got, c.want) {
			t.Errorf("reshape %v to %v: %v, %v", c.from, c.to, got, bad)
		}
	}
}

// TestImagesMisfit checks the refusals of images.
func TestImagesMisfit(t *testing.T) {
	for _, c := range []struct {
		x, w   []int
		stride int
		want   string
	}{
		{[]int{2, 3, 3}, []int{1, 1, 1, 1}, 1, "images have rank 3"},
		{[]int{2, 3, 3, 1}, []int{1, 1, 1}, 1, "filters have rank 3"},
		{[]int{2, 3, 3, 1}, []int{1, 1, 2, 1}, 1, "images have 1 channels and filters 2"},
		{[]int{2, 3, 3, 1}, []int{4, 1, 1, 1}, 1, "a 4x1 filter does not fit on a 3x3 image"},
		{[]int{2, 3, 3, 1}, []int{0, 1, 1, 1}, 1, "a filter of 0x1 has no numbers"},
		{[]int{2, 3, 3, 1}, []int{1, 1, 1, 1}, 0, "the stride is 0"},
	} {
		if _, bad := NewConv(c.x, c.w, c.stride, false); bad == nil || len(bad.Text) < len(c.want) || bad.Text[:len(c.want)] != c.want {
			t.Errorf("convolution of %v with %v: %v, want %q", c.x, c.w, bad, c.want)
		}
	}
	for _, c := range []struct {
		x    []int
		size int
	}{{[]int{3, 3, 1}, 2}, {[]int{1, 3, 3, 1}, 0}, {[]int{1, 3, 3, 1}, 4}} {
		if _, bad := NewPool(c.x, [2]int{c.size, c.size}, [2]int{1, 1}); bad == nil {
			t.Errorf("pooled %v by %d", c.x, c.size)
		}
	}
}
