// This file trains the models without convolutions with other libraries for Go and
// prints what it took, as the programs in Python do.

// Command go measures GoMLX, with its backend in Go, and Gorgonia. It is a module of
// its own, so that nobody downloads them who does not want to.
package main

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// settings are those of the command line.
type settings struct {
	model         string
	batch, epochs int
	sizes         []int // of the layers, the input first
	x             []float32
	y             []int32
	testX         []float32
	testY         []int32
}

// A trainer has a model. step trains on a batch, whose memory is its own; right counts
// the examples of a batch that are classified well.
type trainer interface {
	step(x []float32, y []int32) error
	right(x []float32, y []int32) (int, error)
}

func main() {
	library := flag.String("library", "gomlx", "gomlx or gorgonia")
	model := flag.String("model", "mlp", "mlp or dense")
	batch := flag.Int("batch", 32, "")
	epochs := flag.Int("epochs", 3, "")
	limit := flag.Int("limit", 0, "")
	seed := flag.Int64("seed", 1, "")
	data := flag.String("data", "", "folder of MNIST's files")
	flag.Parse()
	s := &settings{model: *model, batch: *batch, epochs: *epochs}
	if err := run(s, *library, *data, *limit, *seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(s *settings, library, dir string, limit int, seed int64) error {
	r := rand.New(rand.NewSource(seed))
	if err := s.load(dir, limit, r); err != nil {
		return err
	}
	var t trainer
	var err error
	switch library {
	case "gomlx":
		t, err = newGoMLX(s)
	case "gorgonia":
		t, err = newGorgonia(s)
	default:
		err = fmt.Errorf("no library %q", library)
	}
	if err != nil {
		return err
	}
	var wall, cpu []float64
	n, wide := len(s.y), s.sizes[0]
	for range s.epochs {
		began, used := time.Now(), cpuSeconds()
		order := r.Perm(n)
		x, y := make([]float32, s.batch*wide), make([]int32, s.batch)
		for lo := 0; lo+s.batch <= n; lo += s.batch { // whole batches, which the graphs are made for
			for k, i := range order[lo : lo+s.batch] {
				copy(x[k*wide:(k+1)*wide], s.x[i*wide:])
				y[k] = s.y[i]
			}
			if err := t.step(x, y); err != nil {
				return err
			}
		}
		wall = append(wall, time.Since(began).Seconds())
		cpu = append(cpu, cpuSeconds()-used)
	}
	right, seen := 0, 0
	for lo := 0; lo+s.batch <= len(s.testY); lo += s.batch {
		k, err := t.right(s.testX[lo*wide:(lo+s.batch)*wide], s.testY[lo:lo+s.batch])
		if err != nil {
			return err
		}
		right, seen = right+k, seen+s.batch
	}
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"engine": library, "epoch_seconds": wall, "cpu_seconds": cpu,
		"test_accuracy": float64(right) / float64(seen), "peak_rss_mb": float64(u.Maxrss) / 1024,
	})
}

func cpuSeconds() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// load fetches MNIST, or makes the data of models.go.
func (s *settings) load(dir string, limit int, r *rand.Rand) error {
	switch s.model {
	case "mlp":
		s.sizes = []int{784, 10, 10, 10}
		for _, f := range []struct {
			name   string
			header int
			to     func([]byte)
		}{
			{"train-images-idx3-ubyte.gz", 16, func(b []byte) { s.x = pixels(b) }},
			{"train-labels-idx1-ubyte.gz", 8, func(b []byte) { s.y = labels(b) }},
			{"t10k-images-idx3-ubyte.gz", 16, func(b []byte) { s.testX = pixels(b) }},
			{"t10k-labels-idx1-ubyte.gz", 8, func(b []byte) { s.testY = labels(b) }},
		} {
			b, err := unzip(filepath.Join(dir, f.name))
			if err != nil {
				return err
			}
			f.to(b[f.header:])
		}
	case "dense":
		s.sizes = []int{1024, 1024, 1024, 1024, 10}
		s.x, s.y = noise(4096, 1024, r)
		s.testX, s.testY = noise(500, 1024, r)
	default:
		return fmt.Errorf("no model %q here", s.model)
	}
	if limit > 0 && limit < len(s.y) {
		s.y = s.y[:limit]
	}
	return nil
}

func unzip(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func pixels(b []byte) []float32 {
	out := make([]float32, len(b))
	for i, v := range b {
		out[i] = float32(v) / 255
	}
	return out
}

func labels(b []byte) []int32 {
	out := make([]int32, len(b))
	for i, v := range b {
		out[i] = int32(v)
	}
	return out
}

func noise(n, size int, r *rand.Rand) ([]float32, []int32) {
	x, y := make([]float32, n*size), make([]int32, n)
	for i := range y {
		y[i] = int32(i % 10)
		for k := range size {
			x[i*size+k] = float32(0.3*math.Sin(float64(y[i]+1)*0.37*float64(k))) + 2*r.Float32() - 1
		}
	}
	return x, y
}
