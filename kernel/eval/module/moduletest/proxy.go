// Package moduletest makes module proxies of a few files, for tests that have no
// network. It is not for programs.
package moduletest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// Write writes a module proxy into a folder, whose file:// address can be
// GOPROXY. Files are named PATH@VERSION/NAME; every module has a go.mod.
func Write(dir string, files map[string]string) error {
	modules := make(map[module.Version]map[string]string)
	for name, text := range files {
		path, rest, ok := strings.Cut(name, "@")
		version, file, ok2 := strings.Cut(rest, "/")
		if !ok || !ok2 {
			return fmt.Errorf("moduletest: found file %s, expected PATH@VERSION/NAME", name)
		}
		m := module.Version{Path: path, Version: version}
		if modules[m] == nil {
			modules[m] = make(map[string]string)
		}
		modules[m][file] = text
	}
	list := make(map[string][]string)
	for m, files := range modules {
		if err := write(dir, m, files); err != nil {
			return err
		}
		list[m.Path] = append(list[m.Path], m.Version)
	}
	for path, versions := range list {
		slices.Sort(versions)
		if err := put(dir, path, "list", []byte(strings.Join(versions, "\n")+"\n")); err != nil {
			return err
		}
	}
	return nil
}

// write writes the files that a proxy has of one version.
func write(dir string, m module.Version, files map[string]string) error {
	mod, ok := files["go.mod"]
	if !ok {
		return fmt.Errorf("moduletest: %s has no go.mod", m)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(m.String() + "/" + name)
		if err == nil {
			_, err = w.Write([]byte(files[name]))
		}
		if err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	for suffix, data := range map[string][]byte{
		".info": fmt.Appendf(nil, "{\"Version\":%q}", m.Version), ".mod": []byte(mod), ".zip": b.Bytes(),
	} {
		if err := put(dir, m.Path, m.Version+suffix, data); err != nil {
			return err
		}
	}
	return nil
}

// put writes a file of a module.
func put(dir, path, name string, data []byte) error {
	esc, err := module.EscapePath(path)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, filepath.FromSlash(esc), "@v", name)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o666)
}

// Address returns the address of a proxy in a folder.
func Address(dir string) string {
	dir = filepath.ToSlash(dir)
	if !strings.HasPrefix(dir, "/") {
		dir = "/" + dir // C:/…
	}
	return "file://" + dir
}
