package eval

// This file stands in for the assembly of packages that much else is built on.

import "syscall"

// assembly returns Go for the functions of the package at path that are written
// in assembly; nil if nothing is known of it. Without them, calling such a
// function is an error of the cell.
func (e *Evaluator) assembly(path string) map[string]any {
	switch path {
	case "golang.org/x/sys/unix":
		// They are package syscall's, where the system has them.
		p, ok := e.cfg.Lookup("syscall")
		if !ok || p.Symbols == nil {
			return nil
		}
		table := p.Symbols().Funcs
		funcs := make(map[string]any)
		for _, name := range []string{"Syscall", "Syscall6", "RawSyscall", "RawSyscall6"} {
			if f, ok := table[name]; ok {
				funcs[name] = f
			}
		}
		for _, name := range []string{"Syscall", "RawSyscall"} {
			if f, ok := table[name].(func(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err syscall.Errno)); ok {
				funcs[name+"NoError"] = func(trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
					r1, r2, _ = f(trap, a1, a2, a3)
					return r1, r2
				}
			}
		}
		return funcs
	case "golang.org/x/sys/cpu":
		// A processor that can do nothing special, so that nobody asks for assembly.
		none := func() uint64 { return 0 }
		return map[string]any{
			"cpuid":           func(eax, ecx uint32) (a, b, c, d uint32) { return 0, 0, 0, 0 },
			"xgetbv":          func() (eax, edx uint32) { return 0, 0 },
			"getGOAMD64level": func() int32 { return 1 },
			"getisar0":        none, "getisar1": none, "getmmfr1": none, "getpfr0": none, "getzfr0": none,
		}
	}
	return nil
}
