// This file joins the packages and hands the commands to them; nothing else
// knows of all of them.

// Command cajal runs notebooks of Go, by itself or as a Jupyter kernel.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"cajal/install"
	"cajal/kernel/bind"
	"cajal/kernel/cell"
	"cajal/kernel/eval"
	"cajal/kernel/session"
	"cajal/notebooks"
)

// commands is the command line. A command's Run method does it.
type commands struct {
	Run       runFiles        `cmd:"" help:"Run notebooks and write reports, or run a Go program."`
	Kernel    serve           `cmd:"" help:"Serve a Jupyter front end, which calls this by itself."`
	Install   installKernel   `cmd:"" help:"Tell Jupyter about the kernel."`
	Uninstall uninstallKernel `cmd:"" help:"Take the kernel out of Jupyter again."`
	Doctor    examine         `cmd:"" help:"Look whether Jupyter would find and start the kernel."`
	Version   showVersion     `cmd:"" help:"Say which version this is."`
}

type runFiles struct {
	Files []string `arg:"" help:"Notebooks (.ipynb), or the .go files of one program and its arguments; -- before them if one of these begins with a dash."`
	Out   string   `default:"out" placeholder:"DIR" help:"Where executed notebooks and reports go (./out)."`
}

func (c *runFiles) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if filepath.Ext(c.Files[0]) != ".go" {
		return notebooks.Run(ctx, c.Files, notebooks.Options{Out: c.Out, New: newEvaluator, Show: os.Stderr, Producer: version()})
	}
	p, err := eval.ReadProgram(c.Files)
	if err != nil {
		return err
	}
	p.Stdin, p.Stdout, p.Stderr = os.Stdin, os.Stdout, os.Stderr
	if code := eval.RunProgram(ctx, config(cell.Host{}), p); code != 0 {
		return exit(code)
	}
	return nil
}

// exit ends the process with a code and without a word.
type exit int

func (e exit) Error() string { return "" }
func (e exit) ExitCode() int { return int(e) }

type serve struct {
	ConnectionFile string `short:"f" placeholder:"FILE" help:"The connection file, which Jupyter writes."`
}

func (c *serve) Run() error {
	return session.Run(c.ConnectionFile, session.Config{
		Evaluator:   newEvaluator,
		HistoryPath: session.HistoryFile(),
		Info: session.Info{
			Implementation: "cajal", ImplementationVersion: release(), Banner: version(),
			Language: session.Language{
				Name: "go", Version: eval.GoVersion, MIMEType: "text/x-go", FileExtension: ".go",
				PygmentsLexer: "go", CodeMirrorMode: "go",
			},
			HelpLinks: []session.Link{{Text: "Go specification", URL: "https://go.dev/ref/spec"}, {Text: "Go packages", URL: "https://pkg.go.dev/std"}},
		},
	})
}

// newEvaluator makes the evaluator of a session.
func newEvaluator(h cell.Host) (cell.Evaluator, error) { return eval.New(config(h)) }

// config gives an evaluator packages of its own.
func config(h cell.Host) eval.Config {
	p := bind.New()
	return eval.Config{Host: h, Lookup: p.Lookup, ByName: p.ByName, Paths: p.Paths, Render: bind.Render}
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
	bind.Connect()
	var c commands
	ctx := kong.Parse(&c, kong.Name("cajal"), kong.Description("Runs notebooks of Go, by itself or as a Jupyter kernel."), kong.UsageOnError())
	err := ctx.Run()
	if err == nil {
		return
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(os.Stderr, "cajal:", text)
	}
	code := 1
	if e, ok := errors.AsType[interface {
		error
		ExitCode() int
	}](err); ok {
		code = e.ExitCode()
	}
	os.Exit(code)
}
