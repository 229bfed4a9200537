// This file takes one cell through real sockets.

package session_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"cajal/kernel/session"
	"cajal/kernel/wire"
)

func TestOverSockets(t *testing.T) {
	conn := wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: "secret"}
	var held []net.Listener
	for _, p := range []*int{&conn.ShellPort, &conn.ControlPort, &conn.StdinPort, &conn.IOPubPort, &conn.HBPort} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, l)
		*p = l.Addr().(*net.TCPAddr).Port
	}
	for _, l := range held {
		l.Close()
	}
	sockets, err := wire.Listen(conn, wire.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		ended <- session.New(session.Config{Transport: sockets, Evaluator: newFake, Info: fakeInfo}).Serve(ctx)
	}()

	codec, err := wire.NewCodec("secret", "")
	if err != nil {
		t.Fatal(err)
	}
	dial := func(s zmq4.Socket, port int) zmq4.Socket {
		if err := s.Dial(fmt.Sprintf("tcp://127.0.0.1:%d", port)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	receive := func(s zmq4.Socket) *wire.Message {
		t.Helper()
		raw, err := s.Recv()
		if err != nil {
			t.Fatal(err)
		}
		m, err := codec.Decode(raw.Frames)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	sub := dial(zmq4.NewSub(t.Context()), conn.IOPubPort)
	sub.SetOption(zmq4.OptionSubscribe, "")
	shell := dial(zmq4.NewDealer(t.Context()), conn.ShellPort)
	if m := receive(sub); m.Header.Type != "iopub_welcome" {
		t.Fatalf("first on iopub is %s", m.Header.Type)
	}
	origin := wire.NewOrigin()
	for i := range 20 {
		m, _ := origin.New("execute_request", nil, map[string]string{"code": "print hello\nresult 42"}, nil)
		frames, err := codec.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if err := shell.SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
			t.Fatal(err)
		}
		var got []string
		for len(got) == 0 || got[len(got)-1] != "status" || len(got) < 2 {
			m := receive(sub)
			got = append(got, m.Header.Type)
		}
		if want := "[status execute_input stream execute_result status]"; fmt.Sprint(got) != want {
			t.Fatalf("cell %d: iopub had %v, want %s", i, got, want)
		}
		if r := receive(shell); r.Header.Type != "execute_reply" {
			t.Fatalf("shell had %s", r.Header.Type)
		}
		if d := time.Since(begin); d > time.Second {
			t.Errorf("cell %d took %v", i, d)
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
