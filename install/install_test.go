// This file tests the kernelspec: written whole, in the right place, removed.

package install

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// machine is a home, a binary and an environment of a test's own.
func machine(t *testing.T) (home, exe string) {
	t.Helper()
	home = t.TempDir()
	for _, name := range []string{"JUPYTER_DATA_DIR", "JUPYTER_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "XDG_DATA_HOME", "GOCACHE"} {
		t.Setenv(name, "")
	}
	t.Setenv("JUPYTER_DATA_DIR", filepath.Join(home, "data"))
	exe = filepath.Join(home, "bin", "cajal")
	os.MkdirAll(filepath.Dir(exe), 0o755)
	if err := os.WriteFile(exe, []byte("binary"), 0o755); err != nil {
		t.Fatal(err)
	}
	return home, exe
}

func readSpec(t *testing.T, dir string) spec {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s spec
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestInstall(t *testing.T) {
	home, exe := machine(t)
	prefix := filepath.Join(home, "prefix")
	venv := filepath.Join(home, "venv")
	t.Setenv("VIRTUAL_ENV", venv)
	for _, test := range []struct {
		name string
		o    Options
		want string
	}{
		{"nothing is the user", Options{}, filepath.Join(home, "data")},
		{"user", Options{User: true}, filepath.Join(home, "data")},
		{"prefix", Options{Prefix: prefix}, filepath.Join(prefix, "share", "jupyter")},
		{"sys-prefix", Options{SysPrefix: true}, filepath.Join(venv, "share", "jupyter")},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.o.Executable = exe
			r, err := Install(test.o)
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(test.want, "kernels", "cajal"); r.Dir != want {
				t.Errorf("installed in %s, want %s", r.Dir, want)
			}
			s := readSpec(t, r.Dir)
			if got := strings.Join(s.Argv, " "); got != exe+" kernel -f {connection_file}" {
				t.Errorf("argv is %s", got)
			}
			if s.Language != "go" || s.DisplayName != "Go (cajal)" || s.InterruptMode != "message" {
				t.Errorf("got %+v", s)
			}
			if _, err := Install(test.o); err != nil {
				t.Errorf("a second time: %v", err)
			}
			left, _ := os.ReadDir(filepath.Dir(r.Dir))
			if len(left) != 1 {
				t.Errorf("beside the kernelspec there is something left: %v", left)
			}
			dir, err := Uninstall(test.o)
			if err != nil || dir != r.Dir {
				t.Errorf("Uninstall = %s, %v", dir, err)
			}
			if _, err := os.Stat(r.Dir); err == nil {
				t.Errorf("%s is still there", r.Dir)
			}
			if _, err := Uninstall(test.o); !errors.Is(err, ErrNotInstalled) {
				t.Errorf("a second Uninstall = %v, want ErrNotInstalled", err)
			}
		})
	}
}

func TestUnseen(t *testing.T) {
	home, exe := machine(t)
	t.Setenv("PATH", "")
	far, err := Install(Options{Prefix: filepath.Join(home, "far"), Executable: exe})
	if err != nil {
		t.Fatal(err)
	}
	near, err := Install(Options{User: true, Executable: exe})
	if err != nil {
		t.Fatal(err)
	}
	if !far.Unseen || near.Unseen {
		t.Errorf("Unseen: a prefix that is not searched %v, the user's folder %v", far.Unseen, near.Unseen)
	}
	if got := Installed(); len(got) != 1 || got[0] != near.Dir {
		t.Errorf("Installed() = %v, want only %s", got, near.Dir)
	}
	if _, err := Uninstall(Options{Prefix: filepath.Join(home, "other")}); err == nil || !strings.Contains(err.Error(), near.Dir) {
		t.Errorf("Uninstall at a wrong place = %v, want the right one named", err)
	}
}

// A binary that `go run` built vanishes; its copy beside the kernelspec stays.
func TestInstallCopiesTransientBinary(t *testing.T) {
	home, _ := machine(t)
	exe := filepath.Join(home, "go-build123", "b001", "exe", "cajal")
	os.MkdirAll(filepath.Dir(exe), 0o755)
	os.WriteFile(exe, []byte("built"), 0o755)
	r, err := Install(Options{Executable: exe})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Copied || filepath.Dir(r.Executable) != r.Dir || readSpec(t, r.Dir).Argv[0] != r.Executable {
		t.Fatalf("got %+v", r)
	}
	os.RemoveAll(filepath.Join(home, "go-build123"))
	text, err := os.ReadFile(r.Executable)
	if err != nil || string(text) != "built" {
		t.Errorf("the copy holds %q, %v", text, err)
	}
	if info, _ := os.Stat(r.Executable); runtime.GOOS != "windows" && info.Mode()&0o111 == 0 {
		t.Error("the copy cannot be executed")
	}
	// Installed from the copy itself, which is about to be replaced.
	again, err := Install(Options{Executable: r.Executable})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(again.Executable); err != nil || string(text) != "built" {
		t.Errorf("installed again, the copy holds %q, %v", text, err)
	}
}

