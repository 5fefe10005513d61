#!/usr/bin/env bash
# install.sh [BIN_DIR]: installs what is in BIN_DIR, by default the release build, with everything that belongs to it. The
# Debian package is made of what this installs (scripts/deb.sh). From the environment:
#
#   DESTDIR     put before every path; where it is empty, this machine itself is meant
#   PREFIX      /usr/local; /etc, /var and /run are the same under every prefix
#   UNIT_DIR    units of the system, $PREFIX/lib/systemd/system
#   ZSH_DIR     completions for zsh, $PREFIX/share/zsh/site-functions
#
# Configuration that is there already is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022

bin=${1:-.build/release}
destination=${DESTDIR:-}
prefix=${PREFIX:-/usr/local}
unit_dir=${UNIT_DIR:-$prefix/lib/systemd/system}
zsh_dir=${ZSH_DIR:-$prefix/share/zsh/site-functions}

for program in toolauthd toolauthctl; do
    [ -x "$bin/$program" ] || { echo "install.sh: no $program in $bin; 'make build' makes it" >&2; exit 66; }
done
for path in "${destination:-/}" "$prefix" "$unit_dir" "$zsh_dir"; do
    [[ $path == /* ]] || { echo "install.sh: DESTDIR, PREFIX and the others are absolute paths, not $path" >&2; exit 64; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What is made comes first: where that fails, nothing has been put in place.
share=$work/share
scripts/manual.sh "$bin" "$share"

# put MODE DIRECTORY FILE…: files, under their own names.
put() { install -D -m "$1" -t "$destination$2" "${@:3}"; }
# put_as MODE PATH FILE: one, under another name.
put_as() { install -D -m "$1" "$3" "$destination$2"; }

put 755 "$prefix/bin" "$bin/toolauthd" "$bin/toolauthctl"

# The units name the programs as they are under /usr.
mkdir "$work/units"
for kind in system user; do
    directory=$unit_dir from=systemd
    [ "$kind" = system ] || directory=$(dirname "$unit_dir")/user from=systemd/user
    for unit in "$from"/*.service "$from"/*.socket; do
        [ -f "$unit" ] || continue
        sed "s|/usr/bin/|$prefix/bin/|g" "$unit" >"$work/units/$(basename "$unit")"
        put 644 "$directory" "$work/units/$(basename "$unit")"
    done
done
put_as 644 "$prefix/lib/sysusers.d/toolauthd.conf" systemd/toolauthd.sysusers
put_as 644 "$prefix/lib/tmpfiles.d/toolauthd.conf" systemd/toolauthd.tmpfiles
for catalogue in systemd/*.catalog; do
    [ ! -f "$catalogue" ] || put 644 "$prefix/lib/systemd/catalog" "$catalogue"
done

put 644 "$prefix/share/toolauthd/providers.d" etc/toolauthd/providers.d/*.yaml
put 644 "$prefix/share/toolauthd/schema" etc/toolauthd/schema/*.json

put 644 "$prefix/share/man/man1" "$share"/man/man1/*
put 644 "$prefix/share/man/man8" "$share"/man/man8/*
put 644 "$prefix/share/bash-completion/completions" "$share"/bash-completion/completions/*
put 644 "$zsh_dir" "$share"/zsh/site-functions/*
put 644 "$prefix/share/fish/vendor_completions.d" "$share"/fish/vendor_completions.d/*

doc=$prefix/share/doc/toolauthd
mapfile -t guides < <(find docs -name '*.md' ! -name development.md | sort)
put 644 "$doc" README.md "${guides[@]}"
put 644 "$doc/examples/tools.d" etc/toolauthd/tools.d/*.example
put 644 "$doc/examples/systemd" systemd/drop-ins/*.conf
while read -r file; do
    put 644 "$doc/examples/$(dirname "$file")" "Examples/$file"
done < <(cd Examples && find . \( -name tests -o -name __pycache__ \) -prune -o -type f ! -name '*.pyc' -printf '%P\n' | sort)

# Where tools, providers of one's own, and secrets that systemd hands over (LoadCredential=) belong.
install -d -m 755 "$destination/etc/toolauthd" "$destination"/etc/toolauthd/{providers.d,tools.d}
install -d -m 700 "$destination/etc/toolauthd/secrets"
if [ -e "$destination/etc/toolauthd/toolauthd.yaml" ]; then
    echo "install.sh: /etc/toolauthd/toolauthd.yaml is there, and stays as it is" >&2
else
    put 644 /etc/toolauthd etc/toolauthd/toolauthd.yaml
fi

[ -n "$destination" ] || cat >&2 <<END
Installed under $prefix. To let systemd have it:
    systemd-sysusers && systemd-tmpfiles --create toolauthd.conf && systemctl daemon-reload
    systemctl enable --now toolauthd.service toolauthd.socket
END
