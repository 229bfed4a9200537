// This file trains the article's models with several seeds and compares their
// accuracy with what Keras reaches.

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// bands are the accuracies on the test images that Keras 3.15 reaches with the same
// model after 5 epochs of batches of 32, from the lowest to the highest of its seeds.
// The CNN's has no upper end: more is not worse.
var bands = map[string][2]float64{"mlp": {0.925, 0.937}, "cnn": {0.985, 1}}

// accuracies trains each model that has a band with seeds 1 to n and prints what comes
// out. It fails when a seed falls outside of the band.
func accuracies(w io.Writer, models string, n int, s settings) error {
	s.epochs, s.batch = 5, 32
	outside, done := 0, 0
	for _, s.model = range strings.Split(models, ",") {
		band, ok := bands[s.model]
		if !ok {
			continue
		}
		var all []float64
		for s.seed = 1; s.seed <= int64(n); s.seed++ {
			status("%s, seed %d of %d", s.model, s.seed, n)
			f, err := train(s)
			if err != nil {
				return err
			}
			all = append(all, f.Accuracy)
			if f.Accuracy < band[0] || f.Accuracy > band[1] {
				outside++
			}
		}
		status("")
		done++
		printAccuracies(w, s.model, all, band)
	}
	if done == 0 {
		return fmt.Errorf("-model has %q, but only mlp and cnn have a band of accuracies", models)
	}
	if outside > 0 {
		return fmt.Errorf("%d of the trainings ended outside of their band", outside)
	}
	return nil
}

func printAccuracies(w io.Writer, model string, all []float64, band [2]float64) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s, seed\t", model)
	for i := range all {
		fmt.Fprintf(t, "%d\t", i+1)
	}
	fmt.Fprint(t, "mean\tlowest\thighest\tband\t\naccuracy\t")
	mean := 0.0
	for _, a := range all {
		fmt.Fprintf(t, "%.4f\t", a)
		mean += a / float64(len(all))
	}
	fmt.Fprintf(t, "%.4f\t%.4f\t%.4f\t%.3f to %.3f\t\n", mean, slices.Min(all), slices.Max(all), band[0], band[1])
	t.Flush()
	fmt.Fprintln(w)
}
