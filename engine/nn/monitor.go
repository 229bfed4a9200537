// This file defines what a progress display is told while a model trains.

package nn

import (
	"sync/atomic"
	"time"
)

// A Monitor watches one training. Fit calls Begin once, Step at most twenty
// times a second and at the end of every epoch, and End once, however it ends;
// all from the goroutine that trains, which waits meanwhile, so they should hand
// over and return. Training stops soon after Done is closed; a nil channel never
// stops it.
type Monitor interface {
	Begin(Info)
	Step(Step)
	End(*History)
	Done() <-chan struct{}
}

// Info is what is known before the first step.
type Info struct {
	Model     string   // in one line, such as "784 → 10 → 10 → 10"
	Params    int      // weights and biases
	Examples  int      // of the training set
	Epochs    int      // to be run
	Batch     int      // examples a batch
	Batches   int      // an epoch
	Loss      string   // its name
	Optimizer string   // with its settings
	Metrics   []string // their names, in the order of their values
	Val       bool     // whether there are validation values
	Seed      int64
	Warnings  []string
	Quiet     bool // Fit.Quiet: nobody wants to look on
}

// Step tells how far a training is. Nothing in it changes afterwards: it may be
// kept.
type Step struct {
	Epoch, Epochs  int // the present one, from 1
	Batch, Batches int // done in this epoch
	Loss           float64
	Metrics        []float64 // running means of this epoch, as in Info.Metrics
	EpochDone      bool      // the epoch is over; then, with a validation set:
	ValLoss        float64
	ValMetrics     []float64
	Elapsed        time.Duration
	ETA            time.Duration // how long it will take from here, about
	PerSecond      float64       // examples
	LearningRate   float64       // of the last batch; 0 when the optimizer has none
	Points         []Point       // the curve so far
	Done           []Epoch       // the epochs so far
}

// A Point is one place on the curve of a training: means over the batches since
// the point before.
type Point struct {
	Epoch  float64 // how many epochs had passed, with fraction
	Loss   float64
	Metric float64 // the first metric, NaN without

	LearningRate float64 // of the last of the batches; 0 when the optimizer has none
}

var monitorResolver atomic.Pointer[func() Monitor]

// SetMonitor sets how a Fit without a Monitor of its own finds one. The program
// that joins the packages calls it once, at its start. The function runs on the
// goroutine that called Fit, finds out for itself who that is, so that two
// notebooks do not mix, and may return nil. A nil function brings back the
// default, no monitor.
func SetMonitor(f func() Monitor) {
	if f == nil {
		monitorResolver.Store(nil)
		return
	}
	monitorResolver.Store(&f)
}

func monitorFor(own Monitor) Monitor {
	if own != nil {
		return own
	}
	if f := monitorResolver.Load(); f != nil {
		return (*f)()
	}
	return nil
}
