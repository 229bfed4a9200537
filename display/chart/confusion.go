// This file draws which classes a model mixes up.

package chart

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cajal/display/internal/canvas"
)

// maxClasses bounds the classes of a chart, and maxMixed the rows of a confusion
// matrix, which is drawn as one picture if it has more than maxBoxes.
const (
	maxClasses = 100
	maxMixed   = 1000
	maxBoxes   = 60
	maxPixels  = 250 // across
)

// Confusion counts how often each class was taken for each other: truth and
// predicted are slices of class numbers from 0. A row is a true class, a column
// what it was taken for; what is right stands on the diagonal, in blue, what is
// wrong in orange, as a share of its row. The pairs that are mixed up most often
// are named below.
func Confusion(truth, predicted any, options ...Option) *Figure {
	return build(confusion, options, func(s *settings) (layout, error) {
		t, err := classes("truth", truth, maxMixed)
		if err != nil {
			return nil, err
		}
		p, err := classes("predicted", predicted, maxMixed)
		if err != nil {
			return nil, err
		}
		if len(t) != len(p) {
			return nil, fmt.Errorf("there are %d true classes and %d predictions", len(t), len(p))
		}
		if len(t) == 0 {
			return nil, fmt.Errorf("there are no predictions")
		}
		n := max(slices.Max(t), slices.Max(p)) + 1
		if s.classes != nil {
			if n > len(s.classes) {
				return nil, fmt.Errorf("there is a class %d, and only %d names", n-1, len(s.classes))
			}
			n = len(s.classes)
		}
		counts := make([][]int, n)
		for i := range counts {
			counts[i] = make([]int, n)
		}
		for i := range t {
			counts[t[i]][p[i]]++
		}
		return func(s *settings) drawing { return newMixups(s, counts, len(t)) }, nil
	})
}

// classes returns class numbers below a limit.
func classes(what string, data any, limit int) ([]int, error) {
	values, err := numbers(what, data)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(values))
	for i, v := range values {
		if v != math.Trunc(v) || v < 0 || v >= float64(limit) {
			return nil, fmt.Errorf("%s has %v at %d: class numbers from 0 to %d were expected", what, v, i, limit-1)
		}
		out[i] = int(v)
	}
	return out, nil
}

type mixups struct {
	*settings
	grid
	counts [][]int
	total  int
	right  int
	worst  []mixup // most frequent first
	notes  []string
}

// mixup is how often one class was taken for another.
type mixup struct{ truth, predicted, times int }

const (
	worstShown = 3
	rightRoom  = 62 // for the share of right answers
)

func newMixups(s *settings, counts [][]int, total int) *mixups {
	m := &mixups{settings: s, counts: counts, total: total}
	n := len(m.counts)
	for i, row := range m.counts {
		for j, k := range row {
			switch {
			case i == j:
				m.right += k
			case k > 0:
				m.worst = append(m.worst, mixup{i, j, k})
			}
		}
	}
	slices.SortStableFunc(m.worst, func(a, b mixup) int { return cmp.Compare(b.times, a.times) })
	m.notes = append(m.notes, s.say("%s of %s right, %s", grouped(fmt.Sprint(m.right)), grouped(fmt.Sprint(m.total)), percent(m.right, m.total)))
	if worst := m.most(); worst != "" {
		m.notes = append(m.notes, worst)
	}
	m.rowNames = m.settings.classes
	if m.rowNames == nil {
		m.rowNames = indices(n)
	}
	m.columnNames = m.rowNames
	if m.xlabel == "" {
		m.xlabel = m.say("taken for")
	}
	if m.ylabel == "" {
		m.ylabel = m.say("true class")
	}
	m.grid.right = rightRoom
	m.lay(m.settings, n, n, 40, m.notes)
	return m
}

// most names the pairs that are mixed up most often.
func (m *mixups) most() string {
	var parts []string
	for i, w := range m.worst {
		if i == worstShown {
			break
		}
		parts = append(parts, m.say("%s as %s (%s)", m.name(w.truth), m.name(w.predicted), grouped(fmt.Sprint(w.times))))
	}
	if parts == nil {
		return ""
	}
	return m.say("most often mixed up: %s", strings.Join(parts, m.say(", ")))
}

func (m *mixups) name(class int) string {
	if class < len(m.settings.classes) {
		return m.settings.classes[class]
	}
	return fmt.Sprint(class)
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(n)/float64(of))
}

