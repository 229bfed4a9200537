// Package words says things in the language of a notebook. Code has the English
// words; a [Table] has those of another language by them, one table for each
// package that speaks.
//
// It is not for errors, which are in English, nor for names that a reader gave.
package words

import (
	"fmt"
	"strings"
)

// The languages that there are words in, as BCP 47 tags.
const (
	English = "en"
	Chinese = "zh"
)

// Tag returns which of the languages a tag such as "zh-CN" or "en_US.UTF-8"
// means.
func Tag(s string) (string, bool) {
	tag, _, _ := strings.Cut(strings.ToLower(s), "-")
	tag, _, _ = strings.Cut(tag, "_")
	return tag, tag == English || tag == Chinese
}

// A Table has Chinese formats by the English ones. Where the order of the words
// is another, verbs have indexes.
type Table map[string]string

// Say writes a format in a language; in English if the table does not have it.
func (t Table) Say(language, format string, args ...any) string {
	if language == Chinese {
		if other, ok := t[format]; ok {
			format = other
		}
	}
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// Count writes a number of things, n as it is to be read: "1 row", "2 rows". In
// the table it is a format for one: "%s row".
func (t Table) Count(language string, count int, n, what string) string {
	if other, ok := t["%s "+what]; ok && language == Chinese {
		return fmt.Sprintf(other, n)
	}
	if count != 1 {
		switch rest, y := strings.CutSuffix(what, "y"); {
		case what == "matrix":
			what = "matrices"
		case y:
			what = rest + "ies"
		case strings.HasSuffix(what, "s"):
			what += "es"
		default:
			what += "s"
		}
	}
	return n + " " + what
}
