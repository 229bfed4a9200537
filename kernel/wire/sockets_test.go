// This file tests the sockets against zmq4's own client sockets and against
// peers that misbehave on the bare connection.

package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

// ports returns a connection on five free ports.
func ports(t *testing.T) Connection {
	t.Helper()
	c := Connection{Transport: "tcp", IP: "127.0.0.1", Key: "key"}
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

// logged collects log lines.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) log(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

// expect waits for a line that contains s.
func (l *logged) expect(t *testing.T, s string) {
	t.Helper()
	for range 500 {
		l.mu.Lock()
		for _, line := range l.lines {
			if strings.Contains(line, s) {
				l.mu.Unlock()
				return
			}
		}
		l.mu.Unlock()
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no line of the log has %q: %q", s, l.lines)
}

func listen(t *testing.T, c Connection, opt Options) (*Sockets, *logged) {
	t.Helper()
	l := &logged{}
	opt.Log = l.log
	s, err := Listen(c, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, l
}

func address(c Connection, ch Channel) string {
	if c.Transport == "ipc" {
		return fmt.Sprintf("ipc://%s-%d", c.IP, c.port(ch))
	}
	return fmt.Sprintf("tcp://%s:%d", c.IP, c.port(ch))
}

func dial(t *testing.T, sock zmq4.Socket, c Connection, ch Channel) zmq4.Socket {
	t.Helper()
	if err := sock.Dial(address(c, ch)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sock.Close() })
	return sock
}

func request(t *testing.T, key, kind, content string) zmq4.Msg {
	t.Helper()
	m := &Message{Header: Header{ID: "1", Type: kind}, Content: []byte(content)}
	frames, err := codec(t, key, "").Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return zmq4.NewMsgFrom(frames...)
}

func receive(t *testing.T, s *Sockets, ch Channel) *Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	m, err := s.Receive(ctx, ch)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// published reads a message of a subscriber.
func published(t *testing.T, sub zmq4.Socket) *Message {
	t.Helper()
	raw, err := sub.Recv()
	if err != nil {
		t.Fatal(err)
	}
	m, err := codec(t, "key", "").Decode(raw.Frames)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func stream(t *testing.T, o *Origin, text string) *Message {
	t.Helper()
	m, err := o.New("stream", nil, map[string]string{"name": "stdout", "text": text}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Identities = framesOf("stream.stdout")
	return m
}

func TestRoundTrip(t *testing.T) {
	tcp := ports(t)
	ipc := tcp
	ipc.Transport, ipc.IP = "ipc", filepath.Join(t.TempDir(), "k")
	// A socket file left by a kernel that died must not be in the way.
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: fmt.Sprintf("%s-%d", ipc.IP, ipc.ShellPort)})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	old.Close()

	for _, c := range []Connection{tcp, ipc} {
		t.Run(c.Transport, func(t *testing.T) {
			s, _ := listen(t, c, Options{})
			o := NewOrigin()
			ctx := t.Context()
			for _, ch := range []Channel{Shell, Control} {
				dealer := dial(t, zmq4.NewDealer(ctx, zmq4.WithID(zmq4.SocketIdentity("me"))), c, ch)
				if err := dealer.SendMulti(request(t, "key", "x_request", `{"n":1}`)); err != nil {
					t.Fatal(err)
				}
				m := receive(t, s, ch)
				if m.Header.Type != "x_request" || string(m.Identities[0]) != "me" {
					t.Fatalf("received %+v", m)
				}
				reply, _ := o.New("x_reply", m, map[string]int{"n": 2}, nil)
				if err := s.Send(ch, reply); err != nil {
					t.Fatal(err)
				}
				raw, err := dealer.Recv()
				if err != nil {
					t.Fatal(err)
				}
				got, err := codec(t, "key", "").Decode(raw.Frames)
				if err != nil {
					t.Fatal(err)
				}
				if got.Header.Type != "x_reply" || string(got.Content) != `{"n":2}` {
					t.Errorf("%s: got %s %s", ch, got.Header.Type, got.Content)
				}
			}
			req := dial(t, zmq4.NewReq(ctx), c, Heartbeat)
			if err := req.Send(zmq4.NewMsgString("ping")); err != nil {
				t.Fatal(err)
			}
			if echo, err := req.Recv(); err != nil || string(echo.Frames[0]) != "ping" {
				t.Errorf("heartbeat: %v, %v", echo, err)
			}
			s.Close()
			if _, err := os.Stat(fmt.Sprintf("%s-%d", c.IP, c.ShellPort)); err == nil {
				t.Error("the socket file is still there")
			}
		})
	}
}

// Two subscribers of the same topic each get a welcome, before anything else.
func TestWelcomeComesFirst(t *testing.T) {
	c := ports(t)
	s, _ := listen(t, c, Options{})
	o := NewOrigin()
	s.OnSubscribe(func(topic string) *Message {
		m, _ := o.New("iopub_welcome", nil, map[string]string{"subscription": topic}, nil)
		m.Identities = framesOf(topic)
		return m
	})
	stop := make(chan struct{})
	var printing sync.WaitGroup
	printing.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				s.Publish(stream(t, o, "x"), Stream, "")
				time.Sleep(time.Millisecond)
			}
		}
	})
	for range 2 {
		sub := dial(t, zmq4.NewSub(t.Context()), c, IOPub)
		sub.SetOption(zmq4.OptionSubscribe, "")
		if m := published(t, sub); m.Header.Type != "iopub_welcome" || string(m.Parent) != "{}" {
			t.Errorf("first message is %s with parent %s", m.Header.Type, m.Parent)
		}
		if m := published(t, sub); m.Header.Type != "stream" {
			t.Errorf("second message is %s", m.Header.Type)
		}
	}
	close(stop)
	printing.Wait()
}

