package bind

// This file joins cells with the packages that show things and train networks,
// none of which know of cells.

import (
	"fmt"
	"log"
	"path/filepath"
	"runtime"

	"gonum.org/v1/gonum/blas/blas32"

	"cajal/display"
	engine "cajal/engine/blas32"
	"cajal/engine/data"
	"cajal/engine/nn"
	"cajal/kernel/eval"
)

// Connect makes what cells show appear as their outputs, trainings and
// downloads of cells show how far they are and stop with their cell, and errors
// of networks name the cell and the line that built them. Products of gonum's blas32
// become the engine's. A program calls it once, at its start, for all evaluators.
func Connect() {
	// What compiled packages log, such as net/http's server, goes to the cell on
	// whose behalf they run.
	log.SetOutput(compiledLog{})
	blas32.Use(engine.Implementation{})
	display.SetOutlet(func() display.Outlet {
		if r := eval.Current(); r != nil {
			return outlet{r}
		}
		return nil
	})
	nn.SetCaller(func(skip int) string {
		if r := eval.Current(); r != nil {
			return r.Caller()
		}
		if _, file, line, ok := runtime.Caller(skip); ok {
			return fmt.Sprintf("%s:%d", filepath.Base(file), line)
		}
		return ""
	})
	nn.SetMonitor(func() nn.Monitor {
		if r := eval.Current(); r != nil {
			return &training{cell: r}
		}
		return nil
	})
	data.SetOnUse(noteData)
	data.SetProgress(func() data.Progress {
		if r := eval.Current(); r != nil {
			return &download{r: r}
		}
		return nil
	})
}

// Render is display.Of, for eval.Config.
func Render(v any) (data, metadata map[string]any) { return display.Of(v) }

// outlet shows outputs in a cell.
type outlet struct{ r *eval.Running }

// Emit shows an output.
func (o outlet) Emit(out display.Output) error {
	switch out.Kind {
	case display.KindDisplay:
		o.r.Display(out.Data, out.Metadata, out.ID)
	case display.KindUpdate:
		o.r.Update(out.Data, out.Metadata, out.ID)
	case display.KindClear:
		o.r.Clear(out.Wait)
	default:
		return fmt.Errorf("unknown kind of output %q", out.Kind)
	}
	return nil
}

// spoken is the key under which an evaluator keeps the language of its notebook.
type spoken struct{}

// Language returns the language of the notebook, "" if none was set.
func (o outlet) Language() string {
	tag, _ := o.r.Kept().Load(spoken{})
	text, _ := tag.(string)
	return text
}

// SetLanguage sets the language of the notebook.
func (o outlet) SetLanguage(tag string) { o.r.Kept().Store(spoken{}, tag) }

var _ display.LanguageOutlet = outlet{}
