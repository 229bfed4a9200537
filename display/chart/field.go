// This file asks functions for their values over a part of the plane, and finds
// the lines on which these are equal.

package chart

import (
	"fmt"
	"math"
	"reflect"
	"slices"
)

// field is values over a part of the plane, at the corners of equal cells.
type field struct {
	x0, x1, y0, y1 float64
	nx, ny         int         // corners
	values         [][]float64 // of each quantity, by row from below
}

// The corners at which functions are asked: across, unless Resolution says
// another number, and as many up as the shape of a chart needs.
const (
	defaultAcross = 80
	maxAcross     = 500
)

// Resolution is how many times a function is asked for its value across the
// chart; 80 without it. Between, the values are interpolated.
func Resolution(n int) Option {
	return Option{"Resolution", boundary | surface, func(s *settings) error {
		if n < 4 || n > maxAcross {
			return fmt.Errorf("a resolution of %d: from 4 to %d was expected", n, maxAcross)
		}
		s.across = n
		return nil
	}}
}

// newField lays corners over a part of the plane.
func (s *settings) newField(x, y [2]float64) *field {
	f := &field{x0: x[0], x1: x[1], y0: y[0], y1: y[1], nx: defaultAcross}
	if s.across > 0 {
		f.nx = s.across
	}
	f.ny = max(f.nx*9/16, 4)
	return f
}

func (f *field) at(i, j int) (x, y float64) {
	s, t := float64(i)/float64(f.nx-1), float64(j)/float64(f.ny-1)
	return f.x0*(1-s) + f.x1*s, f.y0*(1-t) + f.y1*t
}

// fill asks the function for its values at the corners and at further places,
// whose values it returns. class tells whether the numbers are whole by their
// type.
func (f *field) fill(what string, function any, x, y []float64) (values [][]float64, class bool, err error) {
	xs, ys := make([]float64, 0, f.nx*f.ny+len(x)), make([]float64, 0, f.nx*f.ny+len(x))
	for k := range f.nx * f.ny {
		cx, cy := f.at(k%f.nx, k/f.nx)
		xs, ys = append(xs, cx), append(ys, cy)
	}
	rows, class, err := ask(what, function, append(xs, x...), append(ys, y...))
	if err != nil {
		return nil, false, err
	}
	f.values = make([][]float64, len(rows[0]))
	values = make([][]float64, len(rows[0]))
	for c := range f.values {
		for k, row := range rows {
			if len(row) != len(f.values) {
				return nil, false, fmt.Errorf("%s returned %d numbers for one place and %d for another", what, len(f.values), len(row))
			}
			if k < f.nx*f.ny {
				f.values[c] = append(f.values[c], row[c])
			} else {
				values[c] = append(values[c], row[c])
			}
		}
	}
	return values, class, nil
}

// ask calls a function for its values at places. It takes x and y, or all places
// as rows of x and y, and returns a number or several, for all of them if it was
// given all; an error may follow. class tells whether the numbers are whole by
// their type.
func ask(what string, function any, xs, ys []float64) (rows [][]float64, class bool, err error) {
	fn := reflect.ValueOf(function)
	t := fn.Type()
	wrong := fmt.Errorf("%s is %s; func(x, y float64) float64, or one that takes all places as [][]float64, was expected", what, typeText(function))
	if t.NumOut() < 1 || t.NumOut() > 2 || t.NumOut() == 2 && !t.Out(1).Implements(reflect.TypeFor[error]()) || t.IsVariadic() || fn.IsNil() {
		return nil, false, wrong
	}
	call := func(in ...reflect.Value) (any, error) {
		out := fn.Call(in)
		if len(out) == 2 && !out[1].IsNil() {
			return nil, fmt.Errorf("%s failed: %w", what, out[1].Interface().(error))
		}
		return out[0].Interface(), nil
	}
	whole := func(t reflect.Type) bool { return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Uintptr }
	result := "what " + what + " returned"
	var all any
	switch {
	case t.NumIn() == 2 && t.In(0) == t.In(1) && (t.In(0).Kind() == reflect.Float64 || t.In(0).Kind() == reflect.Float32):
		for k, x := range xs {
			one, err := call(reflect.ValueOf(x).Convert(t.In(0)), reflect.ValueOf(ys[k]).Convert(t.In(0)))
			if err != nil {
				return nil, false, err
			}
			if v, ok := number(reflect.ValueOf(one)); ok {
				rows = append(rows, []float64{v})
				continue
			}
			row, err := flat(result, one)
			if err != nil {
				return nil, false, err
			}
			rows = append(rows, row)
		}
		return checked(what, rows, len(xs), whole(t.Out(0)))
	case t.NumIn() == 1 && t.In(0) == reflect.TypeFor[[][]float64]():
		places := make([][]float64, len(xs))
		for k := range places {
			places[k] = []float64{xs[k], ys[k]}
		}
		all, err = call(reflect.ValueOf(places))
	case t.NumIn() == 1 && t.In(0) == reflect.TypeFor[[][]float32]():
		places := make([][]float32, len(xs))
		for k := range places {
			places[k] = []float32{float32(xs[k]), float32(ys[k])}
		}
		all, err = call(reflect.ValueOf(places))
	default:
		return nil, false, wrong
	}
	if err != nil {
		return nil, false, err
	}
	if values, err := numbers(result, all); err == nil && len(values) == len(xs) {
		for _, v := range values {
			rows = append(rows, []float64{v})
		}
	} else if rows, err = matrix(result, all); err != nil {
		return nil, false, err
	}
	return checked(what, rows, len(xs), t.Out(0).Kind() == reflect.Slice && whole(t.Out(0).Elem()))
}

