package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"
	"time"

	"datahub_exporter/source"
)

// A report is the result of a check, as programs read it.
type report struct {
	Passed bool    `json:"passed"`
	Checks []check `json:"checks"`
	// Recording is the folder of the responses, empty if none were recorded.
	Recording string `json:"recording,omitempty"`
	// Error is what prevented the check, or the recording of the responses.
	Error string `json:"error,omitempty"`
}

// A check is the finding of one target.
type check struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	API     string `json:"api"`
	Result  string `json:"result"` // "ok" or "failed"
	// Items is the number of items that the API reports; nil if it does not.
	Items        *float64 `json:"items"`
	Milliseconds int64    `json:"milliseconds"`
	// Ahead is how many seconds this machine's clock is ahead of the API's.
	Ahead int64 `json:"clock_ahead_seconds"`
	*failure
}

// A failure says why a check failed, and what to do.
type failure struct {
	Cause     string `json:"cause"`
	Remedy    string `json:"remedy"`
	Class     string `json:"class"`
	Code      string `json:"code,omitempty"`
	Message   string `json:"message"`
	RequestID string `json:"request_id,omitempty"`
}

func newReport(findings []source.Finding) report {
	report := report{Passed: true, Checks: []check{}}
	for _, finding := range findings {
		report.Passed = report.Passed && finding.Err == nil
		report.Checks = append(report.Checks, newCheck(finding))
	}
	return report
}

func newCheck(finding source.Finding) check {
	made := check{
		Account: finding.Target.Account, Region: finding.Target.Region, API: string(finding.Target.Action), Result: "ok",
		Milliseconds: finding.Duration.Milliseconds(), Ahead: int64(finding.Ahead / time.Second),
	}
	if !math.IsNaN(finding.Items) {
		made.Items = &finding.Items
	}
	if err := finding.Err; err != nil {
		made.Result = "failed"
		made.failure = &failure{
			Cause: finding.Cause(), Remedy: err.Remedy().English,
			Class: string(err.Class), Code: err.Code, Message: err.Message, RequestID: err.RequestID,
		}
	}
	return made
}

// verdict returns nil if all checks passed.
func (r report) verdict() error {
	var failed int
	for _, check := range r.Checks {
		if check.failure != nil {
			failed++
		}
	}
	var failures []error
	if failed > 0 {
		failures = append(failures, fmt.Errorf("%d of %d checks failed", failed, len(r.Checks)))
	}
	if r.Error != "" {
		failures = append(failures, errors.New(r.Error))
	}
	return errors.Join(failures...)
}

func (r report) write(out io.Writer, asJSON bool) error {
	r.Passed = r.Passed && r.Error == ""
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	return r.writeTable(out)
}

// writeTable writes a row for each check, and then what failed and why.
func (r report) writeTable(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ACCOUNT\tREGION\tAPI\tRESULT\tITEMS\tMS")
	for _, c := range r.Checks {
		items := "-"
		if c.Items != nil {
			items = strconv.FormatFloat(*c.Items, 'f', -1, 64)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\n", c.Account, c.Region, c.API, c.Result, items, c.Milliseconds)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, c := range r.Checks {
		if c.failure != nil {
			c.writeFailure(out)
		}
	}
	if r.Recording != "" && r.Error == "" {
		fmt.Fprintf(out, "\nThe answers are in %s, with every name and text replaced. Look through them before you pass them on.\n", r.Recording)
	}
	if r.Passed {
		fmt.Fprintf(out, "\nAll %d checks passed.\n", len(r.Checks))
	}
	return nil
}

func (c check) writeFailure(out io.Writer) {
	fmt.Fprintf(out, "\n%s, %s, %s: %s\n", c.Account, c.Region, c.API, c.Cause)
	fmt.Fprintf(out, "  what to do: %s\n", c.Remedy)
	said := c.Message
	if c.Code != "" {
		said = c.Code + ": " + said
	}
	if c.RequestID != "" {
		said += " (request_id " + c.RequestID + ")"
	}
	fmt.Fprintf(out, "  what failed: %s\n", said)
}
