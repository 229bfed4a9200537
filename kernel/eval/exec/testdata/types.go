// Defined types of every kind are real types to compiled packages.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
)

type (
	Bool    bool
	Int     int
	Uint8   uint8
	Float   float64
	Complex complex128
	Text    string
	Point   struct{ X, Y int }
	Ints    []int
	Table   map[string]int
	Fn      func(int) int
	Pipe    chan int
	Arr     [3]Point
	Ref     *Point
	Empty   struct{}
	Iface   interface{ Area() float64 }
)

func (b Bool) String() string    { return fmt.Sprintf("Bool(%t)", bool(b)) }
func (i Int) String() string     { return fmt.Sprintf("Int(%d)", int(i)) }
func (u Uint8) String() string   { return fmt.Sprintf("Uint8(%d)", uint8(u)) }
func (f Float) String() string   { return fmt.Sprintf("Float(%g)", float64(f)) }
func (c Complex) String() string { return fmt.Sprintf("Complex(%g)", complex128(c)) }
func (t Text) String() string    { return "Text(" + string(t) + ")" }
func (p Point) String() string   { return fmt.Sprintf("(%d, %d)", p.X, p.Y) }
func (i Ints) Len() int          { return len(i) }
func (i Ints) Less(a, b int) bool {
	return i[a] > i[b]
}
func (i Ints) Swap(a, b int)   { i[a], i[b] = i[b], i[a] }
func (t Table) String() string { return fmt.Sprint("Table of ", len(t)) }
func (f Fn) String() string    { return fmt.Sprint("Fn: 3 gives ", f(3)) }
func (p Pipe) String() string  { return fmt.Sprint("Pipe of ", cap(p)) }
func (a Arr) String() string   { return fmt.Sprint("Arr ", a[0], a[1], a[2]) }
func (Empty) String() string   { return "Empty" }
func (p *Point) Move(x, y int) { p.X += x; p.Y += y }
func (p *Point) Area() float64 { return float64(p.X * p.Y) }
func (i *Int) Add(n int)       { *i += Int(n) }
func (t Text) Error() string   { return "error " + string(t) }
func (t Text) Is(e error) bool { return e == os.ErrNotExist && t == "missing" }
func (i *Ints) Push(x any)     { *i = append(*i, x.(int)) }

type Node struct {
	Value       int
	Left, Right *Node
	Children    []Node
	ByName      map[string]*Node
	Visit       func(*Node) Node
	Any         interface{ Next() *Node }
}

func (n *Node) Next() *Node { return n.Left }
func (n *Node) String() string {
	if n == nil {
		return "."
	}
	return fmt.Sprintf("%v %d %v", n.Left, n.Value, n.Right)
}

type (
	List  []List
	Tree  map[string]Tree
	Chain chan Chain
	State func(int) State
	Self  *Self
	A     struct{ b *B }
	B     struct{ a [2]A }
	Shape interface{ Scale(float64) Shape }
)

func (l List) Depth() int {
	d := 0
	for _, x := range l {
		d = max(d, x.Depth())
	}
	return d + 1
}

type Temp float64

func (t Temp) MarshalJSON() ([]byte, error) {
	return []byte(fmt.Sprintf(`"%.1f degrees"`, float64(t))), nil
}
func (t *Temp) UnmarshalJSON(b []byte) error {
	_, err := fmt.Sscanf(strings.Trim(string(b), `"`), "%g", (*float64)(t))
	return err
}

type Reading struct {
	Name   string `json:"name"`
	Temp   Temp   `json:"temp"`
	Note   string `json:"note,omitempty"`
	hidden int
}

type upper struct{ n int }

func (u *upper) Write(p []byte) (int, error) {
	u.n += len(p)
	fmt.Print(strings.ToUpper(string(p)))
	return len(p), nil
}

type Code int

func (c Code) Error() string { return fmt.Sprintf("code %d", int(c)) }

func (c Code) Format(s fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprint(s, "quoted code")
		return
	}
	fmt.Fprintf(s, "code %d as %c", int(c), verb)
}

