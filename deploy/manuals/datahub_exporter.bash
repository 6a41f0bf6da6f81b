# bash completion of datahub_exporter, made of its flags by test/packaging/manuals. Do not edit.

_datahub_exporter() {
    # A value stands behind "=", which bash takes for a word of its own, or a space.
    local cur=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]}
    if [[ $flag == = ]]; then
        flag=${COMP_WORDS[COMP_CWORD-2]}
    elif [[ $cur == = ]]; then
        cur=""
    fi
    case $flag in
    --conf)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return ;;
    --web.listen-address)
        return ;;
    --web.config.file)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return ;;
    --web.alertmanager-url)
        return ;;
    --ckafka.timeout)
        return ;;
    --ckafka.min-interval)
        return ;;
    --ckafka.stale-after)
        return ;;
    --ckafka.qps)
        return ;;
    --ckafka.progress-interval)
        return ;;
    --ckafka.tags)
        return ;;
    --otlp.endpoint)
        return ;;
    --otlp.protocol)
        mapfile -t COMPREPLY < <(compgen -W 'grpc http/protobuf' -- "$cur")
        return ;;
    --otlp.interval)
        return ;;
    --demo.replay)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return ;;
    --check.format)
        mapfile -t COMPREPLY < <(compgen -W 'table json' -- "$cur")
        return ;;
    --check.record)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return ;;
    --log.level)
        mapfile -t COMPREPLY < <(compgen -W 'debug info warn error' -- "$cur")
        return ;;
    --log.format)
        mapfile -t COMPREPLY < <(compgen -W 'logfmt json' -- "$cur")
        return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W '--help --version --conf --web.systemd-socket --web.listen-address --web.config.file --web.enable-lifecycle --web.enable-pprof --web.alertmanager-url --ckafka.timeout --ckafka.min-interval --ckafka.stale-after --ckafka.qps --ckafka.progress-interval --ckafka.tags --otlp.endpoint --otlp.protocol --otlp.interval --otlp.logs --demo --demo.replay --check --check.format --check.record --log.level --log.format' -- "$cur")
}

complete -F _datahub_exporter datahub_exporter
