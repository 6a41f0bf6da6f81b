#!/bin/sh
# After a removal, by dpkg ("remove", then perhaps "purge") and by rpm (0 left), or an
# upgrade. What stays is the configuration file, which is root's alone again.
set -e

group=datahub_exporter-secrets
conf=/etc/datahub_exporter/datahub_exporter.conf

case "$1" in
  remove | purge | 0)
    if [ -f "$conf" ] && [ "$(stat -c %G "$conf")" = "$group" ]; then
      chgrp root "$conf"
    fi
    if getent group "$group" >/dev/null; then
      groupdel "$group"
    fi
    if [ -d /run/systemd/system ]; then
      systemctl daemon-reload
    fi
    ;;
esac
