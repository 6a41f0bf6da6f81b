# fish completion of datahub_exporter, made of its flags by packaging/manuals. Do not edit.

complete -c datahub_exporter -f
complete -c datahub_exporter -s h -l help -d 'Show context-sensitive help (also try --help-long and --help-man).'
complete -c datahub_exporter -l version -d 'Show application version.'
complete -c datahub_exporter -l conf -r -F -d 'Configuration file.'
complete -c datahub_exporter -l web.systemd-socket -d 'Use systemd socket activation listeners instead of port listeners (Linux only).'
complete -c datahub_exporter -l web.listen-address -x -d 'Addresses on which to expose metrics and web interface. Repeatable for multiple addresses. Examples: `:9100` or `[::1]:9100` for http, `vsock://:9100` for vsock'
complete -c datahub_exporter -l web.config.file -r -F -d 'Path to configuration file that can enable TLS or authentication. See: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md'
complete -c datahub_exporter -l web.enable-lifecycle -d 'Have POST or PUT of /-/reload read the configuration file anew, as SIGHUP does.'
complete -c datahub_exporter -l ckafka.timeout -x -d 'The longest that one refresh may take: all its pages and retries.'
complete -c datahub_exporter -l ckafka.min-interval -x -d 'How long an answer of the API serves all scrapes before the API is asked again.'
complete -c datahub_exporter -l ckafka.stale-after -x -d 'How long the last good statuses are kept while refreshes fail; 0 drops them at once.'
complete -c datahub_exporter -l ckafka.qps -x -d 'The most calls in any one second for each account, region and action; the API\'s own quota is 20.'
complete -c datahub_exporter -l otlp.endpoint -x -d 'Push to this collector over OTLP/gRPC as well: http://HOST:PORT, or https:// for TLS.'
complete -c datahub_exporter -l otlp.interval -x -d 'The time between two pushes; 60s unless the file or the environment says otherwise.'
complete -c datahub_exporter -l demo -d 'Run on a made-up fleet of connectors: no file, no key, no network.'
complete -c datahub_exporter -l log.level -x -a 'debug info warn error' -d 'Only log messages with the given severity or above. One of: [debug, info, warn, error]'
complete -c datahub_exporter -l log.format -x -a 'logfmt json' -d 'Output format of log messages. One of: [logfmt, json]'
