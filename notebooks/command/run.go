// This file runs notebooks and programs.

package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"cajal/kernel/cell"
	"cajal/notebooks"
	"cajal/notebooks/params"
	"cajal/notebooks/provenance"
	"cajal/notebooks/worker"
)

// Run runs notebooks, or a Go program.
type Run struct {
	Files  []string `arg:"" help:"Notebooks (.ipynb) or folders of them, or the .go files of one program and its arguments; -- before them if one of these begins with a dash."`
	Out    string   `default:"out" placeholder:"DIR" help:"Where executed notebooks and reports go (./out)."`
	Param  []string `short:"p" sep:"none" placeholder:"NAME=VALUE" help:"Replace a value in the cell tagged parameters; may be given often."`
	Params string   `placeholder:"FILE" help:"Take such values from a JSON object."`
	sessions
}

// sessions are the flags of all commands that run notebooks.
type sessions struct {
	Timeout time.Duration `placeholder:"T" help:"How long a notebook may take, such as 90s or 10m."`
	Jobs    int           `short:"j" default:"1" placeholder:"N" help:"How many notebooks run side by side."`
	Threads int           `placeholder:"N" help:"How many threads a notebook computes with (all processors)."`
}

func (s sessions) options(t *Tool) notebooks.Options {
	return notebooks.Options{Start: s.start, Show: os.Stderr, Producer: t.Version, Jobs: s.Jobs, Timeout: s.Timeout}
}

// Run does it. The error has an exit code: 2 if a cell failed or took too long,
// 130 after an interrupt, else 1.
func (c *Run) Run(t *Tool) error {
	ctx, stop := interruptible()
	defer stop()
	if filepath.Ext(c.Files[0]) != ".go" {
		values, err := c.values()
		if err != nil {
			return err
		}
		files, err := notebooks.Expand(c.Files)
		if err != nil {
			return err
		}
		opt := c.options(t)
		opt.Out, opt.Params = c.Out, values
		return notebooks.Run(ctx, files, opt)
	}
	code, err := t.Program(ctx, c.Files)
	if err == nil && code != 0 {
		err = exit(code)
	}
	return err
}

// values returns the parameters; those of the command line count more than
// those of the file.
func (c *Run) values() ([]params.Value, error) {
	var values []params.Value
	for _, arg := range c.Param {
		v, err := params.ParseArg(arg)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	if c.Params == "" {
		return values, nil
	}
	file, err := params.ReadFile(c.Params)
	if err != nil {
		return nil, err
	}
	for _, v := range file {
		if !slices.ContainsFunc(values, func(w params.Value) bool { return w.Name == v.Name }) {
			values = append(values, v)
		}
	}
	return values, nil
}

// start starts a process for the cells of a notebook.
func (s sessions) start(dir string, h cell.Host) (cell.Evaluator, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := worker.Command{Path: exe, Args: []string{os.Args[0], "worker"}, Dir: dir}
	if s.Threads > 0 {
		c.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", s.Threads))
	}
	return worker.Start(c, h)
}

// Worker runs the cells of a notebook for another process of this program.
type Worker struct{}

// Run does it.
func (Worker) Run(t *Tool) error {
	in, out, err := worker.Files()
	if err != nil {
		return err
	}
	err = worker.Serve(in, out, worker.Config{New: t.New, Facts: func() any {
		var used provenance.Used
		if data, err := json.Marshal(t.Used()); err == nil {
			_ = json.Unmarshal(data, &used) // what does not fit is not told
		}
		used.Threads = runtime.GOMAXPROCS(0)
		return used
	}})
	if errors.Is(err, worker.ErrLeft) {
		return exit(1)
	}
	return err
}
