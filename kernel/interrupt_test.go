package kernel_test

// This file interrupts cells, and holds that the session goes on.

import (
	"context"
	"strings"
	"testing"
	"time"

	"cajal/kernel/cell"
	"cajal/kernel/eval"
)

// patience is how long a test waits for what should take milliseconds.
const patience = 20 * time.Second

// interrupt executes a cell, which prints "begun" when it is under way, and
// interrupts it.
func interrupt(t *testing.T, e *eval.Evaluator, host *recorder, number int, code string) cell.Outcome {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan cell.Outcome, 1)
	go func() { done <- e.Execute(ctx, cell.Request{ID: cell.ID(number), Number: number, Code: code}) }()
	waitFor(t, host, number, "begun")
	cancel()
	select {
	case out := <-done:
		return out
	case <-time.After(patience):
		t.Fatalf("the cell was interrupted, and still runs after %v:\n%s", patience, code)
	}
	return cell.Outcome{}
}

// waitFor waits until a cell has printed or shown text.
func waitFor(t *testing.T, host *recorder, number int, text string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		s := sections(host.of(cell.ID(number)), nil)
		if strings.Contains(s["out"]+s["stderr"], text) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("cell %d has not printed %q within %v, but %q", number, text, patience, s)
		}
	}
}

func TestInterrupt(t *testing.T) {
	for name, code := range map[string]string{
		"empty loop":        `for {}`,
		"counting":          `for i := 0; ; i++ { set = i }`,
		"calls":             `f := func(n int) int { return n + 1 }; for { set = f(set) }`,
		"recursion":         `var f func(n int) int; f = func(n int) int { if n == 0 { return 0 }; return f(n-1) + f(n-1) }; f(60)`,
		"receive":           `<-make(chan int)`,
		"receive from nil":  `var c chan int; <-c`,
		"send":              `make(chan int) <- 1`,
		"empty select":      `select {}`,
		"select":            `select { case <-make(chan int): case make(chan bool) <- true: }`,
		"sleep":             `time.Sleep(time.Hour)`,
		"range of channel":  `for range make(chan int) {}`,
		"endless printing":  `for { fmt.Print(".") }`,
		"compiled waits":    `var wg sync.WaitGroup; wg.Add(1); wg.Wait()`,
		"mutex":             `var mu sync.Mutex; mu.Lock(); mu.Lock()`,
		"compiled calls":    `sort.Slice(make([]int, 10), func(i, j int) bool { for {} })`,
		"recover":           `for { func() { defer func() { recover() }(); for {} }() }`,
		"goroutines":        `for range 4 { go func() { for {} }() }; select {}`,
		"deferred":          `defer func() { set = 5 }(); for {}`,
		"deferred for ever": `defer func() { for {} }(); for {}`,
		"iterator":          `for i := range func(yield func(int) bool) { for yield(1) {} } { set = i }`,
		"deadlock":          `a, b := make(chan int), make(chan int); go func() { a <- <-b }(); b <- <-a`,
		"input":             `fmt.Scanln(new(string))`,
	} {
		t.Run(name, func(t *testing.T) {
			e, host := newEvaluator(t)
			host.blocks = true
			run(t, e, host, 1, `set := -1; func alive() string { return "alive" }`)
			out := interrupt(t, e, host, 2, `before := "kept"; set = 0; fmt.Println("begun")`+"\n"+code)
			if out.Err == nil || out.Err.Kind != cell.ErrInterrupt {
				t.Errorf("an interrupted cell ends with %+v, want an error of kind %q", out.Err, cell.ErrInterrupt)
			}
			if got := run(t, e, host, 3, `fmt.Println(before, alive(), set >= 0)`); got != "kept alive true\n" {
				t.Errorf("after the interrupt the session has %q, want %q", got, "kept alive true\n")
			}
		})
	}
}

