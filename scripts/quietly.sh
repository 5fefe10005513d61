#!/usr/bin/env bash
# quietly.sh COMMAND [ARGUMENT…]: runs a build, and shows how it ended: its last line, or all that it said where it failed.
set -uo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
"$@" >"$log" 2>&1 || status=$?
if [ "$status" -eq 0 ]; then
    tail -n 1 "$log"
else
    cat "$log" >&2
    printf '%s: exit %s\n' "$*" "$status" >&2
fi
exit "$status"
