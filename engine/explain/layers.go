// This file describes the layers of a model: their weights, gradients, filters.

package explain

import (
	"fmt"
	"html"
	"math"
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
	Largest  float64 // largest absolute gradient
	Zero     float64 // share of numbers whose gradient is 0
	Ratio    float64 // Gradient / Weights, 0 where all weights are 0
}

// GradientStats are the ParamStats of a model, from the input on.
type GradientStats struct {
	Loss   float64
	Params []ParamStats
}

// Gradients returns the sizes of weights and gradients, layer by layer, for the
// loss on a dataset, taken as one batch. From them one sees gradients that vanish
// or explode on the way to the first layer. A nil loss is what nn.Fit would
// choose.
func Gradients(m *nn.Model, d *data.Dataset, loss nn.Loss) (*GradientStats, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	if d == nil || d.Len() == 0 {
		return nil, fmt.Errorf("explain: there are no examples")
	}
	t := grad.NewTape()
	n, err := Put(t, m, t.Data("x", d.Inputs()))
	if err != nil {
		return nil, err
	}
	tr := truth{}
	if d.HasLabels() {
		tr.labels = d.Labels()
	} else if d.HasTargets() {
		tr.targets = d.Targets()
	}
	L, _, err := lossOn(t, n, loss, tr)
	if err != nil {
		return nil, err
	}
	t.Backward(L)
	s := &GradientStats{Loss: L.Item()}
	for _, l := range n.Layers {
		if l.W == nil {
			continue
		}
		for _, v := range []*grad.Var{l.W, l.B} {
			s.Params = append(s.Params, statsOf(l, v))
		}
	}
	return s, nil
}

func statsOf(l Layer, v *grad.Var) ParamStats {
	g := v.Grad()
	s := ParamStats{
		Layer: l.Index, Name: l.Name, Param: v.Name(), Size: g.Size(),
		Weights: rms(v.Value()), Gradient: rms(g), Largest: float64(g.Abs().Max().Item()),
	}
	for _, x := range g.Data {
		if x == 0 {
			s.Zero += 1 / float64(g.Size())
		}
	}
	if s.Weights > 0 {
		s.Ratio = s.Gradient / s.Weights
	}
	return s
}

func rms(t *tensor.Tensor) float64 {
	sum := 0.0
	for _, v := range t.Data {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(max(t.Size(), 1)))
}

func (s *GradientStats) rows() [][]string {
	rows := [][]string{{"layer", "parameter", "numbers", "weights", "gradient", "largest", "zero", "ratio"}}
	for _, p := range s.Params {
		rows = append(rows, []string{
			p.Name, p.Param, fmt.Sprint(p.Size), fmt.Sprintf("%.3g", p.Weights), fmt.Sprintf("%.3g", p.Gradient),
			fmt.Sprintf("%.3g", p.Largest), fmt.Sprintf("%.0f %%", 100*p.Zero), fmt.Sprintf("%.3g", p.Ratio),
		})
	}
	return rows
}

// String writes the sizes as a table.
func (s *GradientStats) String() string {
	return fmt.Sprintf("loss %.4f\n%s", s.Loss, textTable(s.rows()))
}

// MIMEBundle returns the same as text/plain and, as a table, text/html.
func (s *GradientStats) MIMEBundle() map[string]any {
	return map[string]any{
		"text/plain": s.String(),
		"text/html":  fmt.Sprintf(`<div class="cajal-gradients"><div>loss %.4f</div>%s</div>`, s.Loss, htmlTable(s.rows())),
	}
}

// Filters returns the filters of a convolution, one image after the other:
// [filters height width channels]. layer counts as in [GradCAM].
func Filters(m *nn.Model, layer int) (*tensor.Tensor, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	layer, err := convLayer(m, layer)
	if err != nil {
		return nil, err
	}
	w, _, err := m.Weights(layer)
	if err != nil {
		return nil, err
	}
	return w.Transpose(3, 0, 1, 2), nil
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