func TestTopics(t *testing.T) {
	c := ports(t)
	s, _ := listen(t, c, Options{})
	o := NewOrigin()
	s.OnSubscribe(func(topic string) *Message { m := stream(t, o, "welcome"); m.Identities = framesOf(topic); return m })
	sub := dial(t, zmq4.NewSub(t.Context()), c, IOPub)
	sub.SetOption(zmq4.OptionSubscribe, "kernel.")
	published(t, sub)
	s.Publish(stream(t, o, "not for it"), Stream, "")
	status, _ := o.New("status", nil, nil, nil)
	status.Identities = framesOf("kernel.1.status")
	s.Publish(status, Keep, "")
	if m := published(t, sub); m.Header.Type != "status" {
		t.Errorf("a subscriber of kernel. got %s", m.Header.Type)
	}
}

func TestBadMessagesAreDropped(t *testing.T) {
	c := ports(t)
	s, l := listen(t, c, Options{})
	dealer := dial(t, zmq4.NewDealer(t.Context()), c, Shell)
	dealer.SendMulti(request(t, "another key", "x", `{}`))
	dealer.SendMulti(zmq4.NewMsgFromString([]string{"a", "b"}))
	dealer.SendMulti(zmq4.NewMsgFromString([]string{"<IDS|MSG>", "", "{}"}))
	dealer.SendMulti(request(t, "key", "good", `{}`))
	if m := receive(t, s, Shell); m.Header.Type != "good" {
		t.Errorf("received %s", m.Header.Type)
	}
	l.expect(t, "the signature does not match")
	l.expect(t, "no <IDS|MSG>")
	l.expect(t, "2 parts after")
}

