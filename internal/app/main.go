package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/common/promslog"
	"go.opentelemetry.io/otel"

	"datahub_exporter/internal/cli"
	"datahub_exporter/internal/logging"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // it could not start, it broke down, or a check did not pass
	exitUsage  = 2 // the command line is wrong
)

// stopTimeout is how long the process may take to stop after a signal, whatever
// hangs: a log that nobody reads blocks whoever writes to it. Everything else ends
// within four seconds.
const stopTimeout = 4500 * time.Millisecond

// Main runs the program until it is done or gets SIGINT or SIGTERM, and returns its
// exit code. It changes settings of the whole process, so only main may call it.
func Main(args []string, stdout, stderr io.Writer) int {
	build, _ := debug.ReadBuildInfo()
	cli.NameBuild(build)
	logging.SilenceGRPC()
	// The SDK reports its errors to the handler that serve sets. What else it logs
	// may quote a variable, and with it a password.
	otel.SetLogger(logr.Discard())
	// A write to a pipe that nobody reads, as with `2>&1 | head`, is an error like
	// any other and must not end the process.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() {
		time.AfterFunc(stopTimeout, func() { os.Exit(exitFailed) })
	})
	return run(ctx, args, stdout, stderr)
}

// run does what the command line says until ctx ends, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags, err := cli.Parse(args, stdout)
	if flags == nil {
		return exitOK
	}
	flags.Log.Writer = stderr
	if err != nil {
		logFatal(flags.Log, fmt.Errorf("%w, try --help", err))
		return exitUsage
	}
	log := promslog.New(&flags.Log)
	logging.RedirectStandard(log)
	if flags.Check.Wanted {
		err = runCheck(ctx, flags, stdout, log)
	} else {
		err = runExporter(ctx, flags, log)
	}
	switch {
	case err == nil:
		return exitOK
	case !flags.Check.Wanted && ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		log.Info("Stopped before startup was complete")
		return exitOK
	}
	logFatal(flags.Log, err)
	return exitFailed
}

// logFatal says why the program ends: in a plain sentence, or in one log line if
// the log is JSON.
func logFatal(log promslog.Config, err error) {
	if log.Format.String() == "json" {
		promslog.New(&log).Error(cli.Name+" cannot go on", "err", err)
		return
	}
	fmt.Fprintf(log.Writer, "%s: error: %v\n", cli.Name, err)
}
