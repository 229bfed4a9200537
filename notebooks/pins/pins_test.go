package pins

import (
	"os"
	"path/filepath"
	"testing"

	"cajal/kernel/cell"
	"cajal/notebooks/nbformat"

	"github.com/google/go-cmp/cmp"
)

func TestPins(t *testing.T) {
	nb := nbformat.New()
	nb.Metadata["cajal"] = map[string]any{"other": "stays"}
	want := []cell.Module{{Path: "example.com/a", Version: "v1.0.0", Sum: "h1:x="}, {Path: "example.com/b", Version: "v0.2.0"}}
	if got := Load(nb); got != nil {
		t.Errorf("without pins: %v", got)
	}
	if err := Store(nb, want); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, Load(nb)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}

	data, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.ipynb")
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv(sessionName, file)
	if d := cmp.Diff(want, Saved()); d != "" {
		t.Errorf("of the saved notebook (-want +got):\n%s", d)
	}
	for _, name := range []string{"", filepath.Join(t.TempDir(), "none.ipynb"), "console"} {
		t.Setenv(sessionName, name)
		if got := Saved(); got != nil {
			t.Errorf("%s=%s: %v", sessionName, name, got)
		}
	}

	if err := Store(nb, nil); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]any{"other": "stays"}, nb.Metadata["cajal"]); d != "" {
		t.Errorf("after all pins are gone (-want +got):\n%s", d)
	}
	delete(nb.Metadata, "cajal")
	if err := Store(nb, nil); err != nil || nb.Metadata["cajal"] != nil {
		t.Errorf("nothing to store left %v, %v", nb.Metadata["cajal"], err)
	}
}
