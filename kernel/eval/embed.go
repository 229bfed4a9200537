package eval

// This file sets the variables that //go:embed names, before their package is
// initialized.

import (
	"embed"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"cajal/kernel/eval/module"
)

// embed sets the variables of packages that were created since the last call.
func (m *modules) embed(e *Evaluator) {
	m.mu.Lock()
	pending := m.pending
	m.pending = nil
	m.mu.Unlock()
	for _, p := range pending {
		src := e.imports.Source(p.Path)
		if src == nil || e.state.Program().Package(src.Package) == nil {
			m.mu.Lock()
			m.pending = append(m.pending, p) // no cell has got that far
			m.mu.Unlock()
			continue
		}
		for _, v := range p.Embeds {
			if g := e.state.Program().Package(src.Package).Var(v.Var); g != nil {
				setEmbedded(e.machine.Global(g).Elem(), v)
			}
		}
	}
}

// setEmbedded gives a variable the files that it embeds: a string or a []byte
// one, an embed.FS all.
func setEmbedded(v reflect.Value, from module.Embed) {
	for _, text := range from.Files {
		switch {
		case v.Kind() == reflect.String:
			v.SetString(text)
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
			v.SetBytes([]byte(text))
		}
	}
	if fs, ok := v.Addr().Interface().(*embed.FS); ok {
		if err := fillFS(fs, from.Files); err != nil {
			panic(err)
		}
	}
}

// fillFS puts files into an embed.FS. Only the compiler can make one that is not
// empty; its fields are those of Go 1.16 and all later versions, which is
// checked.
func fillFS(fs *embed.FS, files map[string]string) error {
	field, ok := reflect.TypeFor[embed.FS]().FieldByName("files") // *[]file
	if !ok || field.Type.Kind() != reflect.Pointer || field.Type.Elem().Kind() != reflect.Slice {
		return fmt.Errorf("eval: embed.FS of this version of Go has no files that could be set")
	}
	names := make(map[string]bool)
	for name := range files {
		names[name] = true
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			names[dir+"/"] = true
		}
	}
	// Files are sorted by folder, then by name.
	split := func(name string) (dir, base string) {
		name = strings.TrimSuffix(name, "/")
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return ".", name
		}
		return name[:i], name[i+1:]
	}
	sorted := slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		dirA, baseA := split(a)
		dirB, baseB := split(b)
		if dirA != dirB {
			return strings.Compare(dirA, dirB)
		}
		return strings.Compare(baseA, baseB)
	})
	list := reflect.New(field.Type.Elem())
	list.Elem().Set(reflect.MakeSlice(field.Type.Elem(), len(sorted), len(sorted)))
	set := func(file reflect.Value, name, value string) error {
		f := file.FieldByName(name)
		if !f.IsValid() || f.Kind() != reflect.String {
			return fmt.Errorf("eval: a file of embed.FS of this version of Go has no string %s", name)
		}
		reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem().SetString(value)
		return nil
	}
	for i, name := range sorted {
		file := list.Elem().Index(i)
		if err := set(file, "name", name); err != nil {
			return err
		}
		if err := set(file, "data", files[name]); err != nil {
			return err
		}
	}
	reflect.NewAt(field.Type, unsafe.Add(unsafe.Pointer(fs), field.Offset)).Elem().Set(list)
	return nil
}
