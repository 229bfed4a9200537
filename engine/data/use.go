// This file tells whoever wants to know which files became data.

package data

import "sync/atomic"

// A File is a file whose content became data.
type File struct {
	Name   string `json:"name"`   // without its folder
	SHA256 string `json:"sha256"` // of the file as it lies on disk, in hexadecimal
	Source string `json:"source"` // what it belongs to, and where that comes from
}

var onUse atomic.Pointer[func(File)]

// SetOnUse sets what is told of each file that is read. The program that joins
// the packages calls it once, at its start; f runs on the goroutine that reads.
// A nil function brings back the default, none.
func SetOnUse(f func(File)) {
	if f == nil {
		onUse.Store(nil)
		return
	}
	onUse.Store(&f)
}

func used(f File) {
	if tell := onUse.Load(); tell != nil {
		(*tell)(f)
	}
}
