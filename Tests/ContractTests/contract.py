"""The contract: openapi.json, and whether an answer keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCUMENT = Path(__file__).resolve().parents[2] / "Sources" / "APIServer" / "OpenAPI" / "openapi.json"
PROBLEM_PREFIX = "urn:toolauthd:"


@dataclass(frozen=True)
class Reply:
    """An answer as it came."""

    status: int
    #: Names in lower case.
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """Without parameters; empty where there is none."""
        return self.headers.get("content-type", "").split(";")[0].strip()

    @property
    def json(self) -> dict[str, Any]:
        """The body, which must be an object."""
        value = json.loads(self.body)
        assert isinstance(value, dict), value
        return value

    @property
    def problem(self) -> str:
        """The problem's code, such as `not-connected`; empty where it is none."""
        is_problem = self.media_type == "application/problem+json" and bool(self.body)
        return str(self.json["type"]).removeprefix(PROBLEM_PREFIX) if is_problem else ""


class Outcome(NamedTuple):
    """One of the ends that a request can have."""

    operation_id: str
    status: int
    #: Empty for an answer that is none.
    problem: str

    def __str__(self) -> str:
        return f"{self.operation_id} {self.status} {self.problem}".rstrip()


@dataclass(frozen=True)
class Operation:
    """A method on a path."""

    operation_id: str
    method: str
    #: With `{names}`.
    path: str
    node: dict[str, Any]


class Contract:
    """An OpenAPI 3.1 document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("urn:contract", resource)
        self.operations = {
            node["operationId"]: Operation(node["operationId"], method.upper(), path, node)
            for path, methods in document["paths"].items()
            for method, node in methods.items()
        }

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """What a `$ref` of the document stands for."""
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def schema(self, name: str) -> dict[str, Any]:
        """A schema by name."""
        return {"$ref": f"#/components/schemas/{name}"}

    def faults(self, schema: dict[str, Any], value: Any) -> list[str]:
        """What is wrong with a value."""
        absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:contract#/'))
        validator = jsonschema.Draft202012Validator(absolute, registry=self._registry)
        return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(value)]

    def outcomes(self) -> Iterator[Outcome]:
        """Every end that the document knows."""
        for operation in self.operations.values():
            for status, response in operation.node["responses"].items():
                content = self.resolve(response).get("content", {})
                for media_type, media in content.items():
                    is_problem = media_type == "application/problem+json"
                    codes = media["schema"]["properties"]["type"]["enum"] if is_problem else [""]
                    for code in codes:
                        yield Outcome(operation.operation_id, int(status), code.removeprefix(PROBLEM_PREFIX))
                if not content:
                    yield Outcome(operation.operation_id, int(status), "")

    def breaches(self, operation: Operation, reply: Reply) -> list[str]:
        """How an answer breaks the contract."""
        where = f"{operation.operation_id} {reply.status}"
        response = operation.node["responses"].get(str(reply.status))
        if response is None:
            return [f"{where}: the status is not in the document: {reply.body[:200]!r}"]
        response = self.resolve(response)
        found = [f"{where}: {fault}" for fault in self._header_faults(response, reply)]
        content = response.get("content")
        if content is None:
            return found + ([f"{where}: a body where there is none: {reply.body!r}"] if reply.body else [])
        media = content.get(reply.media_type)
        if media is None:
            return [*found, f"{where}: {reply.media_type!r} is not in the document"]
        if not reply.media_type.endswith("json"):
            # Bytes, where it is no text: a schema of OpenAPI 3.1 says no more of them than that.
            return found + [f"{where}: {fault}" for fault in self.faults(media["schema"], reply.body.decode("latin-1"))]
        value = json.loads(reply.body)
        return found + [f"{where}: {fault}" for fault in self.faults(media["schema"], value)]

    def _header_faults(self, response: dict[str, Any], reply: Reply) -> list[str]:
        declared = {name.lower(): self.resolve(header) for name, header in response.get("headers", {}).items()}
        found = [f"{name} is missing" for name, header in declared.items() if header.get("required")]
        found = [fault for fault in found if fault.split(" ")[0] not in reply.headers]
        for name, header in declared.items():
            if name in reply.headers:
                value = _header_value(header["schema"], reply.headers[name])
                found += [f"{name}: {fault}" for fault in self.faults(header["schema"], value)]
        # These say something of the answer: where they are sent they are part of the contract.
        return found + [
            f"{name} is not in the document"
            for name in ("etag", "retry-after", "allow", "location")
            if name in reply.headers and name not in declared
        ]


def _header_value(schema: dict[str, Any], text: str) -> Any:
    is_whole = schema["type"] == "integer" and text.isascii() and text.isdecimal()
    return int(text) if is_whole else text


def load() -> Contract:
    """The document of the sources."""
    return Contract(json.loads(DOCUMENT.read_text()))
