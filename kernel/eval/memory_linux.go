package eval

// This file asks Linux how much memory there is.

import "syscall"

// machineMemory returns the bytes of memory of the machine, 0 if unknown.
func machineMemory() uint64 {
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) != nil {
		return 0
	}
	return uint64(info.Totalram) * uint64(info.Unit)
}
