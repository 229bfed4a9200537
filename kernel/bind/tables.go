package bind

// This file defines the shape of the generated tables and reads the archives.

import (
	"archive/zip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"

	"cajal/kernel/eval/check"
)

// entry is a package of the index.
type entry struct {
	path, name string
	hidden     bool
	export     bool         // it has export data
	source     string       // names of its source files, separated by blanks
	imports    string       // packages that it mentions, separated by blanks
	table      func() table // nil if it binds nothing
}

// table is what a package binds. Tables are functions, so that they cost
// nothing before they are used.
type table struct {
	funcs []symbol // values are funcs
	vars  []symbol // values are pointers
	types []symbol // values are nil pointers to the type
}

// symbol is a named value.
type symbol struct {
	name  string
	value any
}

// symbols returns t as the evaluator takes it, in maps of its own.
func (t table) symbols() check.Symbols {
	s := check.Symbols{
		Funcs: make(map[string]any, len(t.funcs)),
		Vars:  make(map[string]any, len(t.vars)),
		Types: make(map[string]reflect.Type, len(t.types)),
	}
	for _, f := range t.funcs {
		s.Funcs[f.name] = f.value
	}
	for _, v := range t.vars {
		s.Vars[v.name] = v.value
	}
	for _, p := range t.types {
		s.Types[p.name] = reflect.TypeOf(p.value).Elem()
	}
	return s
}

// find returns the entry of the package at path.
func find(path string) (*entry, bool) {
	i, ok := slices.BinarySearchFunc(index[:], path, func(e entry, p string) int { return strings.Compare(e.path, p) })
	if !ok {
		return nil, false
	}
	return &index[i], true
}

//go:embed z_shared.zip
var sharedZip string

// archives opens the embedded archives when they are first needed. They never
// change, so that all sets of the process share them.
var archives = sync.OnceValues(func() (map[string]*zip.File, error) {
	files := make(map[string]*zip.File)
	for _, text := range []string{sharedZip, platformZip} {
		if text == "" {
			continue
		}
		r, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
		if err != nil {
			return nil, fmt.Errorf("archive of export data, built into this program: %w", err)
		}
		for _, f := range r.File {
			files[f.Name] = f
		}
	}
	return files, nil
})

// read returns a file of the archives.
func read(name string) ([]byte, error) {
	files, err := archives()
	if err != nil {
		return nil, err
	}
	f := files[name]
	if f == nil {
		return nil, fmt.Errorf("%s is not among the files built into this program: generate kernel/bind for this platform", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("%s, built into this program: %w", name, err)
	}
	return data, nil
}

// readSource returns the source files of e.
func (e *entry) readSource() (map[string]string, error) {
	files := make(map[string]string)
	for _, name := range strings.Fields(e.source) {
		data, err := read(e.path + "/src/" + name)
		if err != nil {
			return nil, err
		}
		files[name] = string(data)
	}
	return files, nil
}

// readDoc returns the documentation of e; nil if it has none.
func (e *entry) readDoc() map[string]string {
	data, err := read(e.path + "/doc.json")
	if err != nil {
		return nil
	}
	var doc map[string]string
	if json.Unmarshal(data, &doc) != nil {
		return nil
	}
	return doc
}
