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

# Stripe stands beside it, and is told where to send what happens. It ends with this script.
stripe="127.0.0.1:${SHEAF_STORIES_STRIPE_PORT:?names a port}"
"${SHEAF_SIMULATOR:?names the program}" --with-parent --address "$stripe" \
    --webhook "http://${SHEAF_ADDRESS:?says where Sheaf listens}/stripe/webhook" --secret whsec_stories &
export SHEAF_STRIPE_KEY=sk_test_simulator SHEAF_STRIPE_URL="http://$stripe" SHEAF_STRIPE_WEBHOOK_SECRETS=whsec_stories

(umask 077 && : >"${SHEAF_STORIES_OPERATOR:?names a file}")
if "${SHEAF_BIN:?names the program}" operator add bob@sheaf.example --name Bob >"$SHEAF_STORIES_OPERATOR" &&
    "$SHEAF_BIN" billing setup >/dev/null; then
    "$SHEAF_BIN" all &
    program=$!
    while kill -0 "$program" 2>/dev/null; do
        wait "$program"
    done
fi
rm -rf "$data" "$SHEAF_STORIES_OPERATOR"
