// Package live shows a training while it runs: one output of the cell with the
// loss and accuracy so far, which is redrawn in place and stays as a still
// picture when the training is over.
//
// It is not for other charts (display/chart draws those) and knows no engine:
// its types mirror what a training tells about itself, so that whoever joins the
// packages converts them. Info, Point and Epoch have the fields of their
// counterparts in engine/nn, in the same order, so that a Go conversion does.
//
//	panel, err := live.Begin(live.Info{…}) // on the goroutine of the cell
//	panel.Step(live.Step{…})               // as often as one likes
//	err = panel.End(live.Result{…})        // always, however it ended
//
// Begin shows the panel in the running cell, found with [display.Current], or
// returns [display.ErrNoOutlet]. Step hands over and returns: a goroutine of the
// panel draws, at most four times a second, only when there was a Step, and only
// the latest. End waits for it, draws the final state and returns when that has
// been emitted. All methods may be called on a nil Panel, and then do nothing, so
// that a training outside of a cell needs no other code.
//
// # What is shown
//
// A bar with the progress in words, how fast it is and the learning rate, the loss
// chart (training by batch, smoothed, over the raw values; validation by epoch),
// the same for the first metric, and what there is to warn of. A loss that is no
// number is a gap with a red mark. The first line of text/plain is the progress:
//
//	epoch 3/5 · 1,240/1,875 · ETA 0:12 · loss 0.247 · acc 0.927
//
// While it runs, the content is text/html with the charts as inline SVG, which
// front ends replace without a flicker and in the colours of the page. The last
// update is image/svg+xml, image/png and text/plain, without script: front ends
// that do not trust a notebook, or know no SVG, have the PNG.
package live
