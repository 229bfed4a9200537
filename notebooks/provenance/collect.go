// This file makes a record.

package provenance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"go/scanner"
	"go/token"
	"hash"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"cajal/notebooks/nbformat"
	"cajal/notebooks/params"
)

// Used is what the process of the cells tells of itself.
type Used struct {
	Threads int      `json:"threads"`
	Data    []File   `json:"data"`
	Seeds   []int64  `json:"seeds"`
	Modules []Module `json:"modules"` // that the cells import packages of
}

// Collect returns the record of an executed notebook. file is where the
// notebook lies, facts is a [Used] as JSON or nil, and elapsed how long it ran.
func Collect(nb *nbformat.Notebook, file string, facts json.RawMessage, elapsed time.Duration) *Record {
	r := Environment()
	var used Used
	if json.Unmarshal(facts, &used) == nil {
		r.Threads, r.Seeds, r.Data, r.Imports = used.Threads, used.Seeds, used.Data, used.Modules
	}
	dir := filepath.Dir(file)
	r.Data = append(r.Data, named(nb, dir)...)
	r.Repository = revision(dir)
	if all, err := params.Find(nb); err == nil && len(all) > 0 {
		r.Parameters = map[string]string{}
		for _, p := range all {
			r.Parameters[p.Name] = p.Value
		}
	}
	r.Executed = time.Now().UTC().Truncate(time.Second)
	r.Seconds = float64(elapsed.Round(10*time.Millisecond)) / float64(time.Second)
	r.Code, r.Outputs = Hashes(nb)
	return r
}

// Environment returns what is known without a notebook: the program and the
// machine.
func Environment() *Record {
	r := &Record{Cajal: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	r.CPU, r.Features = processor()
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return r
	}
	if strings.HasPrefix(b.Main.Version, "v") {
		r.Cajal = b.Main.Version
	}
	modified := false
	for _, s := range b.Settings {
		switch s.Key {
		case "vcs.revision":
			r.Revision = s.Value
		case "vcs.modified":
			modified = s.Value == "true"
		}
	}
	if modified && r.Revision != "" {
		r.Revision += "+"
	}
	for _, m := range b.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		r.Modules = append(r.Modules, Module{m.Path, m.Version, m.Sum})
	}
	return r
}

// processor tells the model of the processor, and what it has that decides on
// the last bits of a result. Only Linux says so in a file.
func processor() (model string, features []string) {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "", nil
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(name) {
		case "model name":
			model = strings.Join(strings.Fields(value), " ")
		case "flags", "Features":
			has := strings.Fields(value)
			for _, f := range []string{"avx2", "fma", "avx512f", "asimd"} {
				if slices.Contains(has, f) {
					features = append(features, f)
				}
			}
			return model, features
		}
	}
	return model, nil
}

// revision asks git for the revision of a folder; "" if there is none, or no
// git.
func revision(dir string) string {
	git := func(args ...string) (string, bool) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err == nil
	}
	head, ok := git("rev-parse", "HEAD")
	if !ok {
		return ""
	}
	if changed, ok := git("status", "--porcelain", "--untracked-files=no"); ok && changed != "" {
		head += "+"
	}
	return head
}

// maxFile is the size up to which a file that a cell names is hashed.
const maxFile = 1 << 30

// named returns the files that the code names in a string and that lie in the
// notebook's folder or below.
func named(nb *nbformat.Notebook, dir string) []File {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil
	}
	defer func() { _ = root.Close() }() // it was only read
	var files []File
	for _, name := range words(nb) {
		if !filepath.IsLocal(name) || slices.ContainsFunc(files, func(f File) bool { return f.Name == filepath.ToSlash(name) }) {
			continue
		}
		if sum, ok := hashFile(root, name); ok {
			files = append(files, File{Name: filepath.ToSlash(name), SHA256: sum})
		}
	}
	return files
}

func hashFile(root *os.Root, name string) (sum string, ok bool) {
	info, err := root.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
		return "", false
	}
	f, err := root.Open(name)
	if err != nil {
		return "", false
	}
	defer func() { _ = f.Close() }() // it was only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", false
	}
	return hex.EncodeToString(h.Sum(nil)), true
}

// words returns the strings in a notebook's code.
func words(nb *nbformat.Notebook) []string {
	var all []string
	for _, c := range nb.Cells {
		if c.Type != nbformat.Code {
			continue
		}
		var s scanner.Scanner
		text := []byte(c.Source)
		s.Init(token.NewFileSet().AddFile("", -1, len(text)), text, nil, 0)
		for {
			_, tok, lit := s.Scan()
			if tok == token.EOF {
				break
			}
			if tok == token.STRING {
				if w, err := strconv.Unquote(lit); err == nil {
					all = append(all, w)
				}
			}
		}
	}
	return all
}

// Hashes returns the SHA-256 of a notebook's code and of its outputs. Neither
// depends on text cells, metadata or the numbers of cells.
func Hashes(nb *nbformat.Notebook) (code, outputs string) {
	c, o := sha256.New(), sha256.New()
	for _, cell := range nb.Cells {
		if cell.Type != nbformat.Code {
			continue
		}
		part(c, []byte(cell.Source))
		for _, out := range cell.Outputs {
			data, err := json.Marshal([]any{out.Type, out.Name, out.Text, out.Data, out.EName, out.EValue})
			if err != nil {
				continue // written as it is, it could not be hashed either
			}
			part(o, data)
		}
		part(o, nil)
	}
	sum := func(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
	return sum(c), sum(o)
}

// part adds data so that two parts never look like one.
func part(h hash.Hash, data []byte) {
	var b bytes.Buffer
	n := len(data)
	for range 8 {
		b.WriteByte(byte(n))
		n >>= 8
	}
	h.Write(b.Bytes())
	h.Write(data)
}
