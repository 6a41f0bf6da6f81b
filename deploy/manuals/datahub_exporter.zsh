#compdef datahub_exporter
# zsh completion of datahub_exporter, made of its flags by packaging/manuals. Do not edit.

_arguments \
  '(--help)--help[Show context-sensitive help (also try --help-long and --help-man).]' \
  '(--version)--version[Show application version.]' \
  '(--conf)--conf=[Configuration file.]:file:_files' \
  '(--web.systemd-socket)--web.systemd-socket[Use systemd socket activation listeners instead of port listeners (Linux only).]' \
  '*--web.listen-address=[Addresses on which to expose metrics and web interface. Repeatable for multiple addresses. Examples\: `\:9100` or `\[\:\:1\]\:9100` for http, `vsock\://\:9100` for vsock]:value: ' \
  '(--web.config.file)--web.config.file=[Path to configuration file that can enable TLS or authentication. See\: https\://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md]:file:_files' \
  '(--web.enable-lifecycle)--web.enable-lifecycle[Have POST or PUT of /-/reload read the configuration file anew, as SIGHUP does.]' \
  '(--web.enable-pprof)--web.enable-pprof[Serve the profiles of the process at /debug/pprof/, to whoever may scrape.]' \
  '(--ckafka.timeout)--ckafka.timeout=[The longest that one refresh may take\: all its pages and retries.]:value: ' \
  '(--ckafka.min-interval)--ckafka.min-interval=[How long an answer of the API serves all scrapes before the API is asked again.]:value: ' \
  '(--ckafka.stale-after)--ckafka.stale-after=[How long the last good statuses are kept while refreshes fail; 0 drops them at once.]:value: ' \
  '(--ckafka.qps)--ckafka.qps=[The most calls in any one second for each account, region and action; the API'\''s own quota is 20.]:value: ' \
  '(--otlp.endpoint)--otlp.endpoint=[Push to this collector over OTLP as well\: http\://HOST\:PORT\[/PATH\], or https\:// for TLS.]:value: ' \
  '(--otlp.protocol)--otlp.protocol=[How to push\: grpc or http/protobuf; grpc unless the file or the environment says otherwise.]:word:(grpc http/protobuf)' \
  '(--otlp.interval)--otlp.interval=[The time between two pushes; 60s unless the file or the environment says otherwise.]:value: ' \
  '(--demo)--demo[Run on a made-up fleet of connectors\: no file, no key, no network.]' \
  '(--demo.replay)--demo.replay=[Run the demo on a recording of --check.record, the folder DIR, in place of the made-up fleet.]:file:_files' \
  '(--check)--check[Ask each API once for each account and region, print what came of it and end\: 0 only if all answered.]' \
  '(--check.format)--check.format=[What --check prints\: table for people, json for programs.]:word:(table json)' \
  '(--check.record)--check.record=[Have --check write the answers into the new folder DIR, every name and text replaced\: for a bug report.]:file:_files' \
  '(--log.level)--log.level=[Only log messages with the given severity or above. One of\: \[debug, info, warn, error\]]:word:(debug info warn error)' \
  '(--log.format)--log.format=[Output format of log messages. One of\: \[logfmt, json\]]:word:(logfmt json)' \
  && return 0
