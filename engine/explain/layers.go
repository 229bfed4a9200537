// This file describes the layers of a model: their weights, gradients, filters.

package explain

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"cajal/engine/data"
	"cajal/engine/grad"
	"cajal/engine/nn"
	"cajal/engine/tensor"
)

// A ParamStats has the sizes of one layer's weights or biases and of their
// gradients.
type ParamStats struct {
	Layer    int // as nn.Model.Layers counts
	Name     string
	Param    string  // such as "W1"
	Size     int     // numbers
	Weights  float64 // root of their mean square
	Gradient float64 // root of its mean square
	Mean     float64 // of the gradient's numbers
	Std      float64 // their standard deviation
	Largest  float64 // largest absolute gradient
	Zero     float64 // share of numbers whose gradient is 0
	Ratio    float64 // Gradient / Weights, 0 where all weights are 0
}

// A FlowStats tells what one layer gives for the examples, and the gradients that reach
// it there.
type FlowStats struct {
	Layer              int // as nn.Model.Layers counts
	Name, Kind         string
	Mean, Std, Largest float64 // of what comes out; Largest is absolute
	Zero               float64 // share of numbers that are 0, as behind a ReLU that is off
	// The same of the gradient of an example's own loss with respect to them.
	GradientMean, GradientStd, GradientLargest, GradientZero float64
}

// GradientStats are the ParamStats and FlowStats of a model, from the input on.
type GradientStats struct {
	Loss     float64
	Examples int
	Params   []ParamStats
	Flow     []FlowStats
}

// gradientBatch is how many examples are on a tape at a time.
const gradientBatch = 64

// Gradients returns the sizes of weights and gradients, layer by layer, for the mean
// loss on a dataset, and what flows between the layers, forward and back. From them one
// sees gradients that vanish or explode on the way to the first layer. A nil loss is
// what nn.Fit would choose. Every number of every layer is looked at: of a large
// dataset, some hundred examples tell as much.
func Gradients(m *nn.Model, d *data.Dataset, loss nn.Loss) (*GradientStats, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	if d == nil || d.Len() == 0 {
		return nil, fmt.Errorf("explain: there are no examples")
	}
	s := &GradientStats{Examples: d.Len()}
	var names []ParamStats
	var weights, sums []*tensor.Tensor
	flows := make([]flow, len(m.Layers()))
	for lo := 0; lo < d.Len(); lo += gradientBatch {
		hi := min(lo+gradientBatch, d.Len())
		part := d.Slice(lo, hi)
		t := grad.NewTape()
		n, err := Put(t, m, t.Param("x", part.Inputs()))
		if err != nil {
			return nil, err
		}
		L, _, err := n.Loss(loss, nn.TruthOf(part))
		if err != nil {
			return nil, err
		}
		t.Backward(L)
		share := float64(hi-lo) / float64(d.Len())
		s.Loss += share * L.Item()
		k := 0
		for i, l := range n.Layers {
			flows[i].add(l.Out, float64(hi-lo))
			for _, p := range l.Weights {
				g := p.Grad()
				if g == nil { // not learnt
					continue
				}
				if lo == 0 {
					names = append(names, ParamStats{Layer: l.Index, Name: l.Name, Param: p.Name()})
					weights, sums = append(weights, p.Value()), append(sums, &tensor.Tensor{Shape: g.Shape, Data: make([]float32, g.Size())})
				}
				sums[k].AddScaled(share, g)
				k++
			}
		}
	}
	for k, p := range names {
		s.Params = append(s.Params, p.of(weights[k], sums[k]))
	}
	for i, l := range m.Layers() {
		if i > 0 {
			s.Flow = append(s.Flow, flows[i].stats(l))
		}
	}
	return s, nil
}

// of fills in the figures.
func (s ParamStats) of(w, g *tensor.Tensor) ParamStats {
	var f figures
	f.add(g.Data, 1)
	s.Size, s.Weights, s.Gradient = g.Size(), rms(w), rms(g)
	s.Mean, s.Std, s.Largest, s.Zero = f.mean(), f.std(), f.largest, f.share()
	if s.Weights > 0 {
		s.Ratio = s.Gradient / s.Weights
	}
	return s
}

// figures add up numbers.
type figures struct{ n, sum, squares, largest, zeros float64 }

func (f *figures) add(values []float32, scale float64) {
	for _, x := range values {
		v := float64(x) * scale
		f.n++
		f.sum += v
		f.squares += v * v
		f.largest = max(f.largest, math.Abs(v))
		if v == 0 {
			f.zeros++
		}
	}
}

func (f *figures) mean() float64  { return f.sum / max(f.n, 1) }
func (f *figures) share() float64 { return f.zeros / max(f.n, 1) }
func (f *figures) std() float64 {
	m := f.mean()
	return math.Sqrt(max(f.squares/max(f.n, 1)-m*m, 0))
}

// flow has the figures of what a layer gives.
type flow struct{ out, grad figures }

// add looks at a batch of n examples: the gradient of the mean loss is, times n, that of
// each example's own.
func (f *flow) add(v *grad.Var, n float64) {
	f.out.add(v.Value().Data, 1)
	if g := v.Grad(); g != nil {
		f.grad.add(g.Data, n)
	}
}

