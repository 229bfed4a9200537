package module

// This file keeps modules in the user's module cache, in the go command's
// layout, so that both find what the other has fetched.
//
//	cache/download/PATH/@v/VERSION.{info,mod,zip,ziphash}
//	PATH@VERSION/   the module's files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"
)

// Limits of what is fetched, beside that of zips.
const maxFile = modzip.MaxGoMod

// fetcher fetches modules for one operation of a Session.
type fetcher struct {
	env      *environment
	root     string            // of the module cache
	sums     *sums             // made when it is first needed
	pins     map[string]string // sums that must be, by "path@version"
	offline  bool              // only the cache is looked at
	progress Progress          // may be nil
}

// Progress shows how far a download is. Its methods are called from one
// goroutine.
type Progress interface {
	Begin(what string, size int64) // -1 if it is not known
	Add(n int64)
	End(err error)
}

// download returns where the cache has a file of a module.
func (f *fetcher) download(path, name string) (string, error) {
	esc, err := module.EscapePath(path)
	if err != nil {
		return "", err
	}
	return filepath.Join(f.root, "cache", "download", filepath.FromSlash(esc), "@v", name), nil
}

// versionFile returns the cache's file for a version, with its suffix, and the
// proxies' name of it.
func (f *fetcher) versionFile(m module.Version, suffix string) (file, name string, err error) {
	esc, err := module.EscapePath(m.Path)
	if err != nil {
		return "", "", err
	}
	version, err := module.EscapeVersion(m.Version)
	if err != nil {
		return "", "", err
	}
	file, err = f.download(m.Path, version+suffix)
	return file, esc + "/@v/" + version + suffix, err
}

// small returns a small file of a version, ".info" or ".mod".
func (f *fetcher) small(ctx context.Context, m module.Version, suffix string) ([]byte, error) {
	file, name, err := f.versionFile(m, suffix)
	if err != nil {
		return nil, err
	}
	if data, err := os.ReadFile(file); err == nil {
		return data, nil
	}
	data, err := f.get(ctx, m.Path, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m, err)
	}
	if suffix == ".mod" {
		if err := f.checkMod(ctx, m, data); err != nil {
			return nil, err
		}
	}
	return data, put(file, data)
}

// get returns a small file of the proxies.
func (f *fetcher) get(ctx context.Context, path, name string) ([]byte, error) {
	if f.offline {
		return nil, errOffline
	}
	body, _, err := f.env.open(ctx, path, name)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s is larger than %d MB", name, maxFile>>20)
	}
	return data, err
}

