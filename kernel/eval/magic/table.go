package magic

// This file holds the table of commands, and words it for %help.

import (
	"fmt"
	"slices"
	"strings"
)

// form says what a command takes besides its arguments.
type form uint8

const (
	line      form = iota // nothing
	statement             // the Go statement after it on its line
	goCell                // the rest of the cell, as Go
	textCell              // the rest of the cell, as text
)

// args says whether a command has arguments.
type args uint8

const (
	noArgs args = iota
	maybeArgs
	needsArgs
)

// command is a row of the table.
type command struct {
	name  string
	form  form
	args  args
	usage string // its arguments, for %help
	help  string
	run   func(env *Env, c Command) error // nil for what is only found here
	words func(word string) []Item        // what a word of its arguments may become; nil if that is Go, or not known
}

// table lists the commands. It is set by init, as %help reads it.
var table []*command

func init() {
	table = []*command{
		{name: "%help", args: maybeArgs, usage: "[command]", help: "lists the commands, or describes one", run: help, words: commands},
		{name: "%time", form: statement, args: needsArgs, usage: "statement", help: "runs a statement and tells how long it took"},
		{name: "%timeit", form: statement, args: needsArgs, usage: "statement", help: "runs a statement many times and tells how long it takes; what it declares is not kept"},
		{name: "%get", args: needsArgs, usage: "module[@version] …", help: "chooses versions of modules before the cell is checked, the latest if none is named; import then finds their packages"},
		{name: "%use", args: needsArgs, usage: "folder …", help: "lets cells import the packages of modules in folders; used again, it reads anew what has changed", words: folders},
		{name: "%who", args: maybeArgs, usage: "[prefix]", help: "lists the names that cells have declared, with their types and cells", run: who},
		{name: "%deps", help: "lists what each cell declares and what of other cells it uses, and which would have to run again", run: dependencies},
		{name: "%reset", help: "forgets all names when the cell has ended; goroutines go on", run: reset},
		{name: "%history", args: maybeArgs, usage: "[n]", help: "prints the cells that ran, or the last n", run: history},
		{name: "%cd", args: maybeArgs, usage: "[folder]", help: "changes the current folder of this session, to the home folder if none is named", run: changeFolder, words: folders},
		{name: "%env", args: maybeArgs, usage: "[NAME | NAME=value]", help: "prints or sets environment variables", run: environment, words: variables},
		{name: "%tb", help: "prints the last error again, with its calls", run: traceback},
		{name: "!", form: line, args: needsArgs, usage: "command", help: "runs a command of the shell", run: shell, words: files},
		{name: "%%time", form: goCell, help: "runs the cell and tells how long it took"},
		{name: "%%timeit", form: goCell, help: "runs the statements of the cell many times and tells how long they take"},
		{name: "%%capture", form: goCell, args: maybeArgs, usage: "[name]", help: "runs the cell and shows nothing of it; what it printed is the string variable name"},
		{name: "%%bash", form: textCell, help: "runs the cell with bash", run: bash},
		{name: "%%writefile", form: textCell, args: needsArgs, usage: "[-a] file", help: "writes the cell to a file; -a appends it", run: writeFile, words: files},
		{name: "%%html", form: textCell, help: "shows the cell as HTML", run: showHTML},
		{name: "%%markdown", form: textCell, help: "shows the cell as Markdown", run: showMarkdown},
	}
}

// find returns the command of a name, or nil.
func find(name string) *command {
	if i := slices.IndexFunc(table, func(c *command) bool { return c.name == name }); i >= 0 {
		return table[i]
	}
	return nil
}

// wholeCell tells whether a command stands at the beginning of a cell.
func (c *command) wholeCell() bool { return c.form == goCell || c.form == textCell }

// fits tells what is wrong with a command's arguments.
func (c *command) fits(cmd *Command) *Error {
	switch {
	case c.args == noArgs && cmd.Args != "":
		return &Error{Offset: cmd.Offset, Msg: fmt.Sprintf("%s takes no arguments, found %s", c.name, cmd.Args), Hint: c.name + " " + c.help}
	case c.args == needsArgs && cmd.Args == "":
		return &Error{Offset: cmd.Offset, Msg: fmt.Sprintf("found %s alone, expected %s", c.name, c.synopsis()), Hint: c.name + " " + c.help}
	}
	return nil
}

// synopsis returns a command with its arguments.
func (c *command) synopsis() string {
	if c.usage == "" {
		return c.name
	}
	if c.name == "!" {
		return "!" + c.usage
	}
	return c.name + " " + c.usage
}

// help prints the table, or a row of it.
func help(env *Env, cmd Command) error {
	if cmd.Args != "" {
		for _, c := range table {
			if strings.Trim(c.name, "%") == strings.Trim(cmd.Args, "%") {
				fmt.Fprintf(env.Stdout, "%s\n    %s\n", c.synopsis(), c.help)
			}
		}
		if !slices.ContainsFunc(table, func(c *command) bool { return strings.Trim(c.name, "%") == strings.Trim(cmd.Args, "%") }) {
			return fmt.Errorf("%%help: no command is called %s", cmd.Args)
		}
		return nil
	}
	fmt.Fprintln(env.Stdout, "Cells are Go. These commands may stand at the beginning of a line, outside of blocks;\nthose with %% on the first line of a cell.")
	for _, c := range table {
		fmt.Fprintf(env.Stdout, "  %-26s %s\n", c.synopsis(), c.help)
	}
	return nil
}
