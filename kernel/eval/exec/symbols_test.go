package exec_test

// This file has the compiled packages of the tests.

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cajal/kernel/eval/exec"
)

// symbols are the compiled packages of the tests. What package fmt prints goes
// where println prints.
type symbols struct{}

func output(s string) (int, error) { exec.Current().Print(s); return len(s), nil }

var funcs = map[string]any{
	"fmt.Println": func(a ...any) (int, error) { return output(fmt.Sprintln(a...)) },
	"fmt.Print":   func(a ...any) (int, error) { return output(fmt.Sprint(a...)) },
	"fmt.Printf":  func(f string, a ...any) (int, error) { return output(fmt.Sprintf(f, a...)) },
	"fmt.Sprint":  fmt.Sprint, "fmt.Sprintf": fmt.Sprintf, "fmt.Errorf": fmt.Errorf,
	"fmt.Fprint": fmt.Fprint, "fmt.Fprintf": fmt.Fprintf, "fmt.Sscanf": fmt.Sscanf,

	"errors.New": errors.New, "errors.Is": errors.Is, "errors.As": errors.As,
	"os.Exit":   func(code int) { panic(exec.Exit{Code: code}) },
	"math.Sqrt": math.Sqrt, "math.Pow": math.Pow, "math.Floor": math.Floor, "math.Inf": math.Inf,
	"math.NaN": math.NaN, "math.Copysign": math.Copysign,
	"sort.Sort": sort.Sort, "sort.Slice": sort.Slice,
	"strings.Repeat": strings.Repeat, "strings.Map": strings.Map, "strings.ToUpper": strings.ToUpper,
	"strings.Trim": strings.Trim, "strings.Fields": strings.Fields,
	"json.Marshal": json.Marshal, "json.Unmarshal": json.Unmarshal,
	"reflect.TypeOf": reflect.TypeOf, "reflect.ValueOf": reflect.ValueOf, "reflect.New": reflect.New,
	"reflect.PointerTo": reflect.PointerTo, "reflect.DeepEqual": reflect.DeepEqual,
	"runtime.Gosched": runtime.Gosched, "runtime.SetFinalizer": runtime.SetFinalizer,
	"time.Sleep": time.Sleep, "time.After": time.After, "time.AfterFunc": time.AfterFunc,
	"context.WithCancel": context.WithCancel, "context.Background": context.Background, "context.Cause": context.Cause,
	"sync.NewCond":          sync.NewCond,
	"cmp.Compare[string]":   cmp.Compare[string],
	"atomic.AddInt64":       atomic.AddInt64,
	"bytes.NewBufferString": bytes.NewBufferString,
}

var vars = map[string]any{"os.ErrNotExist": &os.ErrNotExist}

var goTypes = make(map[string]reflect.Type)

func init() {
	for _, t := range []reflect.Type{
		reflect.TypeFor[sync.WaitGroup](), reflect.TypeFor[sync.Mutex](), reflect.TypeFor[sync.RWMutex](), reflect.TypeFor[sync.Once](),
		reflect.TypeFor[sync.Cond](), reflect.TypeFor[sync.Locker](), reflect.TypeFor[sync.Pool](), reflect.TypeFor[sync.Map](),
		reflect.TypeFor[atomic.Int64](), reflect.TypeFor[strings.Builder](), reflect.TypeFor[bytes.Buffer](),
		reflect.TypeFor[fmt.Stringer](), reflect.TypeFor[fmt.State](), reflect.TypeFor[sort.Interface](), reflect.TypeFor[sort.IntSlice](),
		reflect.TypeFor[time.Duration](), reflect.TypeFor[time.Time](), reflect.TypeFor[time.Timer](), reflect.TypeFor[runtime.Error](),
		reflect.TypeFor[context.Context](), reflect.TypeFor[context.CancelFunc](),
		reflect.TypeFor[reflect.Type](), reflect.TypeFor[reflect.Value](), reflect.TypeFor[reflect.Kind](),
		reflect.TypeFor[reflect.Method](), reflect.TypeFor[reflect.StructField](), reflect.TypeFor[reflect.StructTag](),
	} {
		goTypes[t.String()] = t
	}
}

// key returns the key of a symbol: the package's name and its own.
func key(pkg, name string) string { return pkg[strings.LastIndexByte(pkg, '/')+1:] + "." + name }

func (symbols) Func(pkg, name string) reflect.Value { return reflect.ValueOf(funcs[key(pkg, name)]) }
func (symbols) Var(pkg, name string) reflect.Value  { return reflect.ValueOf(vars[key(pkg, name)]) }
func (symbols) Type(pkg, name string) reflect.Type  { return goTypes[key(pkg, name)] }