func TestInstallRefuses(t *testing.T) {
	home, exe := machine(t)
	blocked := filepath.Join(home, "blocked")
	os.WriteFile(blocked, nil, 0o644) // a file where a folder should be
	for _, test := range []struct {
		name, want string
		o          Options
	}{
		{"two places", "more than one", Options{User: true, SysPrefix: true, Executable: exe}},
		{"no binary", "the binary to install", Options{Executable: filepath.Join(home, "nothing")}},
		{"a folder", "not a file", Options{Executable: home}},
		{"no folder can be made", "hint: --user", Options{Prefix: blocked, Executable: exe}},
	} {
		if _, err := Install(test.o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
	foreign := filepath.Join(home, "data", "kernels", "cajal")
	os.MkdirAll(foreign, 0o755)
	os.WriteFile(filepath.Join(foreign, "kernel.json"), []byte(`{"argv":["python"],"language":"python"}`), 0o644)
	if _, err := Uninstall(Options{}); err == nil || !strings.Contains(err.Error(), "by hand") {
		t.Errorf("a foreign kernelspec: got %v", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("the foreign kernelspec is gone: %v", err)
	}
}

// An older kernelspec stays as it is if the new one cannot be written.
func TestInstallKeepsOldOnFailure(t *testing.T) {
	home, exe := machine(t)
	r, err := Install(Options{Executable: exe})
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(home, "go-build9", "cajal")
	os.MkdirAll(filepath.Dir(bad), 0o755)
	os.WriteFile(bad, []byte("x"), 0o000)
	if f, err := os.Open(bad); err == nil {
		f.Close()
		t.Skip("this user may read every file: the failure cannot be provoked")
	}
	if _, err := Install(Options{Executable: bad}); err == nil {
		t.Fatal("a binary that cannot be read was installed")
	}
	if got := readSpec(t, r.Dir).Argv[0]; got != exe {
		t.Errorf("the old kernelspec starts %s now", got)
	}
}

func TestSwapRestores(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cajal")
	os.MkdirAll(dir, 0o755)
	if err := swap(filepath.Join(filepath.Dir(dir), "missing"), dir); err == nil {
		t.Fatal("a folder that is not there was moved")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("the old folder is gone: %v", err)
	}
}

func TestUserData(t *testing.T) {
	home := func() (string, error) { return "/home/ana", nil }
	lost := func() (string, error) { return "", errors.New("no home") }
	for _, test := range []struct {
		goos string
		env  map[string]string
		want string
	}{
		{"linux", nil, "/home/ana/.local/share/jupyter"},
		{"linux", map[string]string{"XDG_DATA_HOME": "/x"}, "/x/jupyter"},
		{"darwin", map[string]string{"XDG_DATA_HOME": "/x"}, "/home/ana/Library/Jupyter"},
		{"windows", map[string]string{"APPDATA": "/r"}, "/r/jupyter"},
		{"windows", nil, "/home/ana/.jupyter/data"},
		{"windows", map[string]string{"JUPYTER_CONFIG_DIR": "/c"}, "/c/data"},
		{"darwin", map[string]string{"JUPYTER_DATA_DIR": "/d"}, "/d"},
	} {
		got, err := userData(test.goos, func(k string) string { return test.env[k] }, home)
		if err != nil || filepath.ToSlash(got) != test.want && runtime.GOOS != "windows" {
			t.Errorf("%s %v: got %s, %v, want %s", test.goos, test.env, got, err, test.want)
		}
	}
	if _, err := userData("linux", func(string) string { return "" }, lost); err == nil || !strings.Contains(err.Error(), "JUPYTER_DATA_DIR") {
		t.Errorf("without a home: got %v", err)
	}
}

func TestDoctor(t *testing.T) {
	_, exe := machine(t)
	t.Setenv("PATH", "")
	lacks := func() (n int) {
		for _, f := range Doctor() {
			if !f.OK {
				n++
				if f.Hint == "" {
					t.Errorf("%q comes without a hint", f.Text)
				}
			}
		}
		return n
	}
	if got := lacks(); got != 2 {
		t.Errorf("on an empty machine %d things are lacking, want Jupyter and the kernel", got)
	}
	if _, err := Install(Options{Executable: exe}); err != nil {
		t.Fatal(err)
	}
	if got := lacks(); got != 1 {
		t.Errorf("with the kernel installed %d things are lacking, want Jupyter", got)
	}

	// A jupyter of a virtual environment that is not activated finds its own first.
	venv := t.TempDir()
	jupyter := filepath.Join(venv, "bin", "jupyter.exe") // a program for Windows, too
	os.MkdirAll(filepath.Dir(jupyter), 0o755)
	os.WriteFile(filepath.Join(venv, "pyvenv.cfg"), nil, 0o644)
	os.WriteFile(jupyter, nil, 0o755)
	os.Link(jupyter, filepath.Join(venv, "bin", "jupyter"))
	if _, err := Install(Options{Prefix: venv, Executable: exe}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Dir(jupyter))
	all := Doctor()
	if n := len(all); n != 3 || !strings.HasPrefix(all[1].Text, venv) || !strings.Contains(all[2].Text, "is hidden by "+venv) {
		t.Errorf("with a jupyter of another environment: %+v", all)
	}
	t.Setenv("PATH", "")

	os.Remove(exe)
	if got := lacks(); got != 2 {
		t.Errorf("with the binary gone %d things are lacking, want Jupyter and it", got)
	}
}

func TestLogos(t *testing.T) {
	for size, text := range map[int][]byte{32: logo32, 64: logo64} {
		img, err := png.Decode(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() != size || b.Dy() != size {
			t.Errorf("logo of %d pixels is %v", size, b)
		}
		if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
			t.Errorf("the corner of the logo of %d pixels is not transparent", size)
		}
	}
	d := xml.NewDecoder(bytes.NewReader(logoSVG))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
