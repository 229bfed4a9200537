package chart

import (
	"fmt"
	"strings"
	"testing"
)

// clouds makes up rows around some centres, and which of these.
func clouds(n, dims, centres int) (rows [][]float64, which []int) {
	at := normal(dims*centres, 0, 2, 40)
	noise := normal(n*dims, 0, 1, 41)
	for i := range n {
		row := noise[i*dims : (i+1)*dims]
		for j := range row {
			row[j] += at[i%centres*dims+j]
		}
		rows, which = append(rows, row), append(which, i%centres)
	}
	return rows, which
}

// labelledRows are rows like the engine's data set.
type labelledRows struct {
	tensor
	labels []int
}

func (labelledRows) HasLabels() bool   { return true }
func (l labelledRows) Label(i int) int { return l.labels[i] }
func (labelledRows) Classes() []string { return []string{"zero", "one", "two"} }

func digitRows(n int) *labelledRows {
	l := &labelledRows{tensor: tensor{shape: []int{n, 28, 28, 1}}}
	for i := range n {
		l.labels = append(l.labels, i%3)
		for _, row := range digit([]int{0, 1, 7}[i%3], i) {
			l.values = append(l.values, row...)
		}
	}
	return l
}

func embeddingGallery() map[string]*Figure {
	rows, which := clouds(400, 20, 10)
	names := make([]string, len(which))
	for i, w := range which {
		names[i] = []string{"飞机", "汽车", "鸟", "猫", "鹿", "狗", "青蛙", "马", "船", "卡车"}[w]
	}
	return map[string]*Figure{
		"pca":        PCA(digitRows(300), Title("Pictures of digits, principal components")),
		"pcaclasses": PCA(rows, Groups(names), Title("十类数据的主成分")),
		"pcaplain":   PCA(rows[:50]),
		// No golden: what it does to the last digits of another processor is as
		// great as the picture.
		"tsne": TSNE(rows, Groups(which), Title("Ten groups, t-SNE")),
	}
}

func TestEmbeddingErrors(t *testing.T) {
	tests := []struct {
		f    *Figure
		want string
	}{
		{PCA(nil), "chart.PCA: the data is nil; a matrix, or a slice of rows of numbers, was expected"},
		{PCA([][]int{{1, 2}}), "chart.PCA: there are 1 rows: at least 2 were expected"},
		{PCA([][]int{{1, 2}, {1}}), "chart.PCA: row 1 is shorter than others, or ends with NaN"},
		{PCA([][]int{{1, 2}, {3, 4}}, Groups([]int{1})), "chart.PCA: there are 2 rows and 1 groups"},
		{PCA([][]int{{1, 2}, {3, 4}}, Seed(1)), "chart.PCA: Seed is an option of TSNE"},
		{TSNE([][]int{{1}, {2}, {3}}), "chart.TSNE: there are 3 rows: at least 4 were expected"},
		{TSNE([][]int{{1}}, Perplexity(0)), "chart.TSNE: a perplexity of 0: from 1 to 1500 was expected"},
	}
	for _, tt := range tests {
		if err := tt.f.Err(); err == nil || err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", err, tt.want)
		}
	}
}

// A data set has its own groups, and of many rows some are taken, with theirs.
func TestEmbeddingRows(t *testing.T) {
	d := digitRows(30)
	if s := PCA(d).String(); !strings.HasPrefix(s, "principal components of 30 rows of 784 numbers; zero 10, one 10, two 10; ") {
		t.Errorf("got %q", s)
	}
	rows, which := make([][]float64, 12_000), make([]int, 12_000)
	for i := range rows {
		rows[i], which[i] = []float64{float64(i), float64(i * i % 7)}, i%2
	}
	f := PCA(rows, Groups(which))
	e := f.inner.(*plane)
	if len(e.at.x) != 4000 || fmt.Sprint(e.notes) != "[4,000 of 12,000 rows, evenly taken]" {
		t.Errorf("%d points, %v", len(e.at.x), e.notes)
	}
	// Every third row is even and odd in turn.
	if len(e.all) != 2 || len(e.all[0].x) != 2000 {
		t.Errorf("%s", f)
	}
	single := PCA([][]float64{{1}, {2}, {3}})
	if single.Err() != nil {
		t.Error(single.Err())
	}
}