func (m *mixups) draw(c draw.Canvas) {
	c = m.header(c, nil, m.notes)
	n := len(m.counts)
	area := m.area(c, n, n)
	sums := make([]int, n)
	for i, row := range m.counts {
		for _, k := range row {
			sums[i] += k
		}
	}
	if n > maxBoxes {
		img, per := m.picture(sums)
		size := vg.Length(img.Rect.Dx() * per)
		c.DrawImage(vg.Rectangle{
			Min: vg.Point{X: area.Min.X, Y: area.Max.Y - m.cellHeight*size},
			Max: vg.Point{X: area.Min.X + m.cellWidth*size, Y: area.Max.Y},
		}, img)
	} else {
		m.boxes(c, area, sums)
	}
	edge := draw.LineStyle{Color: canvas.Faint, Width: 1}
	c.StrokeLine2(edge, area.Min.X, area.Min.Y, area.Max.X, area.Min.Y)
	c.StrokeLine2(edge, area.Min.X, area.Max.Y, area.Max.X, area.Max.Y)
	c.StrokeLine2(edge, area.Min.X, area.Min.Y, area.Min.X, area.Max.Y)
	c.StrokeLine2(edge, area.Max.X, area.Min.Y, area.Max.X, area.Max.Y)
	m.names(c, area, m.xlabel)
	if m.cellHeight < 11 {
		return
	}
	sty := canvas.Style(tickSize, false, canvas.Soft, text.XRight, text.YCenter)
	for i := range n {
		r := m.cell(area, i, n-1)
		c.FillText(sty, vg.Point{X: area.Max.X + 48, Y: (r.Min.Y+r.Max.Y)/2 + 1}, percent(m.counts[i][i], sums[i]))
	}
	sty.YAlign = text.YTop
	c.FillText(sty, vg.Point{X: area.Max.X + 48, Y: area.Min.Y - 4}, m.say("right"))
}

// boxes draws a box for each cell, with its number where there is room.
func (m *mixups) boxes(c draw.Canvas, area vg.Rectangle, sums []int) {
	mostWrong := 0.0
	for i, row := range m.counts {
		for j, k := range row {
			if i != j && k > 0 {
				mostWrong = max(mostWrong, float64(k)/float64(sums[i]))
			}
		}
	}
	for i, row := range m.counts {
		for j, k := range row {
			if k == 0 {
				continue
			}
			clr, opacity := mixupColor(i == j, float64(k)/float64(sums[i]), mostWrong)
			r := m.cell(area, i, j)
			r.Min.X, r.Max.Y = r.Min.X+1, r.Max.Y-1
			box(c, r, faded(clr, opacity))
			sty := canvas.Style(tickSize, i == j, canvas.Strong, text.XCenter, text.YCenter)
			if opacity > 0.65 {
				sty.Color = color.White
			}
			if label := grouped(fmt.Sprint(k)); m.cellHeight >= 13 && sty.Width(label) <= m.cellWidth {
				c.FillText(sty, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: (r.Min.Y+r.Max.Y)/2 + 1}, label)
			}
		}
	}
}

// picture draws a pixel for each cell, or, of more than can be seen, for so many
// across and down: of those on the diagonal what is right.
func (m *mixups) picture(sums []int) (img *image.NRGBA, per int) {
	n := len(m.counts)
	per = (n + maxPixels - 1) / maxPixels
	size := (n + per - 1) / per
	right, wrong, of := make([]float64, size), make([][]float64, size), make([]float64, size)
	for b := range wrong {
		wrong[b] = make([]float64, size)
	}
	for i, row := range m.counts {
		of[i/per] += float64(sums[i])
		for j, k := range row {
			if i == j {
				right[i/per] += float64(k)
			} else {
				wrong[i/per][j/per] += float64(k)
			}
		}
	}
	mostWrong := 0.0
	for i, row := range wrong {
		for _, k := range row {
			if k > 0 {
				mostWrong = max(mostWrong, k/of[i])
			}
		}
	}
	img = image.NewNRGBA(image.Rect(0, 0, size, size))
	for i, row := range wrong {
		for j, k := range row {
			if i == j && right[i] > 0 {
				k = right[i]
			}
			if k > 0 {
				clr, opacity := mixupColor(i == j && right[i] > 0, k/of[i], mostWrong)
				img.SetNRGBA(j, i, faded(clr, opacity))
			}
		}
	}
	return img, per
}

// mixupColor is the colour of a share of a class and how strong it is. Errors are
// rare: their scale ends with the most frequent, or at 2 of 100.
func mixupColor(right bool, share, mostWrong float64) (color.RGBA, float64) {
	if right {
		return canvas.Palette[0], 0.15 + 0.85*share*share
	}
	return canvas.Palette[1], 0.05 + 0.88*math.Pow(share/max(mostWrong, 0.02), 1.2)
}

func (m *mixups) describe() string {
	s := m.say("confusion matrix of %s: %s", m.count(len(m.counts), "class"), m.notes[0])
	if worst := m.most(); worst != "" {
		s += m.say("; ") + worst
	}
	return s
}

func (m *mixups) data() any {
	out := chartData{Kind: "confusion", Names: m.rowNames}
	if n := len(m.counts); n > maxClasses { // most of which are 0
		right, wrong := series{name: "right"}, series{name: "wrong"}
		for i, row := range m.counts {
			right.y = append(right.y, float64(row[i]))
		}
		for _, w := range m.worst[:min(len(m.worst), maxData)] {
			wrong.x, wrong.y = append(wrong.x, float64(w.truth*n+w.predicted)), append(wrong.y, float64(w.times))
		}
		out.Series = jsonSeries([]series{right, wrong})
		return out
	}
	for _, row := range m.counts {
		nums := make(jsonNums, len(row))
		for j, k := range row {
			nums[j] = float64(k)
		}
		out.Rows = append(out.Rows, nums)
	}
	return out
}
