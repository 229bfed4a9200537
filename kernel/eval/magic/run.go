package magic

// This file runs the commands that need no process.

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Env is the cell that a command runs in, and the session around it.
type Env struct {
	Stdout, Stderr io.Writer
	Done           <-chan struct{}           // closed when the cell is interrupted
	Show           func(data map[string]any) // shows a value by its MIME types
	Names          func() []Name             // what cells have declared
	Reset          func()                    // forgets it
	History        func() []Entry            // cells that ran, the oldest first
	Traceback      func() []string           // of the last error
	Cells          func() []Node             // what cells have to do with each other
}

// Name is a name that a cell has declared.
type Name struct{ Name, Type, Cell string }

// Node is a cell as %deps shows it.
type Node struct {
	Cell     string
	Declares []string
	Uses     map[string][]string // names, by the cells that set them
	Outdated string              // why it would have to run again; "" if it would not
}

// Entry is a cell that ran.
type Entry struct {
	Number int
	Code   string
}

// Run runs a command that is not one of those that measure Go, take its output
// or say what it imports.
func Run(env *Env, c Command) error { return find(c.Name).run(env, c) }

func who(env *Env, c Command) error {
	names := slices.DeleteFunc(env.Names(), func(n Name) bool { return !strings.HasPrefix(n.Name, c.Args) })
	if len(names) == 0 {
		fmt.Fprintln(env.Stdout, "no cell has declared anything yet")
		return nil
	}
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	for _, n := range names {
		fmt.Fprintf(w, "%s\t%s\t%s\n", n.Name, n.Type, n.Cell)
	}
	return w.Flush()
}

func dependencies(env *Env, _ Command) error {
	cells := env.Cells()
	if len(cells) == 0 {
		fmt.Fprintln(env.Stdout, "no cell has declared anything yet")
	}
	for _, c := range cells {
		fmt.Fprintf(env.Stdout, "%s", c.Cell)
		if len(c.Declares) > 0 {
			fmt.Fprintf(env.Stdout, " declares %s", strings.Join(c.Declares, ", "))
		}
		fmt.Fprintln(env.Stdout)
		for _, from := range slices.Sorted(maps.Keys(c.Uses)) {
			fmt.Fprintf(env.Stdout, "    uses %s of %s\n", strings.Join(c.Uses[from], ", "), from)
		}
		if c.Outdated != "" {
			fmt.Fprintf(env.Stdout, "    is outdated: %s\n", c.Outdated)
		}
	}
	return nil
}

func reset(env *Env, _ Command) error {
	env.Reset()
	return nil
}

func history(env *Env, c Command) error {
	entries := env.History()
	if c.Args != "" {
		n, err := strconv.Atoi(c.Args)
		if err != nil || n < 1 {
			return fmt.Errorf("%%history: found %s, expected a number of cells", c.Args)
		}
		entries = entries[max(0, len(entries)-n):]
	}
	for i, e := range entries {
		if i > 0 {
			fmt.Fprintln(env.Stdout)
		}
		fmt.Fprintf(env.Stdout, "// cell %d\n%s\n", e.Number, strings.TrimRight(e.Code, "\n"))
	}
	return nil
}

func changeFolder(env *Env, c Command) error {
	folder, err := home(c.Args)
	if err == nil {
		err = os.Chdir(folder)
	}
	if err != nil {
		return fmt.Errorf("%%cd: %w", err)
	}
	now, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("%%cd: %w", err)
	}
	fmt.Fprintln(env.Stdout, now)
	return nil
}

// home returns a path whose ~ is the home folder; that folder if the path is
// empty.
func home(path string) (string, error) {
	rest, ok := strings.CutPrefix(path, "~")
	if path != "" && (!ok || rest != "" && !os.IsPathSeparator(rest[0])) {
		return path, nil
	}
	h, err := os.UserHomeDir()
	return filepath.Join(h, rest), err
}

func environment(env *Env, c Command) error {
	if c.Args == "" {
		all := os.Environ()
		slices.Sort(all)
		for _, v := range all {
			fmt.Fprintln(env.Stdout, v)
		}
		return nil
	}
	name, value, set := strings.Cut(c.Args, "=")
	if set {
		if err := os.Setenv(strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
			return fmt.Errorf("%%env: %w", err)
		}
		return nil
	}
	value, ok := os.LookupEnv(name)
	if !ok {
		return fmt.Errorf("%%env: %s is not set", name)
	}
	fmt.Fprintln(env.Stdout, value)
	return nil
}

func traceback(env *Env, _ Command) error {
	lines := env.Traceback()
	if len(lines) == 0 {
		lines = []string{"no cell has failed yet"}
	}
	fmt.Fprintln(env.Stdout, strings.Join(lines, "\n"))
	return nil
}

func writeFile(env *Env, c Command) error {
	flags := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	path := c.Args
	if rest, ok := strings.CutPrefix(path, "-a "); ok {
		flags = os.O_CREATE | os.O_WRONLY | os.O_APPEND
		path = strings.TrimSpace(rest)
	}
	path, err := home(path)
	if err != nil {
		return fmt.Errorf("%%%%writefile: %w", err)
	}
	f, err := os.OpenFile(path, flags, 0o666)
	if err != nil {
		return fmt.Errorf("%%%%writefile: %w", err)
	}
	body := c.Body
	if body != "" && !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	_, err = f.WriteString(body)
	if failed := f.Close(); err == nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("%%%%writefile: %w", err)
	}
	fmt.Fprintf(env.Stdout, "%d bytes written to %s\n", len(body), path)
	return nil
}

func showHTML(env *Env, c Command) error {
	env.Show(map[string]any{"text/html": c.Body, "text/plain": c.Body})
	return nil
}

func showMarkdown(env *Env, c Command) error {
	env.Show(map[string]any{"text/markdown": c.Body, "text/plain": c.Body})
	return nil
}
