package cli

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	toolkitflag "github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"datahub_exporter/internal/otlp"
	"datahub_exporter/source"
)

// Name is the name of the program.
const Name = "datahub_exporter"

// Options are the validated options of the command line.
type Options struct {
	Conf string // the configuration file; a leading ~/ is the home directory
	Demo bool
	// Replay is the folder of a recording that the demo serves, empty for the
	// made-up fleet.
	Replay string
	Check  Check
	// Lifecycle is whether clients may reload the file.
	Lifecycle bool
	// Profiles is whether clients may profile the process.
	Profiles bool
	// AlertmanagerURL is where the page links to for silences, without a slash at its end;
	// empty for none.
	AlertmanagerURL string
	Source          source.Options
	// Tags are the keys of the tags of connections that become labels.
	Tags []string
	OTLP otlp.Flags      // zero values where not set
	Log  promslog.Config // without a writer
	Web  *toolkit.FlagConfig

	intervalSet bool // of the push
}

// Check says whether and how to query each API once and print the results.
type Check struct {
	Wanted bool
	Format string // TableFormat or JSONFormat
	Record string // the folder for the responses, empty for none
}

// The output formats of a check.
const (
	TableFormat = "table"
	JSONFormat  = "json"
)

// Parse returns the options in args, the command line without the program's name.
// It returns nil Options if everything that was requested, such as --help, has been
// printed to stdout. An error is one line and names the flag; the Options returned
// with it only say how to log it.
func Parse(args []string, stdout io.Writer) (*Options, error) {
	options, printed := &Options{}, false
	app := newApplication(options)
	var output bytes.Buffer // kingpin panics if it cannot write
	app.UsageWriter(&output).ErrorWriter(&output).Terminate(func(int) { printed = true })
	nameFlagsInErrors(app)
	_, err := app.Parse(args)
	switch {
	case printed:
		_, _ = output.WriteTo(stdout) // whoever reads it may have seen enough
		return nil, nil
	case err == nil:
		err = options.validate()
	}
	if err != nil {
		return &Options{Log: logConfig(args)}, err
	}
	return options, nil
}

func newApplication(options *Options) *kingpin.Application {
	app := kingpin.New(Name, "Exposes the status of Tencent Cloud CKafka connector tasks and connections to Prometheus.")
	app.Version(version.Print(Name))
	app.HelpFlag.Short('h')
	options.declare(app)
	return app
}

// Flags returns the flags that --help shows, in its order. The manual page and the
// shell completions are generated from them.
func Flags() []*kingpin.FlagModel {
	return slices.DeleteFunc(newApplication(new(Options)).Model().Flags, func(flag *kingpin.FlagModel) bool { return flag.Hidden })
}

// logConfig returns the requested log format even if the rest of the command line is
// wrong: a program that reads a JSON log can read no other.
func logConfig(args []string) promslog.Config {
	const flag = "--" + promslogflag.FormatFlagName
	format := promslog.NewFormat()
	for i, arg := range args {
		value, found := strings.CutPrefix(arg, flag+"=")
		if i > 0 && args[i-1] == flag {
			value, found = arg, true
		}
		if found {
			_ = format.Set(value) // an invalid format changes nothing
		}
	}
	return promslog.Config{Format: format}
}

// declare declares the flags, in the order in which --help shows them.
func (o *Options) declare(app *kingpin.Application) {
	app.Flag(confFlag, "Configuration file.").Default("~/.datahub_exporter.conf").StringVar(&o.Conf)
	o.Web = toolkitflag.AddFlags(app, "0.0.0.0:48080")
	app.Flag("web.enable-lifecycle", "Enable reloading the configuration file with POST or PUT to /-/reload, as SIGHUP does.").BoolVar(&o.Lifecycle)
	app.Flag("web.enable-pprof", "Serve the process's profiles at /debug/pprof/, to everyone who may scrape.").BoolVar(&o.Profiles)
	app.Flag(alertmanagerFlag, "Link each item of the page that is not running to a new silence in this Alertmanager: http://HOST:PORT[/PATH], or https://.").
		PlaceHolder("URL").StringVar(&o.AlertmanagerURL)
	app.Flag(timeoutFlag, "Maximum duration of one refresh, including all pages and retries.").
		Default(source.DefaultTimeout.String()).DurationVar(&o.Source.Timeout)
	app.Flag(minIntervalFlag, "How long a response of the API serves all scrapes before the API is called again.").
		Default(source.DefaultMinInterval.String()).DurationVar(&o.Source.MinInterval)
	app.Flag(staleAfterFlag, "How long the last good statuses are kept while refreshes fail; 0 drops them at once.").
		Default(source.DefaultStaleAfter.String()).DurationVar(&o.Source.StaleAfter)
	app.Flag(qpsFlag, "Maximum calls in any one second for each account, region and action; the API's own quota is 20.").
		Default(strconv.Itoa(source.DefaultQPS)).IntVar(&o.Source.QPS)
	app.Flag(progressFlag, "Also ask how far each task that reads from a topic has come, each task once in this time, 1m to 10m; 0 asks nothing, except in the demo.").
		Default("0s").DurationVar(&o.Source.ProgressInterval)
	app.Flag(tagsFlag, "Also expose these tags of connections as labels: their keys, separated by commas.").
		PlaceHolder("KEY,...").SetValue((*tagsValue)(&o.Tags))
	app.Flag(otlpEndpointFlag, "Also push to this collector over OTLP: http://HOST:PORT[/PATH], or https:// for TLS.").
		StringVar(&o.OTLP.Endpoint)
	app.Flag(otlpProtocolFlag, "How to push: grpc or http/protobuf; grpc unless the file or the environment says otherwise.").
		StringVar(&o.OTLP.Protocol)
	app.Flag(otlpIntervalFlag, "The time between two pushes; 60s unless the file or the environment says otherwise.").
		IsSetByUser(&o.intervalSet).DurationVar(&o.OTLP.Interval)
	app.Flag(otlpLogsFlag, "Also push each change of a task or connection as a log record; the endpoint must be a collector.").BoolVar(&o.OTLP.Logs)
	app.Flag("demo", "Run on a simulated fleet of connectors: no file, no key, no network.").BoolVar(&o.Demo)
	app.Flag("demo.replay", "Run the demo on the recording in DIR, made by --check.record, instead of the simulated fleet.").
		PlaceHolder("DIR").StringVar(&o.Replay)
	app.Flag("check", "Read each list once for each account and region, print the results and exit: 0 only if all succeeded.").BoolVar(&o.Check.Wanted)
	app.Flag(checkFormatFlag, "Output of --check: table for people, json for programs.").
		Default(TableFormat).EnumVar(&o.Check.Format, checkFormats...)
	app.Flag(checkRecordFlag, "Have --check write the responses into the new folder DIR for a bug report, with all names and texts replaced.").
		PlaceHolder("DIR").StringVar(&o.Check.Record)
	promslogflag.AddFlags(app, &o.Log)
}
