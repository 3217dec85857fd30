#!/bin/sh
# A backup now and each day, in $RUNSTATE_BACKUP_DIRECTORY (docker-compose.production.yml). The file of a
# day has its date; old files are removed only after a backup has succeeded.
set -u
directory=${RUNSTATE_BACKUP_DIRECTORY:-/var/backups/runstate}
while :; do
    if runstate backup "$directory/runstate-$(date +%F).tar" --force; then
        find "$directory" -name 'runstate-*.tar' -mtime "+$RUNSTATE_BACKUP_DAYS" -delete
        sleep 86400
    else
        sleep 600
    fi
done
