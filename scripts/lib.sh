# Shared by the scripts of this folder, which are started by the Makefile. Sourced, never run.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

if [ -z "${SHEAF_CACHE:-}" ]; then
    if [ "$(id -u)" = 0 ]; then SHEAF_CACHE=/var/cache/sheaf; else SHEAF_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/sheaf"; fi
fi
export SHEAF_CACHE
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$SHEAF_CACHE/target}"
export SHEAF_TOOLS="${SHEAF_TOOLS:-$SHEAF_CACHE/tools}"
export SHEAF_PDFIUM_DIR="${SHEAF_PDFIUM_DIR:-$SHEAF_TOOLS/pdfium}"

say() { printf '%s\n' "sheaf: $*" >&2; }

die() {
    printf '%s\n' "sheaf: $*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# version_at_least 1.96.0 1.95: succeeds.
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Runs a command as root. A run without a terminal must not hang at a password prompt.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif ! have sudo; then
        die "this needs root, and there is no sudo. Run as root: $*"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@" || die "this needs root, and sudo asks for a password. Run: sudo $*"
    fi
}

# Postgres refuses to run as root; its servers run as this user then.
postgres_user() {
    if [ "$(id -u)" != 0 ]; then
        id -un
    elif id -u postgres >/dev/null 2>&1; then
        echo postgres
    else
        echo nobody
    fi
}

# Runs a command of Postgres as the user that may.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        runuser -u "$(postgres_user)" -- "$@"
    else
        "$@"
    fi
}

# The folder with Postgres's programs: the one that was named, the pinned one, the newest installed one from 15 on.
# Empty when there is none.
postgres_bin() {
    if [ -n "${SHEAF_POSTGRES_BIN:-}" ]; then
        [ -x "$SHEAF_POSTGRES_BIN/postgres" ] || die "SHEAF_POSTGRES_BIN=$SHEAF_POSTGRES_BIN holds no program 'postgres'"
        echo "$SHEAF_POSTGRES_BIN"
    elif [ -x "$SHEAF_TOOLS/postgres/bin/postgres" ]; then
        echo "$SHEAF_TOOLS/postgres/bin"
    else
        installed_postgres_bin
    fi
}

installed_postgres_bin() {
    local bin
    for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
        if [ -x "$bin/postgres" ] && version_at_least "$(basename "$(dirname "$bin")")" 15; then
            echo "$bin"
            return
        fi
    done
}

# Debian puts it where only root looks. Empty when there is none.
pgbouncer_bin() {
    if have pgbouncer; then
        command -v pgbouncer
    elif [ -x /usr/sbin/pgbouncer ]; then
        echo /usr/sbin/pgbouncer
    fi
}

# The same of the cache that public pages are tried behind.
nginx_bin() {
    if have nginx; then
        command -v nginx
    elif [ -x /usr/sbin/nginx ]; then
        echo /usr/sbin/nginx
    fi
}

# And of the one that is told of a purge.
varnish_bin() {
    if have varnishd; then
        command -v varnishd
    elif [ -x /usr/sbin/varnishd ]; then
        echo /usr/sbin/varnishd
    fi
}

# Chromium is never downloaded by Playwright: Debian's is used, or the one that is named.
chromium_bin() {
    local name
    if [ -n "${SHEAF_CHROMIUM:-}" ]; then
        echo "$SHEAF_CHROMIUM"
        return
    fi
    for name in chromium chromium-browser google-chrome; do
        if have "$name"; then
            command -v "$name"
            return
        fi
    done
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# database_url <name>: a database of the server of scripts/with-servers.
database_url() { printf '%s\n' "${SHEAF_TEST_DATABASE_URL%/*}/$1"; }

# sql <database> <arguments of psql>, as the superuser of that server.
sql() {
    local database="$1"
    shift
    PGOPTIONS="-c client_min_messages=warning ${PGOPTIONS:-}" "$SHEAF_TEST_POSTGRES_BIN/psql" "$(database_url "$database")" \
        --no-psqlrc -qAt -v ON_ERROR_STOP=1 "$@"
}

# migrated_database <name>: in the order of a real installation, which is roles, then the migrations as the owner.
migrated_database() {
    local database="$1" file
    sql postgres -c "create database $database" >/dev/null
    for file in "$ROOT"/migrations/setup/*.sql; do sql "$database" -f "$file"; done
    sql "$database" -c "alter database $database owner to sheaf_owner" -c "alter schema public owner to sheaf_owner" >/dev/null
    for file in "$ROOT"/migrations/*.sql; do PGOPTIONS="-c role=sheaf_owner" sql "$database" -1 -f "$file"; done
}
