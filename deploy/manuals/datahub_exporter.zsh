#compdef datahub_exporter
# zsh completion of datahub_exporter, made of its flags by test/packaging/manuals. Do not edit.

_arguments \
  '(--help)--help[Show context-sensitive help (also try --help-long and --help-man).]' \
  '(--version)--version[Show application version.]' \
  '(--conf)--conf=[Configuration file.]:file:_files' \
  '(--web.systemd-socket)--web.systemd-socket[Use systemd socket activation listeners instead of port listeners (Linux only).]' \
  '*--web.listen-address=[Addresses on which to expose metrics and web interface. Repeatable for multiple addresses. Examples\: `\:9100` or `\[\:\:1\]\:9100` for http, `vsock\://\:9100` for vsock]:value: ' \
  '(--web.config.file)--web.config.file=[Path to configuration file that can enable TLS or authentication. See\: https\://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md]:file:_files' \
  '(--web.enable-lifecycle)--web.enable-lifecycle[Enable reloading the configuration file with POST or PUT to /-/reload, as SIGHUP does.]' \
  '(--web.enable-pprof)--web.enable-pprof[Serve the process'\''s profiles at /debug/pprof/, to everyone who may scrape.]' \
  '(--web.alertmanager-url)--web.alertmanager-url=[Link each item of the page that is not running to a new silence in this Alertmanager\: http\://HOST\:PORT\[/PATH\], or https\://.]:value: ' \
  '(--ckafka.timeout)--ckafka.timeout=[Maximum duration of one refresh, including all pages and retries.]:value: ' \
  '(--ckafka.min-interval)--ckafka.min-interval=[How long a response of the API serves all scrapes before the API is called again.]:value: ' \
  '(--ckafka.stale-after)--ckafka.stale-after=[How long the last good statuses are kept while refreshes fail; 0 drops them at once.]:value: ' \
  '(--ckafka.qps)--ckafka.qps=[Maximum calls in any one second for each account, region and action; the API'\''s own quota is 20.]:value: ' \
  '(--ckafka.progress-interval)--ckafka.progress-interval=[Also ask how far each task that reads from a topic has come, each task once in this time, 1m to 10m; 0 asks nothing, except in the demo.]:value: ' \
  '(--ckafka.tags)--ckafka.tags=[Also expose these tags of connections as labels\: their keys, separated by commas.]:value: ' \
  '(--otlp.endpoint)--otlp.endpoint=[Also push to this collector over OTLP\: http\://HOST\:PORT\[/PATH\], or https\:// for TLS.]:value: ' \
  '(--otlp.protocol)--otlp.protocol=[How to push\: grpc or http/protobuf; grpc unless the file or the environment says otherwise.]:word:(grpc http/protobuf)' \
  '(--otlp.interval)--otlp.interval=[The time between two pushes; 60s unless the file or the environment says otherwise.]:value: ' \
  '(--otlp.logs)--otlp.logs[Also push each change of a task or connection as a log record; the endpoint must be a collector.]' \
  '(--demo)--demo[Run on a simulated fleet of connectors\: no file, no key, no network.]' \
  '(--demo.replay)--demo.replay=[Run the demo on the recording in DIR, made by --check.record, instead of the simulated fleet.]:file:_files' \
  '(--check)--check[Read each list once for each account and region, print the results and exit\: 0 only if all succeeded.]' \
  '(--check.format)--check.format=[Output of --check\: table for people, json for programs.]:word:(table json)' \
  '(--check.record)--check.record=[Have --check write the responses into the new folder DIR for a bug report, with all names and texts replaced.]:file:_files' \
  '(--log.level)--log.level=[Only log messages with the given severity or above. One of\: \[debug, info, warn, error\]]:word:(debug info warn error)' \
  '(--log.format)--log.format=[Output format of log messages. One of\: \[logfmt, json\]]:word:(logfmt json)' \
  && return 0
