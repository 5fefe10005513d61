#!/usr/bin/env bash
# measure-rest.sh [TOOLAUTHD]: how long a start takes, and what the daemon at rest needs; seven starts, a line each.
set -euo pipefail
toolauthd=${1:-.build/release/toolauthd}
[ -x "$toolauthd" ] || { echo "measure-rest.sh: no $toolauthd; 'make build' makes it" >&2; exit 66; }
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
mkdir "$directory/config"
for _ in 1 2 3 4 5 6 7; do
    started=$(date +%s%N)
    "$toolauthd" --config "$directory/config" --state-dir "$directory/state" --socket "$directory/api.sock" \
        2>"$directory/log" &
    daemon=$!
    for _ in $(seq 2000); do
        grep -q 'msg="Ready' "$directory/log" && break
        sleep 0.005
    done
    ready=$(date +%s%N)
    sleep 0.3
    printf 'READY %d ms after the process was started; ' $(((ready - started) / 1000000))
    awk '/^(VmRSS|RssAnon)/ { printf "%s %.1f MiB  ", $1, $2 / 1024 } END { print "" }' "/proc/$daemon/status"
    kill "$daemon"
    wait "$daemon"
done
