// This file finds formulas in Markdown, as Jupyter writes them: $…$ in a line,
// $$…$$ and \begin{…}…\end{…} displayed.

package report

import (
	"bytes"
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"cajal/notebooks/mathml"

	"cajal/notebooks/pattern"
)

// formulas is the extension of goldmark.
type formulas struct{}

// Extend implements goldmark.Extender.
func (formulas) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(
		parser.WithInlineParsers(util.Prioritized(inlineFormulas{}, 50)), // before emphasis and links
		parser.WithBlockParsers(util.Prioritized(blockFormulas{}, 50)),   // before lists: a line may begin with + or -
	)
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(formulas{}, 50)))
}

// formula is a formula in a line; its text is a child.
type formula struct {
	ast.BaseInline
	tex     string
	display bool
}

// formulaKind and formulaBlockKind tell the nodes from all others.
var (
	formulaKind      = ast.NewNodeKind("Formula")
	formulaBlockKind = ast.NewNodeKind("FormulaBlock")
)

// Kind implements ast.Node.
func (*formula) Kind() ast.NodeKind { return formulaKind }

// Dump implements ast.Node.
func (f *formula) Dump(source []byte, level int) { ast.DumpHelper(f, source, level, nil, nil) }

type inlineFormulas struct{}

// Trigger implements parser.InlineParser.
func (inlineFormulas) Trigger() []byte { return []byte{'$'} }

// Parse implements parser.InlineParser. A dollar sign opens a formula if no
// blank follows it, and closes one if no blank is before it and no digit behind,
// so that "from $5 to $6" is none.
func (inlineFormulas) Parse(_ ast.Node, block gmtext.Reader, _ parser.Context) ast.Node {
	text, _ := block.PeekLine()
	marks := 1
	if bytes.HasPrefix(text, []byte("$$")) {
		marks = 2
	}
	if len(text) <= marks || marks == 1 && unicode.IsSpace(rune(text[1])) {
		return nil
	}
	line, start := block.Position()
	for range maxLines {
		end, open := closing(text[marks:], marks)
		if end >= 0 {
			block.SetPosition(line, start)
			forward(block, end+2*marks)
			return &formula{tex: string(text[marks : marks+end]), display: marks == 2}
		}
		block.AdvanceLine()
		next, _ := block.PeekLine()
		if !open || next == nil {
			break
		}
		text = slices.Concat(text, next)
	}
	block.SetPosition(line, start)
	if marks == 1 {
		return nil
	}
	// A pair that nothing closes is no formula, and neither is its half.
	block.Advance(2)
	return ast.NewString([]byte("$$"))
}

// maxLines is how many lines a formula in a paragraph may have.
const maxLines = 50

// forward goes n bytes on, over the ends of lines.
func forward(block gmtext.Reader, n int) {
	for n > 0 {
		line, _ := block.PeekLine()
		if line == nil {
			return
		}
		if n < len(line) {
			block.Advance(n)
			return
		}
		n -= len(line)
		block.AdvanceLine()
	}
}

// closing finds the marks that end a formula; if there are none, open tells
// whether a next line may have them.
func closing(text []byte, marks int) (end int, open bool) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] != '$':
		case marks == 2:
			if i+1 < len(text) && text[i+1] == '$' {
				return i, false
			}
		case i > 0 && !unicode.IsSpace(rune(text[i-1])) && (i+1 == len(text) || text[i+1] < '0' || text[i+1] > '9'):
			return i, false
		default:
			return -1, false // a sum of money
		}
	}
	return -1, true
}

// formulaBlock is a displayed formula; its lines are the source with its marks.
type formulaBlock struct {
	ast.BaseBlock
	end   string // what its last line ends with
	ended bool
}

// Kind implements ast.Node.
func (*formulaBlock) Kind() ast.NodeKind { return formulaBlockKind }

// Dump implements ast.Node.
func (f *formulaBlock) Dump(source []byte, level int) { ast.DumpHelper(f, source, level, nil, nil) }

// IsRaw implements ast.Node.
func (*formulaBlock) IsRaw() bool { return true }

type blockFormulas struct{}

// Trigger implements parser.BlockParser.
func (blockFormulas) Trigger() []byte { return []byte{'$', '\\'} }

var beginning = pattern.New(`^\\begin\{([a-zA-Z]+\*?)\}`)

// Open implements parser.BlockParser.
func (blockFormulas) Open(_ ast.Node, reader gmtext.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	at := pc.BlockOffset()
	if at < 0 {
		return nil, parser.NoChildren
	}
	rest := bytes.TrimRight(line[at:], " \t\r\n")
	node := &formulaBlock{}
	switch m := beginning().FindSubmatch(rest); {
	case bytes.HasPrefix(rest, []byte("$$")):
		node.end = "$$"
		rest = rest[2:]
	case m != nil:
		node.end = `\end{` + string(m[1]) + "}"
	default:
		return nil, parser.NoChildren
	}
	if i := bytes.Index(rest, []byte(node.end)); i >= 0 {
		if i+len(node.end) != len(rest) {
			return nil, parser.NoChildren // text follows: it is part of a paragraph
		}
		node.ended = true
	}
	node.Lines().Append(gmtext.NewSegment(segment.Start+at, segment.Stop))
	reader.AdvanceToEOL()
	return node, parser.NoChildren
}

// Continue implements parser.BlockParser.
func (blockFormulas) Continue(n ast.Node, reader gmtext.Reader, _ parser.Context) parser.State {
	node := n.(*formulaBlock)
	line, segment := reader.PeekLine()
	if node.ended || line == nil || node.end == "$$" && len(bytes.TrimSpace(line)) == 0 {
		return parser.Close // a formula has no empty lines, and a forgotten $$ must not take the rest
	}
	node.Lines().Append(segment)
	node.ended = bytes.HasSuffix(bytes.TrimRight(line, " \t\r\n"), []byte(node.end))
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

// Close implements parser.BlockParser.
func (blockFormulas) Close(ast.Node, gmtext.Reader, parser.Context) {}

// CanInterruptParagraph implements parser.BlockParser.
func (blockFormulas) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements parser.BlockParser.
func (blockFormulas) CanAcceptIndentedLine() bool { return false }

// RegisterFuncs implements renderer.NodeRenderer.
func (formulas) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(formulaKind, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if f := n.(*formula); entering {
			_, err := w.WriteString(typeset(f.tex, f.display))
			return ast.WalkSkipChildren, err
		}
		return ast.WalkContinue, nil
	})
	r.Register(formulaBlockKind, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		var b bytes.Buffer
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			b.Write(line.Value(source))
		}
		_, err := fmt.Fprintf(w, "<div class=\"nb-formula\" tabindex=\"0\">%s</div>\n", typeset(unmarked(b.String()), true))
		return ast.WalkSkipChildren, err
	})
}

// unmarked takes the dollar signs off a formula.
func unmarked(tex string) string {
	tex = strings.TrimSpace(tex)
	if rest, ok := strings.CutPrefix(tex, "$$"); ok {
		return strings.TrimSuffix(rest, "$$")
	}
	return tex
}

// typeset returns the markup of a formula. One that cannot be read is shown as it
// was written, and says why when it is pointed at.
func typeset(tex string, display bool) string {
	markup, err := mathml.Convert(tex, display)
	if err == nil {
		return markup
	}
	return `<span title="` + html.EscapeString(err.Error()) + `">` + markup + "</span>"
}
