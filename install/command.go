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

type installCommand struct{ place }

// Run installs the kernelspec.
func (c *installCommand) Run() error {
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
