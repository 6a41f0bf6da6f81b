package main

import (
	"fmt"
	"math"
	"strings"
)

// none stands in a row for what there is not.
var none = math.NaN()

// A row is one measurement. Values are in seconds, bytes or as they are.
type row struct {
	what, against string
	unit          unit
	theirs, ours  float64
	// most is what ours shall be at the most, of theirs where share is set; 0 asks
	// for nothing.
	most  float64
	share bool
}

// unit renders a value for people.
type unit func(float64) string

func seconds(v float64) string {
	switch {
	case v >= 1:
		return fmt.Sprintf("%.2f s", v)
	case v >= 0.001:
		return fmt.Sprintf("%s ms", digits(v*1e3))
	}
	return fmt.Sprintf("%s µs", digits(v*1e6))
}

func bytes(v float64) string {
	if v >= 1e6 {
		return digits(v/1e6) + " MB"
	}
	return digits(v/1e3) + " kB"
}

func number(v float64) string {
	if v >= 10_000 {
		return digits(v/1000) + " k"
	}
	return digits(v)
}

// digits renders three of them, or all before the point.
func digits(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// table is what a run has measured.
type table struct{ rows []row }

func (t *table) add(rows ...row) { t.rows = append(t.rows, rows...) }

// markdown renders the table.
func (t *table) markdown() string {
	var text strings.Builder
	text.WriteString("| measured | against | theirs | ours | ours / theirs | asked for |\n|---|---|---:|---:|---:|---|\n")
	for _, row := range t.rows {
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s |\n",
			row.what, row.against, row.value(row.theirs), row.value(row.ours), row.ratio(), row.verdict())
	}
	return text.String()
}

func (r row) value(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return r.unit(v)
}

func (r row) ratio() string {
	if math.IsNaN(r.theirs) {
		return ""
	}
	return digits(r.ours / r.theirs)
}

// verdict says what is asked for, and whether it is so.
func (r row) verdict() string {
	if r.most == 0 {
		return ""
	}
	asked, have := r.unit(r.most), r.ours
	if r.share {
		asked, have = digits(r.most), r.ours/r.theirs
	}
	if have > r.most {
		return "≤ " + asked + ": **missed**"
	}
	return "≤ " + asked + ": yes"
}
