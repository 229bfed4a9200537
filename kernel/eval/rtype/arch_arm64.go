package rtype

// This file holds what depends on arm64.

// stubSize is the distance of two stubs in bytes.
const stubSize = 8

// itabLoads returns the addresses from which the first instructions of
// runtime.getitab load words: ADRP, then ADD with an immediate or MOVD from an
// offset.
func itabLoads() (addrs []uintptr) {
	pc := codeOf(getitab)
	code := (*[64]uint32)(pointerTo(pc))
	for i := range len(code) - 1 {
		page, next := code[i], code[i+1]
		if page&0x9f000000 != 0x90000000 || next>>5&31 != page&31 {
			continue
		}
		pages := int64(int32(page>>5&0x7ffff<<2|page>>29&3)<<11) >> 11
		base := (pc+uintptr(i)*4)&^0xfff + uintptr(pages<<12)
		imm := uintptr(next >> 10 & 0xfff)
		switch next & 0xffc00000 {
		case 0x91000000: // ADD
			addrs = append(addrs, base+imm)
		case 0xf9400000: // MOVD
			addrs = append(addrs, base+imm*8)
		}
	}
	return addrs
}
