"""The switches: every habit the provider can have, with its name, its type and what it may be set to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any


class SwitchError(ValueError):
    """There is no such switch, or it cannot be set to that."""


def _choice(default: str, *others: str) -> Any:
    return field(default=default, metadata={"choices": (default, *others)})


@dataclass
class Switches:
    """All switches, at first as a correct, strict server has them. README.md says what each does."""

    # Consent and the callback.
    user: str = "alice"
    known_scopes: list[str] = field(default_factory=list)
    scope_separator: str = _choice(" ", ",")
    pkce: str = _choice("required", "optional", "forbidden")
    code_lifetime: float = 60
    callback_error: str = ""
    callback_error_description: str = ""
    callback_iss: str = _choice("right", "wrong", "missing")
    callback_state: str = _choice("right", "wrong", "missing")
    callback_extra: dict[str, str] = field(default_factory=dict)

    # Who the client is.
    client_authentication: str = _choice("any", "client_secret_basic", "client_secret_post")
    request_body: str = _choice("form", "json", "query")

    # Tokens.
    rotation: str = _choice("single_use", "rotating", "none")
    reuse_detection: bool = True
    replay_window: float = 0
    refresh_revokes_access: bool = False
    lifetime: float = 3600
    refresh_lifetime: float = 0
    max_refresh_tokens: int = 0
    token_bytes: int = 32
    refresh_token_given: str = _choice("always", "offline_access_type", "offline_access_scope", "never")
    refresh_needs_scope: bool = False
    granted_scope: str = _choice("all", "subset")

    # How a token reply is spelled.
    expires_in: str = _choice("number", "string", "missing", "null", "absurd", "negative", "text")
    token_type: str = "Bearer"
    refreshed_refresh_token: str = _choice("present", "absent", "empty", "null")
    reply_scope: str = _choice("space", "comma", "array", "missing")
    reply_encoding: str = _choice("json", "form", "form_without_accept")
    reply_shape: str = _choice("flat", "slack")
    reply_extra: dict[str, Any] = field(default_factory=dict)
    error_dialect: str = _choice("rfc6749", "slack", "github", "microsoft")
    id_token_nonce: str = _choice("right", "wrong", "missing")

    # Revocation and metadata.
    revocation_scope: str = _choice("token", "grant")
    revocation_needs_client: bool = True
    revoking_unknown: str = _choice("ok", "invalid_token")
    metadata_issuer: str = _choice("right", "wrong")

    # The wire.
    latency: float = 0
    date_skew: float = 0
    requests_per_connection: int = 0

    def set(self, name: str, value: Any) -> None:
        """Sets one switch to a JSON value; raises SwitchError and changes nothing if it cannot be."""
        setattr(self, name, checked(name, value))

    def set_all(self, values: dict[str, Any]) -> None:
        """Sets several switches, or none if one of them cannot be set."""
        for name, value in {name: checked(name, value) for name, value in values.items()}.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Every switch and its value."""
        return asdict(self)


_FIELDS = {entry.name: entry for entry in fields(Switches)}


def checked(name: str, value: Any) -> Any:
    """The value as the switch `name` stores it."""
    entry = _FIELDS.get(name)
    if entry is None:
        raise SwitchError(f"there is no switch {name!r}")
    choices = entry.metadata.get("choices")
    if choices is not None and value not in choices:
        raise SwitchError(f"{name} is one of {', '.join(map(repr, choices))}, not {value!r}")
    kind = str(entry.type)
    if kind == "bool":
        good = isinstance(value, bool)
    elif kind in ("int", "float"):
        good = isinstance(value, int if kind == "int" else (int, float)) and not isinstance(value, bool)
        good = good and (value >= 0 or name == "date_skew")
    elif kind == "str":
        good = isinstance(value, str)
    elif kind == "list[str]":
        good = isinstance(value, list) and all(isinstance(item, str) for item in value)
    else:
        good = isinstance(value, dict)
    if not good:
        raise SwitchError(f"{name} takes a {kind}, not {json.dumps(value)}")
    return value


def parse_assignment(text: str) -> tuple[str, Any]:
    """`name=value` of the command line; the value is JSON, or else text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SwitchError(f"{text!r} is not NAME=VALUE")
    entry = _FIELDS.get(name)
    if entry is not None and entry.type == "str":
        return name, checked(name, value)
    try:
        return name, checked(name, json.loads(value))
    except json.JSONDecodeError:
        raise SwitchError(f"{name} takes a {entry.type if entry else 'value'}, not {value!r}") from None
