// This file writes what was drawn as JSON, for those who compare charts.

package chart

import (
	"encoding/json"
	"math"
	"strconv"
)

// chartData is in the metadata element of an SVG.
type chartData struct {
	Kind   string     `json:"kind"`
	Series []oneData  `json:"series,omitempty"`
	Rows   []jsonNums `json:"rows,omitempty"`
	Names  []string   `json:"names,omitempty"`

	Figures []any `json:"figures,omitempty"`
}

type oneData struct {
	Name  string   `json:"name,omitempty"`
	Value *float64 `json:"value,omitempty"` // that sums it up
	X     jsonNums `json:"x,omitempty"`
	Y     jsonNums `json:"y"`
}

// maxData is how many values of a series are kept; of more, every second,
// third, ….
const maxData = 2000

func jsonSeries(all []series) []oneData {
	out := make([]oneData, len(all))
	for i, s := range all {
		every := (len(s.y) + maxData - 1) / maxData
		one := oneData{Name: s.name, Y: jsonNums{}}
		for k := 0; k < len(s.y); k += max(every, 1) {
			if s.x != nil {
				one.X = append(one.X, s.x[k])
			}
			one.Y = append(one.Y, s.y[k])
		}
		out[i] = one
	}
	return out
}

// jsonNums are numbers with six digits; what is not finite is null.
type jsonNums []float64

// MarshalJSON implements [json.Marshaler].
func (n jsonNums) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, v := range n {
		if i > 0 {
			b = append(b, ',')
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			b = append(b, "null"...)
			continue
		}
		b = strconv.AppendFloat(b, v, 'g', 6, 64)
	}
	return append(b, ']'), nil
}

var _ json.Marshaler = jsonNums(nil)
