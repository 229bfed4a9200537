// Package kernel is a folder of packages and the page that tells the life of a
// cell; it has no code of its own. "Kernel" means the Jupyter kernel only;
// compute routines are primitives.
//
// # The life of a cell
//
//  1. kernel/wire receives an execute_request, checks its signature and hands
//     it on as a typed message.
//  2. kernel/session takes it from the queue, publishes "busy" and
//     "execute_input", gives the cell a handle ([cell.ID]) and calls Execute of
//     its [cell.Evaluator]. It knows no Go, and nothing of how cells run.
//  3. kernel/eval is that evaluator. What the cell imports of third-party
//     modules, its eval/module fetches and reads. Its eval/check splits the text
//     into imports, declarations and statements, type-checks them as one package
//     of their own against the live names of earlier cells, and lowers them to
//     SSA.
//  4. eval/exec turns SSA into closures over typed frames and runs them. Values
//     are real Go values, and types with methods are real types, made by
//     eval/rtype; so compiled packages, given as tables by kernel/bind, take
//     them as they are.
//  5. What the cell prints or displays becomes events ([cell.Event]) with the
//     cell's handle. The session finds the request that belongs to the handle
//     and publishes them under its header, wherever the output came from.
//  6. Execute returns when all of it was emitted; the session sends the reply,
//     then "idle".
//
// # Who may import whom
//
// imports_test.go holds the table. In words: the evaluator knows nothing of
// Jupyter, tensors or charts; the session knows nothing of Go; the engine
// knows neither kernel nor display; display knows neither. kernel/bind alone
// sees both worlds, and main joins them.
package kernel
