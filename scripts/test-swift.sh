#!/usr/bin/env bash
# Runs the Swift tests that were built, one after the other: tests that start processes and sockets starve each other on
# a small machine. Arguments go to `swift test`. What failed is said once more at the end, below thousands of lines.
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
timeout --kill-after=10 1500 swift test --skip-build --no-parallel "$@" 2>&1 | tee "$log" && exit
status=$?
printf '\nWhat failed:\n'
grep -E '^✘ Test .* recorded an issue|^[^◇]*: error: ' "$log" || echo 'No test said so: the test program itself ended badly.'
exit "$status"
