// This file defines Outlet, the way of what is shown out of a running cell, and
// the functions that use it.

package display

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
)

// A Kind says what is to be done with an [Output]. The words are those of
// Jupyter's events.
type Kind string

// The kinds of outputs.
const (
	KindDisplay Kind = "display" // a new output, which can be updated if it has an ID
	KindUpdate  Kind = "update"  // replaces every output that has this ID
	KindClear   Kind = "clear"   // the cell's outputs vanish
)

// Output is one thing to show. It is plain data that survives encoding/json.
type Output struct {
	Kind     Kind
	Data     map[string]any // MIME type to content, as in [Bundler]
	Metadata map[string]any // by MIME type; may be nil
	ID       string         // display id; "" if it will not be updated
	Wait     bool           // of KindClear: only when the next output comes
}

// An Outlet takes the outputs of one cell. Emit is called from any goroutine,
// and keeps the order of calls.
type Outlet interface {
	Emit(Output) error
}

// ErrNoOutlet is returned where nothing can be shown: outside a cell.
var ErrNoOutlet = errors.New("display: there is no notebook cell to show this in; display.Of(v) gives its content instead")

var outletResolver atomic.Pointer[func() Outlet]

// SetOutlet sets how the outlet of a running cell is found. The program that
// joins the packages calls it once, at its start. The function runs on the
// goroutine that shows something, finds out for itself which cell that belongs
// to, so that two notebooks do not mix, and returns nil if none. A nil function
// brings back the default: no outlet.
func SetOutlet(f func() Outlet) {
	if f == nil {
		outletResolver.Store(nil)
		return
	}
	outletResolver.Store(&f)
}

// Current returns the outlet of the calling goroutine's cell, or [ErrNoOutlet].
// What draws from another goroutine asks for it first and takes it along.
func Current() (Outlet, error) {
	if f := outletResolver.Load(); f != nil {
		if o := (*f)(); o != nil {
			return o, nil
		}
	}
	return nil, ErrNoOutlet
}

// Show shows values, each as an output of its own, in the way that [Of] chooses.
func Show(v ...any) error {
	o, err := Current()
	if err != nil {
		return err
	}
	for _, v := range v {
		data, meta := Of(v)
		if err := o.Emit(Output{Kind: KindDisplay, Data: data, Metadata: meta}); err != nil {
			return fmt.Errorf("display: show: %w", err)
		}
	}
	return nil
}

// ShowID shows a value that [Update] can replace later, by the same id. [NewID]
// makes one that nobody else has.
func ShowID(id string, v any) error { return emit(KindDisplay, id, v) }

// Update replaces every output that was shown with the id, in whatever cell.
func Update(id string, v any) error { return emit(KindUpdate, id, v) }

func emit(kind Kind, id string, v any) error {
	if id == "" {
		return fmt.Errorf("display: %s without a display id: use display.Show, or an id from display.NewID", kind)
	}
	o, err := Current()
	if err != nil {
		return err
	}
	data, meta := Of(v)
	if err := o.Emit(Output{Kind: kind, Data: data, Metadata: meta, ID: id}); err != nil {
		return fmt.Errorf("display: %s %q: %w", kind, id, err)
	}
	return nil
}

// Clear takes away what the cell has shown so far; with wait only when it shows
// something new, so that nothing flickers.
func Clear(wait bool) error {
	o, err := Current()
	if err != nil {
		return err
	}
	if err := o.Emit(Output{Kind: KindClear, Wait: wait}); err != nil {
		return fmt.Errorf("display: clear: %w", err)
	}
	return nil
}

// NewID returns a display id that is used nowhere else.
func NewID() string { return "cajal-" + rand.Text() }
