#!/usr/bin/env bash
# test-browser.sh [BIN_DIR [TEST…]]: the page after consent, in headless Chromium, at the daemon in BIN_DIR, by default the
# release build. Installs Chromium where it is missing. SCREENSHOTS=DIR keeps what the pages look like there.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v chromium >/dev/null; then
    if ! command -v apt-get >/dev/null; then
        echo "Missing: chromium (Debian's name), and there is no apt-get here. Install it, then run this again." >&2
        exit 69
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        echo "Missing: chromium. Run as root: apt-get install chromium" >&2
        exit 77
    fi
    echo "Installing chromium …" >&2
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi

bin=${1:-.build/release}
exec Tests/BrowserTests/run.sh "$bin" "${@:2}"
