#!/usr/bin/env bash
# bin-path.sh: where `swift build` puts what it builds with $SWIFT_BUILD_FLAGS, as `make test` does.
set -euo pipefail
cd "$(dirname "$0")/.."
read -ra flags <<<"${SWIFT_BUILD_FLAGS:-}"
exec swift build "${flags[@]}" --show-bin-path