func main() {
	p := Point{3, 4}
	n := Int(7)
	fmt.Println(Bool(true), n, Uint8(200), Float(1.5), Complex(1+2i), p, &p, Empty{})
	fmt.Println(Table{"a": 1}, Fn(func(i int) int { return i * i }), make(Pipe, 5), Arr{{1, 2}, {3, 4}, p})
	n.Add(5)
	p.Move(1, 1)
	var ref Ref = &p
	fmt.Println(n, p, ref.X, (*Point)(ref).Area())
	var sh Iface = &p
	fmt.Println(sh.Area())
	fmt.Printf("%T %T %T %T %T %T %T\n", n, p, &p, ref, Ints{}, Table{}, sh)
	fmt.Printf("%T %T %T %T\n", Fn(nil), Pipe(nil), Arr{}, []Iface{})
	fmt.Printf("%v %+v %#v\n", struct{ P Point }{p}, struct{ N Int }{n}, Reading{Name: "x"})

	s := Ints{3, 1, 2}
	sort.Sort(s)
	fmt.Println(s)
	(&s).Push(9)
	fmt.Println(s, len(s))

	root := &Node{Value: 2, Left: &Node{Value: 1}, Right: &Node{Value: 3}}
	root.Any = root
	fmt.Println(root, root.Any.Next())
	fmt.Println(List{{}, {{}, {{}}}}.Depth(), Tree{"a": {"b": nil}}, len(Chain(nil)))
	var st State
	st = func(i int) State { fmt.Print(i, " "); return st }
	st(1)(2)(3)
	fmt.Println()
	var self Self
	self = &self
	fmt.Println(*self == self, A{}.b == nil, B{}.a[1].b == nil)

	b, err := json.Marshal([]Reading{{Name: "a", Temp: 21.5}, {Name: "b", Note: "n", hidden: 1}})
	fmt.Println(string(b), err)
	var back []Reading
	fmt.Println(json.Unmarshal([]byte(`[{"name":"q","temp":"3.5"}]`), &back), back[0].Name, float64(back[0].Temp))
	fmt.Println(json.Unmarshal([]byte(`{"name":3}`), &back[0]))

	u := &upper{}
	fmt.Fprintf(u, "written %d\n", 1)
	fmt.Println(u.n)

	var e error = Text("missing")
	fmt.Println(errors.Is(e, os.ErrNotExist), errors.Is(Text("x"), os.ErrNotExist))
	wrapped := fmt.Errorf("outer: %w", Code(5))
	var c Code
	fmt.Println(errors.As(wrapped, &c), int(c), wrapped)
	fmt.Printf("%v %q %d\n", c, c, []Code{1, 2})

	m := map[Point]Text{{1, 2}: "a", {3, 4}: "b"}
	fmt.Println(m[Point{1, 2}], len(m), m)
	mi := map[any]int{Int(1): 1, 1: 2, Text("1"): 3, Point{1, 1}: 4, Arr{}: 5}
	fmt.Println(mi[Int(1)], mi[1], mi[Text("1")], mi[Point{1, 1}], mi[Arr{}], len(mi))

	t := reflect.TypeOf(p)
	fmt.Println(t, t.Kind(), t.NumMethod(), reflect.PointerTo(t).NumMethod(), t.Method(0).Name, t.PkgPath(), t.Name())
	out := reflect.ValueOf(&p).MethodByName("Move").Call([]reflect.Value{reflect.ValueOf(10), reflect.ValueOf(20)})
	fmt.Println(len(out), p, reflect.ValueOf(p).MethodByName("String").Call(nil)[0])
	fmt.Println(reflect.TypeOf(Int.String), reflect.TypeOf(p.Area))
	rt := reflect.TypeOf(Reading{})
	for i := range rt.NumField() {
		f := rt.Field(i)
		fmt.Print(f.Name, " ", f.Type, " ", f.Tag.Get("json"), " ", f.IsExported(), "; ")
	}
	fmt.Println()
	fmt.Println(reflect.New(rt).Elem().Interface().(Reading).Name == "", reflect.DeepEqual(Ints{1}, Ints{1}), reflect.DeepEqual(Ints{1}, Ints{2}))
	stringer := reflect.TypeOf((*fmt.Stringer)(nil)).Elem()
	fmt.Println(reflect.TypeOf(root).Implements(stringer), reflect.TypeOf(*root).Implements(stringer))
}

// Output:
// Bool(true) Int(7) Uint8(200) Float(1.5) Complex((1+2i)) (3, 4) (3, 4) Empty
// Table of 1 Fn: 3 gives 9 Pipe of 5 Arr (1, 2) (3, 4) (3, 4)
// Int(12) (4, 5) 4 20
// 20
// main.Int main.Point *main.Point main.Ref main.Ints main.Table *main.Point
// main.Fn main.Pipe main.Arr []main.Iface
// {(4, 5)} {N:Int(12)} main.Reading{Name:"x", Temp:0, Note:"", hidden:0}
// [3 2 1]
// [3 2 1 9] 4
// . 1 . 2 . 3 . . 1 .
// 4 map[a:map[b:map[]]] 0
// 1 2 3
// true true true
// [{"name":"a","temp":"21.5 degrees"},{"name":"b","temp":"0.0 degrees","note":"n"}] <nil>
// <nil> q 3.5
// json: cannot unmarshal number into Go struct field Reading.name of type string
// WRITTEN 1
// 10
// true false
// true 5 outer: code 5 as v
// code 5 as v quoted code [code 1 as d code 2 as d]
// error a 2 map[(1, 2):error a (3, 4):error b]
// 1 2 3 4 5 5
// main.Point struct 1 3 String main Point
// 0 (14, 25) (14, 25)
// func(main.Int) string func() float64
// Name string name true; Temp main.Temp temp true; Note string note,omitempty true; hidden int  false;
// true true false
// true false
