package module

// This file reads the go command's settings.

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// environment is where settings come from: the process's environment, the file
// that go env -w writes, and the defaults that came with a Go in PATH, if there
// is one.
type environment struct {
	written  map[string]string
	defaults map[string]string
}

// readEnvironment reads the files. The environment itself is read when a setting
// is asked for, as cells may change it.
func readEnvironment() *environment {
	e := &environment{}
	switch file := os.Getenv("GOENV"); file {
	case "off":
	case "":
		if dir, err := os.UserConfigDir(); err == nil {
			e.written = settings(filepath.Join(dir, "go", "env"))
		}
	default:
		e.written = settings(file)
	}
	root := os.Getenv("GOROOT")
	if root == "" {
		if exe, err := exec.LookPath("go"); err == nil {
			if exe, err = filepath.EvalSymlinks(exe); err == nil {
				root = filepath.Dir(filepath.Dir(exe))
			}
		}
	}
	if root != "" {
		e.defaults = settings(filepath.Join(root, "go.env"))
	}
	return e
}

// settings reads KEY=value lines; nil if there is no such file.
func settings(file string) map[string]string {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	all := make(map[string]string)
	for s := bufio.NewScanner(f); s.Scan(); {
		if key, value, ok := strings.Cut(strings.TrimSpace(s.Text()), "="); ok && !strings.HasPrefix(key, "#") {
			all[key] = value
		}
	}
	return all
}

// get returns a setting; "" if it is set nowhere.
func (e *environment) get(key string) string {
	if v := os.Getenv(key); v != "" {
		return v
	}
	if v := e.written[key]; v != "" {
		return v
	}
	return e.defaults[key]
}

// modCache returns the folder of the module cache.
func (e *environment) modCache() (string, error) {
	if dir := e.get("GOMODCACHE"); dir != "" {
		return dir, nil
	}
	if list := filepath.SplitList(e.get("GOPATH")); len(list) > 0 && list[0] != "" {
		return filepath.Join(list[0], "pkg", "mod"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", failf("set GOMODCACHE to a folder for modules", "there is no module cache: neither GOMODCACHE nor GOPATH is set, and there is no home folder")
	}
	return filepath.Join(home, "go", "pkg", "mod"), nil
}

// goPath returns the folder that holds the checksum database's state.
func (e *environment) goPath() string {
	if list := filepath.SplitList(e.get("GOPATH")); len(list) > 0 && list[0] != "" {
		return list[0]
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, "go")
}

// noProxy returns the patterns of modules that no proxy is asked for, and
// noSumDB those that the checksum database is not.
func (e *environment) noProxy() string {
	if v := e.get("GONOPROXY"); v != "" {
		return v
	}
	return e.get("GOPRIVATE")
}

func (e *environment) noSumDB() string {
	if v := e.get("GONOSUMDB"); v != "" {
		return v
	}
	return e.get("GOPRIVATE")
}

// tags returns the build tags that GOFLAGS asks for. Its other flags are for the
// go command: -mod, above all, is about a go.mod, which a notebook has not.
func (e *environment) tags() []string {
	for _, f := range strings.Fields(e.get("GOFLAGS")) {
		f = "-" + strings.TrimLeft(f, "-")
		if list, ok := strings.CutPrefix(f, "-tags="); ok {
			return strings.FieldsFunc(strings.Trim(list, `"'`), func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
	return nil
}
