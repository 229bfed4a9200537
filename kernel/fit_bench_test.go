//go:build unix

package kernel_test

// This file compares a training that a cell starts, with the live chart on, with the
// same training in compiled Go.

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cajal/engine/data"
	"cajal/engine/nn"
	"cajal/engine/tensor"
	"cajal/kernel/bind"
	"cajal/kernel/cell"
	"cajal/kernel/eval"
)

// compiledFit is what the cells below do.
func compiledFit(b *testing.B, d *data.Dataset, deep bool, epochs int) *nn.History {
	b.Helper()
	m := nn.Sequential(nn.Input(784), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.Softmax))
	if deep {
		m = nn.Sequential(nn.Input(28, 28, 1), nn.Conv2D(32, 3, 3, nn.ReLU), nn.MaxPool2D(2), nn.Conv2D(64, 3, 3, nn.ReLU), nn.MaxPool2D(2),
			nn.Flatten(), nn.Dense(64, nn.ReLU), nn.Dense(10, nn.Softmax))
	}
	h, err := m.Fit(d, nn.Fit{Epochs: epochs})
	if err != nil {
		b.Fatal(err)
	}
	return h
}

// cpuSeconds is the processor time that the process has used.
func cpuSeconds(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// BenchmarkFitInCell reports the seconds of a training in either, the median of turns, as
// the History has them; how the sums of all turns compare; the same of processor time,
// which other programs disturb less; and what a cell takes beside its training, which is
// mostly the chart that stays:
//
//	go test ./kernel -run - -bench FitInCell -benchtime 10x
func BenchmarkFitInCell(b *testing.B) {
	const examples = 10000
	for _, c := range []struct {
		name, layers, shape string
		deep                bool
		epochs              int
	}{
		{"mlp", `nn.Input(784), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.Softmax)`, "784", false, 60},
		{"cnn", `nn.Input(28, 28, 1), nn.Conv2D(32, 3, 3, nn.ReLU), nn.MaxPool2D(2), nn.Conv2D(64, 3, 3, nn.ReLU), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(64, nn.ReLU), nn.Dense(10, nn.Softmax)`, "28, 28, 1", true, 2},
	} {
		b.Run(c.name, func(b *testing.B) {
			x := tensor.Uniform(1, -1, 1, examples, 784)
			if c.deep {
				x = tensor.Uniform(1, -1, 1, examples, 28, 28, 1)
			}
			y := make([]int, examples)
			for i := range y {
				y[i] = i % 10
			}
			d, err := data.Arrays(x, y)
			if err != nil {
				b.Fatal(err)
			}
			var updates atomic.Int64 // of the panel
			var seconds float64      // printed by the cell, read when it has ended
			set := bind.New()
			e, err := eval.New(eval.Config{
				Host: cell.Host{Emit: func(ev cell.Event) {
					switch ev.Kind {
					case cell.Update:
						updates.Add(1)
					case cell.Stdout:
						fmt.Sscan(ev.Text, &seconds)
					}
				}},
				Lookup: set.Lookup, ByName: set.ByName, Paths: set.Paths, Render: bind.Render,
			})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			run := func(number int, code string) {
				b.Helper()
				if out := e.Execute(context.Background(), cell.Request{ID: cell.ID(number), Number: number, Code: code}); out.Err != nil {
					b.Fatal(out.Err.Traceback)
				}
			}
			run(1, fmt.Sprintf(`import ("fmt"; "cajal/engine/nn"; "cajal/engine/data"; "cajal/engine/tensor")
x := tensor.Uniform(1, -1, 1, %d, %s)
y := make([]int, %d)
for i := range y { y[i] = i %% 10 }
d, _ := data.Arrays(x, y)`, examples, c.shape, examples))
			program := fmt.Sprintf("m := nn.Sequential(%s)\nh, err := m.Fit(d, nn.Fit{Epochs: %d})\nif err != nil { panic(err) }\nfmt.Println(h.Seconds)", c.layers, c.epochs)
			var compiled, inCell []float64
			var wall, cpu [2]float64
			beside := 0.0
			number := 1
			for b.Loop() {
				for k := range 2 { // who begins changes
					who := (k + number) % 2
					runtime.GC()
					start, used := time.Now(), cpuSeconds(b)
					if who == 0 {
						seconds = compiledFit(b, d, c.deep, c.epochs).Seconds
						compiled = append(compiled, seconds)
					} else {
						run(number+1, program)
						inCell = append(inCell, seconds)
						beside += time.Since(start).Seconds() - seconds
					}
					cpu[who] += cpuSeconds(b) - used
					wall[who] += seconds
				}
				number++
			}
			if updates.Load() == 0 {
				b.Error("no chart was drawn")
			}
			slices.Sort(compiled)
			slices.Sort(inCell)
			b.ReportMetric(compiled[len(compiled)/2], "compiled-s")
			b.ReportMetric(inCell[len(inCell)/2], "cell-s")
			b.ReportMetric(wall[1]/wall[0], "cell/compiled")
			b.ReportMetric(cpu[1]/cpu[0], "cpu-cell/compiled")
			b.ReportMetric(1e3*beside/float64(len(inCell)), "beside-ms")
			b.ReportMetric(float64(updates.Load())/float64(len(inCell)), "updates")
			b.ReportMetric(0, "ns/op")
		})
	}
}