// put writes a file of the cache, so that nobody finds a part of it.
func put(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return cacheError(err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".part*")
	if err != nil {
		return cacheError(err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	return place(tmp, file, err)
}

// place gives a file that was written its name.
func place(tmp *os.File, file string, err error) error {
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	return cacheError(err)
}

// cacheError words an error of the file system.
func cacheError(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Msg: "the module cache cannot be written", Hint: "GOMODCACHE names its folder", Err: err}
}

// folder returns the folder with the files of m, which is fetched and unpacked if
// need be.
func (f *fetcher) folder(ctx context.Context, m module.Version) (string, error) {
	esc, err := module.EscapePath(m.Path)
	if err != nil {
		return "", err
	}
	version, err := module.EscapeVersion(m.Version)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(f.root, filepath.FromSlash(esc)+"@"+version)
	// The go command marks a folder that it is unpacking, or has not finished.
	partial, _, err := f.versionFile(m, ".partial")
	if err != nil {
		return "", err
	}
	_, unfinished := os.Stat(partial)
	if st, err := os.Stat(dir); err == nil && st.IsDir() && unfinished != nil {
		return dir, f.checkPin(m)
	}
	zip, err := f.zip(ctx, m)
	if err != nil {
		return "", err
	}
	if unfinished == nil {
		if err := os.RemoveAll(dir); err != nil {
			return "", cacheError(err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return "", cacheError(err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".part*")
	if err != nil {
		return "", cacheError(err)
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return "", cacheError(err)
	}
	if err := modzip.Unzip(tmp, m, zip); err != nil {
		return "", &Error{Msg: fmt.Sprintf("%s cannot be unpacked", m), Err: err}
	}
	if err := os.Rename(tmp, dir); err != nil {
		if _, there := os.Stat(dir); there != nil {
			return "", cacheError(err)
		} // another process was faster
	}
	if unfinished == nil {
		os.Remove(partial)
	}
	return dir, nil
}

// checkPin compares the sum that the cache has for m with its pin.
func (f *fetcher) checkPin(m module.Version) error {
	want := f.pins[m.String()]
	if want == "" {
		return nil
	}
	have := f.sum(m)
	if have == "" {
		return nil // the go command's cache without its zip
	}
	return pinned(m, have, want)
}

// pinned compares the sum of a module's files with the notebook's.
func pinned(m module.Version, have, want string) error {
	if have == want {
		return nil
	}
	return failf("one of the two was changed: if the module is right, take it out of cajal.modules in the notebook's metadata",
		"%s has the sum %s, and the notebook's pin says %s", m, have, want)
}

// sum returns the sum of m as go.sum has it, "" if m was not fetched.
func (f *fetcher) sum(m module.Version) string {
	file, _, err := f.versionFile(m, ".ziphash")
	if err != nil {
		return ""
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// zip returns the file with m's zip, whose sum was checked.
func (f *fetcher) zip(ctx context.Context, m module.Version) (string, error) {
	file, name, err := f.versionFile(m, ".zip")
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(file); err == nil && f.sum(m) != "" {
		return file, f.checkPin(m)
	}
	if f.offline {
		return "", fmt.Errorf("%s: %w", m, errOffline)
	}
	body, size, err := f.env.open(ctx, m.Path, name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", m, err)
	}
	defer body.Close()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return "", cacheError(err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".part*")
	if err != nil {
		return "", cacheError(err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	if err := f.copy(ctx, tmp, body, m.String(), size); err != nil {
		return "", fmt.Errorf("%s: %w", m, err)
	}
	if _, err := modzip.CheckZip(m, tmp.Name()); err != nil {
		return "", &Error{Msg: fmt.Sprintf("the zip of %s cannot be used", m), Err: err}
	}
	sum, err := dirhash.HashZip(tmp.Name(), dirhash.Hash1)
	if err != nil {
		return "", &Error{Msg: fmt.Sprintf("the zip of %s cannot be read", m), Err: err}
	}
	if want := f.pins[m.String()]; want != "" {
		err = pinned(m, sum, want)
	} else {
		err = f.checkSum(ctx, m, sum)
	}
	if err != nil {
		return "", err
	}
	hash, _, err := f.versionFile(m, ".ziphash")
	if err != nil {
		return "", err
	}
	if err := put(hash, []byte(sum)); err != nil {
		return "", err
	}
	return file, place(tmp, file, nil)
}

// copy downloads, and shows how far it is.
func (f *fetcher) copy(ctx context.Context, w io.Writer, body io.Reader, what string, size int64) (err error) {
	if size > modzip.MaxZipFile {
		return fmt.Errorf("it is larger than %d MB", modzip.MaxZipFile>>20)
	}
	r := io.Reader(&stoppable{ctx, io.LimitReader(body, modzip.MaxZipFile+1)})
	if f.progress != nil {
		f.progress.Begin(what, size)
		defer func() { f.progress.End(err) }()
		r = io.TeeReader(r, counter{f.progress})
	}
	n, err := io.Copy(w, r)
	switch {
	case err != nil:
		return fmt.Errorf("after %d bytes: %w", n, err)
	case n > modzip.MaxZipFile:
		return fmt.Errorf("it is larger than %d MB", modzip.MaxZipFile>>20)
	case size >= 0 && n != size:
		return fmt.Errorf("ended after %d of %d bytes", n, size)
	}
	return nil
}

// stoppable is a reader that fails when ctx ends.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// counter tells a Progress what passes.
type counter struct{ p Progress }

func (c counter) Write(p []byte) (int, error) {
	c.p.Add(int64(len(p)))
	return len(p), nil
}

// cached lists the versions of a module that the cache has, complete with zips.
func (f *fetcher) cached(path string) []string {
	dir, err := f.download(path, "")
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var all []string
	for _, e := range entries {
		if esc, ok := strings.CutSuffix(e.Name(), ".zip"); ok {
			if v, err := module.UnescapeVersion(esc); err == nil {
				all = append(all, v)
			}
		}
	}
	return all
}
