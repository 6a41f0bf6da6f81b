#!/bin/sh
# Runs after a removal, by dpkg ("remove", then perhaps "purge") or rpm (0 left), or an
# upgrade. The contents of its folder stay, readable by root only again.
set -e

group=datahub_exporter-secrets
folder=/etc/datahub_exporter

case "$1" in
  remove | purge | 0)
    # The group must no longer be able to read these: its number is free for another.
    if [ -d "$folder" ] && getent group "$group" >/dev/null; then
      find "$folder" -group "$group" -exec chgrp root {} +
    fi
    if getent group "$group" >/dev/null; then
      groupdel "$group"
    fi
    if [ -d /run/systemd/system ]; then
      systemctl daemon-reload
    fi
    ;;
esac
