package kernel_test

// This file tests where the lines go that compiled packages log.

import (
	"log"
	"regexp"
	"testing"

	"cajal/kernel/cell"
)

func TestCompiledPackagesLog(t *testing.T) {
	e, host := newEvaluator(t)
	run(t, e, host, 1, `srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(200)
	w.WriteHeader(500)
}))`)
	run(t, e, host, 2, `r, err := http.Get(srv.URL); srv.Close(); err`)
	stderr := func(number int) string { return sections(host.of(cell.ID(number)), nil)["stderr"] }
	if want := regexp.MustCompile(`^\S+ \S+ http: superfluous response.WriteHeader call from .*\n$`); !want.MatchString(stderr(1)) {
		t.Errorf("to the cell whose server it is go %q", stderr(1))
	}
	log.Print("nobody's") // in a goroutine of no cell
	if want := regexp.MustCompile(`^\S+ \S+ nobody's\n$`); !want.MatchString(stderr(2)) {
		t.Errorf("to the latest cell go %q", stderr(2))
	}
}
