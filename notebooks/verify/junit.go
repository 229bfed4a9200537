// This file writes verdicts as JUnit's XML, which build servers show.

package verify

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []suite  `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Time     string     `xml:"time,attr"`
	Cases    []testcase `xml:"testcase"`
}

type testcase struct {
	Name    string    `xml:"name,attr"`
	Class   string    `xml:"classname,attr"`
	Time    string    `xml:"time,attr"`
	Failure *reason   `xml:"failure,omitempty"`
	Error   *reason   `xml:"error,omitempty"`
	Skipped *struct{} `xml:"skipped,omitempty"`
}

type reason struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit returns the verdicts as XML: a suite for each notebook, a case for each
// cell, and one for the notebook as a whole.
func JUnit(all []*Verdict) ([]byte, error) {
	var doc suites
	for _, v := range all {
		s := suite{Name: v.File, Time: fmt.Sprintf("%.3f", v.Elapsed.Seconds())}
		whole := testcase{Name: "notebook", Class: v.File, Time: s.Time}
		switch {
		case v.Err != nil:
			whole.Error = &reason{Message: v.Err.Error()}
		case v.Failure != nil:
			whole.Error = &reason{Message: v.Failure.Error(), Text: strings.Join(v.Failure.Err.Traceback, "\n")}
		case len(v.Claims) > 0:
			var lines []string
			for _, c := range v.Claims {
				lines = append(lines, c.String())
			}
			whole.Failure = &reason{Message: lines[0], Text: strings.Join(lines, "\n")}
		}
		s.Cases = append(s.Cases, whole)
		for _, c := range v.Cells {
			tc := testcase{Name: c.Name(), Class: v.File, Time: fmt.Sprintf("%.3f", c.Elapsed.Seconds())}
			if c.Skipped {
				tc.Skipped = &struct{}{}
			}
			if len(c.Differences) > 0 {
				var lines []string
				for _, d := range c.Differences {
					lines = append(lines, d.String())
				}
				tc.Failure = &reason{Message: lines[0], Text: strings.Join(lines, "\n")}
			}
			s.Cases = append(s.Cases, tc)
		}
		for _, c := range s.Cases {
			s.Tests++
			if c.Failure != nil {
				s.Failures++
			}
			if c.Error != nil {
				s.Errors++
			}
			if c.Skipped != nil {
				s.Skipped++
			}
		}
		doc.Suites = append(doc.Suites, s)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
