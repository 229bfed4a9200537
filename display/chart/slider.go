// This file shows one of several figures at a time, without a script.

package chart

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"strings"
)

// Frames are figures of which one is seen at a time.
type Frames struct {
	what    string
	labels  []string
	figures []*Figure
	total   int // as many were given
	err     error
}

// maxFrames is how many figures there are at most; of more, every second, third,
// …, and the last.
const maxFrames = 60

// Slider shows figures that follow each other, such as those of the epochs of a
// training, one at a time, with a row of buttons to go from one to the other. what
// says what changes, as in "epoch", labels which one a figure is, a slice of
// strings or numbers. Axes are easier to compare if all figures have the same
// XRange and YRange.
//
// It needs neither kernel nor script: a saved notebook and a report have it. Where
// a page allows no style sheet, and in plain text, the last figure is shown.
func Slider(what string, labels any, figures []*Figure) *Frames {
	s := &Frames{what: what, total: len(figures)}
	texts, err := names("the labels", labels)
	switch {
	case err != nil:
	case len(figures) == 0:
		err = fmt.Errorf("there are no figures")
	case len(texts) != len(figures):
		err = fmt.Errorf("there are %d figures and %d labels", len(figures), len(texts))
	}
	if err != nil {
		s.err = fmt.Errorf("chart.Slider: %w", err)
		return s
	}
	every := (len(figures) + maxFrames - 1) / maxFrames
	for i := (len(figures) - 1) % every; i < len(figures); i += every {
		f := figures[i]
		if f == nil {
			s.err = fmt.Errorf("chart.Slider: figure %d is nil", i)
			return s
		}
		if f.err != nil {
			s.err = fmt.Errorf("chart.Slider: figure %d: %w", i, f.err)
			return s
		}
		s.figures, s.labels = append(s.figures, f), append(s.labels, texts[i])
	}
	return s
}

// Err tells what is wrong; nil if nothing is.
func (s *Frames) Err() error { return s.err }

// String says which frames there are and describes the last.
func (s *Frames) String() string {
	if s.err != nil {
		return s.err.Error()
	}
	i := len(s.figures) - 1
	last := s.figures[i]
	text := last.say("%s: %s", s.label(i), last)
	if s.total > 1 {
		text = last.say("%s, %s to %s; %s", last.count(s.total, "figure"), s.label(0), s.labels[i], text)
	}
	return text
}

func (s *Frames) label(i int) string { return strings.TrimSpace(s.what + " " + s.labels[i]) }

// MIMEBundle returns all figures as HTML, and the last one as SVG, PNG and words.
func (s *Frames) MIMEBundle() map[string]any {
	if s.err != nil {
		return map[string]any{"text/plain": s.err.Error()}
	}
	out := s.figures[len(s.figures)-1].MIMEBundle()
	text, err := s.html(out["image/png"])
	if err != nil {
		return map[string]any{"text/plain": err.Error()}
	}
	out["text/html"], out["text/plain"] = text, s.String()
	return out
}

// MIMEMetadata returns the size of the PNG on the page.
func (s *Frames) MIMEMetadata() map[string]any {
	if s.err != nil {
		return nil
	}
	return s.figures[len(s.figures)-1].MIMEMetadata()
}

// html writes the figures after radio buttons, and a style sheet that shows the
// figure whose button is on. What it shows is hidden for those who take the style
// sheet away, and what it hides is there for them: a picture of the last figure.
func (s *Frames) html(png any) (string, error) {
	var frames strings.Builder
	for i, f := range s.figures {
		svg, err := f.SVG()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&frames, "<div class=\"cj-frame\" hidden><div class=\"cj-label\">%s</div>\n%s</div>\n", html.EscapeString(s.label(i)), svg)
	}
	sum := sha256.Sum256([]byte(frames.String()))
	group := "cj-" + hex.EncodeToString(sum[:6]) // the same for the same figures
	var b strings.Builder
	b.WriteString("<div class=\"cj-slider\">\n<style>\n" + sliderSheet)
	for i := range s.figures {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, ".cj-slider>input:nth-of-type(%d):checked~.cj-frame:nth-of-type(%[1]d)", i+1)
	}
	b.WriteString("{display:block!important}\n</style>\n")
	if len(s.figures) > 1 {
		for i := range s.figures {
			checked := ""
			if i == len(s.figures)-1 {
				checked = " checked"
			}
			label := html.EscapeString(s.label(i))
			fmt.Fprintf(&b, `<input type="radio" name="%s" title="%s" aria-label="%s"%s hidden>`+"\n", group, label, label, checked)
		}
	}
	b.WriteString(frames.String())
	if raw, ok := png.(string); ok {
		last := s.figures[len(s.figures)-1]
		fmt.Fprintf(&b, "<img class=\"cj-still\" width=\"%d\" height=\"%d\" alt=\"%s\" src=\"data:image/png;base64,%s\">\n", last.width, last.height, html.EscapeString(s.String()), raw)
	}
	b.WriteString("</div>")
	return b.String(), nil
}

// sliderSheet hides the still picture and all figures; the rule that shows one
// follows. Where no button is on, since another group on the page has its name,
// or a page allows no buttons, the last figure is shown.
const sliderSheet = `.cj-slider{display:flex;flex-wrap:wrap;align-items:center;column-gap:4px;max-width:720px}
.cj-slider>input{display:inline-block!important;flex:0 1 14px;min-width:8px;margin:2px 0 4px;accent-color:#1a7dbe}
.cj-slider>.cj-still{display:none}
.cj-slider>.cj-frame{display:none!important;flex:0 0 100%}
.cj-slider .cj-label{font:600 12px/1.6 sans-serif}
.cj-slider:not(:has(>input:checked))>.cj-frame:last-of-type{display:block!important}
`
