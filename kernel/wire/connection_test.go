// This file tests connection files: what is read, and what broken ones say.

package wire

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const goodFile = `{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"control_port":2,"stdin_port":3,"iopub_port":4,"hb_port":5,"key":"k","signature_scheme":"hmac-sha256","kernel_name":"cajal","more":[1]}`

func TestReadConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	os.WriteFile(path, []byte(goodFile), 0o600)
	c, err := ReadConnection(path)
	if err != nil {
		t.Fatal(err)
	}
	for ch, want := range map[Channel]int{Shell: 1, Control: 2, Stdin: 3, IOPub: 4, Heartbeat: 5} {
		if got := c.port(ch); got != want {
			t.Errorf("%s has port %d, want %d", ch, got, want)
		}
	}
	if c.Key != "k" || c.KernelName != "cajal" {
		t.Errorf("got %+v", c)
	}
}

func TestReadConnectionMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.json")
	for _, test := range []struct{ path, want string }{
		{path, "does not exist"},
		{"", "no connection file"},
		{t.TempDir(), "cannot be read"},
	} {
		if _, err := ReadConnection(test.path); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want an error with %q", test.path, err, test.want)
		}
	}
}

func TestParseConnectionRefuses(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"not JSON", `"ip"`, "\n ip", "line 2 is not JSON"},
		{"no port", `"hb_port":5`, `"x":5`, "has no hb_port"},
		{"port out of range", `"hb_port":5`, `"hb_port":70000`, "hb_port is 70000"},
		{"port is text", `"hb_port":5`, `"hb_port":"5"`, `"hb_port" is a string, expected a number`},
		{"same ports", `"hb_port":5`, `"hb_port":4`, "iopub_port and hb_port are both 4"},
		{"transport", `"tcp"`, `"udp"`, "expected tcp or ipc"},
		{"no ip", `"ip":"127.0.0.1"`, `"ip":""`, "has no ip"},
		{"scheme", `hmac-sha256`, `rot13`, `signature_scheme is "rot13"`},
		{"curve", `"more":[1]`, `"curve_secretkey":"x"`, "CurveZMQ"},
	} {
		text := strings.Replace(goodFile, test.old, test.new, 1)
		if text == goodFile {
			t.Fatalf("%s: nothing was replaced", test.name)
		}
		if _, err := ParseConnection([]byte(text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
	if _, err := ParseConnection([]byte(" \n")); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("empty file: got %v", err)
	}
}

func TestParseConnectionDefaults(t *testing.T) {
	text := strings.NewReplacer(`"transport":"tcp",`, "", `"signature_scheme":"hmac-sha256",`, "", `"key":"k",`, "").Replace(goodFile)
	c, err := ParseConnection([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if c.Transport != "tcp" || c.SignatureScheme != "hmac-sha256" || c.Key != "" {
		t.Errorf("got %+v", c)
	}
}
