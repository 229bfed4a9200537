// Package session answers a Jupyter front end: it takes requests from a
// [Transport], has an evaluator run the cells, and publishes what they show. It
// is not for evaluating: it knows no Go, and of an evaluator only the interface
// [cell.Evaluator]. Nor does it know sockets; package wire has them.
//
// Four goroutines serve a session, so that none waits for another's business:
//
//	control   interrupt, shutdown and kernel_info, in order, also while a cell runs
//	shell     sorts requests: cells into a queue, the rest is answered or set aside
//	aside     completion, inspection, history: may be slow, never waits for a cell
//	cells     runs the queued cells, one at a time
//
//	session.go   the session: its life, its loops, how it speaks
//	execute.go   a cell, from execute_request to execute_reply
//	outputs.go   what cells show, in order and in batches
//	requests.go  completion, inspection, comms
//	control.go   interrupt, shutdown, kernel_info
//	stdin.go     asking the reader
//	history.go   inputs and results over sessions
//	process.go   a process around a session: connection file, signals, parent
//
// Every request is framed by status busy and idle under its own header, whatever
// becomes of it: a front end waits for idle.
package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cajal/kernel/cell"
	"cajal/kernel/wire"
)

// Transport carries messages. [wire.Sockets] is one, [wire.Memory] another.
// All methods may be called from any goroutine; Send and Publish do not block,
// and keep the order of calls.
type Transport interface {
	// Receive waits for the next message on shell, control or stdin.
	Receive(ctx context.Context, ch wire.Channel) (*wire.Message, error)
	// Send sends a message to the peer that its identities name.
	Send(ch wire.Channel, m *wire.Message) error
	// Publish sends a message to all subscribers of its topic, its one identity.
	Publish(m *wire.Message, class wire.Class, key string) error
	// OnSubscribe sets what a new subscriber is sent first.
	OnSubscribe(func(topic string) *wire.Message)
	// Close delivers what is queued, within a second or so, and ends.
	Close() error
}

// Config says what a session is made of. Transport and Evaluator are needed.
type Config struct {
	Transport Transport

	// Evaluator makes the evaluator. It runs beside the session, which answers
	// kernel_info meanwhile; cells wait for it.
	Evaluator func(cell.Host) (cell.Evaluator, error)

	Info        Info
	HistoryPath string                           // the file that keeps inputs over sessions; "" keeps them in memory
	Log         func(format string, args ...any) // lines about what was dropped; nil drops them too
}

// Info is what kernel_info tells of the kernel.
type Info struct {
	Implementation        string   `json:"implementation"`
	ImplementationVersion string   `json:"implementation_version"`
	Banner                string   `json:"banner"`
	Language              Language `json:"language_info"`
	HelpLinks             []Link   `json:"help_links"`
}

// Language describes the language of the cells.
type Language struct {
	Name           string `json:"name"`
	Version        string `json:"version"`
	MIMEType       string `json:"mimetype"`
	FileExtension  string `json:"file_extension"`
	PygmentsLexer  string `json:"pygments_lexer,omitempty"`
	CodeMirrorMode string `json:"codemirror_mode,omitempty"`
}

// Link is an entry of the front end's help menu.
type Link struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// Session is one kernel session. Two of them in one process share nothing.
type Session struct {
	cfg     Config
	origin  *wire.Origin
	out     *outputs
	history *history
	input   *prompter

	ready   chan struct{} // closed when eval or evalErr is set
	eval    cell.Evaluator
	evalErr error

	cells queue // execute_requests
	aside queue

	mu      sync.Mutex
	running context.CancelFunc // of the cell that runs; nil if none does
	broken  bool               // it was interrupted
	count   int                // the execution counter
	lastID  cell.ID

	stop     chan struct{} // closed when the session shall end
	stopOnce sync.Once
	stopErr  error
	serving  atomic.Bool
}

// New returns a session; Serve runs it.
func New(cfg Config) *Session {
	if cfg.Log == nil {
		cfg.Log = func(string, ...any) {}
	}
	if cfg.Info.HelpLinks == nil {
		cfg.Info.HelpLinks = []Link{}
	}
	s := &Session{
		cfg:    cfg,
		origin: wire.NewOrigin(),
		ready:  make(chan struct{}),
		stop:   make(chan struct{}),
	}
	s.cells.init()
	s.aside.init()
	s.history = newHistory(cfg.HistoryPath, s.origin.Session, cfg.Log)
	s.out = newOutputs(s.publish, cfg.Log)
	s.input = newPrompter(s)
	return s
}

