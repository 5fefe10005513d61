#!/usr/bin/env bash
# test-sanitized.sh thread|address [ARGUMENTS of swift test]: the suites that touch C or concurrency, or those named in
# $TOOLAUTHD_TESTS, under a sanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizer=${1:?"usage: scripts/test-sanitized.sh thread|address [ARGUMENTS]"}
shift
# Only what these suites need is built, in a folder of its own. XCTest, which they do not use, has leaks of its own.
export TOOLAUTHD_TESTS=${TOOLAUTHD_TESTS:-sanitized}
flags=(--sanitize="$sanitizer" --scratch-path ".build-$sanitizer")
scripts/quietly.sh swift build --build-tests "${flags[@]}"
scripts/test-swift.sh --disable-xctest "${flags[@]}" "$@"
