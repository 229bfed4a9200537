// Package install makes Jupyter know the kernel: it writes the kernelspec and
// removes it again. It is not a package manager: it installs neither Jupyter
// nor Go, and changes nothing but the one folder kernels/cajal.
//
//	install.go  the kernelspec: written, removed
//	paths.go    where Jupyter looks
//	doctor.go   what a machine lacks, with a hint
package install

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Name is the kernelspec's name: `jupyter console --kernel cajal`.
const Name = "cajal"

// DisplayName is what front ends show.
const DisplayName = "Go (cajal)"

// The logos; front ends prefer the SVG.
var (
	//go:embed logo-svg.svg
	logoSVG []byte
	//go:embed logo-32x32.png
	logo32 []byte
	//go:embed logo-64x64.png
	logo64 []byte
)

// Options says where to install. At most one of User, Prefix and SysPrefix may
// be set; none of them means User.
type Options struct {
	User      bool   // the user's own data folder
	Prefix    string // PREFIX/share/jupyter
	SysPrefix bool   // the Python environment that is active

	// Executable is the binary that the kernelspec shall start; "" is the one
	// that runs.
	Executable string
}

// Result tells what Install did.
type Result struct {
	Dir        string // of the kernelspec
	Executable string // that it starts
	Copied     bool   // Executable is a copy, as the original lies where Go's build cache may delete it
	Unseen     bool   // Jupyter of the active environment does not look there by itself
}

// spec is a kernel.json.
type spec struct {
	Argv            []string       `json:"argv"`
	DisplayName     string         `json:"display_name"`
	Language        string         `json:"language"`
	InterruptMode   string         `json:"interrupt_mode"`
	ProtocolVersion string         `json:"kernel_protocol_version"`
	Metadata        map[string]any `json:"metadata"`
}

// Install writes the kernelspec: complete or not at all, in the place of an
// older one. If the executable is one that `go run` built for a moment, a copy
// is put beside the kernelspec and the kernelspec starts that.
func Install(o Options) (Result, error) {
	var r Result
	data, err := o.dataDir()
	if err != nil {
		return r, err
	}
	exe := o.Executable
	if exe == "" {
		if exe, err = os.Executable(); err != nil {
			return r, fmt.Errorf("the path of this program is unknown: %w; call it by its full path", err)
		}
	}
	if exe, err = filepath.Abs(exe); err != nil {
		return r, err
	}
	if info, err := os.Stat(exe); err != nil {
		return r, fmt.Errorf("the binary to install: %w", err)
	} else if !info.Mode().IsRegular() {
		return r, fmt.Errorf("the binary to install: %s is not a file", exe)
	}
	kernels := filepath.Join(data, "kernels")
	r.Dir = filepath.Join(kernels, Name)
	r.Executable = exe
	r.Copied = transient(exe) || strings.HasPrefix(exe, r.Dir+string(filepath.Separator))
	if r.Copied {
		r.Executable = filepath.Join(r.Dir, Name)
		if runtime.GOOS == "windows" {
			r.Executable += ".exe"
		}
	}
	r.Unseen = !searched(data)

	if err := os.MkdirAll(kernels, 0o755); err != nil {
		return r, fmt.Errorf("%w; %s", err, o.hint())
	}
	next, err := os.MkdirTemp(kernels, ".cajal-new-")
	if err != nil {
		return r, fmt.Errorf("%w; %s", err, o.hint())
	}
	defer os.RemoveAll(next)
	if err := write(next, r, exe); err != nil {
		return r, fmt.Errorf("the kernelspec was not written, an older one is unchanged: %w", err)
	}
	if err := swap(next, r.Dir); err != nil {
		return r, fmt.Errorf("the kernelspec was not replaced: %w; if a kernel of it is running, shut it down first", err)
	}
	return r, nil
}

// write writes the files of the kernelspec to dir.
func write(dir string, r Result, exe string) error {
	text, err := json.MarshalIndent(spec{
		Argv:            []string{r.Executable, "kernel", "-f", "{connection_file}"},
		DisplayName:     DisplayName,
		Language:        "go",
		InterruptMode:   "message",
		ProtocolVersion: "5.5.0",
		Metadata:        map[string]any{},
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		"kernel.json":    append(text, '\n'),
		"logo-svg.svg":   logoSVG,
		"logo-32x32.png": logo32,
		"logo-64x64.png": logo64,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	if r.Copied {
		return copyFile(filepath.Join(dir, filepath.Base(r.Executable)), exe)
	}
	return nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// swap puts the folder next in the place of dir. Should that fail half way, the
// old folder comes back.
func swap(next, dir string) error {
	old := next + "-old"
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	had := err == nil
	if err := os.Rename(next, dir); err != nil {
		if had {
			err = errors.Join(err, os.Rename(old, dir))
		}
		return err
	}
	if had {
		return os.RemoveAll(old)
	}
	return nil
}

// transient tells whether an executable lies where Go builds and forgets:
// `go run` uses a folder of temporary files, or the build cache.
func transient(exe string) bool {
	for _, part := range strings.Split(filepath.ToSlash(exe), "/") {
		if strings.HasPrefix(part, "go-build") {
			return true
		}
	}
	cache := os.Getenv("GOCACHE")
	return cache != "" && strings.HasPrefix(exe, filepath.Clean(cache)+string(filepath.Separator))
}

// ErrNotInstalled is what Uninstall wraps if there is nothing to remove.
var ErrNotInstalled = errors.New("the kernel is not installed there")

// Uninstall removes the kernelspec from the place that o names and returns its
// folder. It refuses to remove a folder that Install did not write.
func Uninstall(o Options) (string, error) {
	data, err := o.dataDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(data, "kernels", Name)
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if errors.Is(err, fs.ErrNotExist) {
		hint := ""
		for _, other := range Installed() {
			hint += "; there is one in " + other
		}
		return dir, fmt.Errorf("%w: %s%s", ErrNotInstalled, dir, hint)
	}
	if err != nil {
		return dir, err
	}
	var s spec
	if err := json.Unmarshal(text, &s); err != nil || s.Language != "go" || len(s.Argv) < 2 || s.Argv[1] != "kernel" {
		return dir, fmt.Errorf("%s does not start this kernel: remove the folder by hand if it is not wanted", filepath.Join(dir, "kernel.json"))
	}
	if err := os.RemoveAll(dir); err != nil {
		return dir, fmt.Errorf("%w; %s", err, o.hint())
	}
	return dir, nil
}