func (f *flow) stats(l nn.LayerInfo) FlowStats {
	return FlowStats{
		Layer: l.Index, Name: l.Name, Kind: l.Kind, Mean: f.out.mean(), Std: f.out.std(), Largest: f.out.largest, Zero: f.out.share(),
		GradientMean: f.grad.mean(), GradientStd: f.grad.std(), GradientLargest: f.grad.largest, GradientZero: f.grad.share(),
	}
}

func rms(t *tensor.Tensor) float64 {
	sum := 0.0
	for _, v := range t.Data {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(max(t.Size(), 1)))
}

func (s *GradientStats) flowRows() [][]string {
	rows := [][]string{{"layer", "outputs", "deviation", "zero", "gradient", "deviation", "largest", "zero"}}
	for _, f := range s.Flow {
		rows = append(rows, []string{
			f.Name, fmt.Sprintf("%.3g", f.Mean), fmt.Sprintf("%.3g", f.Std), fmt.Sprintf("%.0f %%", 100*f.Zero),
			fmt.Sprintf("%.3g", f.GradientMean), fmt.Sprintf("%.3g", f.GradientStd), fmt.Sprintf("%.3g", f.GradientLargest), fmt.Sprintf("%.0f %%", 100*f.GradientZero),
		})
	}
	return rows
}

func (s *GradientStats) rows() [][]string {
	rows := [][]string{{"layer", "parameter", "numbers", "weights", "gradient", "mean", "deviation", "largest", "zero", "ratio"}}
	for _, p := range s.Params {
		rows = append(rows, []string{
			p.Name, p.Param, fmt.Sprint(p.Size), fmt.Sprintf("%.3g", p.Weights), fmt.Sprintf("%.3g", p.Gradient),
			fmt.Sprintf("%.3g", p.Mean), fmt.Sprintf("%.3g", p.Std), fmt.Sprintf("%.3g", p.Largest), fmt.Sprintf("%.0f %%", 100*p.Zero), fmt.Sprintf("%.3g", p.Ratio),
		})
	}
	return rows
}

// String writes the sizes as tables.
func (s *GradientStats) String() string {
	return fmt.Sprintf("loss %.4f on %d examples\n%s\n\n%s", s.Loss, s.Examples, textTable(s.rows()), textTable(s.flowRows()))
}

// MIMEBundle returns the same as text/plain and, as a table, text/html.
func (s *GradientStats) MIMEBundle() map[string]any {
	return map[string]any{
		"text/plain": s.String(),
		"text/html":  fmt.Sprintf(`<div class="cajal-gradients"><div>loss %.4f on %d examples</div>%s%s</div>`, s.Loss, s.Examples, htmlTable(s.rows()), htmlTable(s.flowRows())),
	}
}

// Filters returns the filters of a convolution, one image after the other:
// [filters height width channels]; of a DepthwiseConv2D those of its channels, each
// [height width 1]. layer counts as in [GradCAM].
func Filters(m *nn.Model, layer int) (*tensor.Tensor, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	l, err := layerAt(m, layer)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(convolutions, l.Kind) {
		return nil, fmt.Errorf("explain: layer %d is %s, not Conv2D", layer, l.Kind)
	}
	w, _, err := m.Weights(l.Index)
	if err != nil {
		return nil, err
	}
	switch l.Kind {
	case "DepthwiseConv2D": // [height width channels multiplier]
		return w.Reshape(w.Shape[0], w.Shape[1], -1).Transpose(2, 0, 1).ExpandDims(-1), nil
	case "Conv2DTranspose": // [height width filters channels]
		return w.Transpose(2, 0, 1, 3), nil
	}
	return w.Transpose(3, 0, 1, 2), nil
}

// Activations returns what comes out of a layer for an example, one image after the
// other: [channels height width] of an image, [features steps] of a sequence, and the
// row of numbers itself. layer counts as nn.Model.Layers does, from the input 0.
func Activations(m *nn.Model, x *tensor.Tensor, layer int) (*tensor.Tensor, error) {
	b, err := batchOf(m, x)
	if err != nil {
		return nil, err
	}
	out, err := m.Outputs(b, layer)
	if err != nil {
		return nil, err
	}
	switch out = out.Squeeze(0); out.Rank() {
	case 3:
		return out.Transpose(2, 0, 1), nil
	case 2:
		return out.Transpose(), nil
	}
	return out, nil
}

// textTable writes rows, the first a header, in columns.
func textTable(rows [][]string) string {
	wide := make([]int, 0, 8)
	for _, r := range rows {
		for i, c := range r {
			if i == len(wide) {
				wide = append(wide, 0)
			}
			wide[i] = max(wide[i], len([]rune(c)))
		}
	}
	lines := make([]string, len(rows))
	for k, r := range rows {
		var b strings.Builder
		for i, c := range r {
			b.WriteString(c + strings.Repeat(" ", wide[i]-len([]rune(c))+2))
		}
		lines[k] = strings.TrimRight(b.String(), " ")
	}
	return strings.Join(lines, "\n")
}

// htmlTable writes rows, the first a header.
func htmlTable(rows [][]string) string {
	var b strings.Builder
	b.WriteString("<table>")
	for k, r := range rows {
		cell := "td"
		if k == 0 {
			cell = "th"
		}
		b.WriteString("<tr>")
		for _, c := range r {
			b.WriteString("<" + cell + ` style="text-align:left">` + html.EscapeString(c) + "</" + cell + ">")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table>")
	return b.String()
}
