#!/bin/bash
# make-ca.sh DIR: a certificate authority for tests, DIR/ca.crt and DIR/ca.key, made unless it is there. It lives for
# 30 days and only on this machine. Several processes may ask for the same DIR at once.
set -euo pipefail

dir=${1:?usage: make-ca.sh DIR}
mkdir -p "$dir"
cd "$dir"
umask 077

exec 9>.lock
flock 9
if [[ -f ca.crt ]] && openssl x509 -in ca.crt -noout -checkend 86400 >/dev/null; then exit 0; fi

# openssl talks while it works; what it said matters only when it fails.
if ! said=$(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt.new \
    -days 30 -subj "/CN=toolauthd test CA" -addext basicConstraints=critical,CA:TRUE \
    -addext keyUsage=critical,keyCertSign,cRLSign 2>&1); then
    echo "make-ca.sh: cannot make a certificate authority in $dir: $said" >&2
    exit 1
fi
chmod 644 ca.crt.new
mv ca.crt.new ca.crt
