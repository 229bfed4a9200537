// This file writes the files around main.go.

package gosource

import (
	_ "embed"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

//go:embed helper.go.txt
var helperSource []byte

// name0 returns the notebook's name as a command may have it.
func (p *program) name0() string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '-'
	}, p.cfg.Name), "-")
	if name == "" {
		return "notebook"
	}
	return name
}

// path is the module's path.
func (p *program) path() string { return "example.com/notebook/" + p.name0() }

// module returns all files of the module.
func (p *program) module(src []byte) (map[string][]byte, error) {
	files := map[string][]byte{"main.go": src, "internal/notebook/notebook.go": helperSource}
	mod := fmt.Sprintf("module %s\n\n", p.path())
	if p.cfg.Module == "" {
		version := "v0.0.0"
		if b, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(b.Main.Version, "v") {
			version = b.Main.Version
		}
		mod += "go 1.26.0\n\n// cajal is in no registry: name a checkout of it, and then run go mod tidy:\n//\n//\tgo mod edit -replace cajal=DIR\n\nrequire cajal " + version + "\n"
		files["go.mod"] = []byte(mod + p.requires(nil))
		return files, nil
	}
	dir, err := filepath.Abs(p.cfg.Module)
	if err != nil {
		return nil, err
	}
	// What the checkout requires, this module does: nothing has to be looked up.
	theirs, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return nil, fmt.Errorf("the checkout of cajal: %w", err)
	}
	language, requires, err := requirements(string(theirs))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "go.mod"), err)
	}
	mod += "go " + language + "\n\nrequire cajal v0.0.0\n\nreplace cajal => " + modPath(filepath.ToSlash(dir)) + "\n\nrequire (\n"
	own := p.requires(requires)
	for _, r := range requires {
		if path, _, _ := strings.Cut(r, " "); !strings.Contains(own, "require "+path+" ") {
			mod += "\t" + r + " // indirect\n"
		}
	}
	mod += ")\n"
	files["go.mod"] = []byte(mod + own)
	if sum, err := os.ReadFile(filepath.Join(dir, "go.sum")); err == nil {
		files["go.sum"] = addLines(sum, p.cfg.Packages.Sums())
	}
	return files, nil
}

// requires writes what the cells' own imports require, but for what is required
// already, in that version or a newer one.
func (p *program) requires(already []string) string {
	var b strings.Builder
	modules, folders := p.cfg.Packages.Modules()
	for _, m := range modules {
		switch dir, local := folders[m.Path]; {
		case local:
			fmt.Fprintf(&b, "require %s v0.0.0\nreplace %s => %s\n", m.Path, m.Path, modPath(filepath.ToSlash(dir)))
		case !slices.ContainsFunc(already, func(r string) bool {
			path, version, _ := strings.Cut(r, " ")
			return path == m.Path && compareVersions(version, m.Version) >= 0
		}):
			fmt.Fprintf(&b, "require %s %s\n", m.Path, m.Version)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n// What the notebook imports.\n" + b.String()
}

// compareVersions orders two versions of a module: by their three numbers, then
// by what follows, of which nothing is the newest.
func compareVersions(a, b string) int {
	numbers := func(v string) (n [3]int, rest string) {
		v, _, _ = strings.Cut(strings.TrimPrefix(v, "v"), "+")
		v, rest, _ = strings.Cut(v, "-")
		for i, part := range strings.SplitN(v, ".", 3) {
			n[i], _ = strconv.Atoi(part) // the go command wrote it
		}
		return n, rest
	}
	na, ra := numbers(a)
	nb, rb := numbers(b)
	if c := slices.Compare(na[:], nb[:]); c != 0 || ra == rb {
		return c
	}
	if ra == "" || rb == "" {
		return strings.Compare(rb, ra)
	}
	return strings.Compare(ra, rb)
}

// addLines adds lines to a text that it has not yet.
func addLines(text []byte, lines []string) []byte {
	have := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		have[strings.TrimSuffix(line, "\n")] = true
	}
	for _, line := range lines {
		if !have[line] {
			text = append(text, line+"\n"...)
		}
	}
	return text
}

// requirements returns the version of the language, and the "path version" of
// every require line.
func requirements(mod string) (language string, all []string, err error) {
	block := false
	for line := range strings.Lines(mod) {
		line, _, _ = strings.Cut(line, "//")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case fields[0] == "go" && len(fields) == 2:
			language = fields[1]
		case block && fields[0] == ")":
			block = false
		case block && len(fields) == 2:
			all = append(all, strings.Join(fields, " "))
		case fields[0] == "require" && len(fields) == 2 && fields[1] == "(":
			block = true
		case fields[0] == "require" && len(fields) == 3:
			all = append(all, strings.Join(fields[1:], " "))
		}
	}
	if language == "" || len(all) == 0 {
		return "", nil, errors.New("no version of Go, or nothing required: is it cajal's go.mod?")
	}
	return language, all, nil
}

// modPath writes a path as go.mod wants it.
func modPath(path string) string {
	if strings.ContainsAny(path, " \"'`()[]{},") {
		return fmt.Sprintf("%q", path)
	}
	return path
}

// FindModule returns the folder of the checkout of module cajal that dir lies
// in, "" if it lies in none.
func FindModule(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		if text, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && strings.HasPrefix(string(text), "module cajal\n") {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// helperPackage declares what the type checker must know of the package that
// shows values.
func helperPackage(path string) *types.Package {
	pkg := types.NewPackage(path, "notebook")
	values := types.NewTuple(types.NewParam(token.NoPos, pkg, "values", types.NewSlice(types.Universe.Lookup("any").Type())))
	for _, name := range []string{"Show", "Must", "Check"} {
		pkg.Scope().Insert(types.NewFunc(token.NoPos, pkg, name, types.NewSignatureType(nil, nil, nil, values, nil, true)))
	}
	params := types.NewTuple(
		types.NewParam(token.NoPos, pkg, "number", types.Typ[types.Int]),
		types.NewParam(token.NoPos, pkg, "run", types.NewSignatureType(nil, nil, nil, nil, nil, false)),
	)
	pkg.Scope().Insert(types.NewFunc(token.NoPos, pkg, "Cell", types.NewSignatureType(nil, nil, nil, params, nil, false)))
	pkg.MarkComplete()
	return pkg
}
