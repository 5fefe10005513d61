#!/usr/bin/env bash
# build-release.sh [OPTION…]: build toolauthd and toolauthctl for release, with Swift's runtime inside; options go to
# `swift build`.
set -euo pipefail
cd "$(dirname "$0")/.."

# A script that calls toolauthctl in a loop waits for the dynamic linker most of all, so that what it links is kept small: the
# C++ library, which only Swift's runtime needs, goes inside, and the symbols are left out.
clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
small=(-Xlinker -s)
inside=.build/static-cxx
mkdir -p "$inside"
for archive in libstdc++.a libgcc_eh.a; do
    path=$("$clang" -print-file-name="$archive")
    # A link to nothing would not be passed over: gold ends at it.
    if [ ! -f "$path" ]; then
        small=(-Xlinker -s)
        break
    fi
    # The linker asks for libgcc_s, of which this is the part in question.
    ln -sf "$path" "$inside/${archive/gcc_eh/gcc_s}"
    small=(-Xlinker -s -Xlinker "-L$PWD/$inside")
done

swift build -c release --static-swift-stdlib --product toolauthd "$@"
swift build -c release --static-swift-stdlib --product toolauthctl "${small[@]}" "$@"
