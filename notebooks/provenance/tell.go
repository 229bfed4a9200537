// This file tells records, and what differs between two of them, in words.

package provenance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Line is a thing that a record tells.
type Line struct{ Name, Text string }

// Lines tells a record to a reader: the most interesting first.
func (r *Record) Lines() []Line {
	var all []Line
	add := func(name string, parts ...string) {
		parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
		if len(parts) > 0 {
			all = append(all, Line{name, strings.Join(parts, " · ")})
		}
	}
	if !r.Executed.IsZero() {
		add("Executed", r.Executed.UTC().Format("2006-01-02 15:04:05 UTC"), fmt.Sprintf("in %v", time.Duration(r.Seconds*float64(time.Second)).Round(10*time.Millisecond)))
	}
	add("Program", "cajal "+r.Cajal+revisionText(r.Revision), r.Go, r.OS+"/"+r.Arch)
	add("Machine", r.CPU, strings.Join(r.Features, " "), threads(r.Threads))
	add("Notebook", revisionName(r.Repository), "code "+short(r.Code), "outputs "+short(r.Outputs))
	var parts []string
	for name, value := range r.Parameters {
		parts = append(parts, name+" = "+value)
	}
	slices.Sort(parts)
	add("Parameters", parts...)
	parts = nil
	for _, s := range r.Seeds {
		parts = append(parts, fmt.Sprint(s))
	}
	add("Seeds", parts...)
	for _, f := range r.Data {
		add("Data", f.Name, "sha256 "+f.SHA256, f.Source)
	}
	for _, m := range r.Imports {
		add("Import", m.Path+" "+m.Version, m.Sum)
	}
	for _, m := range r.Modules {
		add("Module", m.Path+" "+m.Version, m.Sum)
	}
	return all
}

func threads(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}

func revisionText(rev string) string {
	if rev == "" {
		return ""
	}
	return " (" + short(rev) + changed(rev) + ")"
}

func revisionName(rev string) string {
	if rev == "" {
		return ""
	}
	return "git " + short(rev) + changed(rev)
}

func changed(rev string) string {
	if strings.HasSuffix(rev, "+") {
		return ", changed since"
	}
	return ""
}

func short(hash string) string { return hash[:min(12, len(strings.TrimSuffix(hash, "+")))] }

// Changes says what now has that was had not, as far as results may depend on
// it: the program, Go, the machine, modules, data. Between checkouts of the
// program the version says nothing, and is left out.
func Changes(was, now *Record) []string {
	var all []string
	differ := func(what, was, now string) {
		if was != now && was != "" {
			if now == "" {
				now = "unknown"
			}
			all = append(all, fmt.Sprintf("%s is %s, was %s", what, now, was))
		}
	}
	differ("cajal", was.Cajal, now.Cajal)
	differ("Go", was.Go, now.Go)
	differ("the platform", was.OS+"/"+was.Arch, now.OS+"/"+now.Arch)
	differ("the processor", was.CPU, now.CPU)
	differ("what the processor can", strings.Join(was.Features, " "), strings.Join(now.Features, " "))
	modules := func(was, now []Module) {
		versions := map[string]string{}
		for _, m := range now {
			versions[m.Path] = m.Version + " " + m.Sum
		}
		for _, m := range was {
			if v, ok := versions[m.Path]; ok && v != m.Version+" "+m.Sum {
				differ("module "+m.Path, strings.TrimSpace(m.Version+" "+m.Sum), strings.TrimSpace(v))
			}
		}
	}
	modules(was.Modules, now.Modules)
	modules(was.Imports, now.Imports)
	sums := map[string]string{}
	for _, f := range now.Data {
		sums[f.Name] = f.SHA256
	}
	for _, f := range was.Data {
		switch sum, ok := sums[f.Name]; {
		case !ok:
			all = append(all, fmt.Sprintf("%s was read, and is not any more", f.Name))
		case sum != f.SHA256:
			differ(f.Name, "sha256 "+short(f.SHA256), "sha256 "+short(sum))
		}
	}
	return all
}
