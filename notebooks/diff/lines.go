// This file compares texts line by line.

package diff

import "strings"

// Line is a line of two texts laid over each other.
type Line struct {
	Op   byte // ' ' in both, '-' only in the first, '+' only in the second
	Text string
}

// maxLines is the size up to which the shortest difference is looked for; it
// takes the square of it.
const maxLines = 2000

// Lines returns the lines of both texts: the longest common subsequence, and
// what is around it.
func Lines(a, b string) []Line {
	x, y := split(a), split(b)
	var head, tail []Line
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		head = append(head, Line{' ', x[0]})
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		tail = append(tail, Line{' ', x[len(x)-1]})
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	out := append(head, middle(x, y)...)
	for i := len(tail) - 1; i >= 0; i-- {
		out = append(out, tail[i])
	}
	return out
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

func middle(x, y []string) []Line {
	var out []Line
	if len(x) > maxLines || len(y) > maxLines {
		for _, l := range x {
			out = append(out, Line{'-', l})
		}
		for _, l := range y {
			out = append(out, Line{'+', l})
		}
		return out
	}
	for _, p := range match(len(x), len(y), func(i, j int) bool { return x[i] == y[j] }) {
		switch {
		case p.b < 0:
			out = append(out, Line{'-', x[p.a]})
		case p.a < 0:
			out = append(out, Line{'+', y[p.b]})
		default:
			out = append(out, Line{' ', x[p.a]})
		}
	}
	return out
}

// pair says which element of a sequence stands for which of another; -1: none.
type pair struct{ a, b int }

// match lays two sequences of n and m elements over each other so that most of
// them are the same: the longest common subsequence, by the table.
func match(n, m int, same func(i, j int) bool) []pair {
	best := make([][]int32, n+1)
	for i := range best {
		best[i] = make([]int32, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if same(i, j) {
				best[i][j] = best[i+1][j+1] + 1
			} else {
				best[i][j] = max(best[i+1][j], best[i][j+1])
			}
		}
	}
	var out []pair
	i, j := 0, 0
	for i < n && j < m {
		switch {
		case same(i, j):
			out = append(out, pair{i, j})
			i, j = i+1, j+1
		case best[i+1][j] >= best[i][j+1]:
			out = append(out, pair{i, -1})
			i++
		default:
			out = append(out, pair{-1, j})
			j++
		}
	}
	for ; i < n; i++ {
		out = append(out, pair{i, -1})
	}
	for ; j < m; j++ {
		out = append(out, pair{-1, j})
	}
	return out
}
