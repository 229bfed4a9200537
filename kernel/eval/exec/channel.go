package exec

// This file lowers channel operations. One that has to wait also waits for the
// end of its run.

import (
	"go/types"
	"reflect"
	"unsafe"

	"cajal/kernel/eval/rtype"

	"golang.org/x/tools/go/ssa"
)

//go:linkname chanrecv reflect.chanrecv
func chanrecv(ch unsafe.Pointer, nb bool, val unsafe.Pointer) (selected, received bool)

//go:linkname chansend reflect.chansend0
func chansend(ch unsafe.Pointer, val unsafe.Pointer, nb bool) bool

//go:linkname rselect reflect.rselect
func rselect([]selectCase) (chosen int, recvOK bool)

// selectCase mirrors reflect's runtimeSelect.
type selectCase struct {
	dir reflect.SelectDir
	typ ptr // channel type
	ch  ptr
	val ptr // what is sent, or where to put what is received
}

var doneType = rtype.TypeWord(reflect.TypeFor[chan struct{}]())

// ended is closed when g has to stop.
func (g *Goroutine) ended() <-chan struct{} {
	if g.ending {
		return g.run.dead
	}
	return g.run.done
}

// doneCase is the case of a select that ends with the run.
func (g *Goroutine) doneCase() selectCase {
	ch := g.ended()
	return selectCase{dir: reflect.SelectRecv, typ: doneType, ch: *(*ptr)(unsafe.Pointer(&ch)), val: unsafe.Pointer(&zeroBase)}
}

// wait runs a select that may block, in an operation what, and returns the case
// that was chosen. It panics if the run ends first.
func (g *Goroutine) wait(what string, cases []selectCase) (int, bool) {
	if w := g.run.watch; w != nil {
		w.sleep(g, what)
		defer w.wake(g) // it may panic
	}
	return g.choose(cases)
}

// choose is wait, but for those who watch.
func (g *Goroutine) choose(cases []selectCase) (int, bool) {
	i, ok := rselect(append(cases, g.doneCase()))
	if i == len(cases) {
		panic(Interrupted{g.run})
	}
	return i, ok
}

// waitSend is wait for sending the value at val to ch, of type typ, and waitReceive
// for receiving one. For the common sizes of values they are select statements,
// which take half of rselect's time.
func (g *Goroutine) waitSend(c class, typ, ch, val ptr) {
	if w := g.run.watch; w != nil {
		w.sleep(g, "chan send")
		defer w.wake(g)
	}
	send := plainSends[c]
	if send == nil {
		g.choose([]selectCase{{reflect.SelectSend, typ, ch, val}})
		return
	}
	if !send(ch, val, g.ended()) {
		panic(Interrupted{g.run})
	}
}

func (g *Goroutine) waitReceive(c class, typ, ch, val ptr) (ok bool) {
	if w := g.run.watch; w != nil {
		w.sleep(g, "chan receive")
		defer w.wake(g)
	}
	receive := plainReceives[c]
	if receive == nil {
		_, ok = g.choose([]selectCase{{reflect.SelectRecv, typ, ch, val}})
		return ok
	}
	ok, received := receive(ch, val, g.ended())
	if !received {
		panic(Interrupted{g.run})
	}
	return ok
}

// What sends and receives values of a class, if it comes to that before done is
// closed. The runtime goes by the type that the channel itself knows.
var (
	plainSends = [classOther + 1]func(ch, val ptr, done <-chan struct{}) bool{
		class1: sendT[uint8], class2: sendT[uint16], class4: sendT[uint32], class8: sendT[uint64],
		classPtr: sendT[ptr], classString: sendT[string], classIface: sendT[any], classSlice: sendT[[]byte],
	}
	plainReceives = [classOther + 1]func(ch, val ptr, done <-chan struct{}) (ok, received bool){
		class1: receiveT[uint8], class2: receiveT[uint16], class4: receiveT[uint32], class8: receiveT[uint64],
		classPtr: receiveT[ptr], classString: receiveT[string], classIface: receiveT[any], classSlice: receiveT[[]byte],
	}
)

