package eval

// This file finds out how much memory there is.

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
)

// totalMemory returns the number of bytes that the process can have: the least of
// the machine's memory, the limit of its control group and Go's own; 0 if
// nothing limits it or nothing is known.
var totalMemory = sync.OnceValue(func() uint64 {
	least := uint64(0)
	limit := func(n uint64) {
		if n > 0 && n < math.MaxInt64 && (least == 0 || n < least) {
			least = n
		}
	}
	limit(uint64(debug.SetMemoryLimit(-1)))
	limit(machineMemory())
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if data, err := os.ReadFile(file); err == nil {
			n, _ := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64) // "max" is no limit
			limit(n)
		}
	}
	return least
})
