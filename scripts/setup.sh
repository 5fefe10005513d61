#!/usr/bin/env bash
# setup.sh: install what a Debian 12 machine with a Swift toolchain lacks to build and test this project.
# Only what is missing, with sudo when not root. `setup.sh build` leaves out what only tests and checks need;
# `setup.sh bench` installs what the benchmarks need instead, `setup.sh deb` what makes the Debian package, `setup.sh package`
# also what tests it, `setup.sh check` also what the stricter checks need; `setup.sh fuzz` looks for libFuzzer.
set -euo pipefail

readonly need_major=6 need_minor=2
readonly for_build=(
    "libcurl4-openssl-dev pkg-config --exists libcurl"
    "libsqlite3-dev pkg-config --exists sqlite3"
    "libsystemd-dev pkg-config --exists libsystemd"
    # Makes the manual pages that are installed.
    "python3 command -v python3"
)
readonly for_tests=(
    "curl command -v curl"
    "openssl command -v openssl"
    "python3-venv python3 -c 'import ensurepip, venv'"
    "systemd test -x /lib/systemd/systemd"
    "dbus command -v dbus-daemon"
    "iproute2 command -v ip"
    "shellcheck command -v shellcheck"
)
# What only the stricter checks need.
readonly for_check=(
    "groff-base command -v groff"
)
readonly for_deb=(
    "dpkg-dev command -v dpkg-shlibdeps"
    "binutils command -v objcopy"
)
readonly for_package=(
    "lintian command -v lintian"
    "prometheus command -v promtool"
    "libpam-systemd compgen -G /usr/lib/*/security/pam_systemd.so"
)
readonly for_bench=(
    "openssl command -v openssl"
    "iproute2 command -v ip"
    "nginx test -x /usr/sbin/nginx"
    "libnginx-mod-http-lua test -e /usr/lib/nginx/modules/ngx_http_lua_module.so"
    "nghttp2-client command -v h2load"
    "oidc-agent-cli command -v oidc-token"
    "python3-yaml test -d /usr/lib/python3/dist-packages/yaml"
    "python3-venv python3 -c 'import ensurepip, venv'"
)

say() { printf '%s\n' "$*" >&2; }

check_swift() {
    if ! command -v swift >/dev/null; then
        say "No Swift toolchain was found (no 'swift' on PATH)."
        say "Install Swift $need_major.$need_minor or newer for Debian 12 as https://www.swift.org/install/linux/ describes,"
        say "put its usr/bin on PATH, and run this again."
        exit 69
    fi
    local version
    version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    local major=${version%%.*} minor=${version##*.}
    if [ -z "$version" ] || [ "$major" -lt "$need_major" ] ||
        { [ "$major" -eq "$need_major" ] && [ "$minor" -lt "$need_minor" ]; }; then
        say "Swift ${version:-of an unknown version} is too old: $need_major.$need_minor or newer is needed."
        say "See https://www.swift.org/install/linux/; '$(command -v swift)' is the one in use."
        exit 69
    fi
}

# The fuzzed programs are linked by the toolchain's lld with libFuzzer, which toolchains of swift.org bring; Debian's packages of
# clang have others, which do not fit.
check_fuzzer() {
    local root
    root=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
    if [ ! -x "$root/bin/ld.lld" ] || ! compgen -G "$root/lib/clang/*/lib/linux/libclang_rt.fuzzer-$(uname -m).a" >/dev/null; then
        say "The Swift toolchain in $root has no libFuzzer (lib/clang/*/lib/linux/libclang_rt.fuzzer-$(uname -m).a) or no lld."
        say "Install the toolchain of https://www.swift.org/install/linux/, put its usr/bin on PATH, and run this again."
        exit 69
    fi
}

# Installs the packages whose check fails. Each argument: a package, then the command that shows it is there.
install_missing() {
    local missing=() entry package check
    for entry in "$@"; do
        package=${entry%% *} check=${entry#* }
        bash -c "$check" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        say "Missing: ${missing[*]} (Debian's names), and there is no apt-get here. Install them, then run this again."
        exit 69
    fi
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { say "Missing: ${missing[*]}. Run as root: apt-get install ${missing[*]}"; exit 77; }
    fi
    say "Installing ${missing[*]} …"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# The benchmarks start an nginx of their own. The service that Debian makes of a new one serves nobody: it is stopped. The
# Python application that the daemon is measured against has a virtual environment.
install_for_bench() {
    local is_new=false
    [ -x /usr/sbin/nginx ] || is_new=true
    install_missing "${for_bench[@]}"
    if $is_new && [ -d /run/systemd/system ]; then
        as_root systemctl disable --quiet --now nginx.service
    fi
    local root wanted python
    root=$(dirname "$0")/..
    wanted=$root/Benchmarks/support/application/requirements.txt python=$root/.build/bench-python
    cmp --quiet "$wanted" "$python/requirements.txt" && return
    say "Installing what $wanted names …"
    python3 -m venv --clear "$python"
    "$python/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$python"
}

# Of prometheus only promtool is wanted: the service that Debian makes of a new one is stopped.
install_for_package() {
    local is_new=false
    command -v promtool >/dev/null || is_new=true
    install_missing "${for_tests[@]}" "${for_deb[@]}" "${for_package[@]}" "$@"
    if $is_new && [ -d /run/systemd/system ]; then
        as_root systemctl disable --quiet --now prometheus.service
    fi
}

check_swift
# pkg-config itself answers for the others, so it comes first.
install_missing "pkg-config command -v pkg-config"
install_missing "${for_build[@]}"
case ${1:-all} in
build) ;;
bench) install_for_bench ;;
deb) install_missing "${for_deb[@]}" ;;
package) install_for_package ;;
check) install_for_package "${for_check[@]}" ;;
fuzz)
    check_fuzzer
    install_missing "${for_tests[@]}"
    ;;
*) install_missing "${for_tests[@]}" ;;
esac
