package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// none marks a value that does not exist.
var none = math.NaN()

// row is one measurement. Values are in seconds, in bytes, or plain numbers.
type row struct {
	what, against string
	unit          unit
	theirs, ours  float64
	// share is the highest permitted ratio of ours to theirs, and most the highest
	// permitted value of ours; 0 and none mean no requirement.
	share, most float64
}

// unit formats a value for humans.
type unit func(float64) string

func seconds(v float64) string {
	switch {
	case v >= 1:
		return digits(v) + " s"
	case v >= 0.001:
		return digits(v*1e3) + " ms"
	}
	return digits(v*1e6) + " µs"
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

// grouped formats a number of tasks or series.
func grouped(n int) string {
	if n >= 1000 {
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	}
	return strconv.Itoa(n)
}

// digits formats v with three significant digits, or with all digits before the
// point.
func digits(v float64) string {
	switch {
	case v >= 100 || v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// table holds the measurements of a run.
type table struct {
	rows []row
	// unjudged says that nothing is required: small or single measurements prove
	// nothing.
	unjudged bool
}

func (t *table) add(rows ...row) { t.rows = append(t.rows, rows...) }

// markdown renders the table.
func (t *table) markdown() string {
	var text strings.Builder
	text.WriteString("| measured | against | theirs | ours | ours / theirs | asked for |\n|---|---|---:|---:|---:|---|\n")
	for _, row := range t.rows {
		theirs, ratio, verdict := "", "", ""
		if !math.IsNaN(row.theirs) {
			theirs, ratio = row.unit(row.theirs), digits(row.ours/row.theirs)
		}
		if !t.unjudged {
			verdict = row.verdict()
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s |\n", row.what, row.against, theirs, row.unit(row.ours), ratio, verdict)
	}
	return text.String()
}

// verdict returns what is required and whether it is met.
func (r row) verdict() string {
	asked, missed := "", false
	switch {
	case r.share > 0:
		asked, missed = strconv.FormatFloat(r.share, 'g', 3, 64), r.ours/r.theirs > r.share
	case r.most > 0:
		asked, missed = r.unit(r.most), r.ours > r.most
	default:
		return ""
	}
	if missed {
		return "≤ " + asked + ": **missed**"
	}
	return "≤ " + asked + ": yes"
}
