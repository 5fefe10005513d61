#!/bin/bash
# make-certificate.sh CA_DIR OUT_DIR [trusted|expired|wrong_host|untrusted]: a certificate for a server on loopback,
# OUT_DIR/server.crt and OUT_DIR/server.key. All but `trusted` are certificates a client must refuse.
set -euo pipefail

usage="usage: make-certificate.sh CA_DIR OUT_DIR [trusted|expired|wrong_host|untrusted]"
ca=$(realpath -m "${1:?$usage}")
out=${2:?$usage}
kind=${3:-trusted}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# openssl talks while it works; what it said matters only when it fails.
quietly() {
    local said
    if ! said=$("$@" 2>&1); then
        echo "make-certificate.sh: cannot make a certificate in $out: $said" >&2
        exit 1
    fi
}

"$here/make-ca.sh" "$ca"
mkdir -p "$out"
cd "$out"
umask 077

# provider.test is a name that a test's own name server knows.
names="DNS:localhost,DNS:provider.test,IP:127.0.0.1,IP:::1"
days=30
case $kind in
    trusted) ;;
    expired) days=-1 ;;
    wrong_host) names="DNS:elsewhere.example" ;;
    untrusted)
        # Signed by an authority of the same name that nobody was told to trust.
        ca=$PWD/untrusted-ca
        "$here/make-ca.sh" "$ca"
        ;;
    *)
        echo "$usage" >&2
        exit 2
        ;;
esac

quietly openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr \
    -subj "/CN=toolauthd test server"
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$names" >extensions
quietly openssl x509 -req -in server.csr -CA "$ca/ca.crt" -CAkey "$ca/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
    -days "$days" -out server.crt -extfile extensions
rm server.csr extensions
