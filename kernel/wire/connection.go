// This file reads a connection file: where a kernel listens and with which key.

package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// Connection is the content of a Jupyter connection file.
type Connection struct {
	Transport       string `json:"transport"` // "tcp" or "ipc"
	IP              string `json:"ip"`        // an address, "*" for all; for ipc the prefix of a path
	ShellPort       int    `json:"shell_port"`
	ControlPort     int    `json:"control_port"`
	StdinPort       int    `json:"stdin_port"`
	IOPubPort       int    `json:"iopub_port"`
	HBPort          int    `json:"hb_port"`
	Key             string `json:"key"`              // empty: nothing is signed
	SignatureScheme string `json:"signature_scheme"` // "hmac-sha256" if empty
	KernelName      string `json:"kernel_name,omitempty"`

	// Keys of CurveZMQ, which this kernel does not speak; see [ReadConnection].
	CurvePublicKey string `json:"curve_publickey,omitempty"`
	CurveSecretKey string `json:"curve_secretkey,omitempty"`
}

// ReadConnection reads and checks a connection file. A file that asks for
// encryption is refused: falling back to plain text would betray its author.
func ReadConnection(path string) (Connection, error) {
	const hint = "Jupyter writes this file and passes its path with -f; to try the kernel by hand, start it with `jupyter console --kernel cajal`"
	if path == "" {
		return Connection{}, errors.New("no connection file given: expected -f FILE; " + hint)
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Connection{}, fmt.Errorf("connection file %s does not exist; %s", path, hint)
	}
	if err != nil {
		return Connection{}, fmt.Errorf("connection file cannot be read: %w", err)
	}
	c, err := ParseConnection(text)
	if err != nil {
		return Connection{}, fmt.Errorf("connection file %s: %w", path, err)
	}
	return c, nil
}

// ParseConnection reads the text of a connection file and checks every field
// that the sockets need.
func ParseConnection(text []byte) (Connection, error) {
	var c Connection
	if err := json.Unmarshal(text, &c); err != nil {
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case len(strings.TrimSpace(string(text))) == 0:
			return c, errors.New("is empty, expected a JSON object with the five ports and a key")
		case errors.As(err, &syntax):
			line := 1 + strings.Count(string(text[:syntax.Offset]), "\n")
			return c, fmt.Errorf("line %d is not JSON: %w", line, err)
		case errors.As(err, &kind):
			want := "a string"
			if kind.Type.Kind() == reflect.Int {
				want = "a number"
			}
			return c, fmt.Errorf("%q is a %s, expected %s", kind.Field, kind.Value, want)
		}
		return c, fmt.Errorf("is not JSON: %w", err)
	}
	if c.Transport == "" {
		c.Transport = "tcp"
	}
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return c, fmt.Errorf("transport is %q, expected tcp or ipc", c.Transport)
	}
	if c.IP == "" {
		return c, errors.New("has no ip, expected an address such as 127.0.0.1 (for ipc: the prefix of a path)")
	}
	seen := map[int]string{}
	for _, p := range []struct {
		name string
		port int
	}{
		{"shell_port", c.ShellPort},
		{"control_port", c.ControlPort},
		{"stdin_port", c.StdinPort},
		{"iopub_port", c.IOPubPort},
		{"hb_port", c.HBPort},
	} {
		if p.port == 0 {
			return c, fmt.Errorf("has no %s, expected a number from 1 to 65535", p.name)
		}
		if p.port < 0 || p.port > 65535 {
			return c, fmt.Errorf("%s is %d, expected a number from 1 to 65535", p.name, p.port)
		}
		if other, ok := seen[p.port]; ok {
			return c, fmt.Errorf("%s and %s are both %d, expected five different ports", other, p.name, p.port)
		}
		seen[p.port] = p.name
	}
	if c.SignatureScheme == "" {
		c.SignatureScheme = "hmac-sha256"
	}
	if _, err := hashOf(c.SignatureScheme); err != nil {
		return c, err
	}
	if c.CurvePublicKey != "" || c.CurveSecretKey != "" {
		return c, errors.New("asks for CurveZMQ encryption, which this kernel does not speak; start it without (transport_encryption = \"disabled\")")
	}
	return c, nil
}

// port returns the port of a channel.
func (c Connection) port(ch Channel) int {
	switch ch {
	case Shell:
		return c.ShellPort
	case Control:
		return c.ControlPort
	case Stdin:
		return c.StdinPort
	case IOPub:
		return c.IOPubPort
	default:
		return c.HBPort
	}
}

// listen opens the listener of a channel. A socket file that nobody answers on
// is left from a kernel that died, and is removed.
func (c Connection) listen(ch Channel) (net.Listener, error) {
	port := strconv.Itoa(c.port(ch))
	network, addr := "tcp", ""
	if c.Transport == "ipc" {
		network, addr = "unix", c.IP+"-"+port
		if conn, err := net.Dial(network, addr); err == nil {
			conn.Close()
			return nil, fmt.Errorf("%s socket %s: another process listens there; start the kernel with another connection file", ch, addr)
		}
		if info, err := os.Lstat(addr); err == nil && info.Mode()&fs.ModeSocket != 0 {
			os.Remove(addr)
		}
	} else {
		ip := c.IP
		if ip == "*" {
			ip = ""
		}
		addr = net.JoinHostPort(ip, port)
	}
	l, err := net.Listen(network, addr)
	if err != nil {
		return nil, fmt.Errorf("%s socket cannot listen on %s: %w; if another process took the port, start the kernel again", ch, addr, err)
	}
	return l, nil
}
