// This file knows where Jupyter looks for kernels, as jupyter_core's paths.py
// has it.

package install

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// dataDir returns the Jupyter data folder that the options name.
func (o Options) dataDir() (string, error) {
	n := 0
	for _, set := range []bool{o.User, o.Prefix != "", o.SysPrefix} {
		if set {
			n++
		}
	}
	if n > 1 {
		return "", errors.New("more than one of --user, --prefix and --sys-prefix: expected at most one")
	}
	switch {
	case o.Prefix != "":
		abs, err := filepath.Abs(o.Prefix)
		return filepath.Join(abs, "share", "jupyter"), err
	case o.SysPrefix:
		prefix, err := sysPrefix()
		return filepath.Join(prefix, "share", "jupyter"), err
	}
	return userData(runtime.GOOS, os.Getenv, os.UserHomeDir)
}

// hint tells what to do if the place cannot be written.
func (o Options) hint() string {
	if o.Prefix != "" || o.SysPrefix {
		return "hint: --user writes to a folder of your own"
	}
	return "hint: set JUPYTER_DATA_DIR to a folder that you can write, or use --prefix"
}

// userData returns the user's data folder on an operating system.
func userData(goos string, env func(string) string, home func() (string, error)) (string, error) {
	if d := env("JUPYTER_DATA_DIR"); d != "" {
		return filepath.Abs(d)
	}
	if goos == "windows" {
		if d := env("APPDATA"); d != "" {
			return filepath.Join(d, "jupyter"), nil
		}
	}
	if goos != "darwin" && goos != "windows" {
		if d := env("XDG_DATA_HOME"); d != "" {
			return filepath.Join(d, "jupyter"), nil
		}
	}
	h, err := home()
	if err != nil {
		return "", fmt.Errorf("your home folder is unknown: %w; set JUPYTER_DATA_DIR, or use --prefix", err)
	}
	switch goos {
	case "darwin":
		return filepath.Join(h, "Library", "Jupyter"), nil
	case "windows":
		if d := env("JUPYTER_CONFIG_DIR"); d != "" {
			return filepath.Join(d, "data"), nil
		}
		return filepath.Join(h, ".jupyter", "data"), nil
	}
	return filepath.Join(h, ".local", "share", "jupyter"), nil
}

// systemData returns the data folders for all users.
func systemData() []string {
	if runtime.GOOS == "windows" {
		if d := os.Getenv("PROGRAMDATA"); d != "" {
			return []string{filepath.Join(d, "jupyter")}
		}
		return nil
	}
	return []string{"/usr/local/share/jupyter", "/usr/share/jupyter"}
}

// sysPrefix returns the prefix of the active Python environment: what an
// activated venv or conda names, else what the first Python in PATH says.
func sysPrefix() (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if d := os.Getenv(name); d != "" {
			return d, nil
		}
	}
	var last error
	for _, python := range []string{"python3", "python"} {
		out, err := exec.Command(python, "-c", "import sys; print(sys.prefix)").Output()
		if err == nil {
			return strings.TrimSpace(string(out)), nil
		}
		last = err
	}
	return "", fmt.Errorf("no Python environment is active and no Python answers (%w): activate one, or name it with --prefix", last)
}

// dataPath returns the folders that Jupyter searches, first found first taken,
// as far as it can be told without Python.
func dataPath() []string {
	var dirs []string
	if p := os.Getenv("JUPYTER_PATH"); p != "" {
		dirs = append(dirs, filepath.SplitList(p)...)
	}
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if d := os.Getenv(name); d != "" {
			dirs = append(dirs, filepath.Join(d, "share", "jupyter"))
		}
	}
	// A jupyter of a virtual environment looks there first, activated or not.
	if path, err := exec.LookPath("jupyter"); err == nil {
		prefix := filepath.Dir(filepath.Dir(path))
		if _, err := os.Stat(filepath.Join(prefix, "pyvenv.cfg")); err == nil {
			dirs = append(dirs, filepath.Join(prefix, "share", "jupyter"))
		}
	}
	if d, err := userData(runtime.GOOS, os.Getenv, os.UserHomeDir); err == nil {
		dirs = append(dirs, d)
	}
	return append(dirs, systemData()...)
}

// searched tells whether Jupyter looks into a data folder, as far as it can be
// told without Python. The prefix of a Python that stands in PATH counts.
func searched(data string) bool {
	same := func(d string) bool {
		a, err1 := filepath.EvalSymlinks(d)
		b, err2 := filepath.EvalSymlinks(data)
		return d == data || err1 == nil && err2 == nil && a == b
	}
	for _, d := range dataPath() {
		if same(d) {
			return true
		}
	}
	prefix, err := sysPrefix()
	return err == nil && same(filepath.Join(prefix, "share", "jupyter"))
}

// Installed returns the folders of all kernelspecs of this kernel that Jupyter
// would find, the one that it takes first.
func Installed() []string {
	var found []string
	seen := map[string]bool{}
	for _, d := range dataPath() {
		dir := filepath.Join(d, "kernels", Name)
		if _, err := os.Stat(filepath.Join(dir, "kernel.json")); err == nil && !seen[dir] {
			seen[dir] = true
			found = append(found, dir)
		}
	}
	return found
}
