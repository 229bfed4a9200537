package module

// This file fetches files from the user's module proxies (go help goproxy).

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/mod/module"
)

// A proxy is one entry of GOPROXY.
type proxy struct {
	url string // "direct" and "off" are the go command's words
	any bool   // the next one is asked whatever the failure, not only if there is no such module
}

const (
	direct = "direct"
	off    = "off"
)

// proxies reads a GOPROXY list.
func proxies(list string) []proxy {
	var out []proxy
	for list != "" {
		entry, any := list, false
		if i := strings.IndexAny(list, ",|"); i >= 0 {
			entry, any, list = list[:i], list[i] == '|', list[i+1:]
		} else {
			list = ""
		}
		if entry = strings.TrimSpace(entry); entry != "" {
			out = append(out, proxy{strings.TrimSuffix(entry, "/"), any})
		}
		if entry == direct || entry == off {
			break // what follows is never reached
		}
	}
	return out
}

// proxiesFor returns the proxies to ask for a module.
func (e *environment) proxiesFor(path string) ([]proxy, error) {
	if module.MatchPrefixPatterns(e.noProxy(), path) {
		return []proxy{{url: direct}}, nil
	}
	all := proxies(e.get("GOPROXY"))
	if len(all) == 0 {
		return nil, failf("set GOPROXY to the address of a module proxy, or to file:// and a folder: %env GOPROXY=…",
			"GOPROXY is not set, and no Go is in PATH whose default it could be")
	}
	return all, nil
}

// open asks the proxies in turn for a file of a module, whose name begins with
// the escaped module path. size is -1 if it is not known.
func (e *environment) open(ctx context.Context, path, name string) (body io.ReadCloser, size int64, err error) {
	all, err := e.proxiesFor(path)
	if err != nil {
		return nil, 0, err
	}
	var failures []error
	absent := true
	for _, p := range all {
		body, size, err := p.open(ctx, e, name)
		if err == nil {
			return body, size, nil
		}
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		switch p.url {
		case off:
			err = failf("set GOPROXY, or put the module into the module cache while there is a network", "GOPROXY is off, so nothing is fetched")
		case direct:
			if len(failures) > 0 && absent {
				// The proxies said no; that its repository was not asked is worth a hint.
				return nil, 0, &Error{Msg: errors.Join(failures...).Error(), Hint: directHint(path), Err: errAbsent}
			}
			err = failf(directHint(path), "%s would have to be fetched from its repository, which cajal does not do", path)
		default:
			err = fmt.Errorf("%s: %w", redact(p.url), err)
		}
		failures = append(failures, err)
		isAbsent := errors.Is(err, errAbsent)
		absent = absent && isAbsent
		if !p.any && !isAbsent {
			break
		}
	}
	if len(failures) == 1 {
		return nil, 0, failures[0]
	}
	return nil, 0, errors.Join(failures...)
}

// directHint tells how a module comes that no proxy has.
func directHint(path string) string {
	return fmt.Sprintf("where there is Go, go mod download %s@latest puts it into the module cache, where it is found; or %%use a folder of it", path)
}

// redact leaves a password out of messages.
func redact(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return u.Redacted()
	}
	return "a proxy whose address cannot be read"
}

// open asks one proxy.
func (p proxy) open(ctx context.Context, e *environment, name string) (body io.ReadCloser, size int64, err error) {
	if p.url == direct || p.url == off {
		return nil, 0, errOffline
	}
	u, err := url.Parse(p.url)
	if err != nil {
		return nil, 0, fmt.Errorf("is not an address: %w", errors.Unwrap(err))
	}
	switch u.Scheme {
	case "file":
		dir := u.Path
		if runtime.GOOS == "windows" {
			dir = strings.TrimPrefix(dir, "/") // of /C:/…
		}
		return openFile(filepath.Join(filepath.FromSlash(dir), filepath.FromSlash(name)), name)
	case "http", "https":
		return e.openURL(ctx, p.url+"/"+name)
	}
	return nil, 0, errors.New("an address of a proxy begins with https://, http:// or file://")
}

func openFile(file, name string) (io.ReadCloser, int64, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("%w (%s)", errAbsent, name)
	}
	if err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, st.Size(), nil
}

func (e *environment) openURL(ctx context.Context, address string) (io.ReadCloser, int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err
	}
	e.authorize(req)
	res, err := client.Do(req)
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err // the address stands before it already
		}
		return nil, 0, err
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, res.ContentLength, nil
	}
	// A proxy says in a line why it has not got it.
	reason, _ := io.ReadAll(io.LimitReader(res.Body, 200))
	res.Body.Close()
	text, _, _ := strings.Cut(strings.TrimSpace(string(reason)), "\n")
	if text = strings.ToValidUTF8(text, ""); text != "" && !strings.HasPrefix(text, "<") {
		text = ": " + text
	} else {
		text = ""
	}
	if res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone {
		return nil, 0, fmt.Errorf("%w (%s%s)", errAbsent, res.Status, text)
	}
	return nil, 0, answer("it answered " + res.Status + text)
}

// answer is the error of a proxy that can be reached and has no file to give.
type answer string

func (a answer) Error() string { return string(a) }

// unreachable tells whether err is not about the module, so that the next one
// would fail as well.
func unreachable(err error) bool {
	_, answered := errors.AsType[answer](err)
	return !answered && !isAbsent(err)
}

// client gives up on a proxy that does not answer, but not on a slow download.
var client = &http.Client{Transport: transport()}

func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 60 * time.Second // a proxy may have to fetch it first
	t.TLSHandshakeTimeout = 15 * time.Second
	t.IdleConnTimeout = 10 * time.Second
	return t
}
