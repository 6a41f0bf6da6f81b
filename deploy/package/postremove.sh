#!/bin/sh
# After a removal, by dpkg ("remove", then perhaps "purge") and by rpm (0 left), or an
# upgrade. What stays is what is in its folder, which is root's alone again.
set -e

group=datahub_exporter-secrets
folder=/etc/datahub_exporter

case "$1" in
  remove | purge | 0)
    # What nobody may read any more: the number of the group is free for another one.
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
