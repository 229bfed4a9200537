// This file draws rows of many numbers as points in a plane.

package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
	"cajal/display/internal/embedding"
)

// The number of rows from which a plane is made; of more, every second, third, ….
const (
	maxPCA  = 5000
	maxTSNE = 1500
)

// PCA draws rows of many numbers, such as pictures or activations, in the plane of
// the two directions in which they differ most, their first two principal
// components. Data is a matrix, a slice of rows, or a tensor or data set, each
// example of which is a row, whatever its shape; of more than 5,000 rows some are
// taken. Groups colours the points; a data set has its labels for that.
func PCA(data any, options ...Option) *Figure {
	return build(pca, options, func(s *settings) (layout, error) {
		e, rows, err := s.embed(data, maxPCA)
		if err != nil {
			return nil, err
		}
		c, err := embedding.PCA(rows, 2)
		if err != nil {
			return nil, err
		}
		e.what, e.share = "principal components", c.Share
		for _, row := range c.Rows {
			e.add(append(row, 0)[:2])
		}
		return e.layout, nil
	})
}

// TSNE draws rows of many numbers in a plane in which those that are near each
// other stay neighbours: t-distributed stochastic neighbour embedding (van der
// Maaten and Hinton, 2008). It takes what [PCA] takes, and of more than 1,500 rows
// some; these take about two seconds. Distances between groups, and how large
// they are, mean little. Perplexity and Seed are its options.
func TSNE(data any, options ...Option) *Figure {
	return build(tsne, options, func(s *settings) (layout, error) {
		e, rows, err := s.embed(data, maxTSNE)
		if err != nil {
			return nil, err
		}
		at, err := embedding.TSNE(rows, cmp.Or(s.perplexity, 30), s.seed)
		if err != nil {
			return nil, err
		}
		e.what = "t-SNE"
		for _, row := range at {
			e.add(row)
		}
		return e.layout, nil
	})
}

// Perplexity is about how many neighbours each point of a TSNE has; 30 without it.
func Perplexity(p float64) Option {
	return Option{"Perplexity", tsne, func(s *settings) error {
		if !(p >= 1) || p > maxTSNE {
			return fmt.Errorf("a perplexity of %v: from 1 to %d was expected", p, maxTSNE)
		}
		s.perplexity = p
		return nil
	}}
}

// Seed lets a TSNE begin with random places, other ones for each seed; without it,
// or with 0, it begins with the principal components.
func Seed(seed uint64) Option {
	return option("Seed", tsne, func(s *settings) { s.seed = seed })
}

// embed reads rows, at most so many, and their groups.
func (s *settings) embed(data any, most int) (*plane, [][]float64, error) {
	e := &plane{}
	groups := s.groups
	var rows [][]float64
	switch d := data.(type) {
	case rower:
		if isNil(data) {
			return nil, nil, fmt.Errorf("the data is nil")
		}
		e.total = d.Len()
		size := 1
		for _, n := range d.ExampleShape() {
			size *= n
		}
		l, ok := d.(labelled)
		own := groups == nil && ok && l.HasLabels()
		row := make([]float32, size)
		for _, i := range e.pick(most) {
			if d.ReadRows(row, i) < 1 {
				return nil, nil, fmt.Errorf("row %d of %d cannot be read", i, e.total)
			}
			rows = append(rows, widened(row))
			if own {
				name := fmt.Sprint(l.Label(i))
				if c := l.Classes(); l.Label(i) < len(c) && l.Label(i) >= 0 {
					name = c[l.Label(i)]
				}
				e.groups = append(e.groups, name)
			}
		}
	default:
		all, err := matrix("the data", data)
		if err != nil {
			return nil, nil, err
		}
		if _, ok := data.(mat.Matrix); !ok {
			for i, row := range all {
				if len(row) > 0 && math.IsNaN(row[len(row)-1]) {
					return nil, nil, fmt.Errorf("row %d is shorter than others, or ends with NaN", i)
				}
			}
		}
		e.total = len(all)
		for _, i := range e.pick(most) {
			rows = append(rows, all[i])
		}
	}
	if groups != nil {
		if len(groups) != e.total {
			return nil, nil, fmt.Errorf("there are %d rows and %d groups", e.total, len(groups))
		}
		for _, i := range e.pick(most) {
			e.groups = append(e.groups, groups[i])
		}
	}
	if len(rows) > 0 {
		e.dims = len(rows[0])
	}
	return e, rows, nil
}

