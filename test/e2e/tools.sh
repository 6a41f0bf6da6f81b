#!/usr/bin/env bash
# Fetches and builds the real programs for the tests into test/e2e/.bin, each unless it is
# there and up to date. Needs Go, and apt-get for Debian's Prometheus and Alertmanager,
# which are unpacked but not installed. Most of the time goes into compiling: minutes on
# two cores if nothing is cached.
set -euo pipefail
cd "$(dirname "$0")"

bin=$PWD/.bin
builder=v0.161.0 # same as dist.version in tools/otelcol.yaml
templates=/usr/share/prometheus/alertmanager
mkdir -p "$bin"

step() { printf '== %s (%ss)\n' "$1" "$SECONDS" >&2; }

# current PROGRAM FILE: whether the program exists and was built from this file.
current() { [ -x "$bin/$1" ] && cmp -s "$2" "$bin/$1.made-of"; }

# unpack PACKAGE: unpacks a Debian package into $unpacked.
unpacked='' vendored=''
trap 'rm -rf "$unpacked" "$vendored"' EXIT
unpack() {
  command -v apt-get dpkg >/dev/null || {
    echo "no apt-get here: put Prometheus 2.42 or newer with promtool, and Alertmanager 0.25 or newer with amtool, into $bin as prometheus2, promtool2, alertmanager25 and amtool" >&2
    exit 1
  }
  rm -rf "$unpacked"
  unpacked=$(mktemp -d)
  (
    cd "$unpacked"
    # apt's download user may not be able to read this folder; that is only a warning.
    apt-get download -qq "$1" || { apt-get update -qq && apt-get download -qq "$1"; }
    dpkg -x "$1"_*.deb .
  )
}

# Prometheus 2 from Debian 12, without the package's service.
if [ ! -x "$bin/prometheus2" ] || [ ! -x "$bin/promtool2" ]; then
  step 'Prometheus 2 and promtool, from Debian'
  unpack prometheus
  cp "$unpacked/usr/bin/prometheus" "$bin/prometheus2"
  cp "$unpacked/usr/bin/promtool" "$bin/promtool2"
fi

# Debian's Alertmanager and amtool, also unpacked. Alertmanager reads its default
# templates only from where the package puts them, so these two files are installed if
# they are missing; that needs root.
if [ ! -x "$bin/alertmanager25" ] || [ ! -x "$bin/amtool" ] || [ ! -e "$templates/default.tmpl" ]; then
  step 'Alertmanager and amtool, from Debian'
  unpack prometheus-alertmanager
  cp "$unpacked/usr/bin/prometheus-alertmanager" "$bin/alertmanager25"
  cp "$unpacked/usr/bin/amtool" "$bin/amtool"
  [ -e "$templates/default.tmpl" ] || install -D -m 644 -t "$templates" "$unpacked$templates"/*.tmpl
fi

# A newer Alertmanager, which supports custom payloads. Its module lacks the built web
# pages, without which it does not compile; an empty one suffices.
if ! current alertmanager34 tools/alertmanager/go.mod; then
  step 'Alertmanager, from its sources'
  vendored=$(mktemp -d)
  cp tools/alertmanager/go.mod tools/alertmanager/go.sum "$vendored"
  (
    cd "$vendored"
    go mod vendor 2>/dev/null || true # it complains about the missing pages
    mkdir -p vendor/github.com/prometheus/alertmanager/ui/app/dist
    touch vendor/github.com/prometheus/alertmanager/ui/app/dist/index.html
    CGO_ENABLED=0 go build -mod=vendor -trimpath -o "$bin/alertmanager34" github.com/prometheus/alertmanager/cmd/alertmanager
  )
  cp tools/alertmanager/go.mod "$bin/alertmanager34.made-of"
fi

# Chromium needs a hundred libraries, so it is installed, with a Chinese font.
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

# Prometheus 3, without cloud service discovery, which is most of its size.
if ! current prometheus3 tools/prometheus/go.mod || [ ! -x "$bin/promtool3" ]; then
  step 'Prometheus 3 and promtool, from their sources'
  for program in prometheus promtool; do
    (cd tools/prometheus && go build -trimpath -tags remove_all_sd -o "$bin/${program}3" "github.com/prometheus/prometheus/cmd/$program")
  done
  cp tools/prometheus/go.mod "$bin/prometheus3.made-of"
fi

# VictoriaMetrics, a single node, and vmalert.
if ! current victoriametrics tools/victoriametrics/go.mod || [ ! -x "$bin/vmalert" ]; then
  step 'VictoriaMetrics and vmalert, from their sources'
  for program in victoria-metrics vmalert; do
    (cd tools/victoriametrics && CGO_ENABLED=0 go build -trimpath -o "$bin/${program/-/}" "github.com/VictoriaMetrics/VictoriaMetrics/app/$program")
  done
  cp tools/victoriametrics/go.mod "$bin/victoriametrics.made-of"
fi

# The collector, with the components in the manifest.
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
