package eval

// This file answers what an editor asks; package check knows it.

import "cajal/kernel/cell"

// Complete proposes completions, as [cell.Evaluator] says.
func (e *Evaluator) Complete(code string, pos int) cell.Completion {
	c := e.state.Complete(code, pos)
	out := cell.Completion{Start: c.Start, End: c.End}
	for _, i := range c.Items {
		out.Items = append(out.Items, cell.CompletionItem(i))
	}
	return out
}

// Inspect describes a name, as [cell.Evaluator] says.
func (e *Evaluator) Inspect(code string, pos, detail int) cell.Inspection {
	return cell.Inspection{Data: e.state.Inspect(code, pos, detail)}
}

// IsComplete tells whether code could be executed, as [cell.Evaluator] says.
func (e *Evaluator) IsComplete(code string) cell.Completeness {
	status, indent := e.state.IsComplete(code)
	return cell.Completeness{Status: status, Indent: indent}
}