// Serve answers requests until a shutdown_request comes or ctx ends; both are a
// clean end. It closes the evaluator and the transport. It fails if the
// evaluator cannot be made or the transport breaks, and may be called once.
func (s *Session) Serve(ctx context.Context) error {
	if s.serving.Swap(true) {
		return errors.New("session: Serve was called twice")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := s.cfg.Transport
	t.OnSubscribe(s.welcome)
	s.status("starting", nil)

	go s.makeEvaluator()
	var loops sync.WaitGroup
	loops.Go(func() { s.receive(ctx, wire.Control, s.control) })
	loops.Go(func() { s.receive(ctx, wire.Stdin, s.input.deliver) })
	loops.Go(func() { s.receive(ctx, wire.Shell, s.shell) })
	loops.Go(func() { s.drain(ctx, &s.aside, s.answerAside) })
	loops.Go(func() { s.drain(ctx, &s.cells, func(m *wire.Message) { s.execute(ctx, m) }) })

	select {
	case <-ctx.Done():
	case <-s.stop:
	}

	// The front end gives two and a half seconds from here to the first signal.
	cancel()
	ended := make(chan struct{})
	go func() {
		loops.Wait()
		select {
		case <-s.ready:
			if s.eval != nil {
				s.guard("closing the evaluator", func() {
					if err := s.eval.Close(); err != nil {
						s.cfg.Log("closing the evaluator: %v", err)
					}
				})
			}
		default:
		}
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(800 * time.Millisecond):
		s.cfg.Log("the running cell does not end; the session ends without it")
	}
	s.out.flushAll()
	s.history.close()
	t.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopErr
}

// Interrupt stops the running cell and rejects the queued ones, as an
// interrupt_request does. It is what a SIGINT should call.
func (s *Session) Interrupt() {
	s.mu.Lock()
	cancel := s.running
	if cancel != nil {
		s.broken = true
	}
	s.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// end makes Serve return err.
func (s *Session) end(err error) {
	s.stopOnce.Do(func() {
		s.mu.Lock()
		s.stopErr = err
		s.mu.Unlock()
		close(s.stop)
	})
}

func (s *Session) makeEvaluator() {
	defer close(s.ready)
	defer func() {
		if r := recover(); r != nil {
			s.evalErr = fmt.Errorf("the evaluator could not be made: %v\n%s", r, debug.Stack())
			s.end(s.evalErr)
		}
	}()
	s.eval, s.evalErr = s.cfg.Evaluator(cell.Host{Emit: s.out.emit, Input: s.input.ask})
	if s.evalErr != nil {
		s.evalErr = fmt.Errorf("the evaluator could not be made: %w", s.evalErr)
		s.end(s.evalErr)
	}
}

// evaluator waits for the evaluator; nil if ctx ended before or it failed.
func (s *Session) evaluator(ctx context.Context) cell.Evaluator {
	select {
	case <-s.ready:
		return s.eval
	case <-ctx.Done():
		return nil
	}
}

// receive hands every message of a channel to take.
func (s *Session) receive(ctx context.Context, ch wire.Channel, take func(*wire.Message)) {
	for {
		m, err := s.cfg.Transport.Receive(ctx, ch)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.end(fmt.Errorf("%s: %w", ch, err))
			return
		}
		s.guard(ch.String()+": "+m.Header.Type, func() { take(m) })
	}
}

// drain hands every message of a queue to take.
func (s *Session) drain(ctx context.Context, q *queue, take func(*wire.Message)) {
	for {
		m := q.next(ctx)
		if m == nil {
			return
		}
		s.guard(m.Header.Type, func() { take(m) })
	}
}

// guard runs f; a panic becomes a line in the log.
func (s *Session) guard(what string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			s.cfg.Log("%s: internal error: %v\n%s", what, r, debug.Stack())
		}
	}()
	f()
}

// during runs f between busy and idle under m's header. If f panics, the request
// is answered with an error, and idle comes all the same.
func (s *Session) during(ch wire.Channel, m *wire.Message, f func()) {
	s.status("busy", m)
	defer s.status("idle", m)
	defer func() {
		if r := recover(); r != nil {
			s.cfg.Log("%s: %s: internal error: %v\n%s", ch, m.Header.Type, r, debug.Stack())
			s.reply(ch, m, failure("internal error", fmt.Sprint(r)), nil)
		}
	}()
	f()
}

// status publishes an execution state: starting, busy, idle.
func (s *Session) status(state string, parent *wire.Message) {
	s.publish("status", "", parent, map[string]string{"execution_state": state}, nil, wire.Keep, "")
}

// publish sends a message on iopub. The topic is made of the type if it is "".
func (s *Session) publish(kind, topic string, parent *wire.Message, content, metadata any, class wire.Class, key string) {
	m, err := s.origin.New(kind, parent, content, metadata)
	if err != nil {
		s.cfg.Log("%v", err)
		return
	}
	if topic == "" {
		topic = "kernel." + s.origin.Session + "." + kind
	}
	m.Identities = [][]byte{[]byte(topic)}
	if err := s.cfg.Transport.Publish(m, class, key); err != nil && !errors.Is(err, wire.ErrClosed) {
		s.cfg.Log("%s: %v", kind, err)
	}
}

// reply answers a request on the channel that it came by.
func (s *Session) reply(ch wire.Channel, to *wire.Message, content, metadata any) {
	kind := strings.TrimSuffix(to.Header.Type, "_request") + "_reply"
	m, err := s.origin.New(kind, to, content, metadata)
	if err != nil {
		s.cfg.Log("%v", err)
		m, err = s.origin.New(kind, to, failure("internal error", err.Error()), nil)
	}
	if err == nil {
		err = s.cfg.Transport.Send(ch, m)
	}
	if err != nil && !errors.Is(err, wire.ErrClosed) {
		s.cfg.Log("%s: %v", kind, err)
	}
}

// welcome is what a subscriber is sent first (Jupyter enhancement proposal 65).
func (s *Session) welcome(topic string) *wire.Message {
	m, err := s.origin.New("iopub_welcome", nil, map[string]string{"subscription": topic}, nil)
	if err != nil {
		return nil
	}
	m.Identities = [][]byte{[]byte(topic)}
	return m
}

// failure is the content of a reply that reports an error.
func failure(name, value string) map[string]any {
	return map[string]any{"status": "error", "ename": name, "evalue": value, "traceback": []string{}}
}

// content parses the content of a request into v; on failure it answers the
// request and returns false.
func (s *Session) content(ch wire.Channel, m *wire.Message, v any) bool {
	if err := json.Unmarshal(m.Content, v); err != nil {
		s.cfg.Log("%s: %s: content: %v", ch, m.Header.Type, err)
		s.reply(ch, m, failure("malformed request", fmt.Sprintf("content of %s: %v", m.Header.Type, err)), nil)
		return false
	}
	return true
}
