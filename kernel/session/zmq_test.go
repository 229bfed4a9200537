// This file takes cells through real sockets, in this process and in one of
// their own.

package session_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"cajal/kernel/session"
	"cajal/kernel/wire"
)

// freePorts returns a connection on five ports that nobody uses.
func freePorts(t *testing.T) wire.Connection {
	t.Helper()
	c := wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: "secret"}
	for _, p := range []*int{&c.ShellPort, &c.ControlPort, &c.StdinPort, &c.IOPubPort, &c.HBPort} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		*p = l.Addr().(*net.TCPAddr).Port
	}
	return c
}

// remote is a front end on real sockets.
type remote struct {
	t           *testing.T
	codec       *wire.Codec
	origin      *wire.Origin
	sub         zmq4.Socket
	shell, ctrl zmq4.Socket
}

// connect connects to a kernel, which may still be starting, and waits for its
// welcome.
func connect(t *testing.T, c wire.Connection) *remote {
	t.Helper()
	codec, err := wire.NewCodec(c.Key, c.SignatureScheme)
	if err != nil {
		t.Fatal(err)
	}
	dial := func(s zmq4.Socket, port int) zmq4.Socket {
		if err := s.Dial(fmt.Sprintf("tcp://%s:%d", c.IP, port)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	patient := zmq4.WithDialerMaxRetries(500) // at 10 ms each
	often := zmq4.WithDialerRetry(10 * time.Millisecond)
	r := &remote{
		t: t, codec: codec, origin: wire.NewOrigin(),
		sub:   dial(zmq4.NewSub(t.Context(), patient, often), c.IOPubPort),
		shell: dial(zmq4.NewDealer(t.Context(), patient, often), c.ShellPort),
		ctrl:  dial(zmq4.NewDealer(t.Context(), patient, often), c.ControlPort),
	}
	if err := r.sub.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		t.Fatal(err)
	}
	if m := r.receive(r.sub); m.Header.Type != "iopub_welcome" {
		t.Fatalf("first on iopub is %s", m.Header.Type)
	}
	return r
}

func (r *remote) send(s zmq4.Socket, kind string, content any) *wire.Message {
	r.t.Helper()
	m, err := r.origin.New(kind, nil, content, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	frames, err := r.codec.Encode(m)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := s.SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
		r.t.Fatal(err)
	}
	return m
}

func (r *remote) execute(code string) *wire.Message {
	r.t.Helper()
	return r.send(r.shell, "execute_request", map[string]string{"code": code})
}

func (r *remote) receive(s zmq4.Socket) *wire.Message {
	r.t.Helper()
	raw, err := s.Recv()
	if err != nil {
		r.t.Fatal(err)
	}
	m, err := r.codec.Decode(raw.Frames)
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

// until reads iopub until a message of the request has text, or idle comes if
// text is "". It returns the types that came for the request.
func (r *remote) until(request *wire.Message, text string) (types []string) {
	r.t.Helper()
	for {
		m := r.receive(r.sub)
		var parent wire.Header
		json.Unmarshal(m.Parent, &parent)
		if parent.ID != request.Header.ID {
			continue
		}
		types = append(types, m.Header.Type)
		if text == "" && string(m.Content) == `{"execution_state":"idle"}` || text != "" && bytes.Contains(m.Content, []byte(text)) {
			return types
		}
	}
}

func TestOverSockets(t *testing.T) {
	c := freePorts(t)
	sockets, err := wire.Listen(c, wire.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		ended <- session.New(session.Config{Transport: sockets, Evaluator: newFake, Info: fakeInfo}).Serve(ctx)
	}()
	r := connect(t, c)
	for i := range 20 {
		got := r.until(r.execute("print hello\nresult 42"), "")
		if want := "[status execute_input stream execute_result status]"; fmt.Sprint(got) != want {
			t.Fatalf("cell %d: iopub had %v, want %s", i, got, want)
		}
		if m := r.receive(r.shell); m.Header.Type != "execute_reply" {
			t.Fatalf("shell had %s", m.Header.Type)
		}
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Serve = %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("Serve goes on")
	}
}

// process is a kernel of the fake language in a process of its own.
type process struct {
	*exec.Cmd
	ended  chan struct{}
	err    error // once ended
	mu     sync.Mutex
	stderr bytes.Buffer
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.Write(b)
}

// launch starts a kernel with a connection file, by way of before if there is
// any.
func launch(t *testing.T, file string, before ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(before, exe, "kernel", "-f", file)
	p := &process{Cmd: exec.Command(args[0], args[1:]...), ended: make(chan struct{})}
	p.Stderr = p
	p.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir(), "JPY_PARENT_PID="+strconv.Itoa(os.Getpid()))
	ownGroup(p.Cmd)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.err = p.Wait(); close(p.ended) }()
	t.Cleanup(func() { p.Process.Kill(); <-p.ended })
	return p
}

