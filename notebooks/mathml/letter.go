// This file maps letters to the alphabets of mathematics in Unicode (the block
// from U+1D400 on and its holes, Unicode 15, section 22.2), as MathML Core has
// no other way to ask for a bold letter.

package mathml

// alphabet is one style of letters.
type alphabet struct {
	upper, lower, digit  rune // where A, a and 0 are; 0: there are none
	greekUpper, greekLow rune // where Α and α are
	holes                map[rune]rune
}

var alphabets = map[string]alphabet{
	"bold":       {0x1d400, 0x1d41a, 0x1d7ce, 0x1d6a8, 0x1d6c2, nil},
	"bolditalic": {0x1d468, 0x1d482, 0x1d7ce, 0x1d71c, 0x1d736, nil},
	"script": {0x1d49c, 0x1d4b6, 0, 0, 0, map[rune]rune{
		'B': 'ℬ', 'E': 'ℰ', 'F': 'ℱ', 'H': 'ℋ', 'I': 'ℐ', 'L': 'ℒ', 'M': 'ℳ', 'R': 'ℛ', 'e': 'ℯ', 'g': 'ℊ', 'o': 'ℴ',
	}},
	"fraktur": {0x1d504, 0x1d51e, 0, 0, 0, map[rune]rune{'C': 'ℭ', 'H': 'ℌ', 'I': 'ℑ', 'R': 'ℜ', 'Z': 'ℨ'}},
	"double": {0x1d538, 0x1d552, 0x1d7d8, 0, 0, map[rune]rune{
		'C': 'ℂ', 'H': 'ℍ', 'N': 'ℕ', 'P': 'ℙ', 'Q': 'ℚ', 'R': 'ℝ', 'Z': 'ℤ',
	}},
	"sans": {0x1d5a0, 0x1d5ba, 0x1d7e2, 0, 0, nil},
	"mono": {0x1d670, 0x1d68a, 0x1d7f6, 0, 0, nil},
}

// in returns c in an alphabet, or c if the alphabet has no such sign.
func (a alphabet) in(c rune) rune {
	if h, ok := a.holes[c]; ok {
		return h
	}
	from := func(base, first rune) rune {
		if base == 0 {
			return c
		}
		return base + c - first
	}
	switch {
	case c >= 'A' && c <= 'Z':
		return from(a.upper, 'A')
	case c >= 'a' && c <= 'z':
		return from(a.lower, 'a')
	case c >= '0' && c <= '9':
		return from(a.digit, '0')
	case c >= 'Α' && c <= 'Ω':
		return from(a.greekUpper, 'Α')
	case c >= 'α' && c <= 'ω':
		return from(a.greekLow, 'α')
	case c == '∇' && a.greekUpper != 0:
		return a.greekUpper + 25
	case c == '∂' && a.greekLow != 0:
		return a.greekLow + 25
	}
	return c
}

// fonts maps commands that choose a font to the alphabet; "" is upright.
var fonts = map[string]string{
	"mathbf": "bold", "bf": "bold", "textbf": "bold", "boldsymbol": "bolditalic", "bm": "bolditalic", "mathit": "italic",
	"mathcal": "script", "mathscr": "script", "cal": "script", "mathfrak": "fraktur", "mathbb": "double",
	"mathsf": "sans", "mathtt": "mono", "mathrm": "", "rm": "", "mathnormal": "italic",
}
