#!/bin/sh
# Runs before a removal, by dpkg ("remove") or rpm (0 left), or an upgrade.
set -e

case "$1" in
  remove | 0)
    if [ -d /run/systemd/system ]; then
      systemctl --quiet disable --now datahub_exporter.socket datahub_exporter.service
    fi
    ;;
esac
