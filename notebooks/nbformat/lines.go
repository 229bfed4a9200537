// This file splits text into the lists of lines that Jupyter writes, and joins
// them again.

package nbformat

import (
	"strings"
	"unicode/utf8"
)

// join takes a string, or a list of strings as one text.
func join(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []any:
		var b strings.Builder
		for _, line := range v {
			s, ok := line.(string)
			if !ok {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return "", false
}

// split cuts s after each line end, as Python's str.splitlines(True) does:
// \r\n is one line end, and \v, \f, \x1c to \x1e, \x85, U+2028 and U+2029 are
// line ends too.
func split(s string) []any {
	lines := []any{}
	start := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch r {
		case '\r':
			if i < len(s) && s[i] == '\n' {
				i++
			}
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		default:
			continue
		}
		lines = append(lines, s[start:i])
		start = i
	}
	if start < len(s) {
		lines = append(lines, s[start:])
	}
	return lines
}

// IsJSON tells whether a MIME type holds JSON, whose values are trees and not
// text.
func IsJSON(mime string) bool {
	return mime == "application/json" || strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}

// splits tells whether Jupyter writes values of a MIME type as lists of lines.
func splits(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == "application/javascript" || mime == "image/svg+xml"
}

// joinBundle joins the lists of lines of a MIME bundle.
func joinBundle(data map[string]any) map[string]any {
	out := make(map[string]any, len(data))
	for mime, v := range data {
		if !IsJSON(mime) {
			if s, ok := join(v); ok {
				v = s
			}
		}
		out[mime] = v
	}
	return out
}

// splitBundle is the reverse of joinBundle.
func splitBundle(data map[string]any) map[string]any {
	out := make(map[string]any, len(data))
	for mime, v := range data {
		if s, ok := v.(string); ok && splits(mime) {
			v = split(s)
		}
		out[mime] = v
	}
	return out
}
