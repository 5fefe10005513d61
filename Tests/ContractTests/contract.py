"""The contract: openapi.json, and whether an answer keeps it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCUMENT = Path(__file__).resolve().parents[2] / "Sources" / "APIServer" / "OpenAPI" / "openapi.json"


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


class Contract:
    """An OpenAPI 3.1 document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("urn:contract", resource)

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """What a `$ref` of the document stands for."""
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Every method, path and operation."""
        return [
            (method.upper(), path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        ]

    def faults(self, schema: dict[str, Any], value: Any) -> list[str]:
        """What is wrong with a value."""
        absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:contract#/'))
        validator = jsonschema.Draft202012Validator(absolute, registry=self._registry)
        return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(value)]

    def breaches(self, method: str, path: str, reply: Reply) -> list[str]:
        """How an answer to `method` on the templated `path` breaks the contract."""
        where = f"{method} {path} -> {reply.status}"
        operation = self.document["paths"].get(path, {}).get(method.lower())
        if operation is None:
            return [f"{where}: not in the document"]
        response = operation["responses"].get(str(reply.status))
        if response is None:
            return [f"{where}: the status is not in the document: {reply.body[:200]!r}"]
        response = self.resolve(response)
        found = [f"{where}: {fault}" for fault in self._header_faults(response, reply)]
        content = response.get("content")
        if content is None:
            return found + ([f"{where}: a body where there is none: {reply.body!r}"] if reply.body else [])
        media = content.get(reply.media_type)
        if media is None:
            return [*found, f"{where}: {reply.media_type} is not in the document"]
        text = reply.body.decode()
        value = json.loads(text) if reply.media_type.endswith("json") else text
        return found + [f"{where}: {fault}" for fault in self.faults(media["schema"], value)]

    def _header_faults(self, response: dict[str, Any], reply: Reply) -> list[str]:
        found = []
        for name, header in response.get("headers", {}).items():
            header = self.resolve(header)
            value = reply.headers.get(name.lower())
            if value is None:
                if header.get("required"):
                    found.append(f"{name} is missing")
                continue
            found += [f"{name}: {fault}" for fault in self.faults(header["schema"], value)]
        return found


def load() -> Contract:
    """The document of the sources."""
    return Contract(json.loads(DOCUMENT.read_text()))
