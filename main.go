// Command datahub_exporter exposes the status of Tencent Cloud CKafka connector
// tasks and connections to Prometheus.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/common/version"
	"go.opentelemetry.io/otel"

	"datahub_exporter/bridge"
	"datahub_exporter/check"
	"datahub_exporter/command"
	"datahub_exporter/errorlog"
	"datahub_exporter/instrument"
	"datahub_exporter/logwriter"
	"datahub_exporter/pacing"
	"datahub_exporter/setup"
	"datahub_exporter/source"
	"datahub_exporter/stdlog"
)

const name = command.Name

const (
	exitOK     = 0
	exitFailed = 1 // it could not start, it broke down, or a check did not pass
	exitUsage  = 2 // the command line is wrong
)

func main() {
	build, _ := debug.ReadBuildInfo()
	command.NameBuild(build)
	stdlog.CaptureGRPC()
	// A write to a pipe that nobody reads, as with `2>&1 | head`, is an error like
	// any other and must not end the process.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run serves until ctx ends and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags, err := command.Parse(args, stdout)
	if flags == nil {
		return exitOK
	}
	format := flags.Log.Format
	out := logwriter.New(stderr, func(lines int) []byte { return dropped(format, lines) })
	defer out.Close()
	flags.Log.Writer = out
	if err != nil {
		complain(flags.Log, fmt.Errorf("%w, try --help", err))
		return exitUsage
	}
	log := promslog.New(&flags.Log)
	stdlog.Redirect(log)
	begin := launch
	if flags.Check.Wanted {
		begin = examine
	}
	err = begin(ctx, flags, stdout, log)
	switch {
	case err == nil:
		return exitOK
	case !flags.Check.Wanted && ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		log.Info("Stopped before startup was complete")
		return exitOK
	}
	complain(flags.Log, err)
	return exitFailed
}

// complain says why the exporter ends: in a plain sentence, or in one log line if
// the log is JSON.
func complain(log promslog.Config, err error) {
	if log.Format.String() == "json" {
		promslog.New(&log).Error(name+" cannot go on", "err", err)
		return
	}
	fmt.Fprintf(log.Writer, "%s: error: %v\n", name, err)
}

// dropped returns the line that stands for lost lines, whatever their level.
func dropped(format *promslog.Format, lines int) []byte {
	var text bytes.Buffer
	promslog.New(&promslog.Config{Format: format, Writer: &text}).
		Warn(fmt.Sprintf("%d lines of the log were dropped here: nothing read them, or they could not be written", lines), "lines", lines)
	return text.Bytes()
}

// launch reads the configuration and serves.
func launch(ctx context.Context, flags *command.Options, _ io.Writer, log *slog.Logger) error {
	log.Info("Starting "+name, "version", version.Info(), "build_context", version.BuildContext())
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	if err := source.CheckProxy(os.Getenv); err != nil {
		return err
	}
	errorLog := errorlog.New(log)
	otel.SetErrorHandler(errorLog) // the SDK reports its errors in no other way
	// When the SDK cannot read a variable, it logs the value, which may be a
	// password, outside our log. Package push has already checked the variables
	// that count.
	otel.SetLogger(logr.Discard())
	setup, err := setup.Start(flags, log)
	if err != nil {
		return err
	}
	defer setup.Close()
	accounts, push, err := setup.Read(ctx)
	if err != nil {
		return err
	}
	return bridge.Serve(ctx, bridge.Options{
		Accounts:  accounts,
		Reload:    setup.Reload,
		Hangups:   hangups,
		Lifecycle: flags.Lifecycle,
		Profiles:  flags.Profiles,
		Pacer:     pacer(),
		Source:    flags.Source,
		Push:      push,
		Web:       flags.Web,
		Log:       log,
		Errors:    errorLog,
		Listening: func(address net.Addr) {
			if flags.Demo {
				announce(address, log)
			}
		},
	})
}

// pacer returns what decides how often the garbage collector runs, nil if GOGC does.
func pacer() *pacing.Pacer {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	return pacing.New()
}

// examine calls each API once and writes the results to stdout.
func examine(ctx context.Context, flags *command.Options, stdout io.Writer, log *slog.Logger) (err error) {
	var accounts []source.Account
	asJSON := flags.Check.Format == command.JSONFormat
	defer func() {
		if asJSON && accounts == nil {
			check.Refused(stdout, err)
		}
	}()
	if err := source.CheckProxy(os.Getenv); err != nil {
		return err
	}
	setup, err := setup.Start(flags, log)
	if err != nil {
		return err
	}
	defer setup.Close()
	if accounts, err = setup.Check(ctx); err != nil {
		return err
	}
	transport := source.NewTransport()
	defer transport.CloseIdleConnections()
	return check.Run(ctx, check.Options{
		Accounts:  accounts,
		Transport: transport,
		Source:    flags.Source,
		JSON:      asJSON,
		Record:    flags.Check.Record,
		Out:       stdout,
	})
}

// announce logs the URLs of the documented paths of the demo.
func announce(address net.Addr, log *slog.Logger) {
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		return // such as a socket from systemd
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	for _, kind := range instrument.Kinds() {
		log.Info("Try: curl http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port)) + kind.Path)
	}
}
