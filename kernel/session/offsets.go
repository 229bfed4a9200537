// This file converts cursors: code points on the wire, bytes in the evaluator.

package session

import "unicode/utf8"

// byteOffset returns the byte offset of the n-th code point of s, within s.
func byteOffset(s string, n int) int {
	if n <= 0 {
		return 0
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// runeOffset returns how many code points of s begin before byte offset n.
func runeOffset(s string, n int) int {
	n = max(0, min(n, len(s)))
	return utf8.RuneCountInString(s[:n])
}
