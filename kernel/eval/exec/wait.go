package exec

// This file has versions of compiled functions that end their goroutine, or
// wait for others: these end with the run. Functions that would end the process
// for a mistake of their caller panic here.

import (
	"reflect"
	"sync"
)

// replaced are compiled functions that have another version here.
var replaced = map[string]any{
	"runtime.Goexit":          func() { panic(goexit{}) },
	"sync.(*Mutex).Lock":      lock,
	"sync.(*RWMutex).Lock":    writeLock,
	"sync.(*RWMutex).RLock":   readLock,
	"sync.(*WaitGroup).Wait":  waitForGroup,
	"sync.(*Cond).Wait":       waitForCond,
	"sync.(*Mutex).Unlock":    unlock,
	"sync.(*RWMutex).Unlock":  writeUnlock,
	"sync.(*RWMutex).RUnlock": readUnlock,
}

// replacement returns what is called for the function, or method, with the name
// in a compiled package; an invalid value for a method that has no other version.
func (m *Machine) replacement(pkgPath, name string) reflect.Value {
	if later(pkgPath, name) {
		m.later.Store(true)
	}
	if f, ok := replaced[pkgPath+"."+name]; ok {
		return reflect.ValueOf(f)
	}
	return m.natives.Func(pkgPath, name)
}

func lock(m *sync.Mutex) {
	if !m.TryLock() {
		await("sync.Mutex.Lock", m.Lock, m.Unlock)
	}
}

func writeLock(m *sync.RWMutex) {
	if !m.TryLock() {
		await("sync.RWMutex.Lock", m.Lock, m.Unlock)
	}
}

func readLock(m *sync.RWMutex) {
	if !m.TryRLock() {
		await("sync.RWMutex.RLock", m.RLock, m.RUnlock)
	}
}

// misuse is the run-time error of what the runtime ends the process for.
type misuse string

// Error describes the error.
func (e misuse) Error() string { return string(e) }

// RuntimeError marks it as a runtime.Error.
func (misuse) RuntimeError() {}

func unlock(m *sync.Mutex) {
	if m.TryLock() {
		m.Unlock()
		panic(misuse("sync: unlock of unlocked mutex"))
	}
	m.Unlock()
}

func writeUnlock(m *sync.RWMutex) {
	if m.TryRLock() {
		m.RUnlock()
		panic(misuse("sync: Unlock of unlocked RWMutex"))
	}
	m.Unlock()
}

func readUnlock(m *sync.RWMutex) {
	if m.TryLock() {
		m.Unlock()
		panic(misuse("sync: RUnlock of unlocked RWMutex"))
	}
	m.RUnlock()
}

func waitForGroup(wg *sync.WaitGroup) { await("sync.WaitGroup.Wait", wg.Wait, func() {}) }

func waitForCond(c *sync.Cond) { await("sync.Cond.Wait", c.Wait, c.L.Unlock) }

// await returns when wait does, the function what. If the run ends first, it panics, and when wait
// does return, calls undo. A goroutine that is blocked in the runtime cannot be
// freed, so wait is called on another one.
func await(what string, wait, undo func()) {
	g := current()
	if g == nil {
		wait()
		return
	}
	g.poll()
	done := make(chan struct{})
	go func() {
		wait()
		close(done)
	}()
	if w := g.run.watch; w != nil {
		w.sleep(g, what)
		defer w.wake(g)
	}
	select {
	case <-done:
	case <-g.ended():
		go func() {
			<-done
			undo()
		}()
		panic(Interrupted{g.run})
	}
}