// plane is rows as points.
type plane struct {
	*points
	what   string
	total  int // rows that were given
	dims   int // numbers of each
	groups []string
	share  []float64 // of the variance, of principal components
	at     series
}

// pick returns which rows are taken, at most so many.
func (e *plane) pick(most int) []int {
	every := max((e.total+most-1)/most, 1)
	var out []int
	for i := 0; i < e.total; i += every {
		out = append(out, i)
	}
	return out
}

func (e *plane) add(row []float64) {
	e.at.x, e.at.y = append(e.at.x, row[0]), append(e.at.y, row[1])
}

func (e plane) layout(s *settings) drawing {
	all := []series{{x: slices.Clone(e.at.x), y: slices.Clone(e.at.y)}}
	if e.groups != nil {
		all = grouping(all[0], e.groups)
	}
	if e.share != nil {
		share := func(k int) string {
			if k < len(e.share) {
				return s.say("component %d · %.0f%% of the variance", k+1, 100*e.share[k])
			}
			return s.say("component %d", k+1)
		}
		s.xlabel, s.ylabel = cmp.Or(s.xlabel, share(0)), cmp.Or(s.ylabel, share(1))
	}
	e.points = newPoints(s, all, series{})
	if e.share == nil { // whose numbers mean nothing
		e.x.names, e.y.names = []string{}, []string{}
		e.bare, e.covered = true, true
	}
	if n := len(e.at.x); n < e.total {
		e.notes = append(e.notes, s.say("%s of %s rows, evenly taken", grouped(fmt.Sprint(n)), grouped(fmt.Sprint(e.total))))
	}
	if e.groups != nil && len(all) <= maxNamed {
		e.plotters = append(e.plotters, tags(all))
	}
	return &e
}

// maxNamed is up to how many groups have their names written among the points.
const maxNamed = 20

// tags are the names of groups, at the middle of their points.
type tags []series

// Plot implements [plot.Plotter].
func (t tags) Plot(c draw.Canvas, p *plot.Plot) {
	type tag struct {
		at   vg.Point
		name string
		of   int
	}
	sty := canvas.Style(tickSize, true, canvas.Strong, text.XCenter, text.YCenter)
	var all []tag
	for i, s := range t {
		at := vg.Point{X: c.X(p.X.Norm(middle(s.x))), Y: c.Y(p.Y.Norm(middle(s.y)))}
		if drawable(at) {
			all = append(all, tag{at, shortened(s.name, 12), i})
		}
	}
	const high = vg.Length(16)
	slices.SortStableFunc(all, func(a, b tag) int { return cmp.Compare(a.at.Y, b.at.Y) })
	for i := range all {
		for _, below := range all[:i] {
			apart := all[i].at.Sub(below.at)
			room := (sty.Width(all[i].name)+sty.Width(below.name))/2 + 14
			if apart.X < room && apart.X > -room && apart.Y < high+1 {
				all[i].at.Y = below.at.Y + high + 1
			}
		}
	}
	sty.Color = onColor
	for _, l := range all {
		half := vg.Point{X: sty.Width(l.name)/2 + 5, Y: high / 2}
		c.SetColor(colorOf(l.of))
		c.Fill(pill(vg.Rectangle{Min: l.at.Sub(half), Max: l.at.Add(half)}))
		c.FillText(sty, vg.Point{X: l.at.X, Y: l.at.Y + 1}, l.name)
	}
}

// middle is the median.
func middle(values []float64) float64 {
	var sorted []float64
	for _, v := range values {
		if finite(v) {
			sorted = append(sorted, v)
		}
	}
	if sorted == nil {
		return math.NaN()
	}
	slices.Sort(sorted)
	return quantile(0.5, sorted)
}

func (e *plane) describe() string {
	s := e.say("%s of %s of %s", e.say(e.what), e.count(e.total, "row"), e.count(e.dims, "number"))
	if e.groups != nil {
		counts := make([]string, len(e.all))
		for i, g := range e.all {
			counts[i] = fmt.Sprintf("%s %d", g.name, len(g.x))
		}
		s += e.say("; ") + strings.Join(counts, e.say(", "))
	}
	if len(e.share) > 1 {
		s += e.say("; %.0f%% and %.0f%% of the variance", 100*e.share[0], 100*e.share[1])
	}
	return s
}

func (e *plane) data() any {
	return chartData{Kind: strings.ToLower(strings.ReplaceAll(e.what, " ", "")), Series: jsonSeries(e.all)}
}
