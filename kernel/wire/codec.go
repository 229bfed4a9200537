// This file turns frames into messages and back, and signs and checks them.

package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"unicode/utf8"
)

// delimiter parts the identities from the message.
var delimiter = []byte("<IDS|MSG>")

// Codec signs, checks, parses and serialises messages with one key. Its methods
// may be called from any goroutine.
type Codec struct {
	key []byte // empty: nothing is signed, nothing checked
	new func() hash.Hash
}

// NewCodec returns a codec for a key and a signature scheme: hmac-sha256,
// hmac-sha512 or hmac-md5. An empty key means no signatures.
func NewCodec(key, scheme string) (*Codec, error) {
	h, err := hashOf(scheme)
	if err != nil {
		return nil, err
	}
	return &Codec{key: []byte(key), new: h}, nil
}

func hashOf(scheme string) (func() hash.Hash, error) {
	switch scheme {
	case "hmac-sha256", "":
		return sha256.New, nil
	case "hmac-sha512":
		return sha512.New, nil
	case "hmac-md5":
		return md5.New, nil
	}
	return nil, fmt.Errorf("signature_scheme is %q, expected hmac-sha256, hmac-sha512 or hmac-md5", scheme)
}

// The errors of Decode that are worth telling apart.
var (
	ErrSignature = errors.New("the signature does not match: the sender has another key")
	ErrMalformed = errors.New("malformed message")
)

// sign returns the signature of the four JSON parts as hexadecimal digits; it
// is empty without a key.
func (c *Codec) sign(parts [][]byte) []byte {
	if len(c.key) == 0 {
		return []byte{}
	}
	mac := hmac.New(c.new, c.key)
	for _, p := range parts {
		mac.Write(p)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// Decode parses the frames of one message: identities, delimiter, signature,
// header, parent header, metadata, content, buffers. The signature is checked
// over the bytes as they came, in constant time. It keeps the frames.
//
// Whoever sent a sound signature and header can be answered, so the content is
// handed on whatever it is, and a parent header or metadata that is no object is
// taken as empty.
func (c *Codec) Decode(frames [][]byte) (*Message, error) {
	at := -1
	for i, f := range frames {
		if bytes.Equal(f, delimiter) {
			at = i
			break
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("%w: no %s among its %d parts", ErrMalformed, delimiter, len(frames))
	}
	body := frames[at+1:]
	if len(body) < 5 {
		return nil, fmt.Errorf("%w: %d parts after %s, expected signature, header, parent header, metadata and content", ErrMalformed, len(body), delimiter)
	}
	if len(c.key) > 0 && !hmac.Equal(c.sign(body[1:5]), body[0]) {
		return nil, ErrSignature
	}
	if !isObject(body[1]) {
		return nil, fmt.Errorf("%w: its header is not a JSON object", ErrMalformed)
	}
	m := &Message{
		Identities: frames[:at:at],
		RawHeader:  body[1],
		Parent:     object(body[2]),
		Metadata:   object(body[3]),
		Content:    body[4],
		Buffers:    body[5:],
	}
	if err := json.Unmarshal(body[1], &m.Header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	if m.Header.Type == "" {
		return nil, fmt.Errorf("%w: its header has no msg_type", ErrMalformed)
	}
	return m, nil
}

// isObject tells whether b is one JSON object in valid UTF-8.
func isObject(b []byte) bool {
	t := bytes.TrimLeft(b, " \t\r\n")
	return len(t) > 0 && t[0] == '{' && json.Valid(b) && utf8.Valid(b)
}

// object returns b, or an empty object if b is not one.
func object(b []byte) []byte {
	if !isObject(b) {
		return []byte("{}")
	}
	return b
}

// Encode serialises and signs a message. The result shares the message's bytes.
func (c *Codec) Encode(m *Message) ([][]byte, error) {
	header := []byte(m.RawHeader)
	if header == nil {
		var err error
		if header, err = marshal(m.Header); err != nil {
			return nil, err
		}
	}
	frames := make([][]byte, 0, len(m.Identities)+6+len(m.Buffers))
	frames = append(frames, m.Identities...)
	frames = append(frames, delimiter, nil, header, orEmpty(m.Parent), orEmpty(m.Metadata), orEmpty(m.Content))
	n := len(frames)
	frames[n-5] = c.sign(frames[n-4:])
	return append(frames, m.Buffers...), nil
}

func orEmpty(b []byte) []byte {
	if len(b) == 0 {
		return []byte("{}")
	}
	return b
}
