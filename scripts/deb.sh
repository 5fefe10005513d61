#!/usr/bin/env bash
# deb.sh [OPTION…] [BIN_DIR]: makes Debian packages of the programs in BIN_DIR, by default the release build:
# toolauthd_VERSION_ARCH.deb, and toolauthd-dbgsym_VERSION_ARCH.deb with their debug symbols.
#
#   --output DIR       where to, .build/deb
#   --version VERSION  another version than the project's, for tests of upgrades
#   --quick            little compression, for tests
#
# DEBFULLNAME and DEBEMAIL say who makes the package, SOURCE_DATE_EPOCH when (the last commit, where it is not set).
#
# By dpkg-deb alone. debhelper takes the version from a changelog and builds from a source package; here the version stands
# in the sources, the programs are built before, and scripts/install.sh says what is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022

output=.build/deb version='' compression=(-Zxz)
while [ $# -gt 0 ]; do
    case $1 in
    --output) output=${2:?--output needs a directory} && shift 2 ;;
    --version) version=${2:?--version needs a version} && shift 2 ;;
    --quick) compression=(-Zgzip -z1) && shift ;;
    -*) echo "deb.sh: unknown option $1" >&2 && exit 64 ;;
    *) break ;;
    esac
done
bin=${1:-.build/release}
[ -x "$bin/toolauthd" ] || { echo "deb.sh: no toolauthd in $bin; 'make build' makes it" >&2; exit 66; }

built=$("$bin/toolauthd" --version)
[ "$built" = "$(scripts/version.sh)" ] || {
    echo "deb.sh: the programs in $bin are of version $built, the sources of $(scripts/version.sh)" >&2
    exit 65
}
version=${version:-$built}
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-The toolauthd authors} <${DEBEMAIL:-toolauthd@example.org}>"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Package.swift)}
export SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/debian/toolauthd symbols=$work/debian/toolauthd-dbgsym
mkdir -p "$root/DEBIAN"

# Where Debian wants units and zsh its completions.
unit_dir=$(pkg-config --variable=systemdsystemunitdir systemd 2>/dev/null) || unit_dir=/usr/lib/systemd/system
DESTDIR=$root PREFIX=/usr UNIT_DIR=$unit_dir ZSH_DIR=/usr/share/zsh/vendor-completions scripts/install.sh "$bin"

# Debug symbols go where debuggers look for them, by build id.
build_ids=()
for program in "$root"/usr/bin/*; do
    if readelf --section-headers --wide "$program" | grep -q ' \.debug_info '; then
        id=$(readelf --notes "$program" | sed -n 's/.*Build ID: //p')
        [ -n "$id" ] || { echo "deb.sh: ${program##*/} has no build id" >&2; exit 65; }
        build_ids+=("$id")
        file=$symbols/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug
        mkdir -p "$(dirname "$file")"
        objcopy --only-keep-debug --compress-debug-sections "$program" "$file"
        chmod 644 "$file"
    fi
    strip --strip-unneeded --remove-section=.comment --remove-section=.note "$program"
done

# filled TEMPLATE [NAME=VALUE…]: a file of packaging/debian, with @NAME@ filled in.
filled() {
    local name text
    text=$(cat "packaging/debian/$1")
    for name in "VERSION=$version" "ARCHITECTURE=$architecture" "MAINTAINER=$maintainer" "${@:2}"; do
        text=${text//"@${name%%=*}@"/"${name#*=}"}
    done
    printf '%s\n' "$text"
}

# The shared libraries that the programs need, as Debian's packages; dpkg-shlibdeps wants to see a source package.
printf 'Source: toolauthd\n\nPackage: toolauthd\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O debian/toolauthd/usr/bin/* | sed -n 's/^shlibs:Depends=//p')

doc=$root/usr/share/doc/toolauthd
filled changelog "DATE=$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.gz"
install -m 644 packaging/debian/copyright "$doc/copyright"
# Whoever passes on what is inside passes on what it gives notice of (Apache License 2.0, §4(d)).
checkouts=$(realpath "$bin")/../../checkouts
[ -d "$checkouts" ] || checkouts=.build/checkouts
for notice in "$checkouts"/*/NOTICE.txt; do
    [ -f "$notice" ] || { echo "deb.sh: no checkouts with notices beside $bin, and none in .build" >&2; exit 66; }
    package=${notice%/NOTICE.txt}
    install -D -m 644 "$notice" "$doc/notices/${package##*/}.txt"
done
install -D -m 644 packaging/debian/lintian-overrides "$root/usr/share/lintian/overrides/toolauthd"
find "$root/usr/share/man" -type f -exec gzip -9n {} +

for script in postinst prerm postrm; do
    install -m 755 "packaging/debian/$script" "$root/DEBIAN/$script"
done
(cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"

# sealed TEMPLATE DIRECTORY [NAME=VALUE…]: makes the package of a directory.
sealed() {
    local size
    mkdir -p "$2/DEBIAN"
    (cd "$2" && find . -path ./DEBIAN -prune -o -path ./etc -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) \
        >"$2/DEBIAN/md5sums"
    size=$(du --summarize --apparent-size --block-size=1024 --exclude=DEBIAN "$2" | cut -f 1)
    filled "$1" "INSTALLED_SIZE=$size" "${@:3}" >"$2/DEBIAN/control"
    dpkg-deb --root-owner-group "${compression[@]}" --build "$2" "$output/${2##*/}_${version}_$architecture.deb"
}
mkdir -p "$output"
sealed control "$root" "DEPENDS=$depends"
if [ ${#build_ids[@]} -gt 0 ]; then
    mkdir -p "$symbols/usr/share/doc"
    ln -s toolauthd "$symbols/usr/share/doc/toolauthd-dbgsym"
    sealed control-dbgsym "$symbols" "BUILD_IDS=${build_ids[*]}"
fi
