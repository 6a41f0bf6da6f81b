#!/usr/bin/env bash
# Fetches and builds the real programs of the tests into e2e/.bin, each unless it
# is there and made of what is written here. Needs Go, and apt-get for Debian's
# Prometheus, which is unpacked and not installed. Most of its time is compiling:
# minutes on two cores if nothing is cached.
set -euo pipefail
cd "$(dirname "$0")"

bin=$PWD/.bin
builder=v0.161.0 # as dist.version in tools/otelcol.yaml
mkdir -p "$bin"

step() { printf '== %s (%ss)\n' "$1" "$SECONDS" >&2; }

# current PROGRAM FILE: whether the program is there and was made of this file.
current() { [ -x "$bin/$1" ] && cmp -s "$2" "$bin/$1.made-of"; }

# Prometheus 2, as Debian 12 has it, without the package's service.
if [ ! -x "$bin/prometheus2" ] || [ ! -x "$bin/promtool2" ]; then
  step 'Prometheus 2 and promtool, from Debian'
  command -v apt-get dpkg >/dev/null || {
    echo "no apt-get here: put Prometheus 2.42 or newer and its promtool into $bin as prometheus2 and promtool2" >&2
    exit 1
  }
  unpacked=$(mktemp -d)
  trap 'rm -rf "$unpacked"' EXIT
  (
    cd "$unpacked"
    # Whoever downloads may not be able to read this folder; that is only a warning.
    apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }
    dpkg -x prometheus_*.deb .
  )
  cp "$unpacked/usr/bin/prometheus" "$bin/prometheus2"
  cp "$unpacked/usr/bin/promtool" "$bin/promtool2"
fi

# Chromium has a hundred libraries, so it is installed, with a font of Chinese.
if [ ! -x "$bin/chromium" ]; then
  step 'Chromium, from Debian'
  command -v chromium >/dev/null || {
    command -v apt-get >/dev/null || {
      echo "no apt-get here: put Chromium into $bin as chromium" >&2
      exit 1
    }
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei >/dev/null
  }
  ln -sf "$(command -v chromium)" "$bin/chromium"
fi

# Prometheus 3, without service discovery in clouds, which is most of its size.
if ! current prometheus3 tools/prometheus/go.mod || [ ! -x "$bin/promtool3" ]; then
  step 'Prometheus 3 and promtool, from their sources'
  for program in prometheus promtool; do
    (cd tools/prometheus && go build -trimpath -tags remove_all_sd -o "$bin/${program}3" "github.com/prometheus/prometheus/cmd/$program")
  done
  cp tools/prometheus/go.mod "$bin/prometheus3.made-of"
fi

# VictoriaMetrics, a single node.
if ! current victoriametrics tools/victoriametrics/go.mod; then
  step 'VictoriaMetrics, from its sources'
  (cd tools/victoriametrics && CGO_ENABLED=0 go build -trimpath -o "$bin/victoriametrics" github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics)
  cp tools/victoriametrics/go.mod "$bin/victoriametrics.made-of"
fi

# The collector, of the components in the manifest.
if ! current otelcol tools/otelcol.yaml; then
  step 'the OpenTelemetry Collector, from its sources'
  GOBIN=$bin go install "go.opentelemetry.io/collector/cmd/builder@$builder"
  log=$bin/build.log
  "$bin/builder" --config tools/otelcol.yaml >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  mv "$bin/build/otelcol" "$bin/otelcol"
  rm -rf "$bin/build" "$bin/builder" "$log"
  cp tools/otelcol.yaml "$bin/otelcol.made-of"
fi
step "the programs are in $bin"
