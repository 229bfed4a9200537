// This file tests framing and signatures, and feeds the parser what it does not
// expect.

package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var goldenParts = []string{
	`{"msg_id":"1","msg_type":"kernel_info_request","session":"s","username":"u","date":"2026-01-02T03:04:05Z","version":"5.4"}`,
	`{}`, `{}`, `{"x":"é"}`,
}

func framesOf(parts ...string) [][]byte {
	out := make([][]byte, len(parts))
	for i, p := range parts {
		out[i] = []byte(p)
	}
	return out
}

func codec(t testing.TB, key, scheme string) *Codec {
	t.Helper()
	c, err := NewCodec(key, scheme)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The signatures were made by jupyter_client 8.10.0:
// Session(key=…, signature_scheme=…).sign(parts).
func TestSignatureOfJupyterClient(t *testing.T) {
	for _, test := range []struct{ key, scheme, want string }{
		{"a0436f6c-1916-498b-8eb9-e81ab9368e84", "hmac-sha256", "8d66ce2ec54213cb488aa9bfb426569453ccbbe2389da07c0ec39ef831fee3b2"},
		{"k", "hmac-sha512", "ff29ce8f93d9a14733e81282ef6579df1dfc7f0925a6526edb18977e737076988944128038634b68524dec967af1d7c29ede3e90d952875baee087dcc85f407e"},
		{"", "hmac-sha256", ""},
	} {
		c := codec(t, test.key, test.scheme)
		if got := string(c.sign(framesOf(goldenParts...))); got != test.want {
			t.Errorf("%s: signature %q, want %q", test.scheme, got, test.want)
		}
		m, err := c.Decode(framesOf(append([]string{"who", "<IDS|MSG>", test.want}, goldenParts...)...))
		if err != nil {
			t.Errorf("%s: %v", test.scheme, err)
			continue
		}
		if m.Header.Type != "kernel_info_request" || string(m.Content) != `{"x":"é"}` || string(m.Identities[0]) != "who" {
			t.Errorf("%s: decoded %+v", test.scheme, m)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	c := codec(t, "key", "")
	good := func(change func(parts []string)) [][]byte {
		parts := append([]string(nil), goldenParts...)
		change(parts)
		f := framesOf(append([]string{"id", "<IDS|MSG>", ""}, parts...)...)
		f[2] = c.sign(f[3:])
		return f
	}
	unsigned := framesOf(append([]string{"id", "<IDS|MSG>", ""}, goldenParts...)...)
	forged := good(func([]string) {})
	forged[6] = []byte(`{"x":"e"}`)
	for _, test := range []struct {
		name   string
		frames [][]byte
		want   error
	}{
		{"nothing", nil, ErrMalformed},
		{"no delimiter", framesOf("a", "b", "c", "d", "e", "f"), ErrMalformed},
		{"parts missing", good(func([]string) {})[:6], ErrMalformed},
		{"no signature", unsigned, ErrSignature},
		{"content changed", forged, ErrSignature},
		{"header is a list", good(func(p []string) { p[0] = `[]` }), ErrMalformed},
		{"header without type", good(func(p []string) { p[0] = `{}` }), ErrMalformed},
		{"header of other types", good(func(p []string) { p[0] = `{"msg_type":1}` }), ErrMalformed},
	} {
		if _, err := c.Decode(test.frames); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
	if _, err := c.Decode(good(func([]string) {})); err != nil {
		t.Errorf("the good one: %v", err)
	}
	// Who can be answered is handed on.
	m, err := c.Decode(good(func(p []string) { p[1], p[2], p[3] = `null`, `{"a":`, `[1]` }))
	if err != nil {
		t.Fatalf("parent null, metadata cut, content a list: %v", err)
	}
	if got := string(m.Parent) + string(m.Metadata) + string(m.Content); got != "{}{}[1]" {
		t.Errorf("parent, metadata and content are %s", got)
	}
}

func TestEncodeDecode(t *testing.T) {
	c := codec(t, "key", "hmac-md5")
	o := NewOrigin()
	request := &Message{Identities: framesOf("a", "b"), RawHeader: []byte(`{"msg_type":"x_request","unknown":[1]}`)}
	m, err := o.New("x_reply", request, map[string]any{"html": "<b>"}, map[string]any(nil))
	if err != nil {
		t.Fatal(err)
	}
	m.Buffers = framesOf("raw", "")
	frames, err := c.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Decode(frames)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(framesOf("a", "b"), got.Identities); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(m.Header, got.Header); diff != "" {
		t.Error(diff)
	}
	if string(got.Parent) != string(request.RawHeader) {
		t.Errorf("parent %s, want the request's header byte for byte", got.Parent)
	}
	if string(got.Content) != `{"html":"<b>"}` || string(got.Metadata) != "{}" || len(got.Buffers) != 2 {
		t.Errorf("content %s, metadata %s, %d buffers", got.Content, got.Metadata, len(got.Buffers))
	}
	if h := got.Header; h.Session != o.Session || h.Date == "" || h.Version != "5.5" || !strings.HasPrefix(h.ID, o.Session) {
		t.Errorf("header %+v", h)
	}
	if next, _ := o.New("x", nil, nil, nil); next.Header.ID == m.Header.ID {
		t.Error("two messages have the same id")
	}
}

// Whatever comes, the parser answers with a message or an error, and a message
// that it takes goes out again and comes back the same.
func FuzzDecode(f *testing.F) {
	c := codec(f, "", "")
	signed := codec(f, "key", "")
	for _, s := range []string{
		"id\x00<IDS|MSG>\x00\x00" + strings.Join(goldenParts, "\x00"),
		"<IDS|MSG>\x00\x00{\"msg_type\":\"x\"}\x00{}\x00{}\x00{}\x00buffer",
		"<IDS|MSG>", "\x00\x00\x00", "",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frames := bytes.Split(data, []byte{0})
		if _, err := signed.Decode(frames); err == nil {
			t.Fatalf("a message without a signature was taken: %q", data)
		}
		m, err := c.Decode(frames)
		if err != nil {
			return
		}
		again, err := c.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		m2, err := c.Decode(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, m2); diff != "" {
			t.Fatal(diff)
		}
	})
}
