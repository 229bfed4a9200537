package main

// This file writes export data, sources and documentation into archives: one
// that all platforms share, and one for each platform with what differs there.

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"go/format"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// archives hold the files to be embedded, by name.
type archives struct {
	shared  map[string][]byte
	own     map[platform]map[string][]byte
	imports map[string][]string // packages that a package's data mention
	hidden  []string            // packages that are mentioned, but not for cells
	differ  []string            // packages whose export data differ between platforms
}

// newArchives makes the data of paths and of all packages that they mention.
func newArchives(worlds []*world, paths []string, ov map[string]*overlay) (*archives, error) {
	a := &archives{
		shared:  make(map[string][]byte),
		own:     make(map[platform]map[string][]byte),
		imports: make(map[string][]string),
	}
	for _, w := range worlds {
		a.own[w.platform] = make(map[string][]byte)
	}
	visible := make(map[string]bool)
	for _, p := range paths {
		visible[p] = true
	}
	todo := slices.Clone(paths)
	done := make(map[string]bool)
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if done[path] {
			continue
		}
		done[path] = true
		if !visible[path] {
			a.hidden = append(a.hidden, path)
		}
		deps, err := a.add(worlds, path, ov[path])
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", path, err)
		}
		a.imports[path] = deps
		todo = append(todo, deps...)
		if visible[path] {
			if doc := documentation(worlds[0], path); len(doc) > 0 {
				data, err := json.Marshal(doc)
				if err != nil {
					return nil, err
				}
				a.shared[path+"/doc.json"] = data
			}
		}
	}
	slices.Sort(a.hidden)
	slices.Sort(a.differ)
	return a, nil
}

// add adds the data of one package and returns the packages that they mention.
func (a *archives) add(worlds []*world, path string, o *overlay) ([]string, error) {
	deps := make(map[string]bool)
	if copied[path] || replaced[path] || o != nil {
		if o == nil {
			o = newOverlay()
		}
		if copied[path] {
			if err := o.copy(worlds[0].listed[path]); err != nil {
				return nil, err
			}
		}
		for name, text := range o.files {
			a.shared[path+"/src/"+name] = text
		}
		maps.Copy(deps, o.imports)
	}
	if !copied[path] && !replaced[path] {
		blobs := make([][]byte, len(worlds))
		same := true
		for i, w := range worlds {
			pkg := w.types[path]
			if pkg == nil {
				same = false
				continue
			}
			if o != nil {
				var err error
				if pkg, err = w.without(path, o.exported()); err != nil {
					return nil, err
				}
			}
			var buf bytes.Buffer
			if err := gcexportdata.Write(&buf, nil, pkg); err != nil {
				return nil, err
			}
			blobs[i] = buf.Bytes()
			same = same && bytes.Equal(blobs[i], blobs[0])
			mentioned, err := mentions(path, blobs[i])
			if err != nil {
				return nil, err
			}
			for _, m := range mentioned {
				deps[m] = true
			}
		}
		if same {
			a.shared[path+"/export"] = blobs[0]
		} else {
			a.differ = append(a.differ, path)
			for i, w := range worlds {
				if blobs[i] != nil {
					a.own[w.platform][path+"/export"] = blobs[i]
				}
			}
		}
	}
	delete(deps, "unsafe")
	delete(deps, path)
	return slices.Sorted(maps.Keys(deps)), nil
}

// mentions returns the packages that export data mention.
func mentions(path string, data []byte) ([]string, error) {
	imports := make(map[string]*types.Package)
	if _, err := gcexportdata.Read(bytes.NewReader(data), nil, imports, path); err != nil {
		return nil, err
	}
	return slices.Collect(maps.Keys(imports)), nil
}

// write writes the archives, and for each platform the file that embeds its own
// and names its tables.
func (a *archives) write(dir string, owned map[platform][]*table) error {
	if err := writeZip(filepath.Join(dir, "z_shared.zip"), a.shared); err != nil {
		return err
	}
	var tags []string
	for _, p := range platforms {
		tags = append(tags, "("+p.os+" && "+p.arch+")")
		if err := writeZip(filepath.Join(dir, "z_"+p.String()+".zip"), a.own[p]); err != nil {
			return err
		}
		src := fmt.Sprintf(`%s
package bind

// This file embeds the export data of packages that differ between platforms,
// and names the tables of what only this one has.

import _ "embed"

//go:embed z_%s.zip
var platformZip string

var platformTables = map[string]func() table{%s}
`, header, p, tableList(owned[p]))
		if err := writeGo(filepath.Join(dir, "z_export_"+p.String()+".go"), src); err != nil {
			return err
		}
	}
	return writeGo(filepath.Join(dir, "z_export_other.go"), fmt.Sprintf(`%s
//go:build !(%s)

package bind

// This file takes the place of export data on platforms that have none: only
// packages that are the same everywhere can be imported there.

var (
	platformZip    string
	platformTables map[string]func() table
)
`, header, strings.Join(tags, " || ")))
}

// tableList returns the elements of a map of tables.
func tableList(list []*table) string {
	var b strings.Builder
	for _, t := range list {
		fmt.Fprintf(&b, "\n\t%q: %s,", t.path, t.fn())
	}
	if len(list) > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

// writeGo writes a Go file.
func writeGo(name, src string) error {
	text, err := format.Source([]byte(src))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.WriteFile(name, text, 0o644)
}

// writeZip writes files into an archive that depends on nothing else.
func writeZip(name string, files map[string][]byte) error {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	for _, n := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: n, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if _, err := w.Write(files[n]); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, buf.Bytes(), 0o644)
}
