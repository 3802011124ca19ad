# Runs the command behind the first argument under a systemd-journald of its own, and prints the journal of the command as JSON lines.
# The first argument is the script that sends requests; run it all in a mount namespace: unshare --mount --propagation private sh journald.sh …
set -u
ask=$1
shift
mount -t tmpfs tmpfs /run
# Without a folder there, journald keeps its files in /run.
mount -t tmpfs tmpfs /var/log
mkdir -p /run/systemd/journal /run/log/journal
/lib/systemd/systemd-journald 2>/run/journald.errors &
journald=$!
tries=0
until [ -S /run/systemd/journal/stdout ] || [ "$tries" = 100 ]; do sleep 0.1; tries=$((tries + 1)); done
# As systemd does for a unit; systemd-cat leaves it out.
with_stream='exec 3>&1; export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/3); exec 3>&-; exec "$@"'
systemd-cat -t podnetd sh -c "$with_stream" sh "$@" &
daemon=$!
tries=0
until [ -S /run/podnetd.sock ] || [ "$tries" = 300 ]; do sleep 0.1; tries=$((tries + 1)); done
sh -c "$ask" >&2
kill "$daemon"
wait "$daemon"
# journald writes what it has read before it answers.
journalctl --sync 2>/dev/null || sleep 0.5
journalctl --file "/run/log/journal/$(cat /etc/machine-id)/system.journal" -t podnetd -o json --no-pager
kill "$journald"
