"""All providers together: finds whose request it is, and has it answered."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from catalogue.authorization import NotApproved, approve
from catalogue.carried import Carried, read_carried
from catalogue.endpoints import answer
from catalogue.habit import Endpoint, Habit
from catalogue.matching import distance
from catalogue.provider import Provider
from catalogue.replies import json_reply
from catalogue.server import Handler
from serving.http1 import Reply, Request, text_reply

Place = tuple[str, int, str]


class Catalogue:
    """The providers of a set of habits, by name and by where they are."""

    def __init__(self, habits: dict[str, Habit]) -> None:
        self.providers = {name: Provider(habit) for name, habit in habits.items()}
        self._endpoints: dict[Place, list[tuple[Provider, Endpoint]]] = defaultdict(list)
        self._pages: dict[Place, list[Provider]] = defaultdict(list)
        self._metadata: dict[Place, list[Provider]] = defaultdict(list)
        self._at_home: dict[tuple[str, int], list[Provider]] = defaultdict(list)
        for provider in self.providers.values():
            self._settle(provider)

    def _settle(self, provider: Provider) -> None:
        habit = provider.habit
        for endpoint in habit.endpoints.values():
            self._endpoints[endpoint.address.place].append((provider, endpoint))
        if habit.authorize is not None:
            self._pages[habit.authorize.address.place].append(provider)
        for place in habit.metadata_places:
            self._metadata[place].append(provider)
        for host, port in {place[:2] for place in habit.places}:
            self._at_home[host, port].append(provider)

    @property
    def hosts(self) -> set[str]:
        """Every host of every habit."""
        return {host for host, _ in self._at_home}

    def at(self, host: str, port: int) -> Handler | None:
        """What answers requests to that host; None if no habit has it."""
        return partial(self.handle, host, port) if (host, port) in self._at_home else None

    def neighbours(self, provider: Provider) -> list[Provider]:
        """Other providers, some of whose endpoints are at the same place; only a client tells them apart."""
        shared = set()
        for places in (self._pages, self._endpoints):
            for place in provider.habit.places & places.keys():
                shared |= {entry if isinstance(entry, Provider) else entry[0] for entry in places[place]}
        return [other for other in self.providers.values() if other in shared and other is not provider]

    def handle(self, host: str, port: int, request: Request) -> Reply:
        """The reply to a request to that host."""
        named = (request.header("host") or "").lower()
        if named not in (host, f"{host}:{port}"):
            self._complain(host, port, f"the Host header is {named!r} in a tunnel to {host}:{port}")
            return text_reply("this tunnel leads to another host", 421)
        place = (host, port, request.path)
        if place in self._metadata:
            return self._discover(place)
        carried = read_carried(request)
        if place in self._endpoints and not (place in self._pages and _is_visit(request, carried)):
            return self._answer(place, request, carried)
        if place in self._pages and request.method == "GET":
            return self._visit(place, request, carried)
        # Looking for metadata where there is none is no mistake.
        if "/.well-known/" not in request.path:
            self._complain(host, port, f"{request.method} https://{host}{request.path}: there is no such endpoint")
        return text_reply("there is nothing here", 404)

    def _complain(self, host: str, port: int, complaint: str) -> None:
        for provider in self._at_home[host, port]:
            provider.record.problem(complaint, None)

    def _discover(self, place: Place) -> Reply:
        for provider in self._metadata[place]:
            provider.record.count("discoveries", None)
        return json_reply(self._metadata[place][0].habit.discovery)

    def _visit(self, place: Place, request: Request, carried: Carried) -> Reply:
        provider = _owner(self._pages[place], request, carried) or self._pages[place][0]
        try:
            location = approve(provider, f"https://{place[0]}:{place[1]}{request.target}")
        except NotApproved as error:
            return text_reply(str(error), 400)
        return Reply(302, {"Location": location, "Cache-Control": "no-store"})

    def _answer(self, place: Place, request: Request, carried: Carried) -> Reply:
        routes = self._endpoints[place]
        providers = list(dict.fromkeys(provider for provider, _ in routes))
        owner = _owner(providers, request, carried)
        if owner is None:
            for provider in providers:
                provider.record.problem(f"{request.method} {request.path}: a client of no provider here", None)
            return json_reply({"error": "invalid_client", "error_description": "whose client is this?"}, 401)
        # An exchange and a refresh often are at one place; the request is meant as what it is nearest to. Upgrade and
        # refresh may even be the same request, which is an upgrade the first time.
        endpoints = [endpoint for provider, endpoint in routes if provider is owner]
        is_upgraded = owner.has_upgraded(carried)
        nearest = min(
            endpoints,
            key=lambda endpoint: (distance(endpoint, request, carried), endpoint.kind == "upgrade" and is_upgraded),
        )
        return answer(owner, nearest, request, carried)


def _owner(providers: list[Provider], request: Request, carried: Carried) -> Provider | None:
    """Whose request it is. A provider that is alone gets it even where it knows nothing in it."""
    if len(providers) == 1:
        return providers[0]
    return next((provider for provider in providers if provider.owns(request, carried)), None)


def _is_visit(request: Request, carried: Carried) -> bool:
    return request.method == "GET" and any(name == "response_type" for name, _ in carried.query)
