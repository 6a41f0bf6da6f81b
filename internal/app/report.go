package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
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

// A check is the result of one target.
type check struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	API     string `json:"api"`
	Result  string `json:"result"` // "ok" or "failed"
	// Items is the number of items that the API reports; nil if it does not.
	Items        *float64 `json:"items"`
	Milliseconds int64    `json:"milliseconds"`
	// Groups is set for the progress of tasks, whose API is "progress".
	Groups *groups `json:"groups,omitempty"`
	*failure
}

// groups counts the consumer groups of running tasks that read from a topic: those that
// have committed something, those that have not, those that were not found, and those
// of which nothing is known.
type groups struct {
	Found          int `json:"found"`
	NeverCommitted int `json:"never_committed"`
	NotFound       int `json:"not_found"`
	Unknown        int `json:"unknown"`
}

func (g groups) String() string {
	return fmt.Sprintf("%d found, %d without a committed offset, %d not found, %d unknown", g.Found, g.NeverCommitted, g.NotFound, g.Unknown)
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

// causes says in plain words what a class of failure means.
var causes = map[source.Class]string{
	source.Throttled:  "the account's quota is used up",
	source.Auth:       "there is no credential that the API accepts",
	source.Permission: "the policy QcloudCkafkaReadOnlyAccess is missing",
	source.Parameter:  "the API refused the region or another parameter",
	source.Server:     "the API or a gateway in front of it failed",
	source.Network:    "no complete answer arrived",
	source.Timeout:    "no complete answer arrived before --ckafka.timeout",
	source.Decode:     "what answers is not the API",
}

// add adds the result of one target, whose refresh took some time, after those before.
func (r *report) add(snapshot *source.Snapshot, took time.Duration, before []*source.Snapshot) {
	target := snapshot.Target
	result := check{
		Account: target.Account, Region: target.Region, API: string(target.Action), Result: "ok", Milliseconds: took.Milliseconds(),
	}
	if listing := snapshot.Listing; listing != nil && !math.IsNaN(listing.Reported) {
		result.Items = &listing.Reported
	}
	if listing := snapshot.Listing; listing != nil && listing.Short() {
		r.Passed, result.Result = false, "failed"
		result.failure = incomplete(listing)
	}
	if region := twin(snapshot, before); region != "" {
		r.Passed, result.Result = false, "failed"
		result.failure = &failure{
			Cause:  "two regions list the same items",
			Remedy: "check endpoint: what answers there does not heed the region; name the API's own, or one region only",
			Class:  "duplicate", Message: "lists the same IDs as " + region,
		}
	}
	if err, failed := errors.AsType[*source.Error](snapshot.Err); failed {
		r.Passed, result.Result = false, "failed"
		result.failure = newFailure(err)
	}
	r.Checks = append(r.Checks, result)
}

func newFailure(err *source.Error) *failure {
	return &failure{
		Cause: causes[err.Class], Remedy: err.Remedy().English,
		Class: string(err.Class), Code: err.Code, Message: err.Message, RequestID: err.RequestID,
	}
}

// addProgress adds the result of asking for the progress of the tasks of a region.
func (r *report) addProgress(polled source.ProgressReport) {
	tasks := float64(polled.Tasks)
	result := check{
		Account: polled.Target.Account, Region: polled.Target.Region, API: "progress", Result: "ok", Items: &tasks,
		Milliseconds: polled.Duration.Milliseconds(),
		Groups:       &groups{polled.Found, polled.NeverCommitted, polled.NotFound, polled.Failed},
	}
	switch {
	case polled.Err != nil:
		result.failure = newFailure(polled.Err)
	case polled.NotFound == polled.Tasks:
		result.failure = &failure{
			Cause:  "the consumer groups of the tasks have other names than is known, or there are none",
			Remedy: "look for their names in the CKafka console (Instance > Consumer group), and report what --check.record writes",
			Class:  "not_found", Message: "no consumer group of any task was found",
		}
	}
	if result.failure != nil {
		r.Passed, result.Result = false, "failed"
	}
	r.Checks = append(r.Checks, result)
}

// incomplete describes a listing that lacks items although no call failed.
func incomplete(listing *source.Listing) *failure {
	return &failure{
		Cause:  "the listing is incomplete",
		Remedy: "run the check again; if it lasts, contact Tencent Cloud support",
		Class:  "incomplete", Message: fmt.Sprintf("the API lists %d of %v", listing.Listed(), listing.Reported),
	}
}

// twin returns another region of the account that lists the very same items, or nothing.
// An ID has only one region.
func twin(snapshot *source.Snapshot, others []*source.Snapshot) string {
	same := func(a, b source.Item) bool { return a.ID == b.ID }
	for _, other := range others {
		if other.Target.Account == snapshot.Target.Account && other.Target.Action == snapshot.Target.Action &&
			snapshot.Listing != nil && len(snapshot.Listing.Items) > 0 &&
			other.Listing != nil && slices.EqualFunc(snapshot.Listing.Items, other.Listing.Items, same) {
			return other.Target.Region
		}
	}
	return ""
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
		if c.Groups != nil {
			fmt.Fprintf(out, "\n%s, %s, %s: running tasks that read from a topic: %v; their consumer groups: %v\n", c.Account, c.Region, c.API, *c.Items, c.Groups)
		}
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
	message := c.Message
	if c.Code != "" {
		message = c.Code + ": " + message
	}
	if c.RequestID != "" {
		message += " (request_id " + c.RequestID + ")"
	}
	fmt.Fprintf(out, "  what failed: %s\n", message)
}
