// This file asks the system about this process.

//go:build unix

package main

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

func usage() (u syscall.Rusage) {
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u
}

// cpuTime returns the processor time that the process has used.
func cpuTime() time.Duration {
	u := usage()
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMB returns the most memory that the process has held.
func peakMB() float64 {
	max := float64(usage().Maxrss)
	if runtime.GOOS == "darwin" {
		return max / (1 << 20) // bytes there, kilobytes elsewhere
	}
	return max / (1 << 10)
}

// sinceStart returns the age of the process, 0 where it is not known.
func sinceStart() time.Duration {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	up, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return 0
	}
	const ticks = 100 // a second, for all of Linux' ports that Go has
	start, err := strconv.ParseFloat(string(fields[19]), 64)
	if err != nil {
		return 0
	}
	now, err := strconv.ParseFloat(string(bytes.Fields(up)[0]), 64)
	if err != nil {
		return 0
	}
	return time.Duration((now - start/ticks) * float64(time.Second))
}
