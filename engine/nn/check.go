// This file looks at data before a training: what cannot work is an error, what
// will disappoint a warning.

package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"cajal/engine/data"
)

// A DataError says what is wrong with a dataset for a model, and how to mend it.
type DataError struct {
	Dataset string // its name, "" when it has none
	Text    string
	Fix     string
}

// Error writes the mistake and the fix.
func (e *DataError) Error() string {
	s := "nn: " + e.Text
	if e.Fix != "" {
		s += "\n      fix        " + e.Fix
	}
	return s
}

func (e *DataError) fixed(fix string) *DataError { e.Fix = fix; return e }

// problem begins a message with what the dataset is called, when there is one.
func problem(d *data.Dataset, format string, args ...any) *DataError {
	text := fmt.Sprintf(format, args...)
	if d == nil {
		return &DataError{Text: text}
	}
	if d.Name() == "" {
		return &DataError{Text: "the dataset " + text}
	}
	return &DataError{Dataset: d.Name(), Text: fmt.Sprintf("the dataset %q %s", d.Name(), text)}
}

// checkData reports why d cannot be used with m, whatever the loss.
func checkData(m *Model, d *data.Dataset, what string) error {
	if d == nil {
		return problem(nil, "%s is nil", what).fixed("data.MNIST() or data.Arrays(x, y) make a dataset")
	}
	if d.Len() == 0 {
		return problem(d, "has no examples").fixed("data.MNIST() or data.Arrays(x, y) make a dataset")
	}
	if err := checkShape(m, d, d.AnyShape()); err != nil {
		return err
	}
	s := d.Stats()
	if err := d.Err(); err != nil {
		return fmt.Errorf("nn: %w", err)
	}
	if s.BadExample >= 0 {
		return problem(d, "has a NaN or infinite number, first in example %d (counted from 0)", s.BadExample).
			fixed("replace or leave out such examples before data.Arrays; every step with one would make all weights NaN")
	}
	if s.BadTarget >= 0 {
		return problem(d, "has a NaN or infinite target, first at example %d (counted from 0)", s.BadTarget).
			fixed("replace or leave out such examples before data.Arrays")
	}
	return checkWords(m, d)
}

// Inputs are examples without truths: a [*data.Dataset], or a [*tensor.Tensor]
// whose first dimension counts them.
type Inputs interface {
	Len() int
	ExampleShape() []int
	ReadRows(dst []float32, lo int) int
}

// checkShape compares the examples with the model's Input.
func checkShape(m *Model, in Inputs, either bool) error {
	want, got := m.nodes[0].out, in.ExampleShape()
	if slices.Equal(want, got) {
		return nil
	}
	same := product(want) == product(got)
	if same && either {
		return nil
	}
	d, _ := in.(*data.Dataset)
	e := problem(d, "has examples of %v, but nn.Input takes %v", got, want)
	if d == nil {
		e = problem(nil, "the examples have shape %v, but nn.Input takes %v", got, want)
	}
	switch {
	case !same && slices.Equal(got, []int{1}) && len(want) == 1:
		e.Fix = fmt.Sprintf("one example of %d numbers is a tensor of shape [1 %d]", want[0], want[0])
	case !same && len(got) > 1 && product(got[1:]) == product(want):
		e.Fix = "the examples have one dimension too many: is it a batch of batches?"
	case !same:
		e.Fix = fmt.Sprintf("nn.Input(%s) takes these examples", commas(got))
	case len(want) == 1:
		e.Fix = fmt.Sprintf("nn.Input(%s), nn.Flatten() at the head of the model, or the dataset's Flatten(): %v -> [%d]", commas(got), got, want[0])
	default:
		e.Fix = fmt.Sprintf("the dataset's Reshape(%s): %v -> %v", commas(want), got, want)
	}
	return e
}

func commas(shape []int) string {
	s := ""
	for i, d := range shape {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprint(d)
	}
	return s
}

// warnings tells what is not wrong but costs accuracy.
func warnings(d *data.Dataset) []string {
	var out []string
	s := d.Stats()
	name := d.Name()
	if name == "" {
		name = "the dataset"
	}
	if big := max(math.Abs(s.Min), math.Abs(s.Max)); big > 20 {
		fix := fmt.Sprintf("Scale(1/%s) brings them to at most 1", inFloat(big))
		if len(d.ExampleShape()) == 1 {
			fix += ", StandardScaler() each column to mean 0 and deviation 1"
		}
		if s.Min >= 0 && s.Max > 100 && s.Max <= 255 {
			fix = "these look like pixels: use Scale(1/255.0) on every dataset"
		}
		out = append(out, fmt.Sprintf("%s: inputs reach from %.4g to %.4g, and networks learn badly from numbers so large; %s", name, s.Min, s.Max, fix))
	}
	if s.Min == s.Max {
		out = append(out, fmt.Sprintf("%s: all inputs are %.4g: there is nothing to learn from", name, s.Min))
	}
	if d.HasLabels() && s.MinLabel == s.MaxLabel {
		out = append(out, fmt.Sprintf("%s: all labels are %d: there is nothing to learn", name, s.MinLabel))
	}
	for _, n := range d.Notes() {
		out = append(out, name+": "+n)
	}
	return out
}

