// Package check queries each API once, reports the results as a table or in JSON,
// and records the responses on request.
//
// It must not know flags or configuration files, nor what the exporter exposes.
package check

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"datahub_exporter/recording"
	"datahub_exporter/source"
)

// Options say what to check and how to report it.
type Options struct {
	// Accounts are the accounts to check.
	Accounts []source.Account
	// Transport carries the calls.
	Transport http.RoundTripper
	// Source are the options of the calls, except for the hooks.
	Source source.Options
	// JSON writes the findings as a document for programs instead of a table.
	JSON bool
	// Record is the folder to write the responses into, or empty to not record.
	Record string
	// Out is where the findings are written.
	Out io.Writer
}

// Run queries every API of every account and region once, concurrently, and writes
// the findings. It returns nil only if all calls succeeded and everything to be
// recorded was written. If ctx ends first, the error wraps its cause and there are
// no findings.
func Run(ctx context.Context, options Options) error {
	report, err := ask(ctx, options)
	if err != nil {
		if options.JSON {
			Refused(options.Out, err)
		}
		return err
	}
	if err := report.write(options.Out, options.JSON); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	return report.verdict()
}

// ask makes the calls and records the responses if requested.
func ask(ctx context.Context, options Options) (report, error) {
	if options.Record == "" {
		return probe(ctx, options, nil)
	}
	recorder, err := recording.Create(options.Record, names(options.Accounts))
	if err != nil {
		return report{}, err
	}
	defer recorder.Close()
	found, err := probe(ctx, options, func(target source.Target, offset int64, body []byte) {
		recorder.Add(target.Account, target.Region, string(target.Action), offset, body)
	})
	found.Recording = options.Record
	if failure := recorder.Err(); failure != nil {
		found.Error = failure.Error()
	}
	return found, err
}

func probe(ctx context.Context, options Options, keep source.Keep) (report, error) {
	findings := source.Probe(ctx, options.Accounts, options.Transport, options.Source, keep)
	if ctx.Err() != nil {
		return report{}, fmt.Errorf("check was ended before all had answered: %w", context.Cause(ctx))
	}
	return newReport(findings), nil
}

// Refused writes a report without checks whose error is err: a program that reads
// JSON does not read the log.
func Refused(out io.Writer, err error) {
	_ = report{Checks: []check{}, Error: err.Error()}.write(out, true) // the caller reports err anyway
}

func names(accounts []source.Account) []string {
	var names []string
	for _, account := range accounts {
		names = append(names, account.Name)
	}
	return names
}
