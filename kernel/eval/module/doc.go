// Package module gives cells the packages of third-party modules, as source: it
// chooses versions, fetches modules and reads packages the way the go command
// does, without it.
//
// It type-checks and runs nothing, and knows neither cells nor what they import
// from the program itself. It clones no repositories: what is to be fetched
// "direct" has to be in the module cache already, or to be named by its folder.
// It reads no go.sum: what is in the module cache was checked when it came
// there, and what is fetched is checked by the checksum database or a pin.
//
//	session.go   a Session: %get, %use, pins, and the packages that were loaded
//	env.go       the go command's settings
//	proxy.go     GOPROXY
//	netrc.go     who asks a proxy
//	cache.go     the module cache, in the go command's layout, shared with it
//	sum.go       the checksum database
//	query.go     versions: latest, prefixes, branches
//	graph.go     minimal version selection over go.mod files
//	find.go      which module has a package
//	local.go     modules in folders, and replace directives
//	source.go    a package's files: build constraints, what cannot run
//	embed.go     //go:embed
//	error.go     errors with what to do
//
// # Versions
//
// A Session is to a notebook what a go.mod is to a module: a list of modules
// with versions, its roots. An import of a package that no module of the build
// list has adds a root, the latest release of the module that has it. The
// versions of all others follow by minimal version selection, with Go 1.17's
// pruning. A module whose packages were loaded keeps its version until the
// session ends: types of two versions are different types, and a cell that had
// values of both could tell nobody why they do not fit.
//
// Pins are the versions of an earlier run with their sums. They take part as
// roots do, so that the same cells get the same versions; a module whose files
// have another sum than its pin is refused.
package module
