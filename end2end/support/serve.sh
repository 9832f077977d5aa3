#!/bin/sh
# Runs the program with a data folder of its own, which goes when it ends. The stories' one operator is added before that,
# since no server makes one; what the command prints goes to the file that SHEAF_STORIES_OPERATOR names.
set -u

data="$(mktemp -d "${TMPDIR:-/tmp}/sheaf-stories.XXXXXX")"
# As root, Sheaf runs Postgres as another user, who has to come through here.
chmod 755 "$data"
export SHEAF_DATA="$data"

# The signal reaches the program too, as one of the same process group; a second one would not let it finish.
trap : TERM INT
(umask 077 && : >"${SHEAF_STORIES_OPERATOR:?names a file}")
if "${SHEAF_BIN:?names the program}" operator add bob@sheaf.example --name Bob >"$SHEAF_STORIES_OPERATOR"; then
    "$SHEAF_BIN" all &
    program=$!
    while kill -0 "$program" 2>/dev/null; do
        wait "$program"
    done
fi
rm -rf "$data" "$SHEAF_STORIES_OPERATOR"