func checked(what string, rows [][]float64, n int, class bool) ([][]float64, bool, error) {
	if len(rows) != n {
		return nil, false, fmt.Errorf("%s returned numbers for %d places when asked for %d", what, len(rows), n)
	}
	if len(rows[0]) == 0 {
		return nil, false, fmt.Errorf("%s returned no numbers", what)
	}
	return rows, class, nil
}

// soften takes the steps out of values that are 0 or 1: each becomes the mean of
// those around it, twice.
func (f *field) soften(values []float64) {
	for range 2 {
		before := slices.Clone(values)
		for j := range f.ny {
			for i := range f.nx {
				sum, weight := 0.0, 0.0
				for dj := max(j-1, 0); dj <= min(j+1, f.ny-1); dj++ {
					for di := max(i-1, 0); di <= min(i+1, f.nx-1); di++ {
						w := float64((2 - (dj-j)*(dj-j)) * (2 - (di-i)*(di-i)))
						sum, weight = sum+w*before[dj*f.nx+di], weight+w
					}
				}
				values[j*f.nx+i] = sum / weight
			}
		}
	}
}

func isFunc(v any) bool { return reflect.TypeOf(v).Kind() == reflect.Func }

// between returns a quantity at a place, given in cells from the corner at the
// lower left, interpolated between the four corners around it.
func (f *field) between(values []float64, u, v float64) float64 {
	i, j := min(max(int(u), 0), f.nx-1), min(max(int(v), 0), f.ny-1)
	right, up := min(i+1, f.nx-1), min(j+1, f.ny-1)
	a, b := u-float64(i), v-float64(j)
	low, high := values[j*f.nx:], values[up*f.nx:]
	return (low[i]*(1-a)+low[right]*a)*(1-b) + (high[i]*(1-a)+high[right]*a)*b
}

// place is where something is in a field, in cells.
type place struct{ u, v float64 }

// contour returns the lines on which values equal a level, by marching squares
// (Lorensen and Cline, 1987, in the plane). Cells with a corner that is no number
// have none.
func (f *field) contour(values []float64, level float64) [][]place {
	// An edge of the grid has a number: 2k goes right from corner k, 2k+1 up.
	type link struct{ to [2]int } // the edges that the line goes on to; 0 for none, else counted from 1
	links := map[int]*link{}
	var order []int
	connect := func(a, b int) {
		for _, e := range [][2]int{{a, b}, {b, a}} {
			l := links[e[0]]
			if l == nil {
				l = &link{}
				links[e[0]] = l
				order = append(order, e[0])
			}
			if l.to[0] == 0 {
				l.to[0] = e[1] + 1
			} else {
				l.to[1] = e[1] + 1
			}
		}
	}
	for j := range f.ny - 1 {
		for i := range f.nx - 1 {
			k := j*f.nx + i
			corners := [4]float64{values[k], values[k+1], values[k+1+f.nx], values[k+f.nx]} // against the clock
			edges := [4]int{2 * k, 2*(k+1) + 1, 2 * (k + f.nx), 2*k + 1}                    // behind each corner
			var cut []int
			sum := 0.0
			for c, v := range corners {
				sum += v
				if (v >= level) != (corners[(c+1)%4] >= level) {
					cut = append(cut, edges[c])
				}
			}
			if !finite(sum) {
				continue
			}
			switch len(cut) {
			case 2:
				connect(cut[0], cut[1])
			case 4: // a saddle: the middle decides which corners belong together
				if (sum/4 >= level) == (corners[0] >= level) {
					connect(cut[0], cut[1])
					connect(cut[2], cut[3])
				} else {
					connect(cut[3], cut[0])
					connect(cut[1], cut[2])
				}
			}
		}
	}
	where := func(edge int) place {
		k, up := edge/2, edge%2
		other := k + 1
		if up == 1 {
			other = k + f.nx
		}
		t := (level - values[k]) / (values[other] - values[k])
		u, v := float64(k%f.nx), float64(k/f.nx)
		if up == 1 {
			return place{u, v + t}
		}
		return place{u + t, v}
	}
	var lines [][]place
	seen := map[int]bool{}
	follow := func(start int) {
		var line []place
		closed := false
		for e, before := start, -1; ; {
			seen[e] = true
			line = append(line, where(e))
			next := -1
			for _, to := range links[e].to {
				if to > 0 && to-1 != before {
					next = to - 1
					if before >= 0 || !seen[next] {
						break
					}
				}
			}
			if next == start && len(line) > 2 {
				closed = true
				break
			}
			if next < 0 || seen[next] {
				break
			}
			e, before = next, e
		}
		if closed {
			line = append(line, line[0])
		}
		if len(line) > 1 {
			lines = append(lines, line)
		}
	}
	for _, open := range []bool{true, false} { // those with ends first, from an end
		for _, e := range order {
			if !seen[e] && (links[e].to[1] == 0) == open {
				follow(e)
			}
		}
	}
	return lines
}

// padded returns a range around values, a share of their distance wider.
func padded(share float64, values ...[]float64) [2]float64 {
	lo, hi, ok := bounds(values...)
	if !ok {
		return [2]float64{-1, 1}
	}
	d := (hi - lo) * share
	if !finite(2 * d) {
		return [2]float64{lo, hi}
	}
	if d == 0 {
		d = math.Max(math.Abs(lo)/2, 1)
	}
	return [2]float64{lo - d, hi + d}
}
