#!/usr/bin/env bash
# manual.sh [BIN_DIR [SHARE]]: makes manual pages and shell completions of the built programs, into SHARE, by default
# .build/share.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${1:-$(swift build --show-bin-path)}
share=${2:-.build/share}
mkdir -p "$share"/man/man1 "$share"/man/man8 "$share"/bash-completion/completions "$share"/zsh/site-functions \
    "$share"/fish/vendor_completions.d
python3 scripts/manual.py "$bin/toolauthctl" 1 >"$share/man/man1/toolauthctl.1"
python3 scripts/manual.py "$bin/toolauthd" 8 >"$share/man/man8/toolauthd.8"
# It is sourced, not run.
"$bin/toolauthctl" --generate-completion-script bash | sed '1{/^#!/d}' >"$share/bash-completion/completions/toolauthctl"
"$bin/toolauthctl" --generate-completion-script zsh >"$share/zsh/site-functions/_toolauthctl"
"$bin/toolauthctl" --generate-completion-script fish >"$share/fish/vendor_completions.d/toolauthctl.fish"