// bare connects without a ZeroMQ library, and greets as one.
func bare(t *testing.T, c Connection, ch Channel, kind string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(address(c, ch), "tcp://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	g := make([]byte, 64)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], "NULL")
	ready := append([]byte("\x05READY\x0bSocket-Type\x00\x00\x00"), byte(len(kind)))
	ready = append(ready, kind...)
	for _, b := range append(g, append([]byte{4, byte(len(ready))}, ready...)...) {
		if _, err := conn.Write([]byte{b}); err != nil { // in single bytes: the parser must not mind
			t.Fatal(err)
		}
	}
	return conn
}

// A header that claims more than there is memory ends its connection only.
func TestHugeFrame(t *testing.T) {
	c := ports(t)
	s, l := listen(t, c, Options{MessageBytes: 1 << 20})
	conn := bare(t, c, Shell, "DEALER")
	header := []byte{2, 0, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint64(header[1:], 1<<62)
	conn.Write(header)
	l.expect(t, "more than 1048576 bytes")
	many := bare(t, c, Shell, "DEALER") // no frame is large, the message is
	many.Write(bytes.Repeat([]byte{1, 0}, 1<<15))
	dealer := dial(t, zmq4.NewDealer(t.Context()), c, Shell)
	dealer.SendMulti(request(t, "key", "good", `{}`))
	if m := receive(t, s, Shell); m.Header.Type != "good" {
		t.Errorf("received %s", m.Header.Type)
	}
}

// The library slices the metadata of a handshake by lengths that it is told.
func TestBrokenHandshake(t *testing.T) {
	c := ports(t)
	s, l := listen(t, c, Options{})
	conn, err := net.Dial("tcp", strings.TrimPrefix(address(c, Shell), "tcp://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	g := make([]byte, 64)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], "NULL")
	conn.Write(append(g, []byte("\x04\x08\x05READY\x02a")...))
	l.expect(t, "malformed handshake")
	dealer := dial(t, zmq4.NewDealer(t.Context()), c, Shell)
	dealer.SendMulti(request(t, "key", "good", `{}`))
	receive(t, s, Shell)
}

// A peer that connects and says nothing delays nobody.
func TestMutePeer(t *testing.T) {
	c := ports(t)
	s, _ := listen(t, c, Options{})
	conn, err := net.Dial("tcp", strings.TrimPrefix(address(c, Shell), "tcp://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	begin := time.Now()
	dealer := dial(t, zmq4.NewDealer(t.Context()), c, Shell)
	dealer.SendMulti(request(t, "key", "good", `{}`))
	receive(t, s, Shell)
	if d := time.Since(begin); d > handshakeTime/2 {
		t.Errorf("the second peer waited %v", d)
	}
}

// A subscriber that does not read neither stops a healthy one nor fills the
// memory; when it reads again it finds a note, and what may not be dropped.
func TestStalledSubscriber(t *testing.T) {
	c := ports(t)
	s, _ := listen(t, c, Options{QueueBytes: 1 << 20})
	o := NewOrigin()
	welcomed := make(chan bool, 2)
	s.OnSubscribe(func(string) *Message { welcomed <- true; return nil })
	stalled := bare(t, c, IOPub, "SUB")
	stalled.Write([]byte{0, 1, 1})
	<-welcomed
	sub := dial(t, zmq4.NewSub(t.Context()), c, IOPub)
	sub.SetOption(zmq4.OptionSubscribe, "")
	<-welcomed
	time.Sleep(20 * time.Millisecond) // the topic counts after its welcome

	const n = 1000
	big := strings.Repeat("x", 64<<10)
	go func() {
		for range n {
			s.Publish(stream(t, o, big), Stream, "")
			time.Sleep(100 * time.Microsecond) // a healthy subscriber keeps up
		}
		m, _ := o.New("status", nil, map[string]string{"execution_state": "idle"}, nil)
		m.Identities = framesOf("kernel.1.status")
		s.Publish(m, Keep, "")
	}()
	got := 0
	for m := published(t, sub); m.Header.Type != "status"; m = published(t, sub) {
		got++
	}
	if got < n/2 {
		t.Errorf("the healthy subscriber got %d of %d messages", got, n)
	}
	stalled.SetReadDeadline(time.Now().Add(5 * time.Second))
	var all []byte
	buf := make([]byte, 1<<20)
	for !bytes.Contains(all, []byte(`"idle"`)) {
		k, err := stalled.Read(buf)
		if err != nil {
			t.Fatalf("the stalled subscriber got %d bytes, no idle: %v", len(all), err)
		}
		all = append(all, buf[:k]...)
	}
	if !bytes.Contains(all, []byte("output dropped")) {
		t.Error("no note about dropped output")
	}
	if len(all) > n*len(big)/2 {
		t.Errorf("the stalled subscriber was kept %d bytes", len(all))
	}
}

// What was sent before Close arrives.
func TestCloseDrains(t *testing.T) {
	c := ports(t)
	s, _ := listen(t, c, Options{})
	o := NewOrigin()
	welcomed := make(chan bool, 1)
	s.OnSubscribe(func(string) *Message { welcomed <- true; return nil })
	sub := dial(t, zmq4.NewSub(t.Context()), c, IOPub)
	sub.SetOption(zmq4.OptionSubscribe, "")
	<-welcomed
	time.Sleep(20 * time.Millisecond)
	const n = 500
	for range n {
		s.Publish(stream(t, o, "x"), Stream, "")
	}
	s.Close()
	for i := range n {
		if m := published(t, sub); m.Header.Type != "stream" {
			t.Fatalf("message %d is %s", i, m.Header.Type)
		}
	}
	if _, err := s.Receive(t.Context(), Shell); err != ErrClosed {
		t.Errorf("Receive after Close = %v", err)
	}
}

func TestListenOnTakenPort(t *testing.T) {
	c := ports(t)
	listen(t, c, Options{})
	if _, err := Listen(c, Options{}); err == nil || !strings.Contains(err.Error(), "shell socket cannot listen") {
		t.Errorf("got %v", err)
	}
}

// Connections that come and go leave nothing behind.
func TestConnectionsLeaveNothing(t *testing.T) {
	c := ports(t)
	s, _ := listen(t, c, Options{})
	s.OnSubscribe(nil)
	before := runtime.NumGoroutine()
	for i := range 200 {
		ch := []Channel{Shell, IOPub, Heartbeat}[i%3]
		kind := map[Channel]string{Shell: "DEALER", IOPub: "SUB", Heartbeat: "REQ"}[ch]
		conn := bare(t, c, ch, kind)
		if ch == IOPub {
			conn.Write([]byte{0, 1, 1})
		}
		conn.Close()
	}
	// A peer is forgotten soon after it has gone, not at once.
	var left []string
	for range 500 {
		left = nil
		if n := runtime.NumGoroutine(); n > before {
			left = append(left, fmt.Sprintf("%d goroutines, %d before", n, before))
		}
		for _, sock := range s.all {
			sock.mu.Lock()
			if len(sock.peers) != 0 || len(sock.byID) != 0 || sock.count != 0 {
				left = append(left, fmt.Sprintf("%s: %d peers, %d identities, count %d", sock.ch, len(sock.peers), len(sock.byID), sock.count))
			}
			sock.mu.Unlock()
		}
		if len(left) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("left behind: %q", left)
}