// checkLabels refuses labels outside 0..classes-1, naming the first.
func checkLabels(m *Model, d *data.Dataset, classes int) error {
	s := d.Stats()
	if s.MinLabel >= 0 && s.MaxLabel < classes {
		return nil
	}
	for i := range d.Len() {
		l := d.Label(i)
		if l >= 0 && l < classes {
			continue
		}
		e := problem(d, "has label %d at example %d (counted from 0), but the model knows classes 0 to %d", l, i, classes-1)
		switch out := product(m.last().out); {
		case out == 1:
			e.Fix = "yes or no is labels 1 and 0; for more classes nn.Dense(n, nn.Softmax)"
		case s.MinLabel == 1 && s.MaxLabel == classes:
			e.Fix = "labels count from 0: take 1 from each"
		case s.MinLabel >= 0:
			e.Fix = fmt.Sprintf("nn.Dense(%d, nn.Softmax) as the last layer has room for labels up to %d", s.MaxLabel+1, s.MaxLabel)
		default:
			e.Fix = "labels count from 0 and cannot be negative"
		}
		return e
	}
	return nil
}

// wantActivation checks that the last layer gives what a loss reads.
func wantActivation(m *Model, loss string, want Activation, fromLogits bool) error {
	l := m.last()
	act, ok := l.activation()
	title := map[Activation]string{Softmax: "nn.Softmax", Sigmoid: "nn.Sigmoid"}[want]
	at := l.common().at
	if at != "" {
		at = " (" + at + ")"
	}
	switch {
	case !ok:
		return problem(nil, "layer %d %s%s comes last, but the loss %s wants a layer with weights and %s there", l.index, l.Kind(), at, loss, title).
			fixed(fmt.Sprintf("add nn.Dense(n, %s)", title))
	case fromLogits && act == want:
		return problem(nil, "layer %d %s%s has %s, but %s{FromLogits: true} applies it too", l.index, l.Kind(), at, title, loss).
			fixed(fmt.Sprintf("write %s{}: it sees the %s and computes from what goes into it", loss, act))
	case fromLogits && act != Linear:
		return problem(nil, "layer %d %s%s has %s, but FromLogits means a last layer without activation", l.index, l.Kind(), at, act).
			fixed(fmt.Sprintf("write %s{} and %s on that layer", loss, title))
	case !fromLogits && act != want:
		fix := fmt.Sprintf("nn.%s(%d, %s)", l.Kind(), product(l.out), title)
		if act == Linear {
			fix += fmt.Sprintf(", or %s{FromLogits: true}", loss)
		}
		return problem(nil, "layer %d %s%s ends the model with %s, but the loss %s wants probabilities from %s", l.index, l.Kind(), at, act, loss, title).fixed(fix)
	}
	return nil
}

// wantClasses checks that the last layer is a vector with an output a class.
func wantClasses(m *Model, loss string) (int, error) {
	out := m.last().out
	if len(out) != 1 {
		return 0, problem(nil, "the model gives %v an example, but the loss %s wants one vector, [classes]", out, loss).
			fixed("end with nn.Flatten(), nn.Dense(classes, nn.Softmax)")
	}
	if out[0] < 2 {
		return 0, problem(nil, "the model has one output, whose softmax is always 1").
			fixed("nn.Dense(2, nn.Softmax) for two classes, or nn.Dense(1, nn.Sigmoid) with nn.BinaryCrossEntropy{}")
	}
	return out[0], nil
}

func wantTargets(d *data.Dataset, n int) error {
	if d.TargetSize() == n {
		return nil
	}
	return problem(d, "has targets of %v (%d numbers), but the model has %d outputs", d.TargetShape(), d.TargetSize(), n).
		fixed(fmt.Sprintf("nn.Dense(%d) as the last layer", d.TargetSize()))
}

// wantUnit checks that targets are probabilities.
func wantUnit(d *data.Dataset, loss string) error {
	if s := d.Stats(); s.TargetLo < 0 || s.TargetHi > 1 {
		return problem(d, "has targets from %.4g to %.4g, but the loss %s wants probabilities in [0, 1]", s.TargetLo, s.TargetHi, loss).
			fixed("scale the targets, or use nn.MSE{} with a linear last layer")
	}
	return nil
}

// looksOneHot reports whether the first target is all 0 but for one 1.
func looksOneHot(d *data.Dataset) bool {
	ones := 0
	for _, v := range d.Target(0).Data {
		if v != 0 && v != 1 {
			return false
		}
		if v == 1 {
			ones++
		}
	}
	return ones == 1 && d.TargetSize() > 1
}

// inFloat writes a number so that Go takes a quotient with it for a float: 1/50 would be
// a 0 in a cell.
func inFloat(v float64) string {
	s := fmt.Sprintf("%.4g", v)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}
