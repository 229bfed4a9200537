// This file checks that what is too large for memory is refused.

package nn

import (
	"errors"
	"strings"
	"testing"
)

// TestTooLarge holds that a model that cannot be held in memory is refused when
// it is built, also where the number of its weights does not fit an int.
func TestTooLarge(t *testing.T) {
	for name, test := range map[string]struct {
		m     *Model
		layer int
		text  string
	}{
		"weights":  {Sequential(Input(2), Dense(1<<29), Dense(2)), 1, "weights"},
		"together": {Sequential(Input(25_000), Dense(25_000), Dense(25_000)), 2, "of the model"},
		"overflow": {Sequential(Input(1<<29), Dense(1<<40)), 1, "puts out"},
		"input":    {Sequential(Input(1<<40), Dense(1)), 0, "puts out"},
		"filters":  {Sequential(Input(8, 8, 1<<10), Conv2D(1<<21, 3, 3)), 1, "weights"},
	} {
		var e *BuildError
		if err := test.m.Err(); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		} else if e.Layer != test.layer || !strings.Contains(e.Text, test.text) {
			t.Errorf("%s: layer %d: %s", name, e.Layer, e.Text)
		}
	}
	if err := Sequential(Input(784), Dense(100_000), Dense(10)).Err(); err != nil {
		t.Errorf("a large model that fits: %v", err)
	}
}
