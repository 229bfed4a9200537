// This file measures: it trains the article's models here and with other
// libraries, in turns, and prints one table.

// Command bench compares training times. It is for the machine that it runs on:
// figures of different runs must not be compared, since other work on the
// machine changes them.
//
//	go run ./engine/bench                          this engine alone
//	go run ./engine/bench -python venv/bin/python  with the libraries that are installed there
//	go run ./engine/bench -go go                   with GoMLX and Gorgonia, which are downloaded
//	go run ./engine/bench -model mlp -batch 32 -peers keras,jax -rounds 3 -python …
//	go run ./engine/bench -seeds 8                 accuracies after 5 epochs instead of times
//
// Every line of the table is a process of its own, started as often as -rounds
// says, one library after the other; the first epoch of a process warms up and
// does not count. Of this engine the table tells too how many floating point operations
// a second its products did in the best epoch, without those that are left out since
// they are known to give zero. The last column compares them with multiplications and
// additions in registers, measured in the same process, both by processor time, which
// other work on the machine changes little. The programs of the others are in peers/. Of the Go libraries
// Gorgonia takes dense models only here; GoMLX's backend in Go trains mlp, but takes
// about a second for one step of dense, two minutes an epoch, so that it is left out
// there.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

func main() {
	var (
		models  = flag.String("model", strings.Join(taskNames(), ","), "`models`")
		batches = flag.String("batch", "32,128", "batch `sizes`")
		names   = flag.String("peers", "all", "other `libraries` to measure: "+peerNames())
		python  = flag.String("python", "", "the `program` that runs them; without it, only this engine is measured")
		goTool  = flag.String("go", "", "the `program` that builds those in Go; without it, they are not measured")
		rounds  = flag.Int("rounds", 2, "how `often` each is started")
		one     = flag.String("one", "", "train one `model:batch` in this process and print its figures as JSON")
		seeds   = flag.Int("seeds", 0, "train the article's models with this `many` seeds, and print their accuracies instead of times")
		s       settings
	)
	flag.IntVar(&s.epochs, "epochs", 3, "`epochs` a process")
	flag.IntVar(&s.threads, "threads", 0, "`threads` of this engine; 0 means all processors")
	flag.IntVar(&s.limit, "limit", 0, "use only the first `n` training images")
	flag.Int64Var(&s.seed, "seed", 1, "`seed` of weights and shuffles")
	flag.Parse()
	var err error
	if *seeds > 0 {
		err = accuracies(os.Stdout, *models, *seeds, s)
	} else {
		err = run(*models, *batches, *names, *python, *goTool, *rounds, *one, s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are the same for all that is measured.
type settings struct {
	model                         string
	batch, epochs, threads, limit int
	seed                          int64
}

func run(models, batches, names, python, goTool string, rounds int, one string, s settings) error {
	if one != "" {
		model, batch, _ := strings.Cut(one, ":")
		var err error
		if s.batch, err = strconv.Atoi(batch); err != nil {
			return fmt.Errorf("-one wants model:batch, such as mlp:32, not %q", one)
		}
		s.model = model
		r, err := train(s)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	if rounds < 1 {
		return fmt.Errorf("-rounds is %d, but each has to be started at least once", rounds)
	}
	for _, model := range strings.Split(models, ",") {
		if _, err := findTask(model); err != nil {
			return fmt.Errorf("-model: %w", err)
		}
	}
	contenders, err := contend(names, python, goTool)
	if err != nil {
		return err
	}
	defer contenders.close()
	fmt.Printf("%s/%s, %d processors, %d rounds of %d epochs, the first of each left out\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds, s.epochs)
	for _, model := range strings.Split(models, ",") {
		for _, b := range strings.Split(batches, ",") {
			s.model = model
			if s.batch, err = strconv.Atoi(b); err != nil || s.batch < 1 {
				return fmt.Errorf("-batch has %q, which is not a number above 0", b)
			}
			if err := compare(contenders, s, rounds); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare measures all contenders on one model and prints the table.
func compare(c *field, s settings, rounds int) error {
	all := make([][]*figures, len(c.peers))
	failed := make([]error, len(c.peers))
	for r := range rounds {
		for i, p := range c.peers {
			if failed[i] != nil || !p.can(s.model) {
				continue
			}
			status("%s, batch %d, round %d: %s", s.model, s.batch, r+1, p.name)
			f, err := c.measure(p, s)
			if err != nil {
				failed[i] = err
				if i == 0 {
					return err
				}
				continue
			}
			all[i] = append(all[i], f)
		}
	}
	status("")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s, batch %d\tbest s/epoch\tmedian\tcpu s\tcajal/this\taccuracy\tfirst step s\tpeak MB\tGFLOPS\tof peak\t\n", s.model, s.batch)
	own := summarise(all[0])
	for i, p := range c.peers {
		if failed[i] != nil {
			fmt.Fprintf(w, "%s\tfailed: %v\n", p.name, failed[i])
			continue
		}
		if len(all[i]) == 0 {
			continue
		}
		f := summarise(all[i])
		fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.3f\t%.2f\t%.4f\t%s\t%.0f\t%s\t%s\t\n", p.name, f.best, f.median, f.cpu, own.best/f.best, f.accuracy, f.start, f.rss, f.speed, f.share)
	}
	w.Flush()
	fmt.Println()
	return nil
}

// status shows in a terminal what runs.
func status(format string, args ...any) {
	if st, err := os.Stderr.Stat(); err == nil && st.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	}
}

// row is what a line of the table says.
type row struct {
	best, median, cpu, accuracy, rss float64
	start                            string
	speed, share                     string // operations a second, and what part of the peak that is
}

func summarise(fs []*figures) row {
	r := row{start: "-", speed: "-", share: "-"}
	var epochs, cpu []float64
	start := 0.0
	for _, f := range fs {
		epochs = append(epochs, warm(f.Epochs)...)
		cpu = append(cpu, warm(f.CPU)...)
		r.accuracy += f.Accuracy / float64(len(fs))
		r.rss = max(r.rss, f.RSS)
		if start == 0 || f.Startup > 0 && f.Startup < start {
			start = f.Startup
		}
	}
	slices.Sort(epochs)
	r.best, r.median, r.cpu = epochs[0], epochs[len(epochs)/2], slices.Min(cpu)
	peak := 0.0
	for _, f := range fs {
		peak = max(peak, f.Peak)
	}
	if peak > 0 {
		r.speed, r.share = fmt.Sprintf("%.0f", fs[0].Work/r.best/1e9), fmt.Sprintf("%.0f %%", 100*fs[0].Work/r.cpu/peak)
	}
	if start > 0 {
		r.start = fmt.Sprintf("%.2f", start)
	}
	return r
}

// warm leaves out the first epoch, unless it is the only one.
func warm(x []float64) []float64 {
	if len(x) > 1 {
		return x[1:]
	}
	return x
}
