package kernel_test

// This file runs cells that import third-party modules.

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"cajal/kernel/bind"
	"cajal/kernel/cell"
	"cajal/kernel/eval"
	"cajal/kernel/eval/module/moduletest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// moduleWorld makes a file:// GOPROXY of testdata/modules/proxy.txtar, an empty
// module cache, and a current folder with those files of the archive that are of
// no module.
func moduleWorld(t *testing.T) {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/modules/proxy.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	here := t.TempDir()
	for _, f := range archive.Files {
		if strings.Contains(f.Name, "@") {
			files[f.Name] = string(f.Data)
			continue
		}
		writeFile(t, filepath.Join(here, filepath.FromSlash(f.Name)), string(f.Data))
	}
	proxy := t.TempDir()
	if err := moduletest.Write(proxy, files); err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{
		"GOENV": "off", "GOPROXY": moduletest.Address(proxy), "GOMODCACHE": t.TempDir(), "GOPATH": t.TempDir(), "GOSUMDB": "off",
		"GOPRIVATE": "", "GONOPROXY": "", "GONOSUMDB": "", "GOFLAGS": "",
	} {
		t.Setenv(key, value)
	}
	t.Chdir(here)
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestModuleCells runs the notebooks of testdata/modules; see cells_test.go.
func TestModuleCells(t *testing.T) {
	files, err := filepath.Glob("testdata/modules/*.txtar")
	if err != nil || len(files) < 2 {
		t.Fatalf("no notebooks in testdata/modules: %v", err)
	}
	for _, file := range files {
		if filepath.Base(file) == "proxy.txtar" {
			continue
		}
		file, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			moduleWorld(t)
			runNotebook(t, file)
		})
	}
}

// TestModuleEditor asks for members of modules, imported and not yet.
func TestModuleEditor(t *testing.T) {
	moduleWorld(t)
	e, host := newEvaluator(t)
	run(t, e, host, 1, "%get example.com/shapes@v1.0.0\nimport \"example.com/order\"\nvar _ = order.Trace")
	for _, test := range []struct{ code, want, kind string }{
		{"order.Tr|", "Trace", "instance"},
		{"import \"example.com/shapes\"\nshapes.Sq|", "Square", "class"},
		{"import \"example.com/shapes\"\nshapes.Square{}.Ar|", "Area", "method"},
		{"import \"example.com/or|", "example.com/order", "module"},
		{"%ge|", "%get", "function"},
		{"%us|", "%use", "function"},
	} {
		pos := strings.Index(test.code, "|")
		c := e.Complete(strings.Replace(test.code, "|", "", 1), pos)
		i := slices.IndexFunc(c.Items, func(i cell.CompletionItem) bool { return i.Text == test.want })
		if i < 0 || c.Items[i].Kind != test.kind {
			t.Errorf("%s proposes %v, not %q of kind %s", test.code, c.Items[:min(len(c.Items), 10)], test.want, test.kind)
		}
	}
	code := "import \"example.com/shapes\"\nshapes.Square{}.Area"
	text, _ := e.Inspect(code, len(code), 0).Data["text/plain"].(string)
	for _, want := range []string{"func (s shapes.Square) Area() float64", "Area is the square's area.", "declared at example.com/shapes@v1.0.0/shapes.go:"} {
		if !strings.Contains(text, want) {
			t.Errorf("inspected: %q, without %q", text, want)
		}
	}
	text, _ = e.Inspect(code, len(code), 1).Data["text/plain"].(string)
	if !strings.HasSuffix(text, "\n\nfunc (s Square) Area() float64 { return s.Side * s.Side }") {
		t.Errorf("inspected with source: %q", text)
	}
}

// TestModuleAssembly: what x/sys has in assembly, cells have as Go.
func TestModuleAssembly(t *testing.T) {
	moduleWorld(t)
	e, host := newEvaluator(t)
	if got := run(t, e, host, 1, "%get golang.org/x/sys\nimport \"golang.org/x/sys/cpu\"\ncpu.HasAVX"); got != "golang.org/x/sys v0.1.0\nfalse\n" {
		t.Errorf("the processor: %s", got)
	}
	if runtime.GOOS != "linux" {
		t.Skip("system calls have numbers on Linux")
	}
	code := "import \"golang.org/x/sys/unix\"\npid, _, errno := unix.Syscall(syscall.SYS_GETPID, 0, 0, 0)\n" +
		"same, _ := unix.SyscallNoError(syscall.SYS_GETPID, 0, 0, 0)\nfmt.Println(int(pid) == os.Getpid(), same == pid, errno == 0)"
	if got := run(t, e, host, 2, code); got != "true true true\n" {
		t.Errorf("system calls: %s", got)
	}
}

