package golden

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"testing"
)

func uri(t *testing.T, level png.CompressionLevel, gray uint8, w int) string {
	img := image.NewGray(image.Rect(0, 0, w, 9))
	for i := range img.Pix {
		img.SetGray(i%w, i/w, color.Gray{gray})
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: level}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return `<image href="data:image/png;base64,` + base64.StdEncoding.EncodeToString(b.Bytes()) + `"/>`
}

func TestPictures(t *testing.T) {
	a := uri(t, png.NoCompression, 100, 9)
	for _, tt := range []struct {
		other string
		same  bool
	}{
		{a, true},
		{uri(t, png.BestCompression, 102, 9), true},
		{uri(t, png.BestCompression, 120, 9), false},
		{uri(t, png.BestCompression, 100, 8), false},
		{"", false},
	} {
		if d := difference(a, tt.other); (d == "") != tt.same {
			t.Errorf("%.60s…: %q", tt.other, d)
		}
	}
}

func TestDifference(t *testing.T) {
	tests := []struct {
		want, got string
		same      bool
	}{
		{"", "", true},
		{`<path d="M1 2.34L-5 6"/>`, `<path d="M1 2.35L-5 6"/>`, true},
		{`<path d="M1 0"/>`, `<path d="M1-.01"/>`, true},
		{`<path d="M1 2.34"/>`, `<path d="M1 2.4"/>`, false},
		{`<path d="M1 2"/>`, `<path d="M1 2 3"/>`, false},
		{`<path d="M1 2"/>`, `<path d="L1 2"/>`, false},
		{`<text>a1</text>`, `<text>b1</text>`, false},
		{`1`, ``, false},
		{`a`, `a1`, false},
	}
	for _, tt := range tests {
		if d := difference(tt.want, tt.got); (d == "") != tt.same {
			t.Errorf("%q and %q: %q", tt.want, tt.got, d)
		}
	}
}
