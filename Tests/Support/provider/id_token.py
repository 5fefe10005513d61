"""ID tokens of OpenID Connect, signed with HS256 and the client's secret (Core section 10.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from time import time
from typing import Any

from provider.clients import Client
from provider.grants import Grant


def id_token(issuer: str, client: Client, grant: Grant, nonce: str, lifetime: float) -> str | None:
    """The ID token of a grant with the scope openid; None where there is none to give.

    `nonce` is right, wrong or missing. A public client gets none, for there is no key to sign with.
    """
    if "openid" not in grant.scope or not client.secrets:
        return None
    now = int(time())
    claims: dict[str, Any] = {"iss": issuer, "sub": grant.user, "aud": client.id, "iat": now}
    claims["exp"] = now + int(lifetime)
    if nonce == "wrong":
        claims["nonce"] = "another nonce"
    elif nonce == "right" and grant.nonce is not None:
        claims["nonce"] = grant.nonce
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = hmac.new(client.secrets[0].encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64url(signature)}"


def _part(value: dict[str, Any]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
