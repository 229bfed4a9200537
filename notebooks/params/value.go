// This file reads values and writes them as Go.

package params

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// ParseArg reads "name=value", as it is written on a command line.
func ParseArg(arg string) (Value, error) {
	name, value, ok := strings.Cut(arg, "=")
	if name = strings.TrimSpace(name); !ok || !token.IsIdentifier(name) {
		return Value{}, fmt.Errorf("a parameter is written name=value, got %q", arg)
	}
	return Value{name, value}, nil
}

// ReadFile reads values from a JSON object in the named file.
func ReadFile(name string) ([]Value, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return nil, fmt.Errorf("%s: parameters are a JSON object: %w", name, err)
	}
	var values []Value
	for k, v := range object {
		values = append(values, Value{k, v})
	}
	slices.SortFunc(values, func(a, b Value) int { return strings.Compare(a.Name, b.Name) })
	return values, nil
}

// shown writes a value for messages.
func shown(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(s)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// literal writes v as an expression of type t; ok is false if it is none.
func literal(t types.Type, v any) (text string, ok bool) {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basic(u, v)
	case *types.Slice, *types.Array, *types.Map:
		if s, isText := v.(string); isText && strings.HasPrefix(strings.TrimSpace(s), "[") && !strings.Contains(s, "{") || isText && strings.HasPrefix(strings.TrimSpace(s), "{") {
			dec := json.NewDecoder(strings.NewReader(s))
			dec.UseNumber()
			if dec.Decode(&v) != nil || dec.More() {
				return "", false
			}
		}
		switch x := v.(type) {
		case string:
			return goExpression(t, x)
		case []any:
			return list(t, x)
		case map[string]any:
			return object(t, x)
		}
		return "", false
	}
	if s, isText := v.(string); isText {
		return goExpression(t, s)
	}
	return "", false
}

// goExpression takes text as Go if it is an expression that can be assigned to
// t, or one whose type only the evaluator can tell.
func goExpression(t types.Type, text string) (string, bool) {
	if _, err := parser.ParseExpr(text); err != nil {
		return "", false
	}
	tv, err := types.Eval(token.NewFileSet(), nil, token.NoPos, text)
	if err == nil && !types.AssignableTo(tv.Type, t) {
		return "", false
	}
	return text, true
}

func basic(t *types.Basic, v any) (string, bool) {
	text := ""
	switch x := v.(type) {
	case string:
		text = strings.TrimSpace(x)
		if t.Info()&types.IsString != 0 {
			if _, err := strconv.Unquote(x); err == nil && len(x) > 1 && x[0] != '\'' {
				return x, true
			}
			return strconv.Quote(x), true
		}
	case json.Number:
		text = x.String()
	case bool:
		text = strconv.FormatBool(x)
	}
	switch info := t.Info(); {
	case info&types.IsBoolean != 0:
		return text, text == "true" || text == "false"
	case info&types.IsInteger != 0:
		bits := map[types.BasicKind]int{types.Int8: 8, types.Uint8: 8, types.Int16: 16, types.Uint16: 16, types.Int32: 32, types.UntypedRune: 32, types.Uint32: 32}[t.Kind()]
		if bits == 0 {
			bits = 64
		}
		var err error
		if info&types.IsUnsigned != 0 {
			_, err = strconv.ParseUint(text, 0, bits)
		} else {
			_, err = strconv.ParseInt(text, 0, bits)
		}
		return strings.TrimPrefix(text, "+"), err == nil
	case info&types.IsFloat != 0:
		bits := 64
		if t.Kind() == types.Float32 {
			bits = 32
		}
		f, err := strconv.ParseFloat(text, bits)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return "", false
		}
		text = strings.TrimPrefix(text, "+")
		if !strings.ContainsAny(text, ".eExXpP") {
			text += ".0" // 1 would be an int
		}
		return text, true
	}
	return "", false
}

func list(t types.Type, x []any) (string, bool) {
	var elem types.Type
	switch u := t.Underlying().(type) {
	case *types.Slice:
		elem = u.Elem()
	case *types.Array:
		elem = u.Elem()
		if u.Len() != int64(len(x)) {
			return "", false
		}
	default:
		return "", false
	}
	parts := make([]string, len(x))
	for i, v := range x {
		var ok bool
		if parts[i], ok = literal(elem, v); !ok {
			return "", false
		}
	}
	return typeName(t) + "{" + strings.Join(parts, ", ") + "}", true
}

func object(t types.Type, x map[string]any) (string, bool) {
	m, ok := t.Underlying().(*types.Map)
	if !ok {
		return "", false
	}
	var parts []string
	for k, v := range x {
		key, ok := literal(m.Key(), k)
		if !ok {
			return "", false
		}
		value, ok := literal(m.Elem(), v)
		if !ok {
			return "", false
		}
		parts = append(parts, key+": "+value)
	}
	slices.Sort(parts)
	return typeName(t) + "{" + strings.Join(parts, ", ") + "}", true
}

func typeName(t types.Type) string {
	return types.TypeString(t, func(*types.Package) string { return "" })
}