func sendT[T any](ch, val ptr, done <-chan struct{}) (sent bool) {
	select {
	case *(*chan<- T)(unsafe.Pointer(&ch)) <- *(*T)(val):
		return true
	case <-done:
		return false
	}
}

func receiveT[T any](ch, val ptr, done <-chan struct{}) (ok, received bool) {
	select {
	case *(*T)(val), ok = <-*(*<-chan T)(unsafe.Pointer(&ch)):
		return ok, true
	case <-done:
		return false, false
	}
}

func (k *compiler) makeChan(in *ssa.MakeChan) op {
	d, t := k.off(in), k.typ(in)
	both, elem := reflect.ChanOf(reflect.BothDir, t.Elem()), t.Elem().Size()
	size, signed := k.intReader(in.Size)
	return func(fr ptr) {
		n := size(fr)
		if !signed && int64(n) < 0 {
			n = 1<<63 - 1
		}
		if int64(n) < 0 {
			_ = make(chan int, int(n)) // panics as it does
		}
		k.m.mayAllocateArray(n, elem)
		*(*ptr)(at(fr, d)) = reflect.MakeChan(both, int(n)).UnsafePointer()
	}
}

func (k *compiler) send(in *ssa.Send) op {
	c, x := k.off(in.Chan), k.off(in.X)
	w, move := rtype.TypeWord(k.typ(in.Chan)), classOf(k.typ(in.X))
	return func(fr ptr) {
		ch := *(*ptr)(at(fr, c))
		if ch != nil && chansend(ch, at(fr, x), true) {
			return
		}
		head(fr).g.waitSend(move, w, ch, at(fr, x))
	}
}

// receive lowers <-X, with or without a second result.
func (k *compiler) receive(in *ssa.UnOp) op {
	c := k.off(in.X)
	w, move := rtype.TypeWord(k.typ(in.X)), classOf(k.typ(in.X).Elem())
	d, okOff := k.off(in), uintptr(0)
	if in.CommaOk {
		r := k.regs[in]
		d, okOff = r.off+r.tuple[0].off, r.off+r.tuple[1].off
	}
	commaOk := in.CommaOk
	return func(fr ptr) {
		ch := *(*ptr)(at(fr, c))
		var selected, ok bool
		if ch != nil {
			selected, ok = chanrecv(ch, true, at(fr, d))
		}
		if !selected {
			ok = head(fr).g.waitReceive(move, w, ch, at(fr, d))
		}
		if commaOk {
			*(*bool)(at(fr, okOff)) = ok
		}
	}
}

// selectOp lowers a select statement.
func (k *compiler) selectOp(in *ssa.Select) op {
	r := k.regs[in]
	index, recvOK := r.off+r.tuple[0].off, r.off+r.tuple[1].off
	type state struct {
		dir  reflect.SelectDir
		typ  ptr
		ch   uintptr
		val  uintptr
		zero op
	}
	states := make([]state, len(in.States))
	next := 2
	for i, s := range in.States {
		st := state{dir: reflect.SelectSend, typ: rtype.TypeWord(k.typ(s.Chan)), ch: k.off(s.Chan)}
		if s.Dir == types.SendOnly {
			st.val = k.off(s.Send)
		} else {
			st.dir = reflect.SelectRecv
			e := r.tuple[next]
			st.val = r.off + e.off
			st.zero = k.zero(e.typ, st.val)
			next++
		}
		states[i] = st
	}
	blocking, what := in.Blocking, "select"
	if len(states) == 0 {
		what = "select (no cases)"
	}
	return func(fr ptr) {
		cases := make([]selectCase, len(states), len(states)+1)
		for i := range states {
			s := &states[i]
			if s.zero != nil {
				s.zero(fr)
			}
			cases[i] = selectCase{s.dir, s.typ, *(*ptr)(at(fr, s.ch)), at(fr, s.val)}
		}
		var chosen int
		var ok bool
		if blocking {
			chosen, ok = head(fr).g.wait(what, cases)
		} else {
			chosen, ok = rselect(append(cases, selectCase{dir: reflect.SelectDefault}))
			if chosen == len(states) {
				chosen = -1
			}
		}
		*(*int)(at(fr, index)) = chosen
		*(*bool)(at(fr, recvOK)) = ok
	}
}
