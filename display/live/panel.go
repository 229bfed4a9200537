// This file defines the panel and when it is drawn.

package live

import (
	"fmt"
	"maps"
	"sync"
	"time"

	"cajal/display"
)

// interval is the least time between two updates. Drawings take no more than a
// share of the time, since they take it from the training.
const (
	interval = 250 * time.Millisecond
	longest  = 2 * time.Second
	share    = 200 // one part in so many
)

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
	Quiet     bool // no panel is wanted
}

// Step tells how far a training is. The panel keeps it: nothing in it may change
// afterwards.
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
	LearningRate   float64       // of the last batch; 0 if that is not known
	Points         []Point       // the curve so far
	Done           []Epoch       // the epochs so far
}

// A Point is one place on the curve of a training: means over the batches since
// the point before.
type Point struct {
	Epoch  float64 // how many epochs had passed, with fraction
	Loss   float64
	Metric float64 // the first metric, NaN without

	LearningRate float64 // of the last of the batches; 0 if that is not known
}

// An Epoch has the figures of one pass over the training set; those of the
// validation are NaN and nil without one.
type Epoch struct {
	Epoch      int // from 1
	Loss       float64
	Metrics    []float64
	ValLoss    float64
	ValMetrics []float64
	Seconds    float64

	LearningRate float64 // of its last batch; 0 if that is not known
}

// Result is how a training ended.
type Result struct {
	Epochs   []Epoch // finished ones
	Points   []Point // the whole curve
	Steps    int     // batches done
	Stopped  bool    // before all epochs were done
	Failure  string  // why, if it failed, in a few words: "loss became NaN at step 1,240"
	Seconds  float64
	Warnings []string
}

// A Panel shows one training.
type Panel struct {
	outlet display.Outlet
	id     string
	info   Info

	mu    sync.Mutex
	state state         // the latest
	wake  chan struct{} // holds one if the state has changed
	over  chan struct{} // closed by End
	idle  chan struct{} // closed when the goroutine has ended
	once  sync.Once
	err   error // of Emit; the goroutine's until idle is closed
}

// state is all that a drawing needs.
type state struct {
	info Info
	lang string // that the words are in
	step Step
	end  *Result // nil while it runs
}

// Begin shows the panel of a training that begins, in the cell that the calling
// goroutine belongs to. Outside of a cell it returns nil and
// [display.ErrNoOutlet], and nil without an error if none is wanted.
func Begin(info Info) (*Panel, error) {
	if info.Quiet {
		return nil, nil
	}
	outlet, err := display.Current()
	if err != nil {
		return nil, err
	}
	p := &Panel{
		outlet: outlet, id: display.NewID(), info: info,
		state: state{info: info, lang: display.Language(), step: Step{Epoch: 1, Epochs: info.Epochs, Batches: info.Batches}},
		wake:  make(chan struct{}, 1), over: make(chan struct{}), idle: make(chan struct{}),
	}
	data, _ := content(p.state)
	if err := outlet.Emit(display.Output{Kind: display.KindDisplay, Data: data, ID: p.id}); err != nil {
		return nil, fmt.Errorf("live: show the training: %w", err)
	}
	go p.run(data)
	return p, nil
}

// Step notes how far the training is. It never waits for a drawing.
func (p *Panel) Step(s Step) {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.state.step = s
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default: // it will find this one
	}
}

// End shows how the training ended, and returns what the outlet had against any
// of the drawings. Only the first call does something.
func (p *Panel) End(r Result) error {
	if p == nil {
		return nil
	}
	p.once.Do(func() {
		close(p.over)
		<-p.idle
		p.mu.Lock()
		if words := p.state.failure(r.Points); words != "" { // which say where
			r.Failure = words
		}
		p.state.end = &r
		p.mu.Unlock()
		p.emit(p.content())
	})
	return p.err
}

// run draws until the end: the latest state, with a pause after each drawing.
func (p *Panel) run(shown map[string]any) {
	defer close(p.idle)
	pause := time.NewTimer(interval)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-p.over:
			return
		}
		select {
		case <-p.wake:
		case <-p.over:
			return
		}
		began := time.Now()
		if data, meta := p.content(); !maps.Equal(data, shown) {
			p.emit(data, meta)
			shown = data
		}
		pause.Reset(min(max(share*time.Since(began), interval), longest))
	}
}

func (p *Panel) content() (data, meta map[string]any) {
	p.mu.Lock()
	s := p.state
	p.mu.Unlock()
	return content(s)
}

func (p *Panel) emit(data, meta map[string]any) {
	err := p.outlet.Emit(display.Output{Kind: display.KindUpdate, Data: data, Metadata: meta, ID: p.id})
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("live: update the training: %w", err)
	}
}
