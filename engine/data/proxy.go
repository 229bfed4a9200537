// This file fetches files of a Go module through the user's module proxies.

package data

import (
	"archive/zip"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// maxZip bounds what is downloaded: a module's zip may not be larger.
const maxZip = modzip.MaxZipFile

// A proxy is one entry of GOPROXY. After a failure the next is asked if the
// proxy said that it has no such module, or, behind a "|", whatever the failure.
type proxy struct {
	url string
	any bool
}

// proxies reads a GOPROXY list; its meaning is that of the go command (go help
// goproxy), except that "direct" is skipped: nothing is cloned here.
func proxies(list string) ([]proxy, error) {
	var out []proxy
	for list != "" {
		i := strings.IndexAny(list, ",|")
		entry, sep := list, byte(',')
		if i >= 0 {
			entry, sep, list = list[:i], list[i], list[i+1:]
		} else {
			list = ""
		}
		switch entry = strings.TrimSpace(entry); entry {
		case "", "direct":
			continue
		case "off":
			if len(out) == 0 {
				return nil, errors.New("GOPROXY is off, so nothing is fetched")
			}
			return out, nil
		}
		out = append(out, proxy{strings.TrimSuffix(entry, "/"), sep == '|'})
	}
	if len(out) == 0 {
		return nil, errors.New("GOPROXY names no module proxy (and direct is not enough here)")
	}
	return out, nil
}

// goproxy returns the user's GOPROXY: from the environment, the file that go env
// -w writes, or the defaults that came with the Go found in PATH.
func goproxy() (string, error) {
	if v := os.Getenv("GOPROXY"); v != "" {
		return v, nil
	}
	var files []string
	if f := os.Getenv("GOENV"); f != "" && f != "off" {
		files = append(files, f)
	} else if dir, err := os.UserConfigDir(); err == nil && f == "" {
		files = append(files, filepath.Join(dir, "go", "env"))
	}
	if root := os.Getenv("GOROOT"); root != "" {
		files = append(files, filepath.Join(root, "go.env"))
	}
	if exe, err := exec.LookPath("go"); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			files = append(files, filepath.Join(filepath.Dir(filepath.Dir(exe)), "go.env"))
		}
	}
	for _, f := range files {
		if v := setting(f, "GOPROXY"); v != "" {
			return v, nil
		}
	}
	return "", errors.New("GOPROXY is not set, and no Go is in PATH whose default it could be")
}

// setting finds KEY=value in a file of the go command's, "" when it is not there.
func setting(file, key string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if v, ok := strings.CutPrefix(strings.TrimSpace(s.Text()), key+"="); ok {
			return v
		}
	}
	return ""
}

// errAbsent is a proxy's answer that it has no such module.
var errAbsent = errors.New("no such module there")

// fetchModule returns files of a module, by their path in it. The zip is kept in
// a temporary file of dir meanwhile. progress may be nil.
func fetchModule(ctx context.Context, path, version, dir string, want []string, progress Progress) (map[string][]byte, error) {
	list, err := goproxy()
	if err != nil {
		return nil, err
	}
	from, err := proxies(list)
	if err != nil {
		return nil, err
	}
	mod := module.Version{Path: path, Version: version}
	escPath, err := module.EscapePath(path)
	if err != nil {
		return nil, err
	}
	escVersion, err := module.EscapeVersion(version)
	if err != nil {
		return nil, err
	}
	var failures []error
	for _, p := range from {
		got, err := p.fetch(ctx, escPath+"/@v/"+escVersion+".zip", mod, dir, want, progress)
		if err == nil {
			return got, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", redact(p.url), err))
		if ctx.Err() != nil || !p.any && !errors.Is(err, errAbsent) {
			break
		}
	}
	return nil, errors.Join(failures...)
}

// redact leaves a password out of messages.
func redact(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return u.Redacted()
	}
	return "a proxy whose address cannot be read"
}

// fetch asks one proxy for a zip and takes files out of it.
func (p proxy) fetch(ctx context.Context, zipPath string, mod module.Version, dir string, want []string, progress Progress) (got map[string][]byte, err error) {
	body, size, err := p.open(ctx, zipPath)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	tmp, err := os.CreateTemp(dir, "module.part*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	r := io.Reader(io.LimitReader(body, maxZip+1))
	if progress != nil {
		progress.Begin("fetching "+mod.String(), size)
		defer func() { progress.End(err) }()
		r = &counter{r, progress}
	}
	n, err := io.Copy(tmp, r)
	switch {
	case err != nil:
		return nil, fmt.Errorf("after %d bytes: %w", n, err)
	case n > maxZip:
		return nil, fmt.Errorf("the module is larger than %d MB", maxZip>>20)
	case size >= 0 && n != size:
		return nil, fmt.Errorf("ended after %d of %d bytes", n, size)
	}
	return unzip(tmp, mod, want)
}

// counter tells a Progress what passes.
type counter struct {
	io.Reader
	progress Progress
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.progress.Add(int64(n))
	return n, err
}

// open begins a download. size is -1 when the proxy does not tell.
func (p proxy) open(ctx context.Context, zipPath string) (body io.ReadCloser, size int64, err error) {
	u, err := url.Parse(p.url)
	if err != nil {
		return nil, 0, fmt.Errorf("is not an address: %w", errors.Unwrap(err))
	}
	switch u.Scheme {
	case "file":
		f, err := os.Open(filepath.Join(filepath.FromSlash(u.Path), filepath.FromSlash(zipPath)))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, 0, fmt.Errorf("%w (%s)", errAbsent, zipPath)
		}
		if err != nil {
			return nil, 0, err
		}
		size = -1
		if st, err := f.Stat(); err == nil {
			size = st.Size()
		}
		return f, size, nil
	case "http", "https":
	default:
		return nil, 0, errors.New("an address of a proxy begins with https://, http:// or file://")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/"+zipPath, nil)
	if err != nil {
		return nil, 0, err
	}
	client := &http.Client{Transport: transport()}
	res, err := client.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // the address stands before it already
		}
		return nil, 0, err
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		if res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone {
			return nil, 0, fmt.Errorf("%w (it answered %s)", errAbsent, res.Status)
		}
		return nil, 0, fmt.Errorf("it answered %s", res.Status)
	}
	return res.Body, res.ContentLength, nil
}

// transport gives up on a proxy that does not answer, but not on a slow download.
func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 30 * time.Second
	t.TLSHandshakeTimeout = 15 * time.Second
	t.DisableKeepAlives = true
	return t
}

// unzip returns the wanted files of a module's zip. What the go command would not
// unpack (foreign paths, exaggerated sizes) is refused whole.
func unzip(file *os.File, mod module.Version, want []string) (map[string][]byte, error) {
	if _, err := modzip.CheckZip(mod, file.Name()); err != nil {
		return nil, fmt.Errorf("the module's zip cannot be used: %w", err)
	}
	z, err := zip.OpenReader(file.Name())
	if err != nil {
		return nil, fmt.Errorf("the module's zip cannot be read: %w", err)
	}
	defer z.Close()
	got := map[string][]byte{}
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, mod.String()+"/")
		if !ok || !slices.Contains(want, name) {
			continue
		}
		rc, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s in the module's zip: %w", name, err)
		}
		b, err := io.ReadAll(io.LimitReader(rc, maxZip))
		rc.Close()
		if err != nil {
			return nil, fmt.Errorf("%s in the module's zip: %w", name, err)
		}
		got[name] = b
	}
	for _, name := range want {
		if _, ok := got[name]; !ok {
			return nil, fmt.Errorf("the module's zip has no %s", name)
		}
	}
	return got, nil
}
