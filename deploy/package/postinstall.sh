#!/bin/sh
# Runs after an installation or an upgrade, by dpkg or rpm.
set -e

group=datahub_exporter-secrets
folder=/etc/datahub_exporter

if ! getent group "$group" >/dev/null; then
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers /usr/lib/sysusers.d/datahub_exporter.conf
  else
    groupadd --system "$group"
  fi
fi

# Give back the files that have the mode for the service but, since a removal, root's
# group. A group that somebody else has set stays.
if [ -d "$folder" ]; then
  find "$folder" -mindepth 1 -group root \( -type f -perm 0640 -o -type d -perm 0750 \) -exec chgrp "$group" {} +
fi

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  # Restart a running service after an upgrade. A first installation starts nothing: the
  # file has no key yet.
  systemctl try-restart datahub_exporter.service ||
    echo 'datahub_exporter did not start again: see journalctl -u datahub_exporter' >&2
fi
