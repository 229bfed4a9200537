package module

// This file tells proxies who asks, from the file .netrc (go help goauth).

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// authorize adds the name and password that .netrc has for the request's host,
// unless its address has some.
func (e *environment) authorize(req *http.Request) {
	if req.URL.User != nil || strings.TrimSpace(e.get("GOAUTH")) == "off" {
		return
	}
	file := os.Getenv("NETRC")
	if file == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return
		}
		file = filepath.Join(home, ".netrc")
		if _, err := os.Stat(file); err != nil && runtime.GOOS == "windows" {
			file = filepath.Join(home, "_netrc")
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	if login, password, ok := credentials(string(text), req.URL.Host); ok {
		req.SetBasicAuth(login, password)
	}
}

// credentials finds the entry of a host in the text of a .netrc file. Macros, and
// the default entry, which would tell anybody, are passed over.
func credentials(text, host string) (login, password string, ok bool) {
	var machine string
	words := strings.Fields(text)
	for i := 0; i+1 < len(words); i++ {
		switch words[i] {
		case "machine":
			if ok = machine == host && login != "" && password != ""; ok {
				return login, password, true
			}
			i++
			machine, login, password = words[i], "", ""
		case "default":
			machine = ""
		case "login":
			i++
			login = words[i]
		case "password":
			i++
			password = words[i]
		}
	}
	return login, password, machine == host && login != "" && password != ""
}
