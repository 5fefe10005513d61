#!/usr/bin/env bash
# test-sanitized.sh thread|address [ARGUMENTS of swift test]: the suites that touch C or concurrency, under a sanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizer=${1:?"usage: scripts/test-sanitized.sh thread|address [ARGUMENTS]"}
shift
# Only what these suites need is built, in a folder of its own. XCTest, which they do not use, has leaks of its own.
export TOOLAUTHD_TESTS=sanitized
# The programs to be fuzzed share the libraries; they are built at once, so that nothing is built twice.
if [ "$sanitizer" = address ]; then export TOOLAUTHD_FUZZ=1; fi
flags=(--sanitize="$sanitizer" --scratch-path ".build-$sanitizer")
swift build --build-tests "${flags[@]}" | tail -n 1
scripts/test-swift.sh --disable-xctest "${flags[@]}" "$@"
