// This file runs the command line, as scripts in notebooks/testdata/scripts.

package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cajal": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "notebooks/testdata/scripts", RequireExplicitExec: true})
}
