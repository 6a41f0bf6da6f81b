#!/bin/sh
# After an installation or an upgrade, by dpkg and by rpm.
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

# What has the mode of a file for the service, and root's group, which a removal gave
# back. A group that somebody else gave it stays.
if [ -d "$folder" ]; then
  find "$folder" -mindepth 1 -group root \( -type f -perm 0640 -o -type d -perm 0750 \) -exec chgrp "$group" {} +
fi

if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  # An upgrade of a service that runs. A first installation starts nothing: the file
  # has no key yet.
  systemctl try-restart datahub_exporter.service ||
    echo 'datahub_exporter did not start again: see journalctl -u datahub_exporter' >&2
fi
