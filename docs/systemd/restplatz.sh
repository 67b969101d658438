#!/bin/sh
# /usr/local/bin/restplatz: the programme with the settings of this machine, for people and cron.
# Call it as the user restplatz, so that what it makes in the folder belongs to the service.
set -a
. /etc/restplatz.env
exec /opt/restplatz/bin/restplatz "$@"
