"""How a client shows who it is, held against the one way that an endpoint takes (RFC 6749 section 2.3)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.carried import decoded_basic, read_basic
from catalogue.clients import Client, Clients
from catalogue.habit import Endpoint
from serving.forms import FormError, decode_value
from serving.http1 import Request


@dataclass(slots=True)
class Shown:
    """What a request shows of its client, and what is wrong with how."""

    complaints: list[str]
    client_id: str | None = None
    #: Spellings of the one secret shown, of which any may be right.
    secrets: tuple[str, ...] = ()


class ClientRejected(Exception):
    """The id or the secret is wrong."""


def read_shown(endpoint: Endpoint, public: bool, request: Request, parameters: Mapping[str, Any]) -> Shown:
    """Reads id and secret from where they are to be, and complains where they are elsewhere."""
    shown = Shown([])
    authorization = request.header("authorization")
    expects_header = any(name.lower() == "authorization" for name in endpoint.headers)
    in_header = endpoint.authentication in ("basic", "secret_as_user")
    if in_header and authorization is None:
        shown.complaints.append(f"there is no Authorization header, and the client authenticates by {_name(endpoint)}")
    elif in_header:
        _read_header(endpoint, authorization or "", shown)
    elif authorization is not None and not expects_header:
        shown.complaints.append(f"there is an Authorization header, and the client authenticates by {_name(endpoint)}")
    _read_parameters(endpoint, public, parameters, shown)
    return shown


def find_client(endpoint: Endpoint, clients: Clients, shown: Shown) -> Client | None:
    """The client shown; None if the request need not show any. Raises ClientRejected."""
    if endpoint.authentication == "none":
        if shown.client_id is None:
            return None
        client = clients.find(shown.client_id)
        if client is None:
            raise ClientRejected(f"there is no client {shown.client_id!r}")
        return client
    if shown.client_id is None:
        by_secret = [client for client in map(clients.with_secret, shown.secrets) if client is not None]
        if not by_secret:
            raise ClientRejected("no client has that secret")
        return by_secret[0]
    client = clients.find(shown.client_id)
    if client is None:
        raise ClientRejected(f"there is no client {shown.client_id!r}")
    if not any(map(client.accepts, shown.secrets or (None,))):
        raise ClientRejected(f"the secret of the client {client.id!r} is wrong")
    return client


def _name(endpoint: Endpoint) -> str:
    return {"secret_as_user": "its secret as user", "none": "nothing"}.get(
        endpoint.authentication, endpoint.authentication
    )


def _read_header(endpoint: Endpoint, authorization: str, shown: Shown) -> None:
    try:
        if endpoint.authentication == "basic":
            shown.client_id, secret = decoded_basic(authorization)
            shown.secrets = (secret,)
            return
        user, password = read_basic(authorization)
        if password:
            shown.complaints.append("the password is not empty, and the client authenticates by its secret as user")
        # No standard says whether a secret that stands alone is form-urlencoded.
        shown.secrets = (user,)
        with contextlib.suppress(FormError):
            shown.secrets = (user, decode_value(user))
    except FormError as error:
        shown.complaints.append(str(error))


def _read_parameters(endpoint: Endpoint, public: bool, parameters: Mapping[str, Any], shown: Shown) -> None:
    id_name, secret_name = endpoint.client_id_parameter, endpoint.client_secret_parameter
    client_id, secret = parameters.get(id_name), parameters.get(secret_name)
    if endpoint.authentication != "post":
        if secret is not None and secret_name not in endpoint.requires:
            shown.complaints.append(f"{secret_name} is there, and the client authenticates by {_name(endpoint)}")
        if shown.client_id is None and endpoint.authentication == "none" and id_name in endpoint.requires:
            shown.client_id = client_id if isinstance(client_id, str) else None
        elif shown.client_id is not None and client_id not in (None, shown.client_id):
            shown.complaints.append(f"{id_name} differs from the one in Authorization")
        return
    if isinstance(client_id, str) and client_id:
        shown.client_id = client_id
    elif id_name not in endpoint.forbids and id_name not in endpoint.requires:
        shown.complaints.append(f"{id_name} is missing")
    if public:
        if secret is not None:
            shown.complaints.append(f"{secret_name} is there, and the client is a public one")
    elif isinstance(secret, str) and secret:
        shown.secrets = (secret,)
    else:
        shown.complaints.append(f"{secret_name} is missing")
