# Runs a program until it ends by itself, or until stdin ends: the server holds the other end of
# that pipe, so stdin ends with the server, however the server ends.
log=$1 leftover=$2
shift 2
trap '' HUP INT TERM
exec 3<&0 >>"$log" 2>&1
"$@" 3<&- &
program=$!
{ read -r _ <&3; kill -INT "$program" || :; } 2>/dev/null &
watcher=$!
wait "$program"
status=$?
kill -KILL "$watcher" 2>/dev/null
# The watcher ended well only where stdin ended; else the server starts the program again.
wait "$watcher" 2>/dev/null && rm -rf "$leftover"
exit "$status"
