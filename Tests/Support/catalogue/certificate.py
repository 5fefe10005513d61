"""A certificate authority and a certificate for every host, made by openssl at start."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterable
from pathlib import Path

#: Seconds; making a key of an elliptic curve takes none.
_PATIENCE = 60


class CertificateError(Exception):
    """openssl made no certificate."""


def make_authority(directory: Path) -> Path:
    """Makes the authority; returns the file by which clients trust it."""
    extensions = {"basicConstraints": "critical,CA:TRUE", "keyUsage": "critical,keyCertSign,cRLSign"}
    return _make(directory, "ca", "toolauthd catalogue CA", extensions)


def make_certificate(directory: Path, hosts: Iterable[str]) -> ssl.SSLContext:
    """A certificate of the authority in the same directory, for all the hosts, ready to serve with."""
    extensions = {
        "basicConstraints": "critical,CA:FALSE",
        "extendedKeyUsage": "serverAuth",
        "subjectAltName": ",".join(f"DNS:{host}" for host in sorted(hosts)),
    }
    signed_by = ("-CA", directory / "ca.pem", "-CAkey", directory / "ca.key")
    certificate = _make(directory, "server", "toolauthd catalogue", extensions, *signed_by)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    context.set_alpn_protocols(["http/1.1"])
    return context


def _make(directory: Path, name: str, subject: str, extensions: dict[str, str], *signed_by: str | Path) -> Path:
    # A configuration of its own: what the machine's says of extensions would come along.
    lines = ["[req]", "prompt=no", "distinguished_name=subject", "x509_extensions=extensions"]
    lines += ["[subject]", f"CN={subject}", "[extensions]", "subjectKeyIdentifier=hash"]
    lines += [f"{extension}={value}" for extension, value in extensions.items()]
    configuration = directory / f"{name}.cnf"
    configuration.write_text("\n".join(lines) + "\n")
    certificate = directory / f"{name}.pem"
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", certificate.with_suffix(".key"))
    made = subprocess.run(
        ["openssl", "req", "-x509", "-config", configuration, *key, "-out", certificate, "-days", "30", *signed_by],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
    )
    # openssl talks while it works; what it said matters only when it fails.
    if made.returncode != 0:
        raise CertificateError(f"openssl made no certificate: {made.stderr.strip()}")
    certificate.chmod(0o644)
    return certificate
