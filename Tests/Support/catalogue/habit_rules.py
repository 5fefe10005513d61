"""What the members of a habit file must have to do with each other."""

from __future__ import annotations

from catalogue.habit import Endpoint, Habit
from catalogue.node import Node
from catalogue.placeholders import names

_TOKENS = {"access_token", "refresh_token"}


def check_rules(habit: Habit, top: Node) -> None:
    """Complains of a habit whose members are good each by itself, but do not go together."""
    _check_members(habit, top)
    if habit.flow == "code":
        _check_requests(habit, top)
        _check_pkce(habit, top)
        _check_rotation(habit, top)
    _check_replies(habit, top)
    _check_authentication(habit, top)
    _check_errors(habit, top)


def _complain(top: Node, path: str, message: str) -> None:
    top.child(path, None).complain(message)


def _required(endpoint: Endpoint) -> set[str]:
    return names(endpoint.requires) | names(endpoint.headers)


def _check_members(habit: Habit, top: Node) -> None:
    if habit.flow == "code":
        for name, value in (("authorize", habit.authorize), ("exchange", habit.endpoints.get("exchange"))):
            if value is None:
                _complain(top, name, "is missing, which the flow code begins with")
        if habit.source["expects"]["refreshable"] and "refresh" not in habit.endpoints:
            _complain(top, "refresh", "is missing, though the grant is expected to be refreshable")
        return
    if "refresh" not in habit.endpoints:
        _complain(top, "refresh", "is missing, which is the one request of the flow reacquire")
    for name in ("authorize", "exchange", "upgrade"):
        if habit.source.get(name) is not None:
            _complain(top, name, "is none of the flow reacquire, which has only refresh and perhaps revoke")


def _check_requests(habit: Habit, top: Node) -> None:
    wanted = {"exchange": {"code"}, "upgrade": {"access_token"}, "refresh": _TOKENS, "revoke": _TOKENS}
    for kind, endpoint in habit.endpoints.items():
        if not _required(endpoint) & wanted[kind]:
            listed = " or ".join(f"${name}" for name in sorted(wanted[kind]))
            _complain(top, f"{kind}.requires", f"has no {listed}, by which the request finds its grant")


def _check_pkce(habit: Habit, top: Node) -> None:
    exchange = habit.endpoints.get("exchange")
    if habit.authorize is None or exchange is None:
        return
    has_verifier = "verifier" in _required(exchange)
    if has_verifier and "code_challenge" in habit.authorize.forbids:
        _complain(top, "authorize.forbids", "forbids the code_challenge of the $verifier that exchange requires")
    if not has_verifier and "code_challenge" in habit.authorize.requires:
        _complain(top, "exchange.requires", "has no $verifier for the code_challenge that authorize requires")


def _check_rotation(habit: Habit, top: Node) -> None:
    refresh = habit.endpoints.get("refresh")
    if refresh is None or "exchange" not in habit.endpoints:
        return
    before = [habit.endpoints[kind].reply.content for kind in ("exchange", "upgrade") if kind in habit.endpoints]
    if "refresh_token" in _required(refresh) and "refresh_token" not in names(before):
        _complain(top, "exchange.reply", "gives no $refresh_token, which refresh requires")
    if refresh.rotation == "none":
        return
    if "refresh_token" not in _required(refresh):
        _complain(top, "refresh.rotation", f"is {refresh.rotation}, but no $refresh_token is required")
    if "refresh_token" not in names(refresh.reply.content):
        _complain(top, "refresh.reply", f"gives no $refresh_token, though rotation is {refresh.rotation}")


def _check_replies(habit: Habit, top: Node) -> None:
    given = {"exchange": {"access_token"}, "upgrade": {"access_token"}, "refresh": {"access_token"}}
    if habit.flow == "code":
        given["refresh"] = {"access_token", "same_access_token"}
    for kind, endpoint in habit.endpoints.items():
        if kind in given and not names(endpoint.reply.content) & given[kind]:
            listed = " or ".join(f"${name}" for name in sorted(given[kind]))
            _complain(top, f"{kind}.reply", f"gives no {listed}")


def _check_authentication(habit: Habit, top: Node) -> None:
    if not habit.public:
        return
    for kind, endpoint in habit.endpoints.items():
        if endpoint.authentication not in ("none", "post"):
            method = endpoint.authentication
            _complain(top, f"{kind}.authentication", f"is {method}, but a public client has no secret to show")


def _check_errors(habit: Habit, top: Node) -> None:
    for index, error in enumerate(habit.errors):
        if error.at not in habit.endpoints:
            _complain(top, f"errors[{index}].at", f"there is no {error.at} here")
    refresh = habit.endpoints.get("refresh")
    if refresh is None or not habit.source["expects"]["refreshable"]:
        return
    wanted = ["transient"]
    # Credentials of a client are no grant that could be dead, and a client that shows nothing cannot be wrong.
    if habit.flow == "code":
        wanted.append("grant_rejected")
    if refresh.authentication != "none" or "client_id" in _required(refresh):
        wanted.append("client_rejected")
    for means in wanted:
        if not any(error.at == "refresh" and error.means == means for error in habit.errors):
            _complain(top, "errors", f"has none at refresh that means {means}")
