// This file is an evaluator of a tiny language, to test a session without Go.

package session_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cajal/kernel/cell"
	"cajal/kernel/session"
)

// TestMain makes the test binary a kernel of the fake language if its first
// argument is "kernel": so clients written elsewhere can talk to it.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "kernel" {
		cfg := session.Config{Evaluator: newFake, Info: fakeInfo, HistoryPath: session.HistoryFile()}
		if err := session.Run(os.Args[3], cfg); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

var fakeInfo = session.Info{
	Implementation: "fake", ImplementationVersion: "1", Banner: "fake",
	Language: session.Language{Name: "go", Version: "1", MIMEType: "text/x-go", FileExtension: ".go"},
}

// fake runs cells of one instruction a line:
//
//	print TEXT, warn TEXT     text and a newline on stdout, stderr
//	raw TEXT                  a quoted Go string on stdout
//	flood N                   N lines on stdout
//	result TEXT               the cell's result
//	display ID TEXT, update ID TEXT
//	clear, nan                clear with wait; a display that JSON cannot express
//	late MS TEXT              a goroutine prints TEXT after that time
//	ask PROMPT, secret PROMPT prints what the reader answers, or the error
//	spawn COMMAND             starts a child that shares stderr
//	loop                      runs until it is interrupted
//	fail TEXT, crash          an error; a panic of the evaluator
type fake struct {
	host   cell.Host
	closed chan struct{}
	once   sync.Once
}

func newFake(h cell.Host) (cell.Evaluator, error) {
	return &fake{host: h, closed: make(chan struct{})}, nil
}

func (f *fake) Execute(ctx context.Context, r cell.Request) cell.Outcome {
	emit := func(k cell.EventKind, text string) {
		f.host.Emit(cell.Event{Cell: r.ID, Kind: k, Text: text})
	}
	show := func(k cell.EventKind, id, text string) {
		f.host.Emit(cell.Event{Cell: r.ID, Kind: k, DisplayID: id, Bundle: cell.Bundle{Data: map[string]any{"text/plain": text}}})
	}
	for _, line := range strings.Split(r.Code, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "", "//":
		case "print":
			emit(cell.Stdout, rest+"\n")
		case "warn":
			emit(cell.Stderr, rest+"\n")
		case "raw":
			s, err := strconv.Unquote(rest)
			if err != nil {
				panic(err)
			}
			emit(cell.Stdout, s)
		case "flood":
			n, _ := strconv.Atoi(rest)
			for i := range n {
				emit(cell.Stdout, fmt.Sprintf("line %d\n", i))
			}
		case "result":
			show(cell.Result, "", rest)
		case "display", "update":
			id, text, _ := strings.Cut(rest, " ")
			show(cell.EventKind(word), id, text)
		case "clear":
			f.host.Emit(cell.Event{Cell: r.ID, Kind: cell.Clear, Wait: true})
		case "nan":
			f.host.Emit(cell.Event{Cell: r.ID, Kind: cell.Display, Bundle: cell.Bundle{Data: map[string]any{"text/plain": "NaN", "application/json": []any{func() {}}}}})
		case "late":
			ms, text, _ := strings.Cut(rest, " ")
			n, _ := strconv.Atoi(ms)
			time.AfterFunc(time.Duration(n)*time.Millisecond, func() { emit(cell.Stdout, text+"\n") })
		case "ask", "secret":
			answer, err := f.host.Input(ctx, r.ID, rest, word == "secret")
			if ctx.Err() != nil {
				return interrupted()
			}
			if err != nil {
				answer = "no input: " + err.Error()
			}
			emit(cell.Stdout, answer+"\n")
		case "spawn":
			c := exec.Command("sh", "-c", "exec "+rest)
			c.Stderr = os.Stderr
			if err := c.Start(); err != nil {
				panic(err)
			}
		case "loop":
			<-ctx.Done()
			return interrupted()
		case "fail":
			return cell.Outcome{Err: &cell.Error{Kind: cell.ErrPanic, Name: "panic", Value: rest, Traceback: []string{"panic: " + rest, "  at cell 1:2:3", "  ^ here", "hint: do not"}}}
		case "crash":
			panic("the fake crashed")
		default:
			return cell.Outcome{Err: &cell.Error{Kind: cell.ErrCompile, Name: "syntax error", Value: "unknown word " + word}}
		}
	}
	return cell.Outcome{}
}

func interrupted() cell.Outcome {
	return cell.Outcome{Err: &cell.Error{Kind: cell.ErrInterrupt, Name: "interrupted", Value: "by the reader", Traceback: []string{"interrupted"}}}
}

var words = []string{"print", "prompt"}

func (f *fake) Complete(code string, pos int) cell.Completion {
	if code == "hang" {
		<-f.closed
	}
	start := strings.LastIndexAny(code[:pos], " \n") + 1
	c := cell.Completion{Start: start, End: pos}
	for _, w := range words {
		if strings.HasPrefix(w, code[start:pos]) {
			c.Items = append(c.Items, cell.CompletionItem{Text: w, Kind: "keyword", Signature: w + " TEXT"})
		}
	}
	return c
}

func (f *fake) Inspect(code string, pos, detail int) cell.Inspection {
	if strings.HasPrefix(code, "print") {
		return cell.Inspection{Data: map[string]any{"text/plain": "print TEXT, detail " + strconv.Itoa(detail)}}
	}
	if code == "crash" {
		panic("inspect crashed")
	}
	return cell.Inspection{}
}

func (f *fake) IsComplete(code string) cell.Completeness {
	switch {
	case strings.HasSuffix(code, `\`):
		return cell.Completeness{Status: "incomplete", Indent: "  "}
	case strings.HasPrefix(code, "print"):
		return cell.Completeness{Status: "complete"}
	}
	return cell.Completeness{Status: "invalid"}
}

func (f *fake) Close() error {
	err := errors.New("closed twice")
	f.once.Do(func() { close(f.closed); err = nil })
	return err
}
