#!/usr/bin/env bash
# check-contract.sh [BIN_DIR [TEST…]]: the API of the daemon in BIN_DIR, by default the release build, against its document:
# every operation by hand, and 2 000 generated requests. See Tests/ContractTests.
set -euo pipefail
cd "$(dirname "$0")/.."
exec Tests/ContractTests/run.sh "${1:-.build/release}" "${@:2}"
