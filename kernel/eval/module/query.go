package module

// This file finds the version that is asked for.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// latest is the query of the newest release.
const latest = "latest"

// resolve returns the version of a module that a query stands for: a version,
// the beginning of one ("v1.2"), "latest", or a branch or commit that a proxy
// knows. It fails with errAbsent if there is no such module or version.
func (f *fetcher) resolve(ctx context.Context, path, query string) (string, error) {
	switch {
	case query == latest || query == "upgrade" || query == "":
		return f.latest(ctx, path, "")
	case query == "none" || strings.ContainsAny(query, "<>"):
		return "", failf("name a version, such as v1.2.3 or v1, or latest", "%s@%s: a notebook cannot ask for that", path, query)
	case !semver.IsValid(query):
		return f.named(ctx, path, query)
	case semver.Canonical(query) != strings.TrimSuffix(query, semver.Build(query)):
		return f.latest(ctx, path, query)
	}
	version, hint := query, ""
	if err := module.Check(path, version); err != nil {
		hint = majorHint(path, query)
		if module.Check(path, version+"+incompatible") != nil {
			return "", &Error{Msg: fmt.Sprintf("%s@%s", path, query), Hint: hint, Err: err}
		}
		version += "+incompatible"
	}
	if _, err := f.small(ctx, module.Version{Path: path, Version: version}, ".mod"); err != nil {
		return "", &Error{Msg: "the version cannot be had", Hint: hintOf(err, hint), Err: err}
	}
	return version, nil
}

// majorHint tells how the import path of another major version ends.
func majorHint(path, version string) string {
	base, _, ok := module.SplitPathVersion(path)
	if !ok || strings.HasPrefix(path, "gopkg.in/") {
		return ""
	}
	if m := semver.Major(version); m != "v0" && m != "v1" {
		base += "/" + m
	}
	return "the module of that version is " + base
}

// named asks for a branch, a tag or a commit.
func (f *fetcher) named(ctx context.Context, path, query string) (string, error) {
	esc, err := module.EscapePath(path)
	if err != nil {
		return "", err
	}
	name, err := module.EscapeVersion(query)
	if err != nil {
		return "", failf("", "%s@%s is no version, branch or commit", path, query)
	}
	data, err := f.get(ctx, path, esc+"/@v/"+name+".info")
	if err != nil {
		return "", fmt.Errorf("%s@%s: %w", path, query, err)
	}
	return versionOf(path, data)
}

// versionOf reads an .info file.
func versionOf(path string, data []byte) (string, error) {
	var info struct{ Version string }
	if err := json.Unmarshal(data, &info); err != nil || !semver.IsValid(info.Version) {
		return "", failf("", "%s: the proxy's answer is no version: %.60q", path, data)
	}
	return info.Version, nil
}

// latest returns the newest release of a module whose version begins with prefix,
// or else the newest that there is. Retracted versions are left out. Without a
// network it is the newest that the module cache has.
func (f *fetcher) latest(ctx context.Context, path, prefix string) (string, error) {
	all, untagged, err := f.list(ctx, path)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		all = f.cached(path)
		if len(all) == 0 {
			return "", fmt.Errorf("%s: %w", path, err)
		}
	} else if best := newest(all); best != "" {
		all = f.unretracted(ctx, module.Version{Path: path, Version: best}, all)
	}
	all = slices.DeleteFunc(compatible(all), func(v string) bool { return !begins(v, prefix) })
	if best := newest(all); best != "" {
		return best, nil
	}
	if prefix != "" {
		return "", fmt.Errorf("%s has no version %s: %w", path, prefix, errAbsent)
	}
	// There are no tags: what the proxy takes for the latest commit, or the latest
	// that it has.
	esc, err := module.EscapePath(path)
	if err != nil {
		return "", err
	}
	data, err := f.get(ctx, path, esc+"/@latest")
	if err == nil {
		return versionOf(path, data)
	}
	if best := newest(untagged); best != "" && isAbsent(err) {
		return best, nil
	}
	return "", fmt.Errorf("%s: %w", path, err)
}

// begins tells whether a version has the major or minor version that prefix
// says.
func begins(version, prefix string) bool {
	return prefix == "" || version == prefix || strings.HasPrefix(version, prefix+".")
}

// list returns the versions of a module, and those that are commits without a
// tag.
func (f *fetcher) list(ctx context.Context, path string) (tagged, untagged []string, err error) {
	esc, err := module.EscapePath(path)
	if err != nil {
		return nil, nil, err
	}
	data, err := f.get(ctx, path, esc+"/@v/list")
	if err != nil {
		return nil, nil, err
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || !semver.IsValid(fields[0]) || module.Check(path, fields[0]) != nil:
		case module.IsPseudoVersion(fields[0]):
			untagged = append(untagged, fields[0])
		default:
			tagged = append(tagged, fields[0])
		}
	}
	return tagged, untagged, nil
}

// newest returns the highest release, or the highest version if there is none.
func newest(all []string) string {
	best := ""
	better := func(v string) bool {
		if best == "" {
			return true
		}
		if a, b := semver.Prerelease(v) == "", semver.Prerelease(best) == ""; a != b {
			return a
		}
		return semver.Compare(v, best) > 0
	}
	for _, v := range all {
		if better(v) {
			best = v
		}
	}
	return best
}

// compatible leaves out +incompatible versions where there are others.
func compatible(all []string) []string {
	isOld := func(v string) bool { return strings.HasSuffix(v, "+incompatible") }
	if slices.ContainsFunc(all, func(v string) bool { return !isOld(v) }) {
		all = slices.DeleteFunc(slices.Clone(all), isOld)
	}
	return all
}

// unretracted leaves out the versions that the go.mod of the newest retracts, if
// it can be read and leaves any.
func (f *fetcher) unretracted(ctx context.Context, newest module.Version, all []string) []string {
	data, err := f.small(ctx, newest, ".mod")
	if err != nil {
		return all
	}
	file, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil || len(file.Retract) == 0 {
		return all
	}
	left := slices.DeleteFunc(slices.Clone(all), func(v string) bool {
		return slices.ContainsFunc(file.Retract, func(r *modfile.Retract) bool {
			return semver.Compare(r.Low, v) <= 0 && semver.Compare(v, r.High) <= 0
		})
	})
	if len(left) == 0 {
		return all
	}
	return left
}

// isAbsent tells whether err says that there is no such module.
func isAbsent(err error) bool { return errors.Is(err, errAbsent) }
