package module

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cajal/kernel/eval/module/moduletest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/tools/txtar"
)

// proxyFolder is a proxy with the modules of testdata/proxy.txtar.
var proxyFolder string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		archive, err := txtar.ParseFile("testdata/proxy.txtar")
		if err != nil {
			panic(err)
		}
		files := make(map[string]string)
		for _, f := range archive.Files {
			files[f.Name] = string(f.Data)
		}
		if proxyFolder, err = os.MkdirTemp("", "proxy"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(proxyFolder)
		if err := moduletest.Write(proxyFolder, files); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

// world sets the environment so that modules come from the proxy and nothing else
// is known, and returns the module cache and the proxy's folder.
func world(t *testing.T) (cache, proxy string) {
	t.Helper()
	proxy, cache = proxyFolder, t.TempDir()
	for key, value := range map[string]string{
		"GOENV": "off", "GOPROXY": moduletest.Address(proxy), "GOMODCACHE": cache, "GOPATH": t.TempDir(), "GOSUMDB": "off",
		"GOPRIVATE": "", "GONOPROXY": "", "GONOSUMDB": "", "GOFLAGS": "",
	} {
		t.Setenv(key, value)
	}
	return cache, proxy
}

func newSession() *Session {
	return New(Config{GoVersion: "1.26", Compiled: func(path string) (bool, bool) {
		first := strings.SplitN(path, "/", 2)[0]
		return !strings.Contains(first, ".") && first != "local" && path != "crypto/fancy", true
	}})
}

// load loads a package that is there.
func load(t *testing.T, s *Session, path string) *Package {
	t.Helper()
	if failed := s.Load(t.Context(), []string{path}, nil); failed != nil {
		t.Fatal(failed)
	}
	p, ok := s.Package(path)
	if !ok {
		t.Fatalf("%s was loaded and is not there", path)
	}
	return p
}

// versions returns the modules of a session as "path version".
func versions(s *Session) (all []string) {
	for _, m := range s.Modules() {
		all = append(all, m.String())
	}
	return all
}

func TestVersions(t *testing.T) {
	tests := []struct {
		name  string
		get   []string
		loads []string
		want  []string
	}{
		{"latest without prereleases and retracted ones", nil, []string{"example.com/leaf"}, []string{"example.com/leaf v1.2.0"}},
		{"by version", []string{"example.com/leaf@v1.0.0"}, []string{"example.com/leaf"}, []string{"example.com/leaf v1.0.0"}},
		{"by major and minor", []string{"example.com/leaf@v1.1"}, []string{"example.com/leaf"}, []string{"example.com/leaf v1.1.0"}},
		{"by a package in it", []string{"example.com/leaf/sub@v1.1.0"}, []string{"example.com/leaf"}, []string{"example.com/leaf v1.1.0"}},
		{"a retracted one that is named", []string{"example.com/leaf@v1.3.0"}, []string{"example.com/leaf"}, []string{"example.com/leaf v1.3.0"}},
		{"minimal: what a requirement says", nil, []string{"example.com/mid"}, []string{"example.com/leaf v1.1.0", "example.com/mid v1.0.0"}},
		{"minimal: the newest of what is asked for", []string{"example.com/leaf@v1.0.0"}, []string{"example.com/mid"}, []string{"example.com/leaf v1.1.0", "example.com/mid v1.0.0"}},
		{"not lower than what is named", []string{"example.com/leaf@v1.2.0"}, []string{"example.com/mid"}, []string{"example.com/leaf v1.2.0", "example.com/mid v1.0.0"}},
		{"pruned: a requirement's requirement does not count", nil, []string{"example.com/pruned"}, []string{"example.com/pruned v1.0.0", "example.com/wide v1.0.0"}},
		{"not pruned before Go 1.17", nil, []string{"example.com/old"}, []string{"example.com/leaf v1.2.0", "example.com/old v1.0.0", "example.com/wide v1.0.0"}},
		{"major version in the path", nil, []string{"example.com/leaf/v2"}, []string{"example.com/leaf/v2 v2.0.0"}},
		{"only prereleases", nil, []string{"example.com/early"}, []string{"example.com/early v0.1.0-rc.2"}},
		{"a module in another's folder", nil, []string{"example.com/leaf/nested"}, []string{"example.com/leaf/nested v0.5.0"}},
		{"capital letters", nil, []string{"example.com/Capital"}, []string{"example.com/Capital v1.0.0"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			world(t)
			s := newSession()
			for _, what := range test.get {
				if _, err := s.Get(t.Context(), what, nil); err != nil {
					t.Fatal(err)
				}
			}
			for _, path := range test.loads {
				load(t, s, path)
			}
			if d := cmp.Diff(test.want, versions(s)); d != "" {
				t.Errorf("modules (-want +got):\n%s", d)
			}
		})
	}
}

func TestGetTellsWhoWantsMore(t *testing.T) {
	world(t)
	s := newSession()
	if _, err := s.Get(t.Context(), "example.com/mid", nil); err != nil {
		t.Fatal(err)
	}
	got, err := s.Get(t.Context(), "example.com/leaf@v1.0.0", nil)
	if err != nil || got.Version != "v1.1.0" || got.By != "example.com/mid@v1.0.0" || !strings.HasPrefix(got.Sum, "h1:") {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestLoadedStays: types of two versions would be two types.
func TestLoadedStays(t *testing.T) {
	world(t)
	s := newSession()
	if _, err := s.Get(t.Context(), "example.com/leaf@v1.0.0", nil); err != nil {
		t.Fatal(err)
	}
	load(t, s, "example.com/leaf")
	_, err := s.Get(t.Context(), "example.com/leaf@v1.2.0", nil)
	if err == nil || !strings.Contains(err.Error(), "example.com/leaf v1.0.0 was loaded") || !strings.Contains(Hint(err), "restart the kernel") {
		t.Errorf("%%get of another version: %v (%s)", err, Hint(err))
	}
	failed := s.Load(t.Context(), []string{"example.com/mid"}, nil)["example.com/mid"]
	if failed == nil || !strings.Contains(failed.Error(), "example.com/mid@v1.0.0 needs v1.1.0") || !strings.Contains(Hint(failed), "%get example.com/leaf@v1.1.0") {
		t.Errorf("a requirement of a newer version: %v (%s)", failed, Hint(failed))
	}
	// What failed has left nothing.
	if d := cmp.Diff([]string{"example.com/leaf v1.0.0"}, versions(s)); d != "" {
		t.Error(d)
	}
	if got, err := s.Get(t.Context(), "example.com/leaf@latest", nil); err != nil || got.Version != "v1.0.0" {
		t.Errorf("latest of what was loaded: %v, %v", got, err)
	}
}

func TestPins(t *testing.T) {
	cache, _ := world(t)
	first := newSession()
	if _, err := first.Get(t.Context(), "example.com/leaf@v1.0.0", nil); err != nil {
		t.Fatal(err)
	}
	load(t, first, "example.com/leaf")
	pins := first.Modules()

	again := newSession()
	if err := again.Pin(pins); err != nil {
		t.Fatal(err)
	}
	load(t, again, "example.com/leaf")
	if d := cmp.Diff(pins, again.Modules()); d != "" {
		t.Error(d)
	}

	wrong := slices.Clone(pins)
	wrong[0].Sum = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	for _, fresh := range []bool{false, true} { // from the cache, and fetched
		if fresh {
			if err := os.RemoveAll(filepath.Join(cache, "cache")); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(filepath.Join(cache, "example.com")); err != nil {
				t.Fatal(err)
			}
		}
		s := newSession()
		if err := s.Pin(wrong); err != nil {
			t.Fatal(err)
		}
		err := s.Load(t.Context(), []string{"example.com/leaf"}, nil)["example.com/leaf"]
		if err == nil || !strings.Contains(err.Error(), "the notebook's pin says h1:AAAA") {
			t.Errorf("another sum than the pin's: %v", err)
		}
	}
	if err := newSession().Pin([]Module{{Path: "example.com/leaf", Version: "1.0"}}); err == nil {
		t.Error("a pin without a version was taken")
	}
}

func TestErrors(t *testing.T) {
	tests := []struct{ name, path, want, hint string }{
		{"no such module", "example.com/nowhere/at/all", "no module has package example.com/nowhere/at/all: ", "look at the spelling"},
		{"no such package", "example.com/leaf/none", "module example.com/leaf@v1.2.0 has no package example.com/leaf/none", "it has example.com/leaf, example.com/leaf/sub"},
		{"internal", "example.com/leaf/internal/secret", "use of internal package example.com/leaf/internal/secret not allowed", ""},
		{"internal of another", "example.com/thief", `example.com/thief@v1.0.0/thief.go:3 imports "example.com/leaf/internal/secret": use of internal package`, ""},
		{"cgo alone", "example.com/hard/cgo", `example.com/hard/cgo needs cgo (example.com/hard@v1.0.0/cgo/c.go imports "C")`, "all Go"},
		{"a program", "example.com/hard/program", "is a program", ""},
		{"other systems", "example.com/hard/elsewhere", "has no Go files for ", ""},
		{"two packages", "example.com/hard/two", "holds two packages, one (a.go) and two (b.go)", ""},
		{"newer Go", "example.com/future", "example.com/future@v1.0.0 needs go1.99, and this kernel is of go1.26", "%get example.com/future@VERSION"},
		{"not built in", "example.com/hard/std", `std.go:3 imports "crypto/fancy": package crypto/fancy is not built into this kernel`, ""},
		{"another name", "example.com/alias", "example.com/alias@v1.0.0 calls itself example.com/other", "import it by that path"},
		{"a variable of another package", "example.com/hard/link", "example.com/hard/link takes the variable runtime.zero by go:linkname (example.com/hard@v1.0.0/link/l.go)", ""},
		{"bad syntax", "example.com/hard/syntax", "example.com/hard@v1.0.0/syntax/s.go:1:1: ", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			world(t)
			err := newSession().Load(t.Context(), []string{test.path}, nil)[test.path]
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(Hint(err), test.hint) {
				t.Errorf("got  %v\nhint %s\nwant %s\nhint %s", err, Hint(err), test.want, test.hint)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	world(t)
	s := newSession()
	p := load(t, s, "example.com/hard/files")
	if d := cmp.Diff([]string{"always.go", "pure.go"}, slices.Sorted(maps.Keys(p.Files))); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	if p.Language != "go1.20" || p.Folder != "example.com/hard@v1.0.0/files" || p.Name != "files" {
		t.Errorf("%s in %s, %s", p.Name, p.Folder, p.Language)
	}
	if got, want := p.Missing("fast"), "example.com/hard/files.fast is written in assembly (example.com/hard@v1.0.0/files/fast.s)"; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := p.Missing("now"), "example.com/hard/files.now is the function runtime.nanotime, taken by go:linkname"; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	doc := p.Doc()
	if doc[""] != "Package files is of this system.\n" || doc["T.M"] != "M is a method.\n" {
		t.Errorf("documentation %q", doc)
	}
}

func TestTags(t *testing.T) {
	world(t)
	t.Setenv("GOFLAGS", "-mod=mod -tags=extra,more")
	p := load(t, newSession(), "example.com/hard/files")
	if d := cmp.Diff([]string{"always.go", "extra.go", "pure.go"}, slices.Sorted(maps.Keys(p.Files))); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
}

func TestEmbed(t *testing.T) {
	world(t)
	p := load(t, newSession(), "example.com/hard/embed")
	want := []Embed{
		{Var: "text", Files: map[string]string{"hello.txt": "hello\n"}},
		{Var: "Tree", Files: map[string]string{"hello.txt": "hello\n", "dir/a.txt": "a\n", "dir/deep/b.txt": "b\n"}},
		{Var: "All", Files: map[string]string{"dir/a.txt": "a\n", "dir/deep/b.txt": "b\n", "dir/_hidden.txt": "h\n"}},
	}
	if d := cmp.Diff(want, p.Embeds); d != "" {
		t.Errorf("embedded (-want +got):\n%s", d)
	}
	err := newSession().Load(t.Context(), []string{"example.com/hard/embednone"}, nil)["example.com/hard/embednone"]
	if err == nil || !strings.Contains(err.Error(), "pattern gone.txt: no matching files found") {
		t.Errorf("got %v", err)
	}
}

// TestCache: what was fetched is there without a proxy, for the go command too.
func TestCache(t *testing.T) {
	cache, _ := world(t)
	load(t, newSession(), "example.com/mid")
	for _, name := range []string{
		"cache/download/example.com/leaf/@v/v1.1.0.zip", "cache/download/example.com/leaf/@v/v1.1.0.ziphash",
		"cache/download/example.com/leaf/@v/v1.1.0.mod", "example.com/leaf@v1.1.0/go.mod", "example.com/mid@v1.0.0/mid.go",
	} {
		if _, err := os.Stat(filepath.Join(cache, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	for _, proxy := range []string{"off", moduletest.Address(t.TempDir()), "http://127.0.0.1:1"} {
		t.Setenv("GOPROXY", proxy)
		s := newSession()
		load(t, s, "example.com/mid")
		if d := cmp.Diff([]string{"example.com/leaf v1.1.0", "example.com/mid v1.0.0"}, versions(s)); d != "" {
			t.Errorf("with GOPROXY=%s: %s", proxy, d)
		}
	}
	// A folder that the go command has not finished is unpacked again.
	folder := filepath.Join(cache, "example.com", "mid@v1.0.0")
	if err := os.Remove(filepath.Join(folder, "mid.go")); err != nil {
		t.Fatal(err)
	}
	partial := filepath.Join(cache, "cache", "download", "example.com", "mid", "@v", "v1.0.0.partial")
	if err := os.WriteFile(partial, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	load(t, newSession(), "example.com/mid")
	if _, err := os.Stat(partial); err == nil {
		t.Error("the mark of an unfinished folder stays")
	}
}

func TestProxyList(t *testing.T) {
	_, proxy := world(t)
	good, empty := moduletest.Address(proxy), moduletest.Address(t.TempDir())
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, "on fire", 500) }))
	defer broken.Close()
	tests := []struct{ list, want string }{
		{good, ""},
		{empty + "," + good, ""},
		{broken.URL + "|" + good, ""},
		{broken.URL + "," + good, "500 Internal Server Error: on fire"},
		{empty + ",direct", "no such module or version"},
		{"direct", "which cajal does not do"},
		{"off", "GOPROXY is off"},
		{"ftp://example.com", "an address of a proxy begins with"},
	}
	for _, test := range tests {
		t.Setenv("GOPROXY", test.list)
		t.Setenv("GOMODCACHE", t.TempDir())
		err := newSession().Load(t.Context(), []string{"example.com/leaf"}, nil)["example.com/leaf"]
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("GOPROXY=%s: got %v, want %q", test.list, err, test.want)
		}
	}
	t.Setenv("GOPROXY", good)
	t.Setenv("GOPRIVATE", "example.com")
	t.Setenv("GOMODCACHE", t.TempDir())
	err := newSession().Load(t.Context(), []string{"example.com/leaf"}, nil)["example.com/leaf"]
	if err == nil || !strings.Contains(err.Error(), "example.com/leaf would have to be fetched from its repository") || !strings.Contains(Hint(err), "go mod download") {
		t.Errorf("a private module: %v (%s)", err, Hint(err))
	}
}

func TestSettingsFile(t *testing.T) {
	_, proxy := world(t)
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte("# by hand\nGOPROXY="+moduletest.Address(proxy)+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOENV", file)
	t.Setenv("GOPROXY", "")
	load(t, newSession(), "example.com/leaf")
}

// TestOddAnswers: that a proxy takes a package's path for a module's and fails
// does not keep its module from being found.
func TestOddAnswers(t *testing.T) {
	_, proxy := world(t)
	files := http.FileServer(http.Dir(proxy))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/example.com/leaf/sub/@v/") {
			http.Error(w, "what is that?", http.StatusForbidden)
			return
		}
		files.ServeHTTP(w, r)
	}))
	defer server.Close()
	t.Setenv("GOPROXY", server.URL)
	load(t, newSession(), "example.com/leaf/sub")
	if _, err := newSession().Get(t.Context(), "example.com/leaf/sub@v1.0.0", nil); err != nil {
		t.Error(err)
	}
}

// TestNetrc: a proxy that wants to know who asks is told what stands in .netrc.
func TestNetrc(t *testing.T) {
	_, proxy := world(t)
	files := http.FileServer(http.Dir(proxy))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "secret" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		files.ServeHTTP(w, r)
	}))
	defer server.Close()
	t.Setenv("GOPROXY", server.URL)
	file := filepath.Join(t.TempDir(), "netrc")
	t.Setenv("NETRC", file)
	err := newSession().Load(t.Context(), []string{"example.com/leaf"}, nil)["example.com/leaf"]
	if err == nil || !strings.Contains(err.Error(), "401 Unauthorized: who are you?") {
		t.Errorf("without it: %v", err)
	}
	host := strings.TrimPrefix(server.URL, "http://")
	text := "machine elsewhere login me password wrong\nmachine " + host + "\n\tlogin me\n\tpassword secret\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	load(t, newSession(), "example.com/leaf")
	t.Setenv("GOAUTH", "off")
	t.Setenv("GOMODCACHE", t.TempDir())
	if newSession().Load(t.Context(), []string{"example.com/leaf"}, nil) == nil {
		t.Error("GOAUTH=off, and the proxy was told")
	}
}

