// This file has the losses: how far predictions are from the truth.
//
// The names are those of package nn. Cross-entropies take logits, what goes into
// the softmax or sigmoid, so that nothing overflows. The truth y must have the
// very shape of the prediction: broadcasting [n] against [n 1] would compare every
// example with every other.

package grad

import (
	"fmt"
	"slices"

	"cajal/engine/internal/nd"
)

// MSE returns the mean squared error 1/n Σ (y-ŷ)² over all n numbers, the form
// that most libraries have. The receiver is the prediction ŷ.
func (x *Var) MSE(y *Var) *Var {
	n := max(size(x.shape), 1)
	return x.squares("MSE", y, 1/float64(n), "{g}·2({b}-{a})"+over(n), "{g}·2({a}-{b})"+over(n))
}

// HalfMSE returns 1/(2n) Σ (y-ŷ)² with n the number of examples, the first
// dimension: the form whose gradient is (ŷ-y)/n. The receiver is the prediction
// ŷ. For single numbers n is 1.
func (x *Var) HalfMSE(y *Var) *Var {
	n := 1
	if len(x.shape) > 0 {
		n = max(x.shape[0], 1)
	}
	return x.squares("HalfMSE", y, 0.5/float64(n), "{g}·({b}-{a})"+over(n), "{g}·({a}-{b})"+over(n))
}

// over is what a rule says of a mean over n.
func over(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf("/%d", n)
}

// squares records factor · Σ (y-ŷ)², with operands y and ŷ.
func (x *Var) squares(op string, y *Var, factor float64, toX, toY string) *Var {
	x, y = against(op, x, y)
	if x.isExact() {
		return squares[float64](op, y, x, factor, toX, toY)
	}
	return squares[float32](op, y, x, factor, toX, toY)
}

func squares[T nd.Float](op string, y, x *Var, factor float64, toX, toY string) *Var {
	L := record[T](op, []int{}, []string{toY, toX}, y, x)
	y.asTruth()
	in, truth := val[T](x).Data, val[T](y).Data
	sum := 0.0
	for i, v := range in {
		d := float64(truth[i]) - float64(v)
		sum += d * d
	}
	val[T](L).Data[0] = T(sum * factor)
	L.back = func() {
		g := 2 * T(factor) * slope[T](L).Data[0]
		d := make([]T, len(in))
		for i, v := range in {
			d[i] = g * (v - truth[i])
		}
		if x.needs {
			nd.Accumulate(slope[T](x).Data, d)
		}
		if y.takes() {
			nd.AddScaled(slope[T](y).Data, -1, d)
		}
	}
	return L
}

// MAE returns the mean absolute error over all numbers. The receiver is the
// prediction.
func (x *Var) MAE(y *Var) *Var {
	return x.distance("MAE", y).Abs().Mean()
}

// Huber returns the mean over all numbers of ½d² where the distance d from the
// truth is at most delta, and delta·(d - ½delta) beyond: squares for small errors
// and distances for large ones (Huber 1964, Ann. Math. Stat. 35: 73). The
// receiver is the prediction.
func (x *Var) Huber(y *Var, delta float64) *Var {
	if !(delta > 0) {
		fail("Huber", &nd.Misfit{Text: fmt.Sprintf("delta is %v, but must be above 0", delta)}, x, y)
	}
	return x.distance("Huber", y).Map("huber", func(d float64) float64 {
		if d < 0 {
			d = -d
		}
		if d <= delta {
			return d * d / 2
		}
		return delta * (d - delta/2)
	}, func(d, _ float64) float64 { return min(max(d, -delta), delta) }).Mean()
}

// SparseCategoricalCrossEntropy returns the mean of -log p of the right class,
// where p is the softmax of the receiver, logits [n classes], and labels are the
// n right classes. Its gradient is (p - onehot)/n.
func (x *Var) SparseCategoricalCrossEntropy(labels []int) *Var {
	const op = "SparseCategoricalCrossEntropy"
	checkLabels(op, x, labels)
	labels = slices.Clone(labels)
	if x.isExact() {
		return sparse[float64](op, x, labels)
	}
	return sparse[float32](op, x, labels)
}

func sparse[T nd.Float](op string, x *Var, labels []int) *Var {
	n, classes := len(labels), x.shape[len(x.shape)-1]
	L := record[T](op, []int{}, []string{"{g}·(softmax({a}) - onehot)" + over(n)}, x)
	in := val[T](x).Data
	logs := make([]T, n)
	nd.LogSumExp(logs, in, classes)
	sum := 0.0
	for i, l := range labels {
		sum += float64(logs[i]) - float64(in[i*classes+l])
	}
	val[T](L).Data[0] = T(sum / float64(n))
	L.back = func() {
		p := make([]T, len(in))
		nd.Softmax(p, in, classes)
		for i, l := range labels {
			p[i*classes+l]--
		}
		nd.AddScaled(slope[T](x).Data, slope[T](L).Data[0]/T(n), p)
	}
	return L
}