// wait waits for the end of the process.
func (p *process) wait(t *testing.T) error {
	t.Helper()
	select {
	case <-p.ended:
		return p.err
	case <-time.After(10 * time.Second):
		t.Fatal("the kernel goes on")
		return nil
	}
}

func connectionFile(t *testing.T, c wire.Connection) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "connection.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestProcessSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	c := freePorts(t)
	p := launch(t, connectionFile(t, c))
	r := connect(t, c)
	cell := r.execute("print begun\nloop")
	r.until(cell, `"text":"begun`)
	p.Process.Signal(os.Interrupt)
	if types := fmt.Sprint(r.until(cell, "")); types != "[error status]" {
		t.Errorf("after SIGINT came %v", types)
	}
	cell = r.execute("spawn sleep 600\nprint begun\nloop")
	r.until(cell, `"text":"begun`)
	p.Process.Signal(syscall.SIGTERM)
	if err := p.wait(t); err != nil { // it ends only when the cell's child has closed stderr
		t.Errorf("after SIGTERM: %v\n%s", err, &p.stderr)
	}
}

func TestProcessShutdown(t *testing.T) {
	c := freePorts(t)
	p := launch(t, connectionFile(t, c))
	r := connect(t, c)
	r.until(r.execute("print x"), "")
	r.send(r.ctrl, "shutdown_request", map[string]bool{"restart": false})
	if m := r.receive(r.ctrl); m.Header.Type != "shutdown_reply" {
		t.Errorf("control had %s", m.Header.Type)
	}
	if err := p.wait(t); err != nil {
		t.Errorf("%v\n%s", err, &p.stderr)
	}
}

// A kernel whose parent is gone ends, whoever inherits it.
func TestProcessOrphan(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no sh")
	}
	c := freePorts(t)
	p := launch(t, connectionFile(t, c), "sh", "-c", `"$@" & wait`, "sh")
	r := connect(t, c)
	r.until(r.execute("print x"), "")
	p.Process.Kill()
	p.wait(t) // that is, until the kernel, too, has closed stderr
	if conn, err := net.Dial("tcp", net.JoinHostPort(c.IP, strconv.Itoa(c.ShellPort))); err == nil {
		conn.Close()
		t.Error("the kernel still listens")
	}
}

func TestProcessRefuses(t *testing.T) {
	taken := freePorts(t)
	l, err := net.Listen("tcp", net.JoinHostPort(taken.IP, strconv.Itoa(taken.ControlPort)))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	broken := filepath.Join(t.TempDir(), "broken.json")
	os.WriteFile(broken, []byte("{\n\"ip\": 127"), 0o600)
	for _, test := range []struct{ file, want string }{
		{filepath.Join(t.TempDir(), "none.json"), "does not exist"},
		{broken, "line 2 is not JSON"},
		{"", "no connection file given"},
		{connectionFile(t, taken), "control socket cannot listen"},
		{connectionFile(t, wire.Connection{IP: "127.0.0.1"}), "has no shell_port"},
	} {
		p := launch(t, test.file)
		if err := p.wait(t); err == nil || !strings.Contains(p.stderr.String(), test.want) {
			t.Errorf("%q: %v, stderr %q, want %q", test.file, err, &p.stderr, test.want)
		}
	}
}
