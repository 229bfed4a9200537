//go:build !linux && !darwin

package eval

// machineMemory would return the bytes of memory of the machine; it is not
// known on this platform.
func machineMemory() uint64 { return 0 }
