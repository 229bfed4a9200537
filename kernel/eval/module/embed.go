package module

// This file reads the files that a package embeds.

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Embed is a variable that //go:embed sets.
type Embed struct {
	Var   string
	Files map[string]string // by their names below the package's folder
}

// embeds finds the variables that //go:embed sets, and reads their files.
func (p *Package) embeds(root string) ([]Embed, error) {
	var all []Embed
	fset := token.NewFileSet()
	for _, name := range slices.Sorted(maps.Keys(p.Files)) {
		if !strings.Contains(p.Files[name], "//go:embed") {
			continue
		}
		f, err := parser.ParseFile(fset, path.Join(p.Folder, name), p.Files[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				doc := v.Doc
				if doc == nil && len(g.Specs) == 1 {
					doc = g.Doc
				}
				patterns, err := patternsOf(doc)
				if err != nil {
					return nil, fmt.Errorf("%s: //go:embed: %w", fset.Position(v.Pos()), err)
				}
				if len(patterns) == 0 || len(v.Names) != 1 {
					continue
				}
				files, err := embedded(p.dir, root, patterns)
				if err != nil {
					return nil, fmt.Errorf("%s: //go:embed: %w", fset.Position(v.Pos()), err)
				}
				all = append(all, Embed{Var: v.Names[0].Name, Files: files})
			}
		}
	}
	return all, nil
}

// patternsOf returns the patterns of the //go:embed lines above a variable.
func patternsOf(doc *ast.CommentGroup) ([]string, error) {
	if doc == nil {
		return nil, nil
	}
	var all []string
	for _, c := range doc.List {
		rest, ok := strings.CutPrefix(c.Text, "//go:embed ")
		if !ok {
			continue
		}
		for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
			if rest[0] != '"' && rest[0] != '`' {
				word, after, _ := strings.Cut(rest, " ")
				all, rest = append(all, word), after
				continue
			}
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, fmt.Errorf("invalid quoted string %s", rest)
			}
			word, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err
			}
			all, rest = append(all, word), rest[len(quoted):]
		}
	}
	return all, nil
}

// embedded reads the files that patterns name, by the rules of the go command
// (package embed).
func embedded(dir, root string, patterns []string) (map[string]string, error) {
	files := make(map[string]string)
	add := func(file string) error {
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(file)
		files[filepath.ToSlash(rel)] = string(text)
		return err
	}
	for _, pattern := range patterns {
		glob, all := strings.CutPrefix(pattern, "all:")
		if !fs.ValidPath(glob) {
			return nil, fmt.Errorf("pattern %s is no path below the package", pattern)
		}
		found, err := filepath.Glob(filepath.Join(escaped(dir), filepath.FromSlash(glob)))
		if err != nil {
			return nil, err
		}
		before := len(files)
		for _, name := range found {
			err := filepath.WalkDir(name, func(file string, d fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				base := d.Name()
				if file != name && !all && (base[0] == '.' || base[0] == '_') {
					if d.IsDir() {
						return filepath.SkipDir
					}
					return nil
				}
				if d.IsDir() {
					if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil && file != root {
						return filepath.SkipDir
					}
					return nil
				}
				if !d.Type().IsRegular() {
					return nil
				}
				return add(file)
			})
			if err != nil {
				return nil, err
			}
		}
		if len(files) == before && len(found) == 0 {
			return nil, fmt.Errorf("pattern %s: no matching files found", pattern)
		}
	}
	return files, nil
}

// escaped returns a folder so that its name is no pattern.
func escaped(dir string) string {
	if filepath.Separator == '\\' || !strings.ContainsAny(dir, `*?[\`) {
		return dir
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}
