// This file joins the packages and hands the commands to them; nothing else
// knows of all of them.

// Command cajal runs notebooks of Go, by itself or as a Jupyter kernel.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"cajal/install"
	"cajal/kernel/bind"
	"cajal/kernel/cell"
	"cajal/kernel/eval"
	"cajal/kernel/session"
	"cajal/notebooks"
	"cajal/notebooks/command"
)

// commands is the command line. A command's Run method does it.
type commands struct {
	Notebooks command.Commands `embed:""`
	Kernel    serve            `cmd:"" help:"Serve a Jupyter front end, which calls this by itself."`
	Jupyter   install.Commands `embed:""`
	Version   showVersion      `cmd:"" help:"Say which version this is."`
}

// program runs a Go program.
func program(ctx context.Context, args []string) (int, error) {
	p, err := eval.ReadProgram(args)
	if err != nil {
		return 0, err
	}
	p.Stdin, p.Stdout, p.Stderr = os.Stdin, os.Stdout, os.Stderr
	return eval.RunProgram(ctx, config(cell.Host{}), p), nil
}

type serve struct {
	ConnectionFile string   `short:"f" placeholder:"FILE" help:"The connection file, which Jupyter writes."`
	Ignored        []string `arg:"" optional:"" passthrough:"" hidden:"" help:"Front ends pass on their own arguments."`
}

func (c *serve) Run() error {
	return session.Run(c.ConnectionFile, session.Config{
		Evaluator:   evaluator(notebooks.SavedPins),
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

// evaluator returns what makes the evaluator of a session, whose notebook pins
// modules.
func evaluator(pins func() []cell.Module) func(cell.Host) (cell.Evaluator, error) {
	return func(h cell.Host) (cell.Evaluator, error) {
		c := config(h)
		c.Pins = pins
		e, err := eval.New(c)
		if err != nil {
			return nil, err
		}
		return e, e.OwnStdout()
	}
}

// config gives an evaluator packages of its own.
func config(h cell.Host) eval.Config {
	p := bind.New()
	return eval.Config{Host: h, Lookup: p.Lookup, ByName: p.ByName, Paths: p.Paths, Render: bind.Render}
}

// used tells what the cells of this process have used.
func used() any {
	return struct {
		bind.Facts
		Modules []cell.Module `json:"modules,omitempty"`
	}{bind.Used(), eval.Modules()}
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

// dashes lets long flags have one dash, as those of Go's own commands do.
func dashes(args []string, n *kong.Node) []string {
	for _, child := range n.Children {
		args = dashes(args, child)
	}
	args = slices.Clone(args)
	for i, arg := range args {
		if arg == "--" {
			break
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if len(name) > 1 && name[0] != '-' && arg[0] == '-' && slices.ContainsFunc(n.Flags, func(f *kong.Flag) bool { return f.Name == name }) {
			args[i] = "-" + arg
		}
	}
	return args
}

func main() {
	bind.Connect()
	var c commands
	line := kong.Must(&c, kong.Name("cajal"), kong.Description("Runs notebooks of Go, by itself or as a Jupyter kernel."), kong.UsageOnError())
	ctx, err := line.Parse(dashes(os.Args[1:], line.Model.Node))
	line.FatalIfErrorf(err)
	err = ctx.Run(&command.Tool{
		New: evaluator(nil), Program: program, Version: version(), Used: used,
		Packages: func() (notebooks.Packages, error) { return eval.NewPackages(config(cell.Host{})) },
	})
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
