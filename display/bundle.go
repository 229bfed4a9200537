// This file defines the value types whose content is already in a MIME type.

package display

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"
)

// A Bundler says itself how it is shown: MIME type to content. Content is a
// string (text as it is, binary types in base64) or, for JSON types, anything
// that encoding/json accepts. A type with this method needs no import of this
// package.
type Bundler interface {
	MIMEBundle() map[string]any
}

// A MetadataBundler adds metadata for the front end, by MIME type, such as the
// size at which a picture is shown.
type MetadataBundler interface {
	MIMEMetadata() map[string]any
}

// SVG is the text of an SVG document.
type SVG string

// PNG is an encoded PNG picture.
type PNG []byte

// JPEG is an encoded JPEG picture.
type JPEG []byte

// HTML is a piece of HTML. Nothing in it is escaped: [html.EscapeString] is for
// text that comes from elsewhere.
type HTML string

// Markdown is text in Markdown.
type Markdown string

// LaTeX is a formula. Without dollar signs or an environment of its own it is
// set as a displayed formula.
type LaTeX string

// Text is plain text, shown as it is, without quotes.
type Text string

// JSON shows a value as a tree that can be unfolded: display.JSON{v}.
type JSON struct{ Value any }

// Image is a picture with a size on the page, in CSS pixels: a tensor of 28×28
// pixels may be shown at 280×280. Zero sizes mean that of the picture, and with
// one of them zero the proportions stay.
type Image struct {
	Picture       image.Image
	Width, Height int
	Alt           string // for those who cannot see it
}

// MIMEBundle returns the document, and a note in plain text.
func (s SVG) MIMEBundle() map[string]any {
	return map[string]any{"image/svg+xml": string(s), "text/plain": fmt.Sprintf("SVG, %s", bytesText(len(s)))}
}

// MIMEBundle returns the picture, and its size in plain text.
func (p PNG) MIMEBundle() map[string]any { return encoded("image/png", "PNG", p) }

// MIMEBundle returns the picture, and its size in plain text.
func (p JPEG) MIMEBundle() map[string]any { return encoded("image/jpeg", "JPEG", p) }

func encoded(mime, name string, p []byte) map[string]any {
	note := fmt.Sprintf("%s, %s", name, bytesText(len(p)))
	if c, _, err := image.DecodeConfig(bytes.NewReader(p)); err == nil {
		note = fmt.Sprintf("%s %d×%d, %s", name, c.Width, c.Height, bytesText(len(p)))
	}
	return map[string]any{mime: base64.StdEncoding.EncodeToString(p), "text/plain": note}
}

// MIMEBundle returns the HTML; its source stands in for plain text.
func (h HTML) MIMEBundle() map[string]any {
	return map[string]any{"text/html": string(h), "text/plain": string(h)}
}

// MIMEBundle returns the Markdown, which is its own plain text.
func (m Markdown) MIMEBundle() map[string]any {
	return map[string]any{"text/markdown": string(m), "text/plain": string(m)}
}

// MIMEBundle returns the formula, which is its own plain text.
func (l LaTeX) MIMEBundle() map[string]any {
	s := strings.TrimSpace(string(l))
	if !strings.HasPrefix(s, "$") && !strings.HasPrefix(s, `\begin`) && !strings.HasPrefix(s, `\[`) && !strings.HasPrefix(s, `\(`) {
		s = "$$" + s + "$$"
	}
	return map[string]any{"text/latex": s, "text/plain": string(l)}
}

// MIMEBundle returns the text.
func (t Text) MIMEBundle() map[string]any { return map[string]any{"text/plain": string(t)} }

// MIMEBundle returns the value as JSON and, indented, as plain text. A value that
// has no JSON is shown as Go would write it, with the reason.
func (j JSON) MIMEBundle() map[string]any {
	text, err := json.MarshalIndent(j.Value, "", "  ")
	if err != nil {
		return map[string]any{"text/plain": fmt.Sprintf("no JSON: %v\n%s", err, formatted(j.Value))}
	}
	v, err := decoded(text)
	if err != nil {
		return map[string]any{"text/plain": string(text)}
	}
	return map[string]any{"application/json": v, "text/plain": string(text)}
}

// decoded returns what JSON text says as plain maps, slices, strings and numbers:
// a snapshot, whatever becomes of the value that it was made from.
func decoded(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// maxPixels is the size beyond which a picture is described, not encoded.
const maxPixels = 40_000_000

// MIMEBundle returns the picture as PNG. One without pixels, or with more than
// 40 million, is described in plain text only.
func (i Image) MIMEBundle() map[string]any {
	if i.Picture == nil {
		return map[string]any{"text/plain": "no picture"}
	}
	b := i.Picture.Bounds()
	note := fmt.Sprintf("picture %d×%d", b.Dx(), b.Dy())
	if i.Alt != "" {
		note += ": " + i.Alt
	}
	if b.Empty() || b.Dx() > maxPixels/b.Dy() {
		return map[string]any{"text/plain": note}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, i.Picture); err != nil {
		return map[string]any{"text/plain": fmt.Sprintf("%s, which cannot be encoded: %v", note, err)}
	}
	return map[string]any{"image/png": base64.StdEncoding.EncodeToString(buf.Bytes()), "text/plain": note}
}

// MIMEMetadata returns the size on the page.
func (i Image) MIMEMetadata() map[string]any {
	size := map[string]any{}
	if i.Width > 0 {
		size["width"] = i.Width
	}
	if i.Height > 0 {
		size["height"] = i.Height
	}
	if len(size) == 0 {
		return nil
	}
	return map[string]any{"image/png": size}
}

// bytesText writes a number of bytes for a reader.
func bytesText(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
