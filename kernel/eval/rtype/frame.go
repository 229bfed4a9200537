package rtype

// This file makes types of blocks of memory.

import (
	"reflect"
	"strings"
	"sync"
	"unsafe"
)

var frames struct {
	sync.Mutex
	types map[string]unsafe.Pointer
}

// FrameType returns the word of a type that has as many words as pointers, of
// which those that are true are pointers. It is for allocation alone. Equal
// arguments give the same type.
func FrameType(pointers []bool) unsafe.Pointer {
	var b strings.Builder
	for _, p := range pointers {
		if p {
			b.WriteByte('p')
		} else {
			b.WriteByte('.')
		}
	}
	key := b.String()
	frames.Lock()
	defer frames.Unlock()
	if w, ok := frames.types[key]; ok {
		return w
	}
	if frames.types == nil {
		frames.types = make(map[string]unsafe.Pointer)
	}
	// The runtime reads pointer masks by words.
	mask := make([]uint64, len(pointers)/64+1)
	last := 0
	for i, p := range pointers {
		if p {
			mask[i/64] |= 1 << (i % 64)
			last = i + 1
		}
	}
	t := (*typ)(alloc(kindSize(reflect.Struct)))
	*t = typ{
		size: uintptr(len(pointers)) * wordSize, ptrBytes: uintptr(last) * wordSize,
		align: uint8(wordSize), fieldAlign: uint8(wordSize), kind: uint8(reflect.Struct),
		gcData: (*byte)(unsafe.Pointer(&keep(mask)[0])), str: nameOff("struct {}", "", false),
		hash: newHash(),
	}
	if t.size == wordSize && t.ptrBytes == wordSize {
		t.flag = flagDirectIface
	}
	frames.types[key] = unsafe.Pointer(t)
	return unsafe.Pointer(t)
}
