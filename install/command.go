// This file is the part of the command line that speaks of the kernelspec. The
// tags are those of github.com/alecthomas/kong.

package install

import (
	"errors"
	"fmt"
)

// Commands are the commands.
type Commands struct {
	Install   installCommand   `cmd:"" help:"Tell Jupyter about the kernel."`
	Uninstall uninstallCommand `cmd:"" help:"Take the kernel out of Jupyter again."`
	Doctor    doctorCommand    `cmd:"" help:"Look whether Jupyter would find and start the kernel."`
}

// place is where a kernelspec goes.
type place struct {
	User      bool   `xor:"place" help:"The user's own data folder (the default)."`
	Prefix    string `xor:"place" placeholder:"P" help:"P/share/jupyter."`
	SysPrefix bool   `xor:"place" help:"The Python environment that is active."`
}

func (p place) options() Options {
	return Options{User: p.User, Prefix: p.Prefix, SysPrefix: p.SysPrefix}
}

type installCommand struct {
	place
	Git       bool `xor:"place" help:"Instead, make git of this repository strip notebooks' outputs when they are added, and show differences in words."`
	GitGlobal bool `xor:"place" help:"The same, for all repositories of this user."`
	DiffOnly  bool `help:"With --git: show differences, but strip nothing."`
}

// Run installs the kernelspec, or tells git about notebooks.
func (c *installCommand) Run() error {
	if c.Git || c.GitGlobal {
		return c.git()
	}
	r, err := Install(c.options())
	if err != nil {
		return err
	}
	fmt.Printf("the kernel is in %s and starts %s\n", r.Dir, r.Executable)
	if r.Unseen {
		fmt.Printf("hint: Jupyter does not look there by itself; set JUPYTER_PATH to the folder above kernels\n")
	}
	return nil
}

func (c *installCommand) git() error {
	r, err := Git(".", c.GitGlobal, !c.DiffOnly, "")
	if err != nil {
		return err
	}
	fmt.Printf("git handles *.ipynb in %s (%s)\n", r.Where, r.Attributes)
	for _, s := range r.Settings {
		fmt.Println("  " + s)
	}
	return nil
}

type uninstallCommand struct{ place }

// Run removes the kernelspec.
func (c *uninstallCommand) Run() error {
	dir, err := Uninstall(c.options())
	if err != nil {
		return err
	}
	fmt.Println("removed", dir)
	return nil
}

type doctorCommand struct{}

// Run prints what was found.
func (doctorCommand) Run() error {
	failed := false
	for _, f := range Doctor() {
		mark := "ok  "
		if !f.OK {
			mark, failed = "--  ", true
		}
		fmt.Println(mark + f.Text)
		if f.Hint != "" {
			fmt.Println("    hint: " + f.Hint)
		}
	}
	if failed {
		return errors.New("not all is well")
	}
	return nil
}
