package magic

// This file answers an editor's questions about commands.

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Item is what a word may become.
type Item struct {
	Text string
	Kind string // function, path, directory or variable
}

// Items returns what the word at offset pos of a cell may become, and where that word
// begins, if it is a command's name or belongs to one that is no Go; otherwise ok is
// false. known is that of Parse.
func Items(code string, pos int, known func(name string) bool) (start int, items []Item, ok bool) {
	start = strings.LastIndexByte(code[:pos], '\n') + 1
	start += len(code[start:pos]) - len(strings.TrimLeft(code[start:pos], " \t"))
	line := code[start:pos]
	name, args := cut(line)
	if strings.HasPrefix(line, "!") {
		name, args = "!", strings.TrimLeft(line[1:], " \t")
	}
	if strings.HasPrefix(line, "%") && name == line {
		for _, c := range table {
			if strings.HasPrefix(c.name, line) && (!c.wholeCell() || start == firstLine(code)) {
				items = append(items, Item{c.name, "function"})
			}
		}
		return start, items, len(items) > 0
	}
	c := find(name)
	if c == nil || c.words == nil || !isCommand(code, start, known) {
		return 0, nil, false
	}
	if end := code[pos-1]; end == ' ' || end == '\t' {
		args = ""
	}
	word := args[strings.LastIndexAny(args, " \t=")+1:]
	for _, i := range c.words(word) {
		if strings.HasPrefix(i.Text, word) {
			items = append(items, i)
		}
	}
	return pos - len(word), items, true
}

// isCommand tells whether a command begins at an offset of a cell, be the rest as it
// may.
func isCommand(code string, at int, known func(name string) bool) bool {
	c, _ := Parse(code[:lineEnd(code, at)], known)
	return slices.ContainsFunc(c.Commands, func(c Command) bool { return c.Offset == at })
}

// Paths returns the files and folders whose names begin with a path.
func Paths(path string, foldersOnly bool) (items []Item) {
	folder, name := filepath.Split(path)
	real, err := home(folder)
	if folder == "" {
		real, err = ".", nil
	}
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(real)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), name) || name == "" && strings.HasPrefix(e.Name(), ".") {
			continue
		}
		isFolder := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			if to, err := os.Stat(filepath.Join(real, e.Name())); err == nil {
				isFolder = to.IsDir()
			}
		}
		switch {
		case isFolder:
			items = append(items, Item{folder + e.Name() + string(filepath.Separator), "directory"})
		case !foldersOnly:
			items = append(items, Item{folder + e.Name(), "path"})
		}
	}
	return items
}

func files(word string) []Item   { return Paths(word, false) }
func folders(word string) []Item { return Paths(word, true) }

// variables returns the names of the environment's variables.
func variables(string) (items []Item) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		items = append(items, Item{name, "variable"})
	}
	slices.SortFunc(items, func(a, b Item) int { return strings.Compare(a.Text, b.Text) })
	return items
}

// commands returns the names of commands, with and without what they begin with.
func commands(word string) (items []Item) {
	for _, c := range table {
		name := c.name
		if !strings.HasPrefix(word, "%") {
			name = strings.TrimLeft(name, "%")
		}
		if i := (Item{name, "function"}); !slices.Contains(items, i) {
			items = append(items, i)
		}
	}
	return items
}

// Describe returns the arguments and the description of the command whose name
// is at offset pos of a cell.
func Describe(code string, pos int) (synopsis, help string, ok bool) {
	start := strings.LastIndexByte(code[:pos], '\n') + 1
	text := strings.TrimLeft(code[start:], " \t")
	name, _ := cut(text[:lineEnd(text, 0)])
	if c := find(name); c != nil && len(name) > 1 && pos <= len(code)-len(text)+len(name) {
		return c.synopsis(), c.help, true
	}
	return "", "", false
}

// TakesText tells whether the whole cell is text of a command.
func (c Cell) TakesText() bool {
	return len(c.Commands) > 0 && find(c.Commands[0].Name).form == textCell
}

// Empty tells whether a cell has a command that takes the rest of the cell, and
// no such rest yet.
func (c Cell) Empty() bool {
	if len(c.Commands) == 0 {
		return false
	}
	first := c.Commands[0]
	return find(first.Name).wholeCell() && strings.TrimSpace(first.Body) == "" && strings.TrimSpace(c.Go) == "" && len(c.Commands) == 1
}
