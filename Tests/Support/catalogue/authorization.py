"""The page at which the user consents, played without a browser: the redirect back, or what was wrong with the URL."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from catalogue.address import AddressError, parse_address
from catalogue.clients import Client
from catalogue.habit import Authorize
from catalogue.matching import Captured, forbidden, match_parameters, twice
from catalogue.placeholders import fill
from catalogue.provider import Provider

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class NotApproved(Exception):
    """The authorization URL is not as the habit demands; the text says how."""


def approve(provider: Provider, url: str, client_id: str | None = None) -> str:
    """The redirect back with its parameters. `client_id` is only for providers whose URL does not name the client."""
    page = provider.habit.authorize
    if page is None:
        raise NotApproved("there is nothing to authorize at this provider")
    try:
        address = parse_address(url)
    except AddressError as error:
        raise _not_approved(provider, [str(error)], None) from None
    pairs = list(address.query)
    parameters = dict(pairs)
    complaints = [] if address.place == page.address.place else [f"the url is {address}, not {page.address}"]
    complaints += twice(pairs)
    complaints += forbidden(page.forbids, pairs)
    complaints += [
        f"the query lacks {name}={value}" for name, value in page.address.query if (name, value) not in pairs
    ]
    more, captured = match_parameters(page.requires, parameters)
    complaints += more
    client = _client(provider, page, parameters, client_id, complaints)
    redirect_uri = _redirect_uri(page, parameters, captured)
    if client is not None:
        if redirect_uri is not None and redirect_uri not in client.redirect_uris:
            complaints.append(f"redirect_uri is {redirect_uri!r}, which is not registered")
        for found in captured:
            if found.name == "client_id" and found.value != client.id:
                complaints.append(f"{found.where} is not the id of the client {client.id!r}")
    state = next((found.value for found in captured if found.name == "state"), None) or parameters.get("state")
    if not state and not any(complaint.startswith("state ") for complaint in complaints):
        complaints.append("state is missing")
    challenge = _challenge(parameters, complaints)
    if complaints or client is None or not state:
        raise _not_approved(provider, complaints, client)
    provider.record.count("authorizations", client.id)
    consent = provider.grants.consent(client, redirect_uri or client.redirect_uris[0], state, challenge)
    answer = fill(page.callback, {"code": consent.code, "state": state}, 0)
    return f"{consent.redirect_uri}{'&' if '?' in consent.redirect_uri else '?'}{urlencode(answer)}"


def _not_approved(provider: Provider, complaints: list[str], client: Client | None) -> NotApproved:
    provider.complain("authorize", complaints, client.id if client is not None else None)
    return NotApproved("; ".join(complaints))


def _client(
    provider: Provider, page: Authorize, parameters: dict[str, str], given: str | None, complaints: list[str]
) -> Client | None:
    """The client that the URL names; where it may not, the one given, or the only one there is."""
    name = page.client_id_parameter
    named = parameters.get(name)
    if named is None and name in page.forbids:
        clients = provider.clients.all()
        client = provider.clients.find(given) if given is not None else clients[0] if len(clients) == 1 else None
        if client is None:
            complaints.append("the url names no client, and it was not said whose it is")
        return client
    if named is None:
        if name not in page.requires:
            complaints.append(f"{name} is missing")
        return None
    client = provider.clients.find(named)
    if client is None:
        complaints.append(f"{name} is {named!r}, and there is no such client")
    return client


def _redirect_uri(page: Authorize, parameters: dict[str, str], captured: list[Captured]) -> str | None:
    """The one that must be registered; None if there is none, or only a name for the registered one."""
    for found in captured:
        if found.name == "redirect_uri":
            return found.value
    return parameters.get("redirect_uri") if page.requires.get("redirect_uri", "*") == "*" else None


def _challenge(parameters: dict[str, str], complaints: list[str]) -> str | None:
    """RFC 7636 section 4.3, S256 alone."""
    challenge, method = parameters.get("code_challenge"), parameters.get("code_challenge_method")
    if challenge is None:
        if method is not None:
            complaints.append("code_challenge_method is there without code_challenge")
        return None
    if method != "S256":
        complaints.append(f"code_challenge_method is {method!r}, not 'S256'")
    if not _CHALLENGE.fullmatch(challenge):
        complaints.append("code_challenge is no SHA-256 in base64url")
    return challenge
