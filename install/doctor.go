// This file looks at what a machine lacks to use the kernel.

package install

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Finding is one thing that was looked at.
type Finding struct {
	OK   bool
	Text string // what was found
	Hint string // what to do; "" if there is nothing to do
}

// Doctor looks whether Jupyter is there and would find and start the kernel. It
// changes nothing.
func Doctor() []Finding {
	var all []Finding
	if path, err := exec.LookPath("jupyter"); err == nil {
		all = append(all, Finding{OK: true, Text: "jupyter is " + path})
	} else {
		all = append(all, Finding{Text: "there is no jupyter in PATH", Hint: "pip install jupyterlab; running notebooks with `cajal run` needs none"})
	}
	dirs := Installed()
	if len(dirs) == 0 {
		return append(all, Finding{Text: "the kernel is not installed where Jupyter looks", Hint: "cajal install"})
	}
	for i, dir := range dirs {
		f := check(dir)
		if i > 0 && f.OK {
			f = Finding{Text: dir + " is hidden by " + dirs[0], Hint: "cajal uninstall removes one of them"}
		}
		all = append(all, f)
	}
	return all
}

// check looks at one kernelspec.
func check(dir string) Finding {
	file := filepath.Join(dir, "kernel.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return Finding{Text: err.Error(), Hint: "cajal install"}
	}
	var s spec
	if err := json.Unmarshal(text, &s); err != nil || len(s.Argv) == 0 {
		return Finding{Text: file + " is not a kernelspec", Hint: "cajal install"}
	}
	info, err := os.Stat(s.Argv[0])
	if err != nil {
		return Finding{Text: fmt.Sprintf("%s starts %s, which is gone", file, s.Argv[0]), Hint: "cajal install"}
	}
	if info.IsDir() || filepath.Ext(s.Argv[0]) != ".exe" && info.Mode()&0o111 == 0 {
		return Finding{Text: fmt.Sprintf("%s starts %s, which is no program", file, s.Argv[0]), Hint: "cajal install"}
	}
	return Finding{OK: true, Text: file + " starts " + strings.Join(s.Argv, " ")}
}
