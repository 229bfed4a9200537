// This file filters style sheets and style attributes, and keeps an output's
// style sheet from reaching beyond the output.

package report

import (
	"slices"
	"strings"

	"cajal/notebooks/pattern"
)

var (
	propertyName  = pattern.New(`^-{0,2}[a-z][a-z0-9-]*$`)
	customName    = pattern.New(`^--[A-Za-z][A-Za-z0-9_-]*$`)
	localURL      = pattern.New(`url\(\s*(["']?)#([A-Za-z_][\w:.-]*)(["']?)\s*\)`)
	functionName  = pattern.New(`([a-z_-][a-z0-9_-]*)\s*\(`)
	selectorText  = pattern.New(`^[\w\s.#:>+~*\[\]="'()^$|-]+$`)
	selectorID    = pattern.New(`#([A-Za-z_][\w-]*)`)
	mediaText     = pattern.New(`^@(media|supports)[\w\s():,./-]*$`)
	rootSelector  = pattern.New(`^(:root|html|body)\b`)
	withinRoot    = pattern.New(`^(\s*>\s*|\s+)[^\s>+~]`)
	attributeTest = pattern.New(`\[[^\]]*\]`)
)

// declarations keeps of "property: value; …" what is allowed. No value may
// name anything outside the document; url(#id) is renamed by rename.
func declarations(style string, rename func(string) string) string {
	var kept []string
	for _, d := range splitTop(style, ';') {
		property, value, ok := strings.Cut(d, ":")
		property, value = strings.TrimSpace(property), strings.TrimSpace(value)
		if !ok || value == "" {
			continue
		}
		if !strings.HasPrefix(property, "--") {
			property = strings.ToLower(property)
		}
		if !propertyAllowed(property) {
			continue
		}
		if property == "position" && value != "relative" && value != "absolute" {
			continue
		}
		if value, ok = declarationValue(value, rename); ok {
			kept = append(kept, property+": "+value)
		}
	}
	return strings.Join(kept, "; ")
}

func propertyAllowed(name string) bool {
	if customName().MatchString(name) {
		return true
	}
	if !propertyName().MatchString(name) {
		return false
	}
	if styleProperties[name] {
		return true
	}
	for _, p := range stylePrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// declarationValue refuses what could load, run or leave the declaration.
func declarationValue(value string, rename func(string) string) (string, bool) {
	if len(value) > 4096 || strings.ContainsAny(value, "\\<>{}@;&") || strings.Contains(value, "/*") {
		return "", false
	}
	rest := localURL().ReplaceAllString(value, "")
	for _, f := range functionName().FindAllStringSubmatch(strings.ToLower(rest), -1) {
		if !styleFunctions[f[1]] {
			return "", false
		}
	}
	return localURL().ReplaceAllStringFunc(value, func(m string) string {
		return "url(#" + rename(localURL().FindStringSubmatch(m)[2]) + ")"
	}), true
}

// scoped keeps of a style sheet the plain rules, also those in @media and
// @supports, and puts scope before every selector.
func scoped(sheet, scope string, rename func(string) string) string {
	var b strings.Builder
	scopeRules(&b, uncomment(sheet), scope, rename, 0)
	return b.String()
}

func scopeRules(b *strings.Builder, sheet, scope string, rename func(string) string, depth int) {
	for sheet != "" && depth < 4 {
		end := indexTop(sheet, "{;")
		if end < 0 {
			return
		}
		prelude := strings.TrimSpace(sheet[:end])
		if sheet[end] == ';' { // @import, @charset, or rubbish
			sheet = sheet[end+1:]
			continue
		}
		body, rest := block(sheet[end+1:])
		sheet = rest
		if strings.HasPrefix(prelude, "@") {
			if mediaText().MatchString(prelude) {
				b.WriteString(prelude + " {\n")
				scopeRules(b, body, scope, rename, depth+1)
				b.WriteString("}\n")
			}
			continue
		}
		var selectors []string
		whole := false // a rule for the scope itself
		for _, s := range splitTop(prelude, ',') {
			switch s = scopeSelector(strings.TrimSpace(s), scope, rename); s {
			case "":
			case scope:
				whole = true
			default:
				selectors = append(selectors, s)
			}
		}
		kept := declarations(body, rename)
		if len(selectors) > 0 && kept != "" {
			b.WriteString(strings.Join(selectors, ", ") + " { " + kept + " }\n")
		}
		if kept = inherited(kept); whole && kept != "" {
			b.WriteString(scope + " { " + kept + " }\n")
		}
	}
}

// inherited keeps of [declarations] for the scope itself what says how the things
// within look. Where the scope stands, and how large it is, is the page's to say.
func inherited(style string) string {
	var kept []string
	for _, d := range splitTop(style, ';') {
		d = strings.TrimSpace(d)
		if slices.ContainsFunc([]string{"--", "color", "background", "font", "line-height", "text-"}, func(p string) bool { return strings.HasPrefix(d, p) }) {
			kept = append(kept, d)
		}
	}
	return strings.Join(kept, "; ")
}

func scopeSelector(s, scope string, rename func(string) string) string {
	if s == "" || !selectorText().MatchString(s) || strings.ContainsAny(s[:1], ">+~") {
		return ""
	}
	// A test of an attribute may hold "#", which is no id.
	if !attributeTest().MatchString(s) {
		s = selectorID().ReplaceAllStringFunc(s, func(m string) string { return "#" + rename(m[1:]) })
	}
	if !rootSelector().MatchString(s) {
		return scope + " " + s
	}
	// What follows is within the scope: its siblings are not the output's.
	rest := rootSelector().ReplaceAllString(s, "")
	if rest != "" && !withinRoot().MatchString(rest) {
		return ""
	}
	return scope + rest
}

// uncomment removes comments; one that is never closed ends the sheet.
func uncomment(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "/*")
		b.WriteString(before)
		if !found {
			break
		}
		_, s, found = strings.Cut(after, "*/")
		if !found {
			break
		}
		b.WriteByte(' ')
	}
	return strings.NewReplacer("<!--", " ", "-->", " ", "<![CDATA[", " ", "]]>", " ").Replace(b.String())
}

// block returns what stands up to the closing brace, and what follows.
func block(s string) (body, rest string) {
	depth := 1
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote || c == '\n' {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

// indexTop finds the first of chars outside quotes and brackets.
func indexTop(s, chars string) int {
	depth := 0
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == quote || c == '\n' {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(' || c == '[':
			depth++
		case (c == ')' || c == ']') && depth > 0:
			depth--
		case depth == 0 && strings.IndexByte(chars, c) >= 0:
			return i
		}
	}
	return -1
}

// splitTop cuts s at sep outside quotes and brackets.
func splitTop(s string, sep byte) []string {
	var parts []string
	for {
		i := indexTop(s, string(sep))
		if i < 0 {
			return append(parts, s)
		}
		parts = append(parts, s[:i])
		s = s[i+1:]
	}
}
