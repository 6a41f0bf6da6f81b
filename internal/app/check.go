package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"datahub_exporter/internal/cli"
	"datahub_exporter/internal/recording"
	"datahub_exporter/source"
	"datahub_exporter/source/ckafka"
)

// runCheck reads each listing once and writes the results to stdout.
func runCheck(ctx context.Context, flags *cli.Options, stdout io.Writer, log *slog.Logger) (err error) {
	var accounts []ckafka.Account
	asJSON := flags.Check.Format == cli.JSONFormat
	defer func() {
		if asJSON && accounts == nil {
			writeRefusal(stdout, err)
		}
	}()
	setup, err := newSetup(flags, log)
	if err != nil {
		return err
	}
	defer setup.close()
	if accounts, err = setup.check(ctx); err != nil {
		return err
	}
	transport := ckafka.NewTransport()
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
	Accounts []ckafka.Account
	// Transport carries the calls.
	Transport http.RoundTripper
	// Source are the options of the sources, except for the hooks.
	Source source.Options
	// JSON writes the results as a document for programs instead of a table.
	JSON bool
	// Record is the folder to write the responses into, or empty to not record.
	Record string
	// Out is where the results are written.
	Out io.Writer
}

// Check reads the listings of every account and region once, as the exporter does,
// and writes the results. It returns nil only if all succeeded and everything to
// be recorded was written. If ctx ends first, the error wraps its cause and nothing is
// reported.
func Check(ctx context.Context, options CheckOptions) error {
	report, err := options.read(ctx)
	if err != nil {
		if options.JSON {
			writeRefusal(options.Out, err)
		}
		return err
	}
	if err := report.write(options.Out, options.JSON); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return report.verdict()
}

// read reads the listings, and records the responses if requested.
func (o CheckOptions) read(ctx context.Context) (report, error) {
	if o.Record == "" {
		return o.refresh(ctx, nil)
	}
	recorder, err := recording.Create(o.Record, names(o.Accounts))
	if err != nil {
		return report{}, fmt.Errorf("--check.record: %w", err)
	}
	defer recorder.Close()
	result, err := o.refresh(ctx, func(target source.Target, offset int64, body []byte) {
		recorder.Add(target.Account, target.Region, string(target.Action), offset, body)
	})
	result.Recording = o.Record
	if failure := recorder.Err(); failure != nil {
		result.Error = failure.Error()
	}
	return result, err
}

// refresh refreshes each target once. It passes the body of each response to onResponse,
// which may be nil.
func (o CheckOptions) refresh(ctx context.Context, onResponse func(target source.Target, offset int64, body []byte)) (report, error) {
	var mu sync.Mutex
	took := map[source.Target]time.Duration{}
	interval := o.Source.ProgressInterval
	o.Source.ProgressInterval = 0 // no rounds in the background
	o.Source.OnRefresh = func(refreshed source.RefreshReport) {
		mu.Lock()
		defer mu.Unlock()
		took[refreshed.Target] = refreshed.Duration
	}
	api := ckafka.New(o.Transport, ckafka.Options{OnResponse: onResponse})
	defer api.Close()
	sources := source.Open(api.Listers(o.Accounts), o.Source)
	sources.Refresh(ctx, 0)
	var progress []source.ProgressReport
	if interval > 0 {
		progress = sources.PollProgress(ctx)
	}
	sources.Close()
	if ctx.Err() != nil {
		return report{}, fmt.Errorf("check was stopped before it was complete: %w", context.Cause(ctx))
	}
	result := report{Passed: true, Checks: []check{}}
	snapshots := sources.Last()
	for i, snapshot := range snapshots {
		result.add(snapshot, took[snapshot.Target], snapshots[:i])
	}
	for _, polled := range progress {
		result.addProgress(polled)
	}
	return result, nil
}

// writeRefusal writes a report without checks whose error is err: a program that reads
// JSON does not read the log.
func writeRefusal(out io.Writer, err error) {
	_ = report{Checks: []check{}, Error: err.Error()}.write(out, true) // the caller reports err anyway
}

func names(accounts []ckafka.Account) []string {
	var names []string
	for _, account := range accounts {
		names = append(names, account.Name)
	}
	return names
}
