// This file tests records.

package provenance

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cajal/notebooks/nbformat"
)

func book(source string, outputs ...string) *nbformat.Notebook {
	nb := nbformat.New()
	c := &nbformat.Cell{Type: nbformat.Code, Source: source, Metadata: map[string]any{"tags": []any{"parameters"}}}
	for _, o := range outputs {
		c.Outputs = append(c.Outputs, &nbformat.Output{Type: nbformat.Stream, Name: "stdout", Text: o})
	}
	nb.Cells = append(nb.Cells, c)
	return nb
}

func TestCollect(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.csv": "1,2\n", "secret.txt": "no"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	nb := book("epochs := 3\nf, _ := os.Open(\"a.csv\") // \"secret.txt\"\ng, _ := os.Open(\"/etc/hosts\")\nh := \"../x\"", "text")
	facts := json.RawMessage(`{"threads": 2, "seeds": [7], "data": [{"name": "d", "sha256": "ab", "source": "s"}]}`)
	r := Collect(nb, filepath.Join(dir, "n.ipynb"), facts, 1234*time.Millisecond)
	want := []File{{"d", "ab", "s"}, {Name: "a.csv", SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte("1,2\n")))}}
	if d := cmp.Diff(want, r.Data); d != "" {
		t.Errorf("data (-want +got):\n%s", d)
	}
	if r.Threads != 2 || len(r.Seeds) != 1 || r.Seeds[0] != 7 || r.Parameters["epochs"] != "3" || r.Seconds != 1.23 || r.Go == "" || time.Since(r.Executed) > time.Minute {
		t.Errorf("record %+v", r)
	}
	if err := Store(nb, r); err != nil {
		t.Fatal(err)
	}
	// It survives the file.
	data, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	again, err := nbformat.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r, Load(again)); d != "" {
		t.Errorf("record (-stored +loaded):\n%s", d)
	}
	if got := Changes(r, Load(again)); len(got) > 0 {
		t.Errorf("changes of nothing: %q", got)
	}
	Remove(again)
	if Load(again) != nil || again.Metadata["cajal"] != nil {
		t.Error("it is still there")
	}
}

func TestLoadOddities(t *testing.T) {
	for _, m := range []any{nil, "x", map[string]any{}, map[string]any{"provenance": 3}, map[string]any{"provenance": map[string]any{"threads": "many"}}} {
		nb := nbformat.New()
		nb.Metadata["cajal"] = m
		if r := Load(nb); r != nil {
			t.Errorf("%v gives %+v", m, r)
		}
		Remove(nb)
	}
}

func TestHashes(t *testing.T) {
	code, out := Hashes(book("a", "x"))
	for name, other := range map[string]*nbformat.Notebook{"other code": book("b", "x"), "split": book("a", "x", "")} {
		c, o := Hashes(other)
		if c == code && o == out {
			t.Errorf("%s has the same hashes", name)
		}
	}
	same := book("a", "x")
	same.Cells = append(same.Cells, &nbformat.Cell{Type: nbformat.Markdown, Source: "text"})
	same.Metadata["x"] = 1
	if c, o := Hashes(same); c != code || o != out {
		t.Error("text changes the hashes")
	}
}

func TestRevision(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	dir := t.TempDir()
	if got := revision(dir); got != "" && os.Getenv("GIT_DIR") == "" {
		t.Errorf("revision %q of no repository", got)
	}
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	file := filepath.Join(dir, "f")
	if err := os.WriteFile(file, []byte("1"), 0o644); err != nil {
		t.Fatal(err)
	}
	git("init", "-q")
	git("add", "f")
	git("commit", "-q", "-m", "one")
	clean := revision(dir)
	if len(clean) < 40 || strings.HasSuffix(clean, "+") {
		t.Errorf("revision %q", clean)
	}
	if err := os.WriteFile(file, []byte("2"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := revision(dir); got != clean+"+" {
		t.Errorf("revision %q of changed files, want %s+", got, clean)
	}
}

func TestTell(t *testing.T) {
	was := &Record{
		Cajal: "v1.0.0", Revision: strings.Repeat("a", 40) + "+", Go: "go1.26", OS: "linux", Arch: "amd64", CPU: "Model X", Features: []string{"avx2", "fma"}, Threads: 2,
		Modules: []Module{{"m", "v1", "h1:x"}, {"gone", "v1", ""}}, Parameters: map[string]string{"b": "2", "a": "1"}, Seeds: []int64{0, 5},
		Data: []File{{"d", "1234567890abcdef", "somewhere"}, {"e", "1", ""}}, Executed: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Seconds: 1.42, Code: "c0de", Outputs: "00",
	}
	var got []string
	for _, l := range was.Lines() {
		got = append(got, l.Name+": "+l.Text)
	}
	want := []string{
		"Executed: 2026-03-04 05:06:07 UTC · in 1.42s", "Program: cajal v1.0.0 (aaaaaaaaaaaa, changed since) · go1.26 · linux/amd64", "Machine: Model X · avx2 fma · 2 threads",
		"Notebook: code c0de · outputs 00", "Parameters: a = 1 · b = 2", "Seeds: 0 · 5", "Data: d · sha256 1234567890abcdef · somewhere", "Data: e · sha256 1", "Module: m v1 · h1:x", "Module: gone v1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	now := &Record{
		Cajal: "v1.1.0", Go: "go1.26", OS: "linux", Arch: "arm64", Modules: []Module{{"m", "v2", ""}, {"new", "v1", ""}}, Data: []File{{"d", "fedcba", ""}}, Threads: 1,
	}
	want = []string{
		"cajal is v1.1.0, was v1.0.0", "the platform is linux/arm64, was linux/amd64", "the processor is unknown, was Model X", "what the processor can is unknown, was avx2 fma",
		"module m is v2, was v1 h1:x", "d is sha256 fedcba, was sha256 1234567890ab", "e was read, and is not any more",
	}
	if d := cmp.Diff(want, Changes(was, now)); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
}
