#!/bin/sh
# After an installation or an upgrade, by dpkg and by rpm.
set -e

group=datahub_exporter-secrets
conf=/etc/datahub_exporter/datahub_exporter.conf

if ! getent group "$group" >/dev/null; then
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers /usr/lib/sysusers.d/datahub_exporter.conf
  else
    groupadd --system "$group"
  fi
fi

# A group that somebody else gave it stays.
if [ -f "$conf" ] && [ "$(stat -c %G "$conf")" = root ]; then
  chgrp "$group" "$conf"
fi

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  # An upgrade of a service that runs. A first installation starts nothing: the file
  # has no key yet.
  systemctl try-restart datahub_exporter.service ||
    echo 'datahub_exporter did not start again: see journalctl -u datahub_exporter' >&2
fi
