#!/usr/bin/env bash
# test-durability.sh: the built daemon is killed, loses its power, finds its disk full and its store locked; and loses
# nothing. See Tests/DurabilityTests.
set -euo pipefail
cd "$(dirname "$0")/.."
exec Tests/DurabilityTests/run.sh "$(scripts/bin-path.sh)"
