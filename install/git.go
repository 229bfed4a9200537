// This file tells git how to handle notebooks.

package install

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// GitResult tells what [Git] did.
type GitResult struct {
	Where      string   // "the repository /x" or "all repositories of this user"
	Attributes string   // the file that names *.ipynb
	Settings   []string // what was set in git's configuration
}

// Git makes git strip the outputs of notebooks when they are added, and show
// differences between notebooks in words. It sets a filter and a diff driver in
// the configuration of the repository around dir, or with global in the user's,
// and names *.ipynb in its attributes file: .git/info/attributes, which is not
// shared with others, or the user's. Filter tells whether the filter is wanted
// too; without it only differences are shown.
//
// What is set calls exe, "" for the program that runs.
func Git(dir string, global, filter bool, exe string) (GitResult, error) {
	var r GitResult
	if _, err := exec.LookPath("git"); err != nil {
		return r, errors.New("there is no git in PATH")
	}
	if exe == "" {
		var err error
		if exe, err = os.Executable(); err != nil {
			return r, err
		}
		if transient(exe) {
			return r, fmt.Errorf("%s is gone when `go run` ends: `go install` the program first", exe)
		}
	}
	git := func(args ...string) (string, error) {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		text := strings.TrimSpace(string(out))
		if err != nil {
			return text, fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, text)
		}
		return text, nil
	}
	scope := "--local"
	if global {
		scope = "--global"
		r.Where = "all repositories of this user"
		path, err := git("config", "--global", "--type=path", "core.attributesFile")
		if err != nil || path == "" {
			config := os.Getenv("XDG_CONFIG_HOME")
			if config == "" {
				home, err := os.UserHomeDir()
				if err != nil {
					return r, err
				}
				config = filepath.Join(home, ".config")
			}
			path = filepath.Join(config, "git", "attributes")
		}
		r.Attributes = path
	} else {
		top, err := git("rev-parse", "--show-toplevel")
		if err != nil {
			return r, fmt.Errorf("%s is in no git repository: go to one, or use --git-global", dir)
		}
		path, err := git("rev-parse", "--git-path", "info/attributes")
		if err != nil {
			return r, err
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		r.Where, r.Attributes = "the repository "+filepath.FromSlash(top), path
	}
	command := quoted(filepath.ToSlash(exe))
	settings := [][2]string{{"diff.cajal.command", command + " diff --git"}}
	attributes := "*.ipynb diff=cajal"
	if filter {
		settings = append(settings, [2]string{"filter.cajal.clean", command + " strip"}, [2]string{"filter.cajal.smudge", "cat"})
		attributes = "*.ipynb filter=cajal diff=cajal"
	}
	for _, s := range settings {
		if _, err := git("config", scope, s[0], s[1]); err != nil {
			return r, err
		}
		r.Settings = append(r.Settings, s[0]+" = "+s[1])
	}
	return r, addAttributes(r.Attributes, attributes)
}

// quoted writes a path for git's shell.
func quoted(path string) string {
	if strings.ContainsAny(path, " '\"$`\\!*?[]()&;<>|~#") {
		return strconv.Quote(path)
	}
	return path
}

// addAttributes puts a line into an attributes file, in the place of an older
// one of ours.
func addAttributes(file, line string) error {
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var lines []string
	for l := range strings.Lines(string(old)) {
		l = strings.TrimRight(l, "\r\n")
		if strings.HasPrefix(l, "*.ipynb ") && strings.Contains(l, "=cajal") {
			continue
		}
		lines = append(lines, l)
	}
	lines = append(lines, line)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}
