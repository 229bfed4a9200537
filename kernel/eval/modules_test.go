package eval

// This file tests what modules show in a cell; kernel/modules_test.go runs cells
// that import some.

import (
	"embed"
	"errors"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"cajal/kernel/cell"

	"github.com/google/go-cmp/cmp"
)

// TestFetching: a download that takes long is one output that is updated, and
// gone in the end; a quick one is none.
func TestFetching(t *testing.T) {
	for _, test := range []struct {
		name  string
		began time.Time
		want  []cell.EventKind
	}{
		{"quick", time.Now().Add(time.Hour), nil},
		{"slow", time.Now().Add(-time.Hour), []cell.EventKind{cell.Display, cell.Update, cell.Clear}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, h := newTest(t, Config{})
			f := &fetching{r: e.newRunning(cell.Request{ID: 7, Number: 1}, "cell 1"), began: test.began}
			f.Begin("example.com/a@v1.0.0", 3e6)
			f.Add(1e6)
			f.shown = f.shown.Add(-time.Minute)
			f.Add(1e6)
			f.Add(1e6) // too soon to be shown
			f.End(errors.New("it is told elsewhere"))
			f.end()
			var got []cell.EventKind
			for _, ev := range h.events {
				got = append(got, ev.Kind)
				if ev.Cell != 7 {
					t.Errorf("an event of cell %d", ev.Cell)
				}
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Fatalf("(-want +got):\n%s", d)
			}
			if len(got) > 0 {
				if h.events[0].DisplayID == "" || h.events[0].DisplayID != h.events[1].DisplayID {
					t.Error("the update is of another output")
				}
				if text := h.events[1].Bundle.Data["text/plain"]; text != "fetching example.com/a@v1.0.0: 2.0 MB of 3.0 MB" {
					t.Errorf("shown: %s", text)
				}
			}
		})
	}
}

// TestFillFS holds a file system that was filled at run time to the rules of
// io/fs, and to what the compiler makes.
func TestFillFS(t *testing.T) {
	files := map[string]string{"a.txt": "a", "dir/b.txt": "b", "dir/deep/c.txt": "c", "dir-x/d.txt": "d", "dirz": "z"}
	var fsys embed.FS
	if err := fillFS(&fsys, files); err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(fsys, "a.txt", "dir/b.txt", "dir/deep/c.txt", "dir-x/d.txt", "dirz"); err != nil {
		t.Error(err)
	}
	var found []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, err := fsys.ReadFile(name)
			if err != nil || string(text) != files[name] {
				t.Errorf("%s holds %q, %v", name, text, err)
			}
			found = append(found, name)
		}
		return err
	})
	slices.Sort(found)
	if d := cmp.Diff([]string{"a.txt", "dir-x/d.txt", "dir/b.txt", "dir/deep/c.txt", "dirz"}, found); err != nil || d != "" {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	var empty embed.FS
	if err := fillFS(&empty, nil); err != nil {
		t.Fatal(err)
	}
	if entries, err := empty.ReadDir("."); err != nil || len(entries) != 0 {
		t.Errorf("an empty one has %v, %v", entries, err)
	}
}
