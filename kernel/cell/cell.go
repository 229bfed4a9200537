// Package cell holds the plain data that pass between whoever runs cells (the
// Jupyter session, the notebook runner, a script) and an evaluator.
//
// It holds no behaviour. Everything here, but for the two functions of
// [Host], is made of strings, numbers, slices and maps that survive
// encoding/json, so that an evaluator can one day live in a child process with
// nothing but a pipe between. Every event carries the [ID] of the cell it
// belongs to; an output may arrive long after its cell has ended, from a
// goroutine that outlived it.
//
// It imports nothing of this module.
package cell

import "context"

// ID is the handle of one execution of one cell. The runner chooses it, unique
// within an evaluator, and finds it again in every event of that execution.
type ID uint64

// Request asks an evaluator to execute a cell.
type Request struct {
	ID     ID     `json:"id"`
	Number int    `json:"number"`           // what readers call the cell: "cell 3" in messages; 0 for a silent one
	Code   string `json:"code"`             // the cell's text
	Silent bool   `json:"silent,omitempty"` // the last expression is evaluated, not shown
	Key    string `json:"key,omitempty"`    // what the front end calls the cell, the same when it runs again; "" if it did not tell
}

// Module is a third-party module that cells import packages of.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum,omitempty"` // of its files, as in go.sum; "" if it is not known
}

// Outcome tells how a cell ended. A result is not part of it: it came as an
// event of kind [Result] before.
type Outcome struct {
	Err *Error `json:"err,omitempty"` // nil if the cell ran to its end
}

// Error describes a cell that did not run, or not to its end.
type Error struct {
	Kind      ErrorKind `json:"kind"`
	Name      string    `json:"name"`             // Jupyter's ename: "syntax error", "type error", "panic", "interrupted", …
	Value     string    `json:"value"`            // Jupyter's evalue: the message, one line
	Traceback []string  `json:"traceback"`        // what the reader sees: plain lines, with carets, no ANSI colours
	Line      int       `json:"line,omitempty"`   // 1-based, in the cell; 0 if unknown
	Column    int       `json:"column,omitempty"` // 1-based, in bytes; 0 if unknown
	Code      int       `json:"code,omitempty"`   // exit code, for ErrExit
}

// Error makes an Error usable as a Go error: "name: value".
func (e *Error) Error() string { return e.Name + ": " + e.Value }

// ErrorKind says which phase of a cell failed.
type ErrorKind string

// The kinds of errors.
const (
	ErrCompile   ErrorKind = "compile"   // nothing ran, nothing changed
	ErrPanic     ErrorKind = "panic"     // what ran before it stays
	ErrValue     ErrorKind = "value"     // an error that is not nil was shown, or dropped at top level
	ErrInterrupt ErrorKind = "interrupt" // stopped by the reader
	ErrExit      ErrorKind = "exit"      // os.Exit, log.Fatal
)

// EventKind says what an [Event] carries.
type EventKind string

// The kinds of events.
const (
	Stdout  EventKind = "stdout"  // Text
	Stderr  EventKind = "stderr"  // Text
	Display EventKind = "display" // Bundle, and DisplayID if it may be updated
	Update  EventKind = "update"  // Bundle replaces every output with DisplayID
	Result  EventKind = "result"  // Bundle: the value of the cell's last expression
	Clear   EventKind = "clear"   // outputs so far vanish; with Wait, when the next one comes
)

// Event is something that a cell shows while it runs, or after.
type Event struct {
	Cell      ID        `json:"cell"`
	Kind      EventKind `json:"kind"`
	Text      string    `json:"text,omitempty"`
	Bundle    Bundle    `json:"bundle,omitzero"`
	DisplayID string    `json:"display_id,omitempty"`
	Wait      bool      `json:"wait,omitempty"`
}

// Bundle is a value in several MIME types, of which the front end shows the
// richest that it can. Values of Data are strings (text, SVG, base64 of binary
// types) or, for JSON types, whatever encoding/json accepts.
type Bundle struct {
	Data     map[string]any `json:"data,omitempty"`
	Metadata map[string]any `json:"metadata,omitempty"`
}

// Host is what an evaluator needs from whoever runs it.
type Host struct {
	// Emit takes an event. It is called from any goroutine, must not block on
	// the evaluator, and must keep the order of calls.
	Emit func(Event)

	// Input asks the reader for a line, without its newline. It fails if the
	// reader cannot be asked or ctx ends. A nil Input always fails.
	Input func(ctx context.Context, id ID, prompt string, password bool) (string, error)
}

// Evaluator runs cells. Execute is called for one cell at a time; all other
// methods may be called while it runs.
type Evaluator interface {
	// Execute runs one cell and returns when its last statement has ended and
	// everything that it printed has been emitted. If ctx ends, the cell is
	// interrupted: Execute returns within 50 ms with an [ErrInterrupt] and all
	// values that the cell had set stay.
	Execute(ctx context.Context, r Request) Outcome

	// Complete proposes completions at byte offset pos of code.
	Complete(code string, pos int) Completion

	// Inspect describes the name at byte offset pos of code: with detail 0 its
	// signature and documentation, with 1 also its source.
	Inspect(code string, pos, detail int) Inspection

	// IsComplete tells whether code could be executed as it stands.
	IsComplete(code string) Completeness

	// Close ends all goroutines that it can reach and frees the evaluator.
	Close() error
}

// Completion lists what may replace code[Start:End], best first.
type Completion struct {
	Start, End int // byte offsets
	Items      []CompletionItem
}

// CompletionItem is one proposal.
type CompletionItem struct {
	Text      string // what is inserted
	Kind      string // Jupyter's words: function, method, class, instance, module, keyword, field, constant
	Signature string // type or signature, "" if none
}

// Inspection describes a name. Data is empty if nothing was found.
type Inspection struct {
	Data map[string]any // MIME type to text; always has text/plain if anything was found
}

// Found tells whether there is something to show.
func (i Inspection) Found() bool { return len(i.Data) > 0 }

// Completeness answers "would Enter execute this?".
type Completeness struct {
	Status string // "complete", "incomplete", "invalid" or "unknown"
	Indent string // for incomplete: what the next line should start with
}
