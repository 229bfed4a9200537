// Package golden compares drawings with files that somebody has looked at. It is
// for tests only.
//
//	go test ./display/... -regen
//
// writes the files anew; the difference is then for a reviewer to look at.
// Numbers are the same if they differ by no more than two hundredths, since
// processors that multiply and add in one step round some of them differently,
// so that one file serves all. Pictures within the drawing are compared by their
// pixels, since compressors differ.
package golden

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var regen = flag.Bool("regen", false, "write the golden files anew")

// SVG compares a drawing with testdata/NAME.svg. On a difference, the drawing is
// written beside it as NAME.got.svg.
func SVG(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".svg")
	failed := filepath.Join("testdata", name+".got.svg")
	if *regen {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		os.Remove(failed)
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; -regen writes it", err)
	}
	diff := difference(string(want), got)
	if diff == "" {
		os.Remove(failed)
		return
	}
	if err := os.WriteFile(failed, []byte(got), 0o666); err != nil {
		t.Error(err)
	}
	t.Errorf("%s: %s; the drawing is in %s, -regen accepts it", file, diff, failed)
}

const tolerance = 0.0201

var numeral = regexp.MustCompile(`-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`)

var picture = regexp.MustCompile(`data:image/png;base64,[A-Za-z0-9+/=]*`)

// difference says where two drawings first differ; "" if they do not.
func difference(want, got string) string {
	w, g := picture.FindAllString(want, -1), picture.FindAllString(got, -1)
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			if d := pixels(w[i], g[i]); d != "" {
				return "picture " + strconv.Itoa(i) + ": " + d
			}
		}
	}
	return texts(picture.ReplaceAllString(want, "png"), picture.ReplaceAllString(got, "png"))
}

// pixels says where two pictures differ by more than a shade.
func pixels(want, got string) string {
	a, err := decode(want)
	if err != nil {
		return "the golden one: " + err.Error()
	}
	b, err := decode(got)
	if err != nil {
		return err.Error()
	}
	if a.Bounds() != b.Bounds() {
		return fmt.Sprintf("got %v, want %v", b.Bounds(), a.Bounds())
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			p, q := color.NRGBAModel.Convert(a.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(b.At(x, y)).(color.NRGBA)
			for _, d := range []int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B), int(p.A) - int(q.A)} {
				if d < -9 || d > 9 { // one step of a palette of 32
					return fmt.Sprintf("got %v at %d,%d, want %v", q, x, y, p)
				}
			}
		}
	}
	return ""
}

func decode(uri string) (image.Image, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(uri, "data:image/png;base64,"))
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(raw))
}

// texts says where two texts first differ.
func texts(want, got string) string {
	w, g := numeral.FindAllStringIndex(want, -1), numeral.FindAllStringIndex(got, -1)
	i, j := 0, 0 // how far the texts have been compared
	for k := 0; ; k++ {
		wEnd, gEnd := len(want), len(got)
		if k < len(w) {
			wEnd = w[k][0]
		}
		if k < len(g) {
			gEnd = g[k][0]
		}
		// A space before a number may be there or not, as its sign has it.
		if strings.TrimSuffix(want[i:wEnd], " ") != strings.TrimSuffix(got[j:gEnd], " ") {
			return at(want, got, i, j)
		}
		if k >= len(w) || k >= len(g) {
			if len(w) != len(g) {
				return at(want, got, wEnd, gEnd)
			}
			return ""
		}
		a, _ := strconv.ParseFloat(want[w[k][0]:w[k][1]], 64)
		b, _ := strconv.ParseFloat(got[g[k][0]:g[k][1]], 64)
		if math.Abs(a-b) > tolerance {
			return at(want, got, w[k][0], g[k][0])
		}
		i, j = w[k][1], g[k][1]
	}
}

// at quotes both texts around a place.
func at(want, got string, i, j int) string {
	part := func(s string, i int) string {
		return strconv.Quote(s[max(i-60, 0):min(i+60, len(s))])
	}
	return "at byte " + strconv.Itoa(j) + " got " + part(got, j) + ", want " + part(want, i)
}
