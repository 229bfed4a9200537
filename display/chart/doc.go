// Package chart draws charts of numbers with gonum/plot: one call each, with
// defaults that are good as they are.
//
//	Line(loss)                          a line, or several
//	Scatter(x, y)                       points, coloured by group
//	Bar(names, values)                  bars
//	Histogram(values)                   how often which values occur
//	Box(names, values)                  how they are spread, by group
//	Heatmap(rows)                       a matrix as colours
//	Images(pictures)                    a grid of pictures, wrong answers framed
//
//	Network(model), Layers(model)       its units and edges, its layers with their shapes
//	Filters(tensor)                     many small matrices in the colours of one scale
//	Overlay(picture, heat)              where a network looks
//	Gradients(layers, grads)            how large the gradient is in each
//	LRFinder(rates, losses)             which learning rate suits
//	Boundary(predict, points, labels)   what a model takes each place for
//	Surface(f)                          a function of two variables, with paths over it
//
//	Confusion(truth, predicted)         which classes are mixed up
//	ROC, PrecisionRecall, Calibration   how good answers with a degree of certainty are
//	PCA(rows), TSNE(rows)               rows of many numbers as points
//	Raster(spikes)                      when neurons fire
//
//	Row(figures...), Grid(n, figures)   figures side by side
//	Slider(what, labels, figures)       one at a time, without a script
//
// It is NOT a plotting library: what is not here is drawn with gonum/plot itself,
// whose plots are displayed too. It knows no notebooks, and networks only by the
// methods that a model has (see [Network]); a [Figure] has a MIMEBundle, which is
// all that those need.
//
// # Data
//
// Data is any slice or array of numbers, a gonum vector or matrix, or anything
// with rows like a tensor or a data set of the engine. It is copied: what becomes
// of it does not change the chart. NaN and infinite values are gaps, marked in
// red and told of in words. Bad data gives no panic and no error to check, but a
// Figure that says what is wrong where the chart would be; [Figure.Err] returns
// it.
//
// # How it looks
//
// The SVG takes its text colour from the page, so that one output fits light,
// dark and paper; its text stays text, in a family with Chinese, Japanese and
// Korean faces. The colours of series can be told apart by the colour-blind and
// be seen on both white and black. Lines are named at their ends. Long series are
// thinned to what a screen can show, the least and greatest value of each column
// of pixels. A logarithmic axis that meets values of 0 or less becomes linear
// around 0, and says so. The values that were drawn are in the SVG's metadata
// element, as JSON.
package chart
