// Package check asks each API once, tells what came of it in a table or in JSON,
// and records the answers if it is asked to.
//
// It must not know flags and files of the configuration, nor what the exporter
// exposes.
package check

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"datahub_exporter/recording"
	"datahub_exporter/source"
)

// Options say what to check and how to tell of it.
type Options struct {
	// Accounts are asked.
	Accounts []source.Account
	// Transport carries the calls.
	Transport http.RoundTripper
	// Source are the options of the calls, less the hooks.
	Source source.Options
	// JSON has the findings written as a document for programs, not as a table.
	JSON bool
	// Record is the folder to write the answers into, empty for none.
	Record string
	// Out is where the findings are written.
	Out io.Writer
}

// Run asks every API of every account and region once, concurrently, and writes
// the findings. The error is nil only if all of them answered and all that was to
// be recorded is written, and has the cause of ctx if it ended first: then there
// are no findings.
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

// ask makes the calls, and records the answers if they are wanted.
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

// Refused writes that there was nothing to ask, because of what err says: a program
// that reads JSON reads no log.
func Refused(out io.Writer, err error) {
	_ = report{Checks: []check{}, Error: err.Error()}.write(out, true) // err is told anyway
}

func names(accounts []source.Account) []string {
	var names []string
	for _, account := range accounts {
		names = append(names, account.Name)
	}
	return names
}
