// This file says how a table in a CSV file becomes a dataset.

package data

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Table says how [CSV] reads a file. Its zero value reads all columns, which must hold
// numbers, under the names in the first line.
//
// A column is named by its name or, where no column has such a name, by its number from
// 0; -1 is the last.
type Table struct {
	Target   string   // the column to be predicted; "" means there is none
	Kind     Kind     // of the target
	Features []string // the columns that models read, in this order; nil means all others
	Ignore   []string // columns to be left out
	NoHeader bool     // the first line is an example; columns have numbers only
	Comma    rune     // between fields, such as ';' or '\t'; 0 means ','
	Comment  rune     // begins lines that are passed over; 0 means none

	// OneHot makes of each feature that is a text one number a category, 1 for the one
	// that it is; without it, text is an error. Categories names columns that are
	// texts though they look like numbers, such as postal codes.
	OneHot     bool
	Categories []string

	// Missing says what becomes of an empty field, or of one of MissingWords; nil means
	// NA, N/A, NaN, nan, null, NULL, None and ?.
	Missing      Missing
	MissingWords []string

	// Like is a dataset that CSV made of another file, as a rule the training set: this
	// one gets the same columns, categories, classes and means; the column of the target
	// may be left out, as it is where it is still to be predicted. Of the other fields,
	// only NoHeader, Comma, Comment, Missing and MissingWords count then.
	Like *Dataset
}

// Kind says what the target of a table is.
type Kind int

const (
	KindAuto    Kind = iota // classes for text, and for whole numbers of which every one from 0 to the largest is there; else numbers
	KindClasses             // one class a value: text in alphabetic order, or numbers from the smallest
	KindNumbers             // target numbers, for regression
)

// Missing says what becomes of a missing value.
type Missing int

const (
	MissingError Missing = iota // an error that names its line and column
	MissingSkip                 // the line is left out
	MissingMean                 // the mean of the column's other values; for text, a category of its own
	MissingZero                 // 0; for text, no category
)

var missingWords = []string{"NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"}

// A column is what CSV knows of one that became features or target.
type column struct {
	name   string
	number int // in the file that it was made of
	text   bool
	words  []string // categories or classes
	mean   float32
}

// schema is what a dataset has of its table.
type schema struct {
	features []column
	target   *column
	kind     Kind // of the target, KindAuto without
}

// CSV makes a dataset out of a CSV file (RFC 4180), one example a line: its features as
// one row of numbers, and a class or a number as the target. The names of classes and
// features are kept; see Classes and FeatureNames.
func CSV(path string, t Table) (*Dataset, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	defer f.Close()
	d, err := readTable(f, t)
	if err != nil {
		return nil, fmt.Errorf("data: csv: %s: %w", path, err)
	}
	return d.Named(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))), nil
}

// ReadCSV is CSV for what r gives.
func ReadCSV(r io.Reader, t Table) (*Dataset, error) {
	d, err := readTable(r, t)
	if err != nil {
		return nil, fmt.Errorf("data: csv: %w", err)
	}
	return d, nil
}

func readTable(r io.Reader, t Table) (*Dataset, error) {
	br := bufio.NewReader(r)
	if mark, err := br.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = br.Discard(3) // a byte order mark
	}
	c := csv.NewReader(br)
	c.ReuseRecord = true
	c.TrimLeadingSpace = t.Comma != '\t' // a tab behind a tab is an empty field, not space before the next
	if t.Comma != 0 {
		c.Comma = t.Comma
	}
	c.Comment = t.Comment
	tr := &tableReader{Table: t, csv: c}
	if tr.MissingWords == nil {
		tr.MissingWords = missingWords
	}
	if err := tr.head(); err != nil {
		return nil, err
	}
	if err := tr.body(); err != nil {
		return nil, err
	}
	return tr.dataset()
}

// FeatureNames returns the names of the numbers of an example, when the dataset was
// made by [CSV]: those of the columns, and column=category for a category. It is nil
// for other datasets.
func (d *Dataset) FeatureNames() []string {
	if d.schema == nil {
		return nil
	}
	var out []string
	for _, c := range d.schema.features {
		if !c.text {
			out = append(out, c.name)
			continue
		}
		for _, w := range c.words {
			out = append(out, c.name+"="+w)
		}
	}
	return out
}
