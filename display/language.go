// This file chooses the language of what is shown.

package display

import (
	"fmt"
	"sync/atomic"

	"cajal/display/internal/words"
)

// A LanguageOutlet is an [Outlet] of a notebook that remembers its language for
// all of its cells.
type LanguageOutlet interface {
	Outlet
	Language() string // what SetLanguage was last given, "" if nothing
	SetLanguage(tag string)
}

// processLanguage is the language of a program that is no notebook.
var processLanguage atomic.Value

// SetLanguage sets the language of what charts, tables and trainings say by
// themselves, in this cell and those that run after it: "en" or "zh", also with a
// region, as in "zh-CN". With "" it is chosen as it is without: charts speak
// Chinese if the words that they are given are in it, all else English. Numbers,
// errors, and names of layers and types are the same in every language.
//
// It is not taken from the reader's computer, so that a notebook gives the same on
// all.
func SetLanguage(tag string) error {
	known, ok := words.Tag(tag)
	if !ok && tag != "" {
		return fmt.Errorf("display: there are no words in the language %q; want \"en\", \"zh\", or \"\" for none in particular", tag)
	}
	if o, ok := languageOutlet(); ok {
		o.SetLanguage(known)
		return nil
	}
	processLanguage.Store(known)
	return nil
}

// Language returns the language that [SetLanguage] set: "en", "zh", or "" if none
// is.
func Language() string {
	if o, ok := languageOutlet(); ok {
		return o.Language()
	}
	tag, _ := processLanguage.Load().(string)
	return tag
}

func languageOutlet() (LanguageOutlet, bool) {
	o, err := Current()
	if err != nil {
		return nil, false
	}
	l, ok := o.(LanguageOutlet)
	return l, ok
}
