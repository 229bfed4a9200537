// This file tests that a failed write changes nothing.

package savefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// disk is a file on a disk with room for left bytes.
type disk struct {
	*os.File
	left int
	sync error
}

func (d *disk) Write(p []byte) (int, error) {
	if len(p) > d.left {
		n, _ := d.File.Write(p[:d.left])
		return n, syscall.ENOSPC
	}
	d.left -= len(p)
	return d.File.Write(p)
}

func (d *disk) Sync() error {
	if d.sync != nil {
		return d.sync
	}
	return d.File.Sync()
}

func TestFullDiskKeepsTheOldFile(t *testing.T) {
	for _, test := range []struct {
		name string
		disk disk
		want error
	}{
		{"no room", disk{left: 0}, syscall.ENOSPC},
		{"room for a part", disk{left: 3}, syscall.ENOSPC},
		{"sync fails", disk{left: 100, sync: syscall.EIO}, syscall.EIO},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			name := filepath.Join(dir, "report.html")
			if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			d := test.disk
			err := write(name, []byte("new and longer"), func(name string, perm fs.FileMode) (file, error) {
				f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
				d.File = f
				return &d, err
			})
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			if got, _ := os.ReadFile(name); string(got) != "old" {
				t.Errorf("the old file became %q", got)
			}
			if left, _ := os.ReadDir(dir); len(left) != 1 {
				t.Errorf("%d files are left in the folder, want 1", len(left))
			}
		})
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a", "b", "x.txt")
	for _, text := range []string{"first, long text", "second"} {
		if err := Write(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(name); string(got) != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Write(name, nil); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(name); info.Mode().Perm() != 0o640 || info.Size() != 0 {
		t.Errorf("got mode %v and %d bytes, want 0640 and 0", info.Mode(), info.Size())
	}
	link := filepath.Join(dir, "link.txt")
	if err := os.Symlink(name, link); err == nil {
		if err := Write(link, []byte("through")); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(name); string(got) != "through" {
			t.Errorf("a link was replaced, not its target, which holds %q", got)
		}
	}
	if err := Write(filepath.Join(dir, "a"), []byte("x")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if entries, _ := os.ReadDir(filepath.Dir(name)); len(entries) != 1 {
		t.Errorf("temporary files are left: %v", entries)
	}
}

func TestTry(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := Try(dir); err != nil {
		t.Errorf("a folder that can be made: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("afterwards the folder holds %v (%v)", entries, err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Try(filepath.Join(file, "c")); err == nil {
		t.Error("a folder below a file can be written to")
	}
}
