// This file compares JSON: the data that charts carry, and JSON outputs.

package compare

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"cajal/notebooks/pattern"
)

// timeKey are names of fields whose values are durations.
var timeKey = pattern.New(`(?i)^(seconds|elapsed|duration|eta|per_?second|started|finished)$`)

// Trees compares two trees as encoding/json makes them, with json.Number.
func Trees(where string, was, is any, r Rule) []Difference {
	var all []Difference
	trees(where, was, is, r, &all)
	return all
}

func trees(where string, was, is any, r Rule, all *[]Difference) {
	if len(*all) >= most {
		return
	}
	differ := func(old, new string) {
		*all = append(*all, Difference{Where: where, Old: old, New: new})
	}
	switch a := was.(type) {
	case map[string]any:
		b, ok := is.(map[string]any)
		if !ok {
			break
		}
		keys := map[string]bool{}
		for k := range a {
			keys[k] = true
		}
		for k := range b {
			keys[k] = true
		}
		sorted := make([]string, 0, len(keys))
		for k := range keys {
			sorted = append(sorted, k)
		}
		slices.Sort(sorted)
		for _, k := range sorted {
			if timeKey().MatchString(k) && !r.Bare {
				continue
			}
			va, inA := a[k]
			vb, inB := b[k]
			if inA && inB {
				trees(where+"."+k, va, vb, r, all)
				continue
			}
			*all = append(*all, Difference{Where: where + "." + k, Old: shown(va, inA), New: shown(vb, inB)})
		}
		return
	case []any:
		b, ok := is.([]any)
		if !ok {
			break
		}
		if len(a) != len(b) {
			differ(fmt.Sprintf("%d values", len(a)), fmt.Sprintf("%d values", len(b)))
			return
		}
		for i := range a {
			trees(where+"["+strconv.Itoa(i)+"]", a[i], b[i], r, all)
		}
		return
	case json.Number:
		b, ok := is.(json.Number)
		if !ok {
			break
		}
		x, err1 := a.Float64()
		y, err2 := b.Float64()
		if err1 == nil && err2 == nil && !r.close(x, y) {
			*all = append(*all, Difference{Where: where, Old: a.String(), New: b.String(), Delta: delta(x, y)})
		} else if (err1 != nil || err2 != nil || r.Exact) && a != b {
			differ(a.String(), b.String())
		}
		return
	case string:
		b, ok := is.(string)
		if !ok {
			break
		}
		*all = append(*all, Texts(where, a, b, r)...)
		return
	}
	if was != is {
		differ(shown(was, true), shown(is, true))
	}
}

func shown(v any, there bool) string {
	if !there {
		return "nothing"
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	const limit = 80
	if text := []rune(string(data)); len(text) > limit {
		return string(text[:limit]) + "…"
	}
	return string(data)
}
