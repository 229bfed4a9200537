// This file chooses the language of a chart's own words.

package chart

import (
	"slices"
	"strings"
	"unicode"
)

// chinese tells whether a reader of Chinese is meant: whether any word that the
// chart was given is in it.
func (s *settings) chinese() bool {
	texts := [][]string{{s.title, s.xlabel, s.ylabel, s.alt, s.name}, s.groups, s.rows, s.columns, s.labels, s.predicted, s.classes}
	for _, one := range s.series {
		texts = append(texts, []string{one.name})
	}
	for _, m := range s.marks {
		texts = append(texts, []string{m.text})
	}
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	return slices.ContainsFunc(texts, func(list []string) bool {
		return slices.ContainsFunc(list, func(text string) bool { return strings.ContainsFunc(text, han) })
	})
}

// say returns what the chart says of itself, in the language of what it was given.
// Descriptions for those who cannot see it are in English.
func (s *settings) say(english, chinese string) string {
	if s.chinese() {
		return chinese
	}
	return english
}