// TestModuleInterrupt: a cell that waits for a proxy can be interrupted, and the
// next one runs.
func TestModuleInterrupt(t *testing.T) {
	moduleWorld(t)
	asked := make(chan struct{}, 10)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer slow.Close()
	t.Setenv("GOPROXY", slow.URL)
	e, host := newEvaluator(t)
	for n, code := range []string{"import \"example.com/shapes\"", "%get example.com/shapes"} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-asked
			cancel()
		}()
		out := e.Execute(ctx, cell.Request{ID: cell.ID(n + 1), Number: n + 1, Code: code})
		if out.Err == nil || out.Err.Kind != cell.ErrInterrupt {
			t.Errorf("%s: %v", code, out.Err)
		}
	}
	if got := run(t, e, host, 3, "1 + 1"); got != "2\n" {
		t.Errorf("the next cell: %s", got)
	}
}

// TestModuleReload: what is wrong in a folder is told by %use, and cells go on
// with what was there until it is right.
func TestModuleReload(t *testing.T) {
	moduleWorld(t)
	e, host := newEvaluator(t)
	run(t, e, host, 1, "%use mine\nimport \"mine\"\nfunc greet() string { return mine.Greet() }")
	writeFile(t, "mine/mine.go", "package mine\n\nfunc Greet() string { return 1 }\n")
	out := e.Execute(t.Context(), cell.Request{ID: 2, Number: 2, Code: "%use mine"})
	if out.Err == nil || !strings.Contains(out.Err.Error(), "mine.go:3:30: cannot use 1") {
		t.Errorf("a mistake in the folder: %v", out.Err)
	}
	if got := run(t, e, host, 3, "mine.Greet()"); got != "\"hello from mine, shapes v1.0.0\"\n" {
		t.Errorf("after it: %s", got)
	}
	writeFile(t, "mine/mine.go", "package mine\n\nvar text = \"mended\"\n\nfunc Greet() string { return text }\n")
	run(t, e, host, 4, "%use mine")
	if got := run(t, e, host, 5, "mine.Greet() + greet()"); got != "\"mendedhello from mine, shapes v1.0.0\"\n" {
		t.Errorf("mended: %s", got)
	}
}

// TestModulePins: another session gets the versions of the first, although there
// are newer ones.
func TestModulePins(t *testing.T) {
	moduleWorld(t)
	e, host := newEvaluator(t)
	run(t, e, host, 1, "%get example.com/shapes@v1.0.0")
	run(t, e, host, 2, "import \"example.com/shapes\"\nshapes.Version")
	var pins []cell.Module
	for _, m := range eval.Modules() {
		if m.Path == "example.com/shapes" && m.Version == "v1.0.0" {
			pins = append(pins, m)
		}
	}
	if len(pins) != 1 || !strings.HasPrefix(pins[0].Sum, "h1:") {
		t.Fatalf("modules of this process: %v", eval.Modules())
	}
	again, host := newEvaluator(t)
	if err := again.Pin(pins); err != nil {
		t.Fatal(err)
	}
	if got := run(t, again, host, 1, "import \"example.com/shapes\"\nshapes.Version"); !strings.HasPrefix(got, "\"v1.0.0\"\n") {
		t.Errorf("with the pin: %s", got)
	}
	set := bind.New()
	saved, err := eval.New(eval.Config{Lookup: set.Lookup, Pins: func() []cell.Module { return pins }})
	if err != nil {
		t.Fatal(err)
	}
	defer saved.Close()
	if out := saved.Execute(t.Context(), cell.Request{ID: 1, Number: 1, Code: "import \"example.com/shapes\"\nif shapes.Version != \"v1.0.0\" { panic(shapes.Version) }"}); out.Err != nil {
		t.Errorf("with pins of the configuration: %v", out.Err)
	}
	latest, host := newEvaluator(t)
	if got := run(t, latest, host, 1, "import \"example.com/shapes\"\nshapes.Version"); !strings.HasPrefix(got, "\"v1.1.0\"\n") {
		t.Errorf("without: %s", got)
	}
}

// TestModuleProgram: a program finds the module that it lies in, and others.
func TestModuleProgram(t *testing.T) {
	moduleWorld(t)
	set := bind.New()
	var out strings.Builder
	text, err := os.ReadFile("mine/cmd/main.go")
	if err != nil {
		t.Fatal(err)
	}
	code := eval.RunProgram(t.Context(), eval.Config{Lookup: set.Lookup, ByName: set.ByName, Paths: set.Paths},
		eval.Program{Files: map[string]string{"mine/cmd/main.go": string(text)}, Args: []string{"main"}, Stdout: &out, Stderr: &out})
	if want := "hello from mine, shapes v1.0.0\n"; code != 0 || out.String() != want {
		t.Errorf("exit code %d\ngot  %swant %s", code, out.String(), want)
	}
}

