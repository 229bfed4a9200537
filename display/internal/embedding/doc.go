// Package embedding finds places in a plane for rows of many numbers, so that
// rows that are alike are near each other.
//
//	PCA    the directions in which the rows differ most
//	TSNE   neighbours stay neighbours
//
// It draws nothing (display/chart does) and is for a few thousand rows: its
// methods are exact.
package embedding
