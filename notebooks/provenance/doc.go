// Package provenance records what a notebook's results come from: the program
// and its modules, the machine, the parameters, seeds and data, and hashes of
// code and outputs; and says later what has changed.
//
// It is not a lock: nothing is pinned by it, and nothing refused. It runs no
// cells.
//
//	Collect    makes the record of a run
//	Store, Load   keep it in a notebook's metadata, as metadata.cajal.provenance
//	Changes    compares two records in words
//	Lines      tells a record to a reader
package provenance