// TestInterrupt: a download ends when its context does.
func TestInterrupt(t *testing.T) {
	world(t)
	began := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
	}))
	defer slow.Close()
	t.Setenv("GOPROXY", slow.URL)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-began
		cancel()
	}()
	err := newSession().Load(ctx, []string{"example.com/leaf"}, nil)["example.com/leaf"]
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// progress notes what it is told.
type progress struct {
	what  string
	bytes int64
	ended bool
}

func (p *progress) Begin(what string, _ int64) { p.what = what }
func (p *progress) Add(n int64)                { p.bytes += n }
func (p *progress) End(err error)              { p.ended = err == nil }

func TestProgress(t *testing.T) {
	cache, _ := world(t)
	var p progress
	if failed := newSession().Load(t.Context(), []string{"example.com/leaf"}, &p); failed != nil {
		t.Fatal(failed)
	}
	st, err := os.Stat(filepath.Join(cache, "cache", "download", "example.com", "leaf", "@v", "v1.2.0.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if p.what != "example.com/leaf@v1.2.0" || p.bytes != st.Size() || !p.ended {
		t.Errorf("%+v, of a zip with %d bytes", p, st.Size())
	}
}

// TestChecksums: what a proxy gives has to have the sums of the database.
func TestChecksums(t *testing.T) {
	_, proxy := world(t)
	s := newSession()
	load(t, s, "example.com/mid")
	sums := s.Sums()
	if len(sums) != 4 {
		t.Fatalf("sums %q, expected those of two modules and their go.mod files", sums)
	}
	signer, verifier, err := note.GenerateKey(nil, "sum.example.com")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	db := sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) {
		asked++
		var lines []string
		for _, line := range sums {
			if strings.HasPrefix(line, path+" "+version+" ") || strings.HasPrefix(line, path+" "+version+"/go.mod ") {
				lines = append(lines, line)
			}
		}
		if lines == nil {
			return nil, os.ErrNotExist
		}
		return []byte(strings.Join(lines, "\n") + "\n"), nil
	})
	handler := sumdb.NewServer(db)
	mux := http.NewServeMux()
	for _, path := range sumdb.ServerPaths {
		mux.Handle(path, handler)
		mux.Handle("/sumdb/sum.example.com"+path, http.StripPrefix("/sumdb/sum.example.com", handler))
	}
	mux.HandleFunc("/sumdb/sum.example.com/supported", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("/", http.FileServer(http.Dir(proxy)))
	server := httptest.NewServer(mux)
	defer server.Close()

	fresh := func(t *testing.T) {
		t.Setenv("GOMODCACHE", t.TempDir())
		t.Setenv("GOPATH", t.TempDir())
	}
	t.Run("through the proxy", func(t *testing.T) {
		fresh(t)
		t.Setenv("GOPROXY", server.URL)
		t.Setenv("GOSUMDB", verifier)
		asked = 0
		load(t, newSession(), "example.com/mid")
		if asked == 0 {
			t.Error("the database was not asked")
		}
	})
	t.Run("itself", func(t *testing.T) {
		fresh(t)
		t.Setenv("GOSUMDB", verifier+" "+server.URL)
		load(t, newSession(), "example.com/mid")
	})
	t.Run("another sum", func(t *testing.T) {
		fresh(t)
		// The database keeps what it said; this is another one.
		signer, verifier, err := note.GenerateKey(nil, "sum2.example.com")
		if err != nil {
			t.Fatal(err)
		}
		other := sumdb.NewServer(sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) {
			var b strings.Builder
			for _, line := range sums {
				if strings.HasPrefix(line, path+" "+version+" ") || strings.HasPrefix(line, path+" "+version+"/go.mod ") {
					if path == "example.com/leaf" && !strings.Contains(line, "/go.mod ") {
						line = line[:strings.Index(line, "h1:")] + "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
					}
					io.WriteString(&b, line+"\n")
				}
			}
			return []byte(b.String()), nil
		}))
		otherServer := httptest.NewServer(other)
		defer otherServer.Close()
		t.Setenv("GOSUMDB", verifier+" "+otherServer.URL)
		got := newSession().Load(t.Context(), []string{"example.com/mid"}, nil)["example.com/mid"]
		if got == nil || !strings.Contains(got.Error(), "example.com/leaf@v1.1.0 has the sum h1:") || !strings.Contains(got.Error(), "the checksum database says h1:AAAA") {
			t.Errorf("got %v", got)
		}
		if _, err := os.Stat(filepath.Join(os.Getenv("GOMODCACHE"), "example.com", "leaf@v1.1.0")); err == nil {
			t.Error("it was unpacked all the same")
		}
		t.Setenv("GONOSUMDB", "example.com")
		load(t, newSession(), "example.com/mid")
	})
	t.Run("unknown", func(t *testing.T) {
		fresh(t)
		t.Setenv("GOSUMDB", "sum.nowhere.example")
		got := newSession().Load(t.Context(), []string{"example.com/mid"}, nil)["example.com/mid"]
		if got == nil || !strings.Contains(got.Error(), "whose key is not known") {
			t.Errorf("got %v", got)
		}
	})
}

