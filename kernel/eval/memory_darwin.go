package eval

// This file asks macOS how much memory there is.

import (
	"encoding/binary"
	"syscall"
)

// machineMemory returns the bytes of memory of the machine, 0 if unknown.
func machineMemory() uint64 {
	// Sysctl takes what it gets for text and drops a zero at its end.
	text, err := syscall.Sysctl("hw.memsize")
	if err != nil || len(text) > 8 {
		return 0
	}
	return binary.LittleEndian.Uint64(append([]byte(text), make([]byte, 8-len(text))...))
}
