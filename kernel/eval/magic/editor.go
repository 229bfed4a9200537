package magic

// This file answers an editor's questions about commands.

import "strings"

// Items returns the names of the commands that the word at offset pos of a cell
// may become, and where that word begins; ok is false if it is no command's
// name.
func Items(code string, pos int) (start int, names []string, ok bool) {
	start = strings.LastIndexByte(code[:pos], '\n') + 1
	start += len(code[start:pos]) - len(strings.TrimLeft(code[start:pos], " \t"))
	word := code[start:pos]
	if name, args := cut(word); !strings.HasPrefix(word, "%") || name != word || args != "" {
		return 0, nil, false
	}
	for _, c := range table {
		if strings.HasPrefix(c.name, word) && (!c.wholeCell() || start == firstLine(code)) {
			names = append(names, c.name)
		}
	}
	return start, names, len(names) > 0
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