// TestInterruptFit interrupts a training.
func TestInterruptFit(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, `
x := make([][]float32, 512)
labels := make([]int, 512)
for i := range x { x[i] = make([]float32, 32); x[i][i%32] = 1; labels[i] = i % 4 }
model := nn.Sequential(nn.Input(32), nn.Dense(16, nn.ReLU), nn.Dense(4, nn.Softmax))
train, err := data.Arrays(x, labels)
err`)
	out := interrupt(t, e, host, 2, `fmt.Println("begun"); h, err := model.Fit(train, nn.Fit{Epochs: 1 << 30})`)
	if out.Err == nil || out.Err.Kind != cell.ErrInterrupt {
		t.Errorf("an interrupted training ends its cell with %+v, want an error of kind %q", out.Err, cell.ErrInterrupt)
	}
	// The model can be used when Fit has returned.
	got := run(t, e, host, 3, `
p, err := model.Predict(train)
for end := time.Now().Add(20*time.Second); err != nil && time.Now().Before(end); p, err = model.Predict(train) {
	time.Sleep(time.Millisecond)
}
fmt.Println(p != nil, err)`)
	if got != "true <nil>\n" {
		t.Errorf("after the interrupt the model gives %q", got)
	}
}

// TestInterruptEndsGoroutines holds that goroutines of an interrupted cell do
// not go on, and those of other cells do.
func TestInterruptEndsGoroutines(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, `
other, own, ticks := make(chan int), make(chan int), make(chan int)
go func() { for i := 0; ; i++ { other <- i } }()`)
	interrupt(t, e, host, 2, `
go func() { for i := 0; ; i++ { own <- i } }()
<-own
fmt.Println("begun")
select {}`)
	got := run(t, e, host, 3, `
a, b := <-other, <-other
select {
case <-own:
	fmt.Println("the goroutine of the interrupted cell goes on")
case <-time.After(50 * time.Millisecond):
}
fmt.Println(b - a)`)
	if got != "1\n" {
		t.Errorf("got %q", got)
	}
}

// TestSessionsAreApart runs two evaluators at the same time.
func TestSessionsAreApart(t *testing.T) {
	const cells = 40
	type session struct {
		e    *eval.Evaluator
		host *recorder
	}
	var sessions [2]session
	for i := range sessions {
		sessions[i].e, sessions[i].host = newEvaluator(t)
	}
	done := make(chan bool)
	for i, s := range sessions {
		go func() {
			defer func() { done <- true }()
			name := string(rune('A' + i))
			run(t, s.e, s.host, 1, `
name := "`+name+`"
type T struct{ N int }
func (t T) String() string { return fmt.Sprint(name, t.N) }
log.SetFlags(0)
log.SetPrefix(name + ": ")
flag.String("f", name, "usage of "+name)
bg := make(chan int)
go func() { for n := range bg { fmt.Println("background", T{n}) } }()`)
			for n := 2; n < cells; n++ {
				run(t, s.e, s.host, n, `
fmt.Println(T{`+string(rune('0'+n%10))+`})
fmt.Fprintln(os.Stdout, name)
json.NewEncoder(os.Stdout).Encode(name)
log.Print(flag.Lookup("f").Usage)
display.Show(name)
bg <- len(name)`)
			}
		}()
	}
	<-done
	<-done
	for i, s := range sessions {
		other := string(rune('B' - i))
		for n := range cells {
			for _, ev := range s.host.of(cell.ID(n)) {
				text, _ := ev.Bundle.Data["text/plain"].(string)
				if strings.Contains(strings.ReplaceAll(ev.Text, "background", "")+text, other) {
					t.Errorf("session %d, cell %d shows %q of the other session", i, n, ev.Text+text)
				}
			}
		}
		waitFor(t, s.host, 1, "background")
	}
	out := sessions[0].e.Execute(context.Background(), cell.Request{ID: 99, Number: 99, Code: "os.Exit(2)"})
	if out.Err == nil || out.Err.Code != 2 {
		t.Errorf("os.Exit(2) ends with %+v", out.Err)
	}
	if got := run(t, sessions[1].e, sessions[1].host, 100, `fmt.Print(name, os.Stdout != nil)`); got != "Btrue\n" {
		t.Errorf("after the other session's exit: %q", got)
	}
}
