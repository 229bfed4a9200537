package bind

// This file checks that no figure of a training is lost on its way to the panel.

import (
	"fmt"
	"reflect"
	"testing"

	"cajal/display/live"
	"cajal/engine/nn"
)

// fill gives every field of a struct a value of its own that is not zero, however deep.
func fill(v reflect.Value, next *int) {
	*next++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*next))
	case reflect.Float64:
		v.SetFloat(float64(*next) + 0.5)
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *next))
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic(v.Kind())
	}
}

// compare holds every field of to against the field of that name in from; all says
// that from may have no others.
func compare(t *testing.T, from, to reflect.Value, all bool) {
	t.Helper()
	for i := range to.NumField() {
		name := to.Type().Field(i).Name
		f := from.FieldByName(name)
		if !f.IsValid() {
			t.Errorf("%v.%s is filled from nothing in %v", to.Type(), name, from.Type())
			continue
		}
		if got, want := fmt.Sprintf("%+v", to.Field(i)), fmt.Sprintf("%+v", f); got != want {
			t.Errorf("%v.%s is %s, want %s", to.Type(), name, got, want)
		}
	}
	if all && from.NumField() != to.NumField() {
		t.Errorf("%v has %d fields and %v %d: one is lost", from.Type(), from.NumField(), to.Type(), to.NumField())
	}
}

func TestNoFigureIsLost(t *testing.T) {
	next := 0
	var s nn.Step
	fill(reflect.ValueOf(&s).Elem(), &next)
	compare(t, reflect.ValueOf(s), reflect.ValueOf(stepOf(s)), true)

	var h nn.History
	fill(reflect.ValueOf(&h).Elem(), &next)
	r := resultOf(&h)
	if n := len(h.Warnings) + len(h.Findings); len(r.Warnings) != n || r.Warnings[n-1] != h.Findings[1].String() {
		t.Errorf("warnings %q, want those of the history and its findings", r.Warnings)
	}
	r.Warnings = h.Warnings
	compare(t, reflect.ValueOf(h), reflect.ValueOf(r), false)

	// A conversion does these, which the compiler refuses when fields differ.
	var i nn.Info
	fill(reflect.ValueOf(&i).Elem(), &next)
	compare(t, reflect.ValueOf(i), reflect.ValueOf(live.Info(i)), true)
}
