// This file joins the packages and hands the commands to them; nothing else
// knows of all of them.

// Command cajal runs notebooks of Go, by itself or as a Jupyter kernel.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"cajal/install"
)

// commands is the command line. A command's Run method does it.
type commands struct {
	Install   installKernel   `cmd:"" help:"Tell Jupyter about the kernel."`
	Uninstall uninstallKernel `cmd:"" help:"Take the kernel out of Jupyter again."`
	Doctor    examine         `cmd:"" help:"Look whether Jupyter would find and start the kernel."`
	Version   showVersion     `cmd:"" help:"Say which version this is."`
}

// place is where a kernelspec goes.
type place struct {
	User      bool   `xor:"place" help:"The user's own data folder (the default)."`
	Prefix    string `xor:"place" placeholder:"P" help:"P/share/jupyter."`
	SysPrefix bool   `xor:"place" help:"The Python environment that is active."`
}

func (p place) options() install.Options {
	return install.Options{User: p.User, Prefix: p.Prefix, SysPrefix: p.SysPrefix}
}

type installKernel struct{ place }

func (c *installKernel) Run() error {
	r, err := install.Install(c.options())
	if err != nil {
		return err
	}
	fmt.Printf("the kernel is in %s and starts %s\n", r.Dir, r.Executable)
	if r.Unseen {
		fmt.Printf("hint: Jupyter does not look there by itself; set JUPYTER_PATH to the folder above kernels\n")
	}
	return nil
}

type uninstallKernel struct{ place }

func (c *uninstallKernel) Run() error {
	dir, err := install.Uninstall(c.options())
	if err != nil {
		return err
	}
	fmt.Println("removed", dir)
	return nil
}

type examine struct{}

func (examine) Run() error {
	failed := false
	for _, f := range install.Doctor() {
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

type showVersion struct{}

func (showVersion) Run() error {
	fmt.Println(version())
	return nil
}

// release is the version of the module, "devel" if it was built from a checkout.
func release() string {
	if b, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(b.Main.Version, "v") {
		return b.Main.Version
	}
	return "devel"
}

func version() string {
	return fmt.Sprintf("cajal %s · %s · %s/%s", release(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func main() {
	var c commands
	ctx := kong.Parse(&c, kong.Name("cajal"), kong.Description("Runs notebooks of Go, by itself or as a Jupyter kernel."), kong.UsageOnError())
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "cajal:", err)
		os.Exit(1)
	}
}
