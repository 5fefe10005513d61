#!/usr/bin/env bash
# version.sh: prints the version, which stands in Sources/ToolAuthCore/ToolAuthVersion.swift and nowhere else.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/.*let current = "\([^"]*\)".*/\1/p' Sources/ToolAuthCore/ToolAuthVersion.swift)
[ -n "$version" ] || { echo "version.sh: no version in ToolAuthVersion.swift" >&2; exit 1; }
printf '%s\n' "$version"
