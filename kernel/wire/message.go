// This file defines a message and the channels that it travels on.

package wire

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// ProtocolVersion is the version of the messaging protocol in every header.
const ProtocolVersion = "5.5"

// Channel is one of the five sockets of a kernel.
type Channel int

// The channels.
const (
	Shell Channel = iota
	Control
	Stdin
	IOPub
	Heartbeat
)

// String returns Jupyter's name of the channel.
func (c Channel) String() string {
	switch c {
	case Shell:
		return "shell"
	case Control:
		return "control"
	case Stdin:
		return "stdin"
	case IOPub:
		return "iopub"
	case Heartbeat:
		return "hb"
	}
	return "channel " + strconv.Itoa(int(c))
}

// Header is the header of a message, as far as a kernel reads it. What a peer
// sent besides stays in [Message.RawHeader].
type Header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
	Subshell string `json:"subshell_id,omitempty"`
}

// Message is one message, received or to be sent.
type Message struct {
	Identities [][]byte        // who asked; on iopub the topic
	Header     Header          // of this message
	RawHeader  json.RawMessage // the header's bytes as received; nil in a message of ours
	Parent     json.RawMessage // the parent's header as bytes; nil is {}
	Metadata   json.RawMessage // nil is {}
	Content    json.RawMessage // nil is {}
	Buffers    [][]byte
}

// Class tells what may happen to a published message if a subscriber does not
// keep up.
type Class int

// The classes.
const (
	Keep   Class = iota // never dropped
	Stream              // text: dropped, oldest first, with a note in its place
	Update              // superseded by a later one with the same key
)

// Origin makes messages: it is the kernel's side of a session.
type Origin struct {
	Session  string // unique per process
	Username string
	n        atomic.Uint64
}

// NewOrigin returns an origin with a new random session.
func NewOrigin() *Origin {
	name := os.Getenv("USER")
	if name == "" {
		name = "kernel"
	}
	return &Origin{Session: NewID(), Username: name}
}

// NewID returns a random identifier in the form of a version 4 UUID.
func NewID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// New makes a message of the given type. parent is the request that it belongs
// to: its header becomes the parent header and its identities are kept, so that
// a reply finds its way; nil for a message that belongs to none. Content and
// metadata must be acceptable to encoding/json; nil stands for {}.
func (o *Origin) New(kind string, parent *Message, content, metadata any) (*Message, error) {
	m := &Message{Header: Header{
		ID:       o.Session + "_" + strconv.FormatUint(o.n.Add(1), 10),
		Session:  o.Session,
		Username: o.Username,
		Date:     time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
		Type:     kind,
		Version:  ProtocolVersion,
	}}
	if parent != nil {
		m.Identities = parent.Identities
		m.Parent = parent.RawHeader
	}
	var err error
	if m.Content, err = marshal(content); err != nil {
		return nil, fmt.Errorf("content of %s: %w", kind, err)
	}
	if m.Metadata, err = marshal(metadata); err != nil {
		return nil, fmt.Errorf("metadata of %s: %w", kind, err)
	}
	return m, nil
}

// marshal writes JSON without escaping <, > and &: outputs are full of markup.
func marshal(v any) (json.RawMessage, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		return v, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	out := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if string(out) == "null" { // a nil map: a front end wants an object
		return nil, nil
	}
	return out, nil
}
