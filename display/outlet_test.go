package display

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type recorder struct {
	outputs []Output
	err     error
}

func (r *recorder) Emit(o Output) error {
	r.outputs = append(r.outputs, o)
	return r.err
}

// withOutlet has what the test shows go to o.
func withOutlet(t *testing.T, o Outlet) {
	SetOutlet(func() Outlet { return o })
	t.Cleanup(func() { SetOutlet(nil) })
}

func TestOutlet(t *testing.T) {
	r := &recorder{}
	withOutlet(t, r)
	for _, err := range []error{Show(Text("a"), Markdown("b")), ShowID("x", Text("c")), Update("x", Text("d")), Clear(true)} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []Output{
		{Kind: KindDisplay, Data: map[string]any{"text/plain": "a"}},
		{Kind: KindDisplay, Data: map[string]any{"text/plain": "b", "text/markdown": "b"}},
		{Kind: KindDisplay, Data: map[string]any{"text/plain": "c"}, ID: "x"},
		{Kind: KindUpdate, Data: map[string]any{"text/plain": "d"}, ID: "x"},
		{Kind: KindClear, Wait: true},
	}
	if diff := cmp.Diff(want, r.outputs); diff != "" {
		t.Error(diff)
	}
}

func TestOutletErrors(t *testing.T) {
	all := func() []error {
		return []error{Show(1), ShowID("x", 1), Update("x", 1), Clear(false)}
	}
	for _, err := range all() {
		if !errors.Is(err, ErrNoOutlet) {
			t.Errorf("outside of a cell: %v", err)
		}
	}
	withOutlet(t, nil)
	if _, err := Current(); !errors.Is(err, ErrNoOutlet) {
		t.Errorf("in no cell: %v", err)
	}
	gone := errors.New("gone")
	withOutlet(t, &recorder{err: gone})
	for _, err := range all() {
		if !errors.Is(err, gone) || !strings.HasPrefix(fmt.Sprint(err), "display: ") {
			t.Errorf("outlet that fails: %v", err)
		}
	}
	for _, err := range []error{ShowID("", 1), Update("", 1)} {
		if err == nil || !strings.Contains(err.Error(), "without a display id") {
			t.Errorf("no id: %v", err)
		}
	}
}

func TestNewID(t *testing.T) {
	if a, b := NewID(), NewID(); a == b || !strings.HasPrefix(a, "cajal-") {
		t.Errorf("%q and %q", a, b)
	}
}
