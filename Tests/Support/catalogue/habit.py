"""A habit file, read: what one provider demands of requests and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalogue.address import Address, parse_address

#: The kinds of requests of a client, in the order in which a grant sees them.
KINDS = ("exchange", "upgrade", "refresh", "revoke")


@dataclass(frozen=True, slots=True)
class ReplyTemplate:
    """A reply whose placeholders are still to be filled."""

    status: int
    headers: dict[str, str]
    #: json, form, text; empty: there is no body.
    encoding: str = ""
    content: Any = None


@dataclass(frozen=True, slots=True)
class Authorize:
    """The page at which users consent, and what comes back from it."""

    address: Address
    requires: dict[str, Any]
    forbids: tuple[str, ...]
    callback: dict[str, str]
    client_id_parameter: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One kind of request that clients make."""

    kind: str
    address: Address
    method: str
    #: basic, post, secret_as_user, none.
    authentication: str
    #: form, json, query.
    content: str
    requires: dict[str, Any]
    forbids: tuple[str, ...]
    headers: dict[str, str]
    reply: ReplyTemplate
    client_id_parameter: str
    client_secret_parameter: str
    #: none, rotating, single_use; of a refresh.
    rotation: str


@dataclass(frozen=True, slots=True)
class KnownError:
    """An error of the provider's documentation."""

    at: str
    reply: ReplyTemplate
    means: str


@dataclass(frozen=True, slots=True)
class Habit:
    """Everything about one provider."""

    name: str
    #: The file's own content.
    source: dict[str, Any]
    #: code, reacquire.
    flow: str
    #: Whether its clients have no secret.
    public: bool
    authorize: Authorize | None
    endpoints: dict[str, Endpoint]
    errors: tuple[KnownError, ...]
    discovery: dict[str, Any] | None

    @property
    def places(self) -> set[tuple[str, int, str]]:
        """Host, port and path of everything it has."""
        places = {endpoint.address.place for endpoint in self.endpoints.values()} | self.metadata_places
        return places if self.authorize is None else places | {self.authorize.address.place}

    @property
    def metadata_places(self) -> set[tuple[str, int, str]]:
        """Where its metadata is: RFC 8414 section 3.1 and OpenID Connect Discovery section 4."""
        if self.discovery is None:
            return set()
        issuer = parse_address(self.discovery["issuer"])
        path = issuer.path.rstrip("/")
        return {
            (issuer.host, issuer.port, f"/.well-known/oauth-authorization-server{path}"),
            (issuer.host, issuer.port, f"{path}/.well-known/openid-configuration"),
        }

    def error(self, means: str, kind: str) -> KnownError | None:
        """The first error of that meaning at that endpoint; else at another one of the same address."""
        fitting = [error for error in self.errors if error.means == means]
        place = self.endpoints[kind].address.place
        here = [error for error in fitting if error.at == kind]
        beside = [error for error in fitting if self.endpoints[error.at].address.place == place]
        return next(iter(here + beside), None)
