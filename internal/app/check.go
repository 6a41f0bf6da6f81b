package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"

	"datahub_exporter/internal/cli"
	"datahub_exporter/internal/recording"
	"datahub_exporter/source"
)

// runCheck calls each API once and writes the results to stdout.
func runCheck(ctx context.Context, flags *cli.Options, stdout io.Writer, log *slog.Logger) (err error) {
	var accounts []source.Account
	asJSON := flags.Check.Format == cli.JSONFormat
	defer func() {
		if asJSON && accounts == nil {
			writeRefusal(stdout, err)
		}
	}()
	if err := source.CheckProxy(os.Getenv); err != nil {
		return err
	}
	setup, err := newSetup(flags, log)
	if err != nil {
		return err
	}
	defer setup.close()
	if accounts, err = setup.check(ctx); err != nil {
		return err
	}
	transport := source.NewTransport()
	defer transport.CloseIdleConnections()
	return Check(ctx, CheckOptions{
		Accounts:  accounts,
		Transport: transport,
		Source:    flags.Source,
		JSON:      asJSON,
		Record:    flags.Check.Record,
		Out:       stdout,
	})
}

// CheckOptions say what to check and how to report it.
type CheckOptions struct {
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

// Check queries every API of every account and region once, concurrently, and writes
// the findings. It returns nil only if all calls succeeded and everything to be
// recorded was written. If ctx ends first, the error wraps its cause and there are
// no findings.
func Check(ctx context.Context, options CheckOptions) error {
	report, err := ask(ctx, options)
	if err != nil {
		if options.JSON {
			writeRefusal(options.Out, err)
		}
		return err
	}
	if err := report.write(options.Out, options.JSON); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	return report.verdict()
}

// ask makes the calls and records the responses if requested.
func ask(ctx context.Context, options CheckOptions) (report, error) {
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

func probe(ctx context.Context, options CheckOptions, keep source.Keep) (report, error) {
	findings := source.Probe(ctx, options.Accounts, options.Transport, options.Source, keep)
	if ctx.Err() != nil {
		return report{}, fmt.Errorf("check was ended before all had answered: %w", context.Cause(ctx))
	}
	return newReport(findings), nil
}

// writeRefusal writes a report without checks whose error is err: a program that reads
// JSON does not read the log.
func writeRefusal(out io.Writer, err error) {
	_ = report{Checks: []check{}, Error: err.Error()}.write(out, true) // the caller reports err anyway
}

func names(accounts []source.Account) []string {
	var names []string
	for _, account := range accounts {
		names = append(names, account.Name)
	}
	return names
}