// CategoricalCrossEntropy returns the mean over examples of -Σ y log p, where p is
// the softmax of the receiver, logits [n classes], and y [n classes] are
// probabilities, such as one-hot rows.
func (x *Var) CategoricalCrossEntropy(y *Var) *Var {
	const op = "CategoricalCrossEntropy"
	x, y = against(op, x, y)
	if len(x.shape) == 0 {
		fail(op, &nd.Misfit{Text: "a single number has no classes", Fix: "the last axis holds one number a class: [n classes]"}, x, y)
	}
	if x.isExact() {
		return categorical[float64](op, y, x)
	}
	return categorical[float32](op, y, x)
}

func categorical[T nd.Float](op string, y, x *Var) *Var {
	classes := x.shape[len(x.shape)-1]
	n := nd.Size(x.shape[:len(x.shape)-1])
	L := record[T](op, []int{}, []string{"-{g}·log softmax({b})" + over(n), "{g}·(softmax({b})·Σ{a} - {a})" + over(n)}, y, x)
	y.asTruth()
	in, truth := val[T](x).Data, val[T](y).Data
	logs := make([]T, len(in))
	nd.LogSoftmax(logs, in, classes)
	sum := 0.0
	for i, l := range logs {
		if truth[i] != 0 { // 0 · log 0 is 0
			sum -= float64(truth[i]) * float64(l)
		}
	}
	val[T](L).Data[0] = T(sum / float64(n))
	L.back = func() {
		g := slope[T](L).Data[0] / T(n)
		if x.needs {
			d := make([]T, len(in))
			nd.Softmax(d, in, classes)
			for i := range n {
				row, want := d[i*classes:(i+1)*classes], truth[i*classes:(i+1)*classes]
				total := T(0)
				for _, v := range want {
					total += v
				}
				for k := range row {
					row[k] = row[k]*total - want[k]
				}
			}
			nd.AddScaled(slope[T](x).Data, g, d)
		}
		if y.takes() {
			nd.AddScaled(slope[T](y).Data, -g, logs)
		}
	}
	return L
}

// BinaryCrossEntropy returns the mean over all numbers of -y log p - (1-y) log(1-p),
// where p is the sigmoid of the receiver, logits, and y, of the same shape, are
// probabilities, such as 0 and 1.
func (x *Var) BinaryCrossEntropy(y *Var) *Var {
	const op = "BinaryCrossEntropy"
	x, y = against(op, x, y)
	if x.isExact() {
		return binary[float64](op, y, x)
	}
	return binary[float32](op, y, x)
}

func binary[T nd.Float](op string, y, x *Var) *Var {
	in, truth := val[T](x).Data, val[T](y).Data
	n := max(len(in), 1)
	L := record[T](op, []int{}, []string{"-{g}·{b}" + over(n), "{g}·(sigmoid({b}) - {a})" + over(n)}, y, x)
	y.asTruth()
	sum := 0.0
	for i, v := range in {
		sum += nd.Softplus(float64(v)) - float64(truth[i])*float64(v)
	}
	val[T](L).Data[0] = T(sum / float64(n))
	L.back = func() {
		g := slope[T](L).Data[0] / T(n)
		if x.needs {
			d := make([]T, len(in))
			for i, v := range in {
				d[i] = T(nd.Sigmoid(float64(v)) - float64(truth[i]))
			}
			nd.AddScaled(slope[T](x).Data, g, d)
		}
		if y.takes() {
			nd.AddScaled(slope[T](y).Data, -g, in)
		}
	}
	return L
}

// distance returns ŷ - y. As in all losses, that is not a use of y.
func (x *Var) distance(op string, y *Var) *Var {
	sameShape(op, x, y)
	d := x.Sub(y)
	y.asTruth()
	return d
}

// against brings a prediction and a truth to one type and one shape.
func against(op string, x, y *Var) (*Var, *Var) {
	sameShape(op, x, y)
	vs := meet(op, x, y)
	return vs[0], vs[1]
}

func sameShape(op string, x, y *Var) {
	together(op, x, y)
	if slices.Equal(x.shape, y.shape) {
		return
	}
	bad := &nd.Misfit{Text: "prediction and truth differ in shape, and in a loss nothing is broadcast"}
	if size(x.shape) == size(y.shape) {
		bad.Fix = fmt.Sprintf("Reshape(%s) on the truth", commas(x.shape))
	}
	fail(op, bad, x, y)
}
