// This file defines the options of charts.

package chart

import (
	"errors"
	"fmt"
	"strings"
)

// kind is a set of kinds of charts.
type kind uint32

const (
	line kind = 1 << iota
	scatter
	bar
	histogram
	heatmap
	images
	confusion
	network
	layers
	boundary
	surface
	filters
	overlay
	gradients
	finder
	raster
	pca
	tsne
	roc
	precisionRecall
	calibration
	boxes
	row
	gridded

	every  = 1<<iota - 1
	rated  = roc | precisionRecall | calibration                                           // answers with a truth
	plain  = line | scatter | bar | histogram | rated                                      // with series
	framed = plain | boundary | surface | gradients | finder | raster | pca | tsne | boxes // with two axes
)

// kindNames are the names of the functions.
var kindNames = []string{
	"Line", "Scatter", "Bar", "Histogram", "Heatmap", "Images", "Confusion", "Network", "Layers", "Boundary", "Surface",
	"Filters", "Overlay", "Gradients", "LRFinder", "Raster", "PCA", "TSNE", "ROC", "PrecisionRecall", "Calibration", "Box",
	"Row", "Grid",
}

func (k kind) String() string {
	var out []string
	for i, name := range kindNames {
		if k&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return strings.Join(out, ", ")
}

// An Option changes one thing of a chart. An option that has no meaning for a
// chart is an error of its Figure.
type Option struct {
	name  string
	kinds kind // that it is for
	set   func(*settings) error
}

// settings is what options set.
type settings struct {
	title, xlabel, ylabel, alt string
	width, height              int
	sized                      bool // the size was asked for
	logX, logY                 bool
	xrange, yrange             *[2]float64

	x         []float64 // of the first series
	name      string    // of the first series
	series    []series  // further ones
	smooth    int
	marks     []mark
	markers   bool
	groups    []string
	bins      int
	rows      []string
	columns   []string
	perRow    int
	labels    []string
	dated     bool // points one beneath the other
	predicted []string
	classes   []string

	scaled bool   // a scale of colours reaches to the top, with words half above it
	spoken string // the language of the notebook, "" if none is set

	weights     []any
	activations []any
	units       int
	across      int
	rate        float64
	perplexity  float64
	seed        uint64
}

// series are the values of one line, or of one set of points or bars.
type series struct {
	name string
	x, y []float64 // x may be nil: 0, 1, …
}

// mark is a place on the x axis with words.
type mark struct {
	x    float64
	text string
	bad  bool
}

func (k kind) apply(s *settings, options []Option) error {
	var errs []error
	for _, o := range options {
		switch {
		case o.set == nil:
			errs = append(errs, errors.New("an Option that was not made by one of this package's functions"))
		case o.kinds&k == 0:
			errs = append(errs, fmt.Errorf("%s is an option of %s", o.name, o.kinds))
		default:
			if err := o.set(s); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

func option(name string, kinds kind, set func(*settings)) Option {
	return Option{name, kinds, func(s *settings) error { set(s); return nil }}
}

// Title is written above the chart.
func Title(text string) Option {
	return option("Title", every, func(s *settings) { s.title = text })
}

// XLabel names what the horizontal axis tells.
func XLabel(text string) Option {
	return option("XLabel", framed|heatmap|confusion, func(s *settings) { s.xlabel = text })
}

// YLabel names what the vertical axis tells. It is written above the axis.
func YLabel(text string) Option {
	return option("YLabel", framed|heatmap|confusion, func(s *settings) { s.ylabel = text })
}

// Size is the size on the page, in CSS pixels; 640 × 360 if it is not given.
// Pictures become as large as they can be in it. Heat maps and confusion matrices
// are as large as they need, and take the width for a limit.
func Size(width, height int) Option {
	return Option{"Size", every, func(s *settings) error {
		if width < 80 || height < 60 || width > 10000 || height > 10000 {
			return fmt.Errorf("a size of %d × %d is not between 80 × 60 and 10000 × 10000", width, height)
		}
		s.width, s.height, s.sized = width, height, true
		return nil
	}}
}

// Alt is read to those who cannot see the chart, instead of the description that
// is made from the data.
func Alt(text string) Option {
	return option("Alt", every, func(s *settings) { s.alt = text })
}

// LogX makes the horizontal axis logarithmic.
func LogX() Option { return option("LogX", line|scatter, func(s *settings) { s.logX = true }) }

// LogY makes the axis of the values logarithmic.
func LogY() Option {
	return option("LogY", line|scatter|bar|boxes, func(s *settings) { s.logY = true })
}

// XRange is the part of the horizontal axis that is shown.
func XRange(lo, hi float64) Option {
	return Option{"XRange", line | scatter | histogram | raster | finder | boundary | surface, func(s *settings) error {
		return setRange(&s.xrange, "XRange", lo, hi)
	}}
}

// YRange is the part of the vertical axis that is shown. For a heat map it is
// the range of values that have colours.
func YRange(lo, hi float64) Option {
	return Option{"YRange", plain | heatmap | finder | gradients | boxes | boundary | surface, func(s *settings) error {
		return setRange(&s.yrange, "YRange", lo, hi)
	}}
}

func setRange(r **[2]float64, name string, lo, hi float64) error {
	if !finite(lo) || !finite(hi) || lo >= hi {
		return fmt.Errorf("%s from %v to %v: the first must be less than the second, and both be finite", name, lo, hi)
	}
	*r = &[2]float64{lo, hi}
	return nil
}

// X has the places of the first series on the horizontal axis, which are 0, 1, …
// without it.
func X(values any) Option {
	return Option{"X", line, func(s *settings) (err error) {
		s.x, err = numbers("X", values)
		return err
	}}
}

// Name names the first series.
func Name(text string) Option {
	return option("Name", plain, func(s *settings) { s.name = text })
}

// Series adds another series. Points of a line or of scattered points without an
// x of their own stand at 0, 1, ….
func Series(name string, y any) Option {
	return Option{"Series", plain, func(s *settings) error {
		v, err := numbers(fmt.Sprintf("series %q", name), y)
		s.series = append(s.series, series{name: name, y: v})
		return err
	}}
}

// SeriesXY adds another series with its places on the horizontal axis, or a path
// over a surface.
func SeriesXY(name string, x, y any) Option {
	return Option{"SeriesXY", line | scatter | surface, func(s *settings) error {
		xs, err := numbers(fmt.Sprintf("x of series %q", name), x)
		if err != nil {
			return err
		}
		ys, err := numbers(fmt.Sprintf("y of series %q", name), y)
		if err == nil && len(xs) != len(ys) {
			err = fmt.Errorf("series %q has %d x and %d y", name, len(xs), len(ys))
		}
		s.series = append(s.series, series{name, xs, ys})
		return err
	}}
}

// Smooth draws a running mean of about n values over the first series, and the
// series itself faintly. The weights fall off exponentially to both sides.
func Smooth(n int) Option {
	return option("Smooth", line, func(s *settings) { s.smooth = n })
}

// Markers puts a dot at each value of a line; up to 20 values have them anyway.
func Markers() Option { return option("Markers", line, func(s *settings) { s.markers = true }) }

// Mark draws a vertical line at x, with a few words.
func Mark(x float64, text string) Option {
	return option("Mark", line|scatter|histogram|finder|raster, func(s *settings) { s.marks = append(s.marks, mark{x, text, false}) })
}

// Fault is a Mark in red, for where something went wrong.
func Fault(x float64, text string) Option {
	return option("Fault", line|scatter|histogram|finder|raster, func(s *settings) { s.marks = append(s.marks, mark{x, text, true}) })
}

// Groups colours points by the group they belong to, or neurons: a slice of
// strings or numbers, one for each point of the first series.
func Groups(groups any) Option {
	return Option{"Groups", scatter | raster | pca | tsne, func(s *settings) (err error) {
		s.groups, err = names("Groups", groups)
		return err
	}}
}

// Bins is the number of bars; without it, it follows from the data.
func Bins(n int) Option {
	return Option{"Bins", histogram | calibration, func(s *settings) error {
		if n < 1 || n > maxBins {
			return fmt.Errorf("%d bins: from 1 to %d were expected", n, maxBins)
		}
		s.bins = n
		return nil
	}}
}

// Rows names the rows: a slice of strings or numbers.
func Rows(texts any) Option {
	return Option{"Rows", heatmap | network, func(s *settings) (err error) {
		s.rows, err = names("Rows", texts)
		return err
	}}
}

// Columns names the columns: a slice of strings or numbers.
func Columns(texts any) Option {
	return Option{"Columns", heatmap | network | layers, func(s *settings) (err error) {
		s.columns, err = names("Columns", texts)
		return err
	}}
}

// PerRow is how many pictures stand side by side.
func PerRow(n int) Option {
	return Option{"PerRow", images | filters | overlay, func(s *settings) error {
		if n < 1 {
			return fmt.Errorf("%d pictures a row: at least 1 was expected", n)
		}
		s.perRow = n
		return nil
	}}
}

// Labels has what is written under each picture, or beside each point: a slice of
// strings or numbers.
func Labels(labels any) Option {
	return Option{"Labels", images | filters | overlay | scatter, func(s *settings) (err error) {
		s.labels, err = names("Labels", labels)
		return err
	}}
}

// Predicted has what a model took each picture for. Where that is not its label,
// the picture is framed in red.
func Predicted(labels any) Option {
	return Option{"Predicted", images | overlay, func(s *settings) (err error) {
		s.predicted, err = names("Predicted", labels)
		return err
	}}
}

// Classes names the classes 0, 1, ….
func Classes(texts ...string) Option {
	return option("Classes", images|overlay|confusion|network|boundary|roc|precisionRecall, func(s *settings) { s.classes = texts })
}
