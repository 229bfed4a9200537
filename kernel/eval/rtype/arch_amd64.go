package rtype

// This file holds what depends on amd64.

import "unsafe"

// stubSize is the distance of two stubs in bytes.
const stubSize = 11

// itabLoads returns the addresses from which the first instructions of
// runtime.getitab load words: MOVQ disp32(RIP), reg.
func itabLoads() (addrs []uintptr) {
	pc := codeOf(getitab)
	code := (*[256]byte)(pointerTo(pc))
	for i := range len(code) - 7 {
		if code[i]&^4 == 0x48 && code[i+1] == 0x8b && code[i+2]&0xc7 == 0x05 {
			disp := *(*int32)(unsafe.Pointer(&code[i+3]))
			addrs = append(addrs, pc+uintptr(i)+7+uintptr(disp))
		}
	}
	return addrs
}
