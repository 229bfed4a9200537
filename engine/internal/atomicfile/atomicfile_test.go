package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	put := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	if err := Write(path, put("first")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	err := Write(path, func(w io.Writer) error {
		fmt.Fprint(w, "half of the sec")
		return full
	})
	if err != full {
		t.Errorf("error %v, want %v", err, full)
	}
	expect(t, path, "first")
	if err := Write(path, put("second")); err != nil {
		t.Fatal(err)
	}
	expect(t, path, "second")
	if err := Write(filepath.Join(path, "x"), put("")); err == nil {
		t.Error("no error for a folder that is a file")
	}
}

// expect checks the file's content and that nothing else lies beside it.
func expect(t *testing.T, path, want string) {
	t.Helper()
	if b, err := os.ReadFile(path); err != nil || string(b) != want {
		t.Errorf("found %q (%v), want %q", b, err, want)
	}
	if e, err := os.ReadDir(filepath.Dir(path)); err != nil || len(e) != 1 {
		t.Errorf("%d files (%v), want 1", len(e), err)
	}
}
