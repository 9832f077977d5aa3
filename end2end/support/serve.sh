#!/bin/sh
# Runs the program with a data folder of its own, which goes when it ends.
set -u

data="$(mktemp -d "${TMPDIR:-/tmp}/sheaf-stories.XXXXXX")"
# As root, Sheaf runs Postgres as another user, who has to come through here.
chmod 755 "$data"

# The signal reaches the program too, as one of the same process group; a second one would not let it finish.
trap : TERM INT
SHEAF_DATA="$data" "${SHEAF_BIN:?names the program}" all &
program=$!
while kill -0 "$program" 2>/dev/null; do
    wait "$program"
done
rm -rf "$data"