// wellKnown are modules that many programs use, each with a cell that does
// something with it and what that shows.
var wellKnown = map[string]struct{ code, want string }{
	"github.com/google/uuid": {
		"import \"github.com/google/uuid\"\nfmt.Println(uuid.NewSHA1(uuid.NameSpaceURL, []byte(\"x\")), uuid.Nil.Version())",
		"4cd605e7-afa2-5360-b5b9-c5e9fb5c76f4 VERSION_0\n",
	},
	"github.com/samber/lo": {
		"import \"github.com/samber/lo\"\nfmt.Println(lo.Map(lo.Uniq([]int{1, 2, 2}), func(x, i int) string { return strconv.Itoa(x * i) }), lo.GroupBy([]string{\"a\", \"bb\"}, func(s string) int { return len(s) }))",
		"[0 2] map[1:[a] 2:[bb]]\n",
	},
	"gopkg.in/yaml.v3": {
		"import \"gopkg.in/yaml.v3\"\ntype doc struct { Name string; Tags []string `yaml:\"tags,flow\"` }\nvar d doc\nyaml.Unmarshal([]byte(\"name: a\\ntags: [x, z]\\n\"), &d)\nout, _ := yaml.Marshal(map[string]doc{\"k\": d})\nfmt.Print(d, string(out))",
		"{a [x z]}k:\n    name: a\n    tags: [x, z]\n",
	},
	"github.com/davecgh/go-spew": {
		"import \"github.com/davecgh/go-spew/spew\"\ntype node struct { v int; next *node }\nc := spew.ConfigState{Indent: \" \", DisablePointerAddresses: true}\nfmt.Print(c.Sdump(node{1, &node{v: 2}}))",
		"(main.node) {\n v: (int) 1,\n next: (*main.node)({\n  v: (int) 2,\n  next: (*main.node)(<nil>)\n })\n}\n",
	},
	"github.com/BurntSushi/toml": {
		"import \"github.com/BurntSushi/toml\"\nvar c struct { Owner struct { Name string; Born time.Time } }\n_, err := toml.Decode(\"[owner]\\nname = 'me'\\nborn = 1979-05-27T07:32:00Z\\n\", &c)\nfmt.Println(c.Owner.Name, c.Owner.Born.Year(), err)",
		"me 1979 <nil>\n",
	},
	"github.com/yuin/goldmark": {
		"import \"github.com/yuin/goldmark\"\ngoldmark.Convert([]byte(\"# Hi *you*\\n\\n- a\\n\"), os.Stdout)",
		"<h1>Hi <em>you</em></h1>\n<ul>\n<li>a</li>\n</ul>\n",
	},
	"github.com/stretchr/testify": {
		"import \"github.com/stretchr/testify/assert\"\ntype tester struct{}\nfunc (tester) Errorf(f string, a ...any) { fmt.Println(strings.Contains(fmt.Sprintf(f, a...), \"Not equal\")) }\nfmt.Println(assert.Equal(tester{}, []int{1}, []int{2}), assert.ElementsMatch(tester{}, []int{1, 2}, []int{2, 1}))",
		"true\nfalse true\n",
	},
	"golang.org/x/text": {
		"import (\"golang.org/x/text/language\"; \"golang.org/x/text/message\"; \"golang.org/x/text/unicode/norm\")\nfmt.Println(message.NewPrinter(language.German).Sprintf(\"%d\", 1234567), len(norm.NFD.String(\"é\")))",
		"1.234.567 3\n",
	},
	"github.com/shopspring/decimal": {
		"import \"github.com/shopspring/decimal\"\na := decimal.RequireFromString(\"0.1\").Add(decimal.NewFromFloat(0.2))\nb, _ := json.Marshal(a)\nfmt.Println(a, string(b), a.Equal(decimal.New(3, -1)))",
		"0.3 \"0.3\" true\n",
	},
	"golang.org/x/sync": {
		"import \"golang.org/x/sync/errgroup\"\nvar g errgroup.Group\ng.Go(func() error { return io.EOF })\nfmt.Println(g.Wait())",
		"EOF\n",
	},
}

// TestWellKnownModules runs the well-known modules that the module cache of this
// machine has; nothing is fetched.
func TestWellKnownModules(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	ran := 0
	for _, path := range slices.Sorted(maps.Keys(wellKnown)) {
		t.Run(path, func(t *testing.T) {
			e, host := newEvaluator(t)
			test := wellKnown[path]
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			out := e.Execute(ctx, cell.Request{ID: 1, Number: 1, Code: test.code})
			if out.Err != nil {
				if strings.Contains(out.Err.Error(), "GOPROXY is off") || strings.Contains(out.Err.Error(), "it is not in the module cache") {
					t.Skip("it is not in the module cache")
				}
				t.Fatal(strings.Join(out.Err.Traceback, "\n"))
			}
			if d := cmp.Diff(test.want, sections(host.of(1), nil)["out"]); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			ran++
		})
	}
	t.Logf("%d of %d modules were there", ran, len(wellKnown))
}
