"""The endpoints of one provider: exchange, upgrade, refresh, revocation."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field

from catalogue.authentication import ClientRejected, find_client, read_shown
from catalogue.carried import Carried
from catalogue.clients import Client
from catalogue.grants import Consent, Grant
from catalogue.habit import Endpoint
from catalogue.matching import Captured, match_request
from catalogue.placeholders import names
from catalogue.provider import Provider
from catalogue.replies import invalid_request, rejection, render
from serving.http1 import Reply, Request

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_COUNTERS = {"exchange": "exchanges", "upgrade": "upgrades", "refresh": "refreshes", "revoke": "revocations"}


@dataclass(slots=True)
class Subject:
    """What a request is about, found by the code or token in it."""

    client: Client | None
    consent: Consent | None = None
    grant: Grant | None = None
    complaints: list[str] = field(default_factory=list)
    #: The provider says that the grant is dead, instead of that the request is wrong.
    is_dead: bool = False

    @property
    def client_id(self) -> str | None:
        """The id of the client, if it is known."""
        return self.client.id if self.client is not None else None


def answer(provider: Provider, endpoint: Endpoint, request: Request, carried: Carried) -> Reply:
    """The reply to one request at one endpoint."""
    complaints, captured = match_request(endpoint, request, carried)
    parameters = dict(carried.parameters(endpoint.content))
    shown = read_shown(endpoint, provider.habit.public, request, parameters)
    complaints += shown.complaints
    claimed = provider.clients.find(shown.client_id or "")
    claimed_id = claimed.id if claimed is not None else None
    if complaints:
        return _refuse(provider, endpoint, complaints, claimed_id)
    try:
        client = find_client(endpoint, provider.clients, shown)
    except ClientRejected as error:
        provider.complain(endpoint.kind, [str(error)], claimed_id)
        provider.record.count("clients_rejected", claimed_id)
        return rejection(provider.habit, endpoint.kind, "client_rejected", str(error))
    subject = _find(provider, endpoint, client, captured)
    if subject.is_dead:
        return _reject_grant(provider, endpoint, subject)
    if subject.complaints:
        return _refuse(provider, endpoint, subject.complaints, subject.client_id)
    ordered = provider.take_error(subject.client_id, endpoint.kind)
    if ordered is not None:
        provider.record.count("errors", subject.client_id)
        if ordered.means == "grant_rejected" and subject.grant is not None:
            subject.grant.end(ordered)
        return render(ordered.reply, {})
    provider.record.count(_COUNTERS[endpoint.kind], subject.client_id)
    return _succeed(provider, endpoint, subject)


def _reject_grant(provider: Provider, endpoint: Endpoint, subject: Subject) -> Reply:
    provider.complain(endpoint.kind, subject.complaints, subject.client_id)
    provider.record.count("grants_rejected", subject.client_id)
    if subject.grant is not None and subject.grant.ended_by is not None:
        return render(subject.grant.ended_by.reply, {})
    description = "; ".join(subject.complaints) or "the grant has ended"
    return rejection(provider.habit, endpoint.kind, "grant_rejected", description)


def _refuse(provider: Provider, endpoint: Endpoint, complaints: list[str], client_id: str | None) -> Reply:
    provider.complain(endpoint.kind, complaints, client_id)
    return invalid_request(provider.habit, endpoint.kind, "; ".join(complaints))


def _succeed(provider: Provider, endpoint: Endpoint, subject: Subject) -> Reply:
    grants, grant = provider.grants, subject.grant
    if endpoint.kind == "revoke":
        if grant is not None:
            grant.end()
        return render(endpoint.reply, {})
    if grant is None:
        assert subject.client is not None
        grant = grants.begin(subject.client, subject.consent)
    grant.upgraded = grant.upgraded or endpoint.kind == "upgrade"
    wanted = names(endpoint.reply.content) | names(endpoint.reply.headers)
    values = {"same_access_token": grant.access_token}
    if "access_token" in wanted:
        values["access_token"] = grants.new_access_token(grant)
    if "refresh_token" in wanted:
        is_replaced = not grant.refresh_tokens or (endpoint.kind == "refresh" and endpoint.rotation != "none")
        values["refresh_token"] = grants.new_refresh_token(grant) if is_replaced else grant.refresh_token
    return render(endpoint.reply, values)


# What a request is about.


def _find(provider: Provider, endpoint: Endpoint, client: Client | None, captured: list[Captured]) -> Subject:
    subject = Subject(client)
    if provider.habit.flow == "reacquire" and endpoint.kind == "refresh":
        if client is None:
            subject.complaints.append("no client is named")
        else:
            subject.grant = provider.grants.of_credentials(client)
            subject.is_dead = not subject.grant.alive
    for found in captured:
        if found.name == "code":
            _find_consent(provider, subject, found)
        elif found.name in ("access_token", "refresh_token"):
            _find_grant(provider, endpoint, subject, found)
    for found in captured:
        _check(subject, found)
    return subject


def _find_consent(provider: Provider, subject: Subject, found: Captured) -> None:
    consent = provider.grants.consents.get(found.value)
    if consent is None:
        subject.complaints.append(f"{found.where} is no code that was given")
        return
    if subject.client is None:
        subject.client = consent.client
    if consent.client.id != subject.client.id:
        subject.complaints.append(f"{found.where} was given to the client {consent.client.id!r}")
    elif consent.grant is not None:
        subject.complaints.append(f"{found.where} was used before")
        consent.grant.end()
    subject.consent = consent


def _find_grant(provider: Provider, endpoint: Endpoint, subject: Subject, found: Captured) -> None:
    grant = provider.grants.by_token.get(found.value)
    is_refresh = endpoint.kind == "refresh"
    if grant is None:
        subject.complaints.append(f"{found.where} is no token that was given")
        subject.is_dead = is_refresh
        return
    if subject.client is None:
        subject.client = grant.client
    subject.grant, subject.consent = grant, grant.consent
    if grant.client.id != subject.client.id:
        subject.complaints.append(f"{found.where} was given to the client {grant.client.id!r}")
        subject.is_dead = is_refresh
    elif not grant.alive:
        # Asking once more is a client's good right, and so is revoking each token of a grant that ended with the first.
        subject.is_dead = is_refresh
        if endpoint.kind == "upgrade":
            subject.complaints.append(f"{found.where} is of a grant that has ended")
    else:
        _check_current(provider, endpoint, subject, grant, found)


def _check_current(provider: Provider, endpoint: Endpoint, subject: Subject, grant: Grant, found: Captured) -> None:
    kind = found.name.replace("_", " ")
    tokens = grant.refresh_tokens if found.name == "refresh_token" else grant.access_tokens
    if found.value not in tokens:
        subject.complaints.append(f"{found.where} is no {kind}")
    elif found.value != tokens[-1]:
        refresh = provider.habit.endpoints.get("refresh")
        rotation = refresh.rotation if refresh is not None else "none"
        if found.name == "refresh_token" and rotation == "rotating":
            return
        subject.complaints.append(f"{found.where} is not the current {kind}")
        if found.name == "refresh_token" and endpoint.kind == "refresh":
            # RFC 9700 section 4.14.2: whoever sent it, one of two has stolen it.
            grant.end()
            subject.is_dead = True


def _check(subject: Subject, found: Captured) -> None:
    """Holds what a placeholder captured against what it stands for."""
    consent = subject.consent
    if found.name == "client_id" and subject.client is not None and found.value != subject.client.id:
        subject.complaints.append(f"{found.where} is {found.value!r}, not the client's id {subject.client.id!r}")
    elif found.name == "redirect_uri" and consent is not None and found.value != consent.redirect_uri:
        subject.complaints.append(f"{found.where} is {found.value!r}, and was {consent.redirect_uri!r} at first")
    elif found.name == "state" and consent is not None and found.value != consent.state:
        subject.complaints.append(f"{found.where} is not the state of the authorization")
    elif found.name == "verifier" and consent is not None:
        subject.complaints += _check_verifier(found, consent.challenge)


def _check_verifier(found: Captured, challenge: str | None) -> list[str]:
    """RFC 7636 section 4.6."""
    if challenge is None:
        return [f"{found.where} is there, but there was no code_challenge"]
    if not _VERIFIER.fullmatch(found.value):
        return [f"{found.where} is malformed"]
    digest = base64.urlsafe_b64encode(hashlib.sha256(found.value.encode()).digest()).rstrip(b"=").decode()
    return [] if digest == challenge else [f"{found.where} does not fit code_challenge"]
