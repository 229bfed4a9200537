// Package worker runs an evaluator in a process of its own, with nothing but
// two pipes between. What a cell does to its process, from changing the folder
// to a fatal error of the runtime, ends with that process and harms neither
// the notebook's executed part nor a notebook beside it; and a cell that does
// not stop can be made to.
//
// It is not a kernel: nobody is asked for input, and nothing is completed or
// inspected. It knows evaluators only as [cell.Evaluator].
//
//	Start      one end: a [cell.Evaluator] whose cells run elsewhere
//	Serve      the other: what the started process does
//
// The pipes are what the process begins with as its standard input and output;
// [Files] takes them away from the cells. Each message is a line of JSON. Messages to the worker: pin, execute, interrupt, facts. From the
// worker: event, done, facts. The end of the first pipe ends the worker,
// so that none is left behind.
package worker
