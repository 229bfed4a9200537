package eval

// This file answers what an editor asks; packages check and magic know it.

import (
	"strings"

	"cajal/kernel/cell"
	"cajal/kernel/eval/check"
	"cajal/kernel/eval/magic"
)

// Complete proposes completions, as [cell.Evaluator] says.
func (e *Evaluator) Complete(code string, pos int) cell.Completion {
	pos = max(0, min(pos, len(code)))
	if start, items, ok := magic.Items(code, pos, e.declared); ok {
		out := cell.Completion{Start: start, End: pos}
		for _, i := range items {
			out.Items = append(out.Items, cell.CompletionItem{Text: i.Text, Kind: i.Kind})
		}
		return out
	}
	parsed, _ := magic.Parse(code, e.declared)
	if parsed.TakesText() || pos > 0 && parsed.Go[pos-1] != code[pos-1] {
		return cell.Completion{Start: pos, End: pos}
	}
	e.loadKnown(parsed.Go)
	c := e.state.Complete(parsed.Go, pos)
	out := cell.Completion{Start: c.Start, End: c.End}
	if c.InString {
		for _, i := range magic.Paths(code[c.Start:c.End], false) {
			out.Items = append(out.Items, cell.CompletionItem{Text: i.Text, Kind: i.Kind})
		}
	}
	for _, i := range c.Items {
		out.Items = append(out.Items, cell.CompletionItem(i))
	}
	return out
}

// Inspect describes a name, as [cell.Evaluator] says.
func (e *Evaluator) Inspect(code string, pos, detail int) cell.Inspection {
	pos = max(0, min(pos, len(code)))
	if synopsis, help, ok := magic.Describe(code, pos); ok {
		return cell.Inspection{Data: map[string]any{
			"text/plain": synopsis + "\n\n" + help, "text/markdown": "`" + synopsis + "`\n\n" + help + "\n",
		}}
	}
	parsed, _ := magic.Parse(code, e.declared)
	e.loadKnown(parsed.Go)
	return cell.Inspection{Data: e.state.Inspect(parsed.Go, pos, detail)}
}

// IsComplete tells whether code could be executed, as [cell.Evaluator] says.
func (e *Evaluator) IsComplete(code string) cell.Completeness {
	code = check.Clean(code)
	c, err := magic.Parse(code, e.declared)
	switch {
	case err != nil:
		return cell.Completeness{Status: check.Invalid}
	case c.Empty(), c.TakesText() && !strings.HasSuffix(code, "\n"):
		return cell.Completeness{Status: check.Incomplete} // a blank line ends it
	case c.TakesText():
		return cell.Completeness{Status: check.Complete}
	}
	status, indent := e.state.IsComplete(c.Go)
	return cell.Completeness{Status: status, Indent: indent}
}
