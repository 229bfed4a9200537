package module

// This file asks the checksum database (go help module-auth), through the
// proxies where these pass it on. Its tiles and its state are kept where the go
// command keeps them.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/dirhash"
)

// knownDB are the keys of databases that GOSUMDB may name alone, as in the go
// command.
var knownDB = map[string]string{"sum.golang.org": "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"}

// sums is a connection to a checksum database. It implements sumdb.ClientOps.
type sums struct {
	f      *fetcher
	ctx    context.Context
	name   string
	key    string
	direct string // its own address
	client *sumdb.Client

	once sync.Once
	base string // where it is asked
	err  error
}

// checkSum compares the sum of m's files with that of the database.
func (f *fetcher) checkSum(ctx context.Context, m module.Version, sum string) error {
	return f.lookup(ctx, m, m.Version, sum)
}

// checkMod compares the sum of m's go.mod with that of the database.
func (f *fetcher) checkMod(ctx context.Context, m module.Version, text []byte) error {
	sum, err := sumOfMod(text)
	if err != nil {
		return err
	}
	return f.lookup(ctx, m, m.Version+"/go.mod", sum)
}

// sumOfMod returns the sum of a go.mod as go.sum has it.
func sumOfMod(text []byte) (string, error) {
	return dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil })
}

// lookup compares a sum with that of the database, if m has to be in one.
func (f *fetcher) lookup(ctx context.Context, m module.Version, version, sum string) error {
	setting := f.env.get("GOSUMDB")
	if setting == "" {
		setting = "sum.golang.org"
	}
	if setting == off || module.MatchPrefixPatterns(f.env.noSumDB(), m.Path) {
		return nil
	}
	if f.sums == nil {
		s := &sums{f: f, ctx: ctx}
		if err := s.configure(setting); err != nil {
			return err
		}
		s.client = sumdb.NewClient(s)
		f.sums = s
	}
	f.sums.ctx = ctx
	lines, err := f.sums.client.Lookup(m.Path, version)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &Error{
			Msg: fmt.Sprintf("the checksum database %s cannot tell the sum of %s", f.sums.name, m), Err: err,
			Hint: "for a module that is not public, GOPRIVATE names its path; GOSUMDB=off trusts what the proxy gives",
		}
	}
	prefix := m.Path + " " + version + " h1:"
	for _, line := range lines {
		if line == m.Path+" "+version+" "+sum {
			return nil
		}
		if strings.HasPrefix(line, prefix) {
			return failf("do not use it: what the proxy gave is not what the module's author published",
				"%s has the sum %s, and the checksum database says %s", m, sum, line[len(prefix)-len("h1:"):])
		}
	}
	return failf("", "the checksum database %s knows %s, but not its sum", f.sums.name, m)
}

// configure reads GOSUMDB: NAME, NAME+KEY, or one of them and an address.
func (s *sums) configure(setting string) error {
	fields := strings.Fields(setting)
	if len(fields) == 0 || len(fields) > 2 {
		return failf("", "GOSUMDB is %q, expected the name or key of a checksum database and perhaps its address", setting)
	}
	s.key = fields[0]
	if key, ok := knownDB[s.key]; ok {
		s.key = key
	}
	s.name, _, _ = strings.Cut(s.key, "+")
	if s.name == s.key {
		return failf("GOSUMDB can have the key after the name, with a +", "GOSUMDB names the checksum database %s, whose key is not known", s.name)
	}
	s.direct = "https://" + s.name
	if len(fields) == 2 {
		s.direct = strings.TrimSuffix(fields[1], "/")
	}
	return nil
}

// find chooses where the database is asked: the first proxy that passes it on,
// else itself.
func (s *sums) find() {
	s.base = s.direct
	for _, p := range proxies(s.f.env.get("GOPROXY")) {
		if p.url == off || p.url == direct {
			return
		}
		body, _, err := p.open(s.ctx, s.f.env, "sumdb/"+s.name+"/supported")
		if err == nil {
			body.Close()
			s.base = p.url + "/sumdb/" + s.name
			return
		}
		if !errors.Is(err, errAbsent) && !p.any {
			s.err = fmt.Errorf("%s: %w", redact(p.url), err)
			return
		}
	}
}

// ReadRemote asks the database.
func (s *sums) ReadRemote(path string) ([]byte, error) {
	s.once.Do(s.find)
	if s.err != nil {
		return nil, s.err
	}
	body, _, err := proxy{url: s.base}.open(s.ctx, s.f.env, strings.TrimPrefix(path, "/"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", redact(s.base), err)
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, maxFile))
}

// configFile returns where the state of the database is kept.
func (s *sums) configFile(file string) string {
	return filepath.Join(s.f.env.goPath(), "pkg", "sumdb", filepath.FromSlash(file))
}

// ReadConfig returns the key, or the newest signed tree that was seen.
func (s *sums) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(s.key), nil
	}
	data, err := os.ReadFile(s.configFile(file))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// WriteConfig replaces the newest signed tree, unless another process has.
func (s *sums) WriteConfig(file string, old, data []byte) error {
	now, err := s.ReadConfig(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, old) {
		return sumdb.ErrWriteConflict
	}
	return put(s.configFile(file), data)
}

// cacheFile returns where an answer of the database is kept.
func (s *sums) cacheFile(file string) string {
	return filepath.Join(s.f.root, "cache", "download", "sumdb", filepath.FromSlash(file))
}

// ReadCache returns an answer that was kept.
func (s *sums) ReadCache(file string) ([]byte, error) {
	name := s.cacheFile(file)
	data, err := os.ReadFile(name)
	if err == nil {
		// The go command looks for entries that were used lately.
		now := time.Now()
		os.Chtimes(name, now, now)
	}
	return data, err
}

// WriteCache keeps an answer. Without a cache it is asked for again.
func (s *sums) WriteCache(file string, data []byte) { _ = put(s.cacheFile(file), data) }

// Log is told what the client does, which nobody wants to know.
func (s *sums) Log(string) {}

// SecurityError is told what the error of Lookup says too.
func (s *sums) SecurityError(string) {}