// TestUse: modules in folders, replaced ones, and reading anew what has changed.
func TestUse(t *testing.T) {
	world(t)
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("mine/go.mod", "module local\n\ngo 1.26\n\nrequire example.com/leaf v1.0.0\nrequire example.com/mid v1.0.0\nreplace example.com/mid => ../mid\n")
	write("mine/local.go", "package local\n\nimport _ \"example.com/mid\"\nimport _ \"local/sub\"\n")
	write("mine/sub/sub.go", "package sub\n\nimport _ \"example.com/leaf\"\n")
	write("mid/go.mod", "module example.com/mid\n")
	write("mid/mid.go", "package mid\n")
	s := newSession()
	if err := s.Load(t.Context(), []string{"local"}, nil)["local"]; err == nil || !strings.Contains(Hint(err), "%use") {
		t.Errorf("before %%use: %v (%s)", err, Hint(err))
	}
	used, err := s.Use(t.Context(), filepath.Join(dir, "mine"), nil)
	if err != nil || used.Module.Path != "local" || used.Packages != 2 || used.Reloaded != nil {
		t.Fatalf("%+v, %v", used, err)
	}
	p := load(t, s, "local")
	if p.Folder != filepath.Join(dir, "mine") || p.Module.Version != "" {
		t.Errorf("%+v", p)
	}
	if mid, _ := s.Package("example.com/mid"); mid.Folder != filepath.Join(dir, "mid") {
		t.Errorf("the module that is replaced comes from %s", mid.Folder)
	}
	if d := cmp.Diff([]string{"example.com/leaf v1.0.0", "example.com/mid", "local"}, versions(s)); d != "" {
		t.Error(d)
	}

	if used, err := s.Use(t.Context(), filepath.Join(dir, "mine"), nil); err != nil || used.Reloaded != nil {
		t.Errorf("nothing has changed: %+v, %v", used, err)
	}
	write("mine/sub/sub.go", "package sub\n\nconst New = 1\n")
	used, err = s.Use(t.Context(), filepath.Join(dir, "mine"), nil)
	if d := cmp.Diff([]string{"local/sub", "local"}, used.Reloaded); err != nil || d != "" {
		t.Errorf("what changed, importers last (-want +got):\n%s%v", d, err)
	}
	if sub, _ := s.Package("local/sub"); !strings.Contains(sub.Files["sub.go"], "New") {
		t.Error("the package is as it was")
	}
	// A requirement that goes does not take away what was loaded.
	write("mine/go.mod", "module local\n\ngo 1.26\n\nreplace example.com/mid => ../mid\n")
	if _, err := s.Use(t.Context(), filepath.Join(dir, "mine"), nil); err != nil {
		t.Error(err)
	}
	write("mine/sub/sub.go", "package sub\n\nimport \"example.com/nowhere\"\n")
	if _, err := s.Use(t.Context(), filepath.Join(dir, "mine"), nil); err == nil {
		t.Error("an import of nothing was read anew")
	}
	if sub, ok := s.Package("local/sub"); !ok || !strings.Contains(sub.Files["sub.go"], "New") {
		t.Error("a package that could not be read anew is gone")
	}

	for folder, want := range map[string]string{"none": "there is no folder", "mine/sub": "has no go.mod"} {
		if _, err := s.Use(t.Context(), filepath.Join(dir, folder), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%%use of %s: %v", folder, err)
		}
	}
}

// TestKnown: an editor's questions wait for no network.
func TestKnown(t *testing.T) {
	world(t)
	s := newSession()
	s.LoadKnown([]string{"example.com/leaf"})
	if _, ok := s.Package("example.com/leaf"); ok {
		t.Error("a version was chosen")
	}
	if _, err := s.Get(t.Context(), "example.com/leaf@v1.1.0", nil); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOPROXY", "off")
	s.LoadKnown([]string{"example.com/leaf/sub"})
	if _, ok := s.Package("example.com/leaf/sub"); !ok {
		t.Error("a package of a module that was fetched is not there")
	}
}
