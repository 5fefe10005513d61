"""
What can go wrong.

    ToolAuthError
    ├── DaemonUnavailableError        nobody answered; nothing is known of the user's grant
    ├── ProtocolError                 what answered is no toolauthd
    └── ProblemError                  toolauthd refused, and says why
        ├── ConsentRequiredError      only the user can bring a token: show get_auth_url
        ├── CallbackRefusedError      the callback is unknown, used, expired, or somebody else's
        ├── ProviderRefusedError      the provider said no, such as access_denied
        ├── TryAgainLaterError        it passes: see retry_after
        ├── ForbiddenError            the daemon's rules do not let this process do that
        └── UnknownToolError          the daemon has no such tool

No message has a token or a state in it.
"""

from __future__ import annotations

from typing import Any


class ToolAuthError(Exception):
    """All errors of this package. Its text is a sentence for a person."""


class DaemonUnavailableError(ToolAuthError):
    """
    Nobody answered at the socket, or not in time.

    It says nothing about the user's grant. A request that was sent may still be acted on.
    """


class ProtocolError(ToolAuthError):
    """What answered does not speak the API of toolauthd."""


class ProblemError(ToolAuthError):
    """toolauthd refused, with a problem document (RFC 9457)."""

    def __init__(self, document: dict[str, Any]) -> None:
        #: The document as it came: `reason`, `field`, `suggestions` and others, where the problem has them.
        self.document = document
        #: Which problem, such as `not-connected`. Stable.
        self.code = str(document["type"]).removeprefix("urn:toolauthd:")
        #: The status of the answer.
        self.status = int(document["status"])
        self.title = str(document["title"])
        #: What is wrong and, where it helps, what to do.
        self.detail = str(document["detail"])
        #: Seconds to wait before it is worth trying again; None where the daemon cannot say.
        self.retry_after: int | None = document.get("retry_after")
        super().__init__(self.detail or self.title)

    def __reduce__(self) -> tuple[type[ProblemError], tuple[dict[str, Any]]]:
        # So that it can be handed from one process to another.
        return type(self), (self.document,)


class ConsentRequiredError(ProblemError):
    """There is no token, and only the user can bring one."""


class CallbackRefusedError(ProblemError):
    """The callback belongs to no authorization that waits, or to another user or tool than expected."""


class ProviderRefusedError(ProblemError):
    """The provider refused. `provider_error` is its word for why, such as `access_denied`."""

    @property
    def provider_error(self) -> str | None:
        """The provider's `error`; None where it gave none."""
        return self.document.get("error")


class TryAgainLaterError(ProblemError):
    """Nothing is wrong with the request: provider, tool or store cannot serve it now."""


class ForbiddenError(ProblemError):
    """The rule for this process does not allow this action, tool or user."""


class UnknownToolError(ProblemError):
    """No tool of that id is configured. `suggestions` has similar ids."""

    @property
    def suggestions(self) -> list[str]:
        """Ids close to the unknown one, best first."""
        return list(self.document.get("suggestions", []))


_KINDS: dict[str, type[ProblemError]] = {
    "not-connected": ConsentRequiredError,
    "reauthorization-required": ConsentRequiredError,
    "invalid-callback": CallbackRefusedError,
    "provider-error": ProviderRefusedError,
    "provider-unreachable": TryAgainLaterError,
    "rate-limited": TryAgainLaterError,
    "refresh-pending": TryAgainLaterError,
    "refresh-too-soon": TryAgainLaterError,
    "tool-paused": TryAgainLaterError,
    "held": TryAgainLaterError,
    "store-unavailable": TryAgainLaterError,
    "too-many-connections": TryAgainLaterError,
    "forbidden": ForbiddenError,
    "unknown-tool": UnknownToolError,
}


def problem(document: dict[str, Any]) -> ProblemError:
    """
    The error for a problem document. One of a kind that is not known here is a plain `ProblemError`.

    Raises `KeyError`, `TypeError` or `ValueError` for what is no problem document.
    """
    error = ProblemError(document)
    kind = _KINDS.get(error.code)
    return error if kind is None else kind(document)
