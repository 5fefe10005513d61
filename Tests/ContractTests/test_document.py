"""The document by itself."""

from __future__ import annotations

import json
import unittest
from collections.abc import Iterator
from typing import Any

import jsonschema

import contract
from contract import Reply
from test_events import events


class DocumentTests(unittest.TestCase):
    def setUp(self) -> None:
        self.contract = contract.load()

    def contents(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every body of every operation: whose it is, its media type, and what the document says of it."""
        for name, operation in self.contract.operations.items():
            parts = {status: self.contract.resolve(node) for status, node in operation.node["responses"].items()}
            if "requestBody" in operation.node:
                parts["request"] = operation.node["requestBody"]
            for part, node in parts.items():
                for media_type, media in node.get("content", {}).items():
                    yield f"{name} {part} {media_type}", media_type, media

    def nodes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every object of the document, and where it is."""
        rest: list[tuple[str, Any]] = [("#", self.contract.document)]
        while rest:
            where, node = rest.pop()
            if isinstance(node, dict):
                yield where, node
            children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
            rest += [(f"{where}/{name}", child) for name, child in children]

    def test_every_body_has_an_example_and_every_example_fits(self) -> None:
        checked = 0
        for where, _, media in self.contents():
            examples = [media["example"]] if "example" in media else []
            examples += [example["value"] for example in media.get("examples", {}).values()]
            self.assertTrue(examples, f"{where} has no example")
            for example in examples:
                checked += 1
                self.assertEqual(self.contract.faults(media["schema"], example), [], where)
        self.assertGreater(checked, 250)

    def test_every_parameter_and_header_has_an_example_that_fits(self) -> None:
        for where, node in self.nodes():
            if "schema" in node and "content" not in node and ("in" in node or "/headers/" in where):
                with self.subTest(where):
                    value = node["schema"].get("const", node.get("example"))
                    self.assertIsNotNone(value)
                    self.assertEqual(self.contract.faults(node["schema"], value), [])

    def test_an_example_of_a_problem_has_its_name(self) -> None:
        for where, media_type, media in self.contents():
            if media_type == "application/problem+json":
                for name, example in media["examples"].items():
                    self.assertEqual(example["value"]["type"], contract.PROBLEM_PREFIX + name, where)

    def test_the_stream_of_the_example_is_one_of_events(self) -> None:
        media = self.contract.operations["followEvents"].node["responses"]["200"]["content"]["text/event-stream"]
        seen = list(events(iter(media["example"].split("\n"))))
        self.assertEqual(len(seen), 1)
        for event in seen:
            self.assertEqual(self.contract.faults(self.contract.schema("Event"), event), [])

    def test_every_schema_is_one(self) -> None:
        for name in self.contract.document["components"]["schemas"]:
            jsonschema.Draft202012Validator.check_schema(self.contract.resolve(self.contract.schema(name)))

    def test_every_reference_leads_somewhere(self) -> None:
        for where, node in self.nodes():
            if "$ref" in node:
                with self.subTest(where):
                    self.contract.resolve(node)

    def test_everything_is_described(self) -> None:
        for where, node in self.nodes():
            if "/examples/" in where or "/example" in where:
                continue
            is_schema = where.startswith("#/components/schemas/") and where.count("/") == 3
            if is_schema or "in" in node or "content" in node:
                self.assertTrue(node.get("description"), where)
            if "responses" in node and "operationId" in node:
                self.assertTrue(node.get("summary") and node.get("description"), where)

    def test_every_object_of_ours_is_closed(self) -> None:
        open_on_purpose = ("metadata", "connection", "extra_params", "Event/properties/data", "openapi.json")
        for where, node in self.nodes():
            is_object = node.get("type") in ("object", ["object", "null"]) and "/example" not in where
            if is_object and not any(name in where for name in open_on_purpose):
                self.assertIs(node.get("additionalProperties"), False, where)

    def test_every_operation_has_a_name_of_its_own(self) -> None:
        count = sum(len(methods) for methods in self.contract.document["paths"].values())
        self.assertEqual(len(self.contract.operations), count)

    def test_every_operation_can_be_refused_before_it_is_looked_into(self) -> None:
        for name, operation in self.contract.operations.items():
            missing = {"400", "405", "413", "414", "429", "431", "503"} - operation.node["responses"].keys()
            self.assertEqual(missing, set(), name)


class BreachTests(unittest.TestCase):
    """The tests of answers can fail."""

    def setUp(self) -> None:
        self.contract = contract.load()
        self.health = self.contract.operations["getHealth"]
        self.good = Reply(
            200,
            {"content-type": "application/json", "cache-control": "no-store"},
            json.dumps({"status": "ok"}).encode(),
        )

    def test_a_good_answer_is_one(self) -> None:
        self.assertEqual(self.contract.breaches(self.health, self.good), [])

    def test_a_breach_is_seen(self) -> None:
        good = self.good
        for reply in [
            Reply(201, good.headers, good.body),
            Reply(200, {**good.headers, "cache-control": "max-age=1"}, good.body),
            Reply(200, {"content-type": "application/json"}, good.body),
            Reply(200, {**good.headers, "content-type": "text/html"}, good.body),
            Reply(200, {**good.headers, "etag": '"1"'}, good.body),
            Reply(200, good.headers, json.dumps({"status": "fine"}).encode()),
            Reply(200, good.headers, json.dumps({"status": "failed", "detail": "x"}).encode()),
            Reply(200, good.headers, json.dumps({"status": "ok", "more": 1}).encode()),
        ]:
            with self.subTest(reply):
                self.assertNotEqual(self.contract.breaches(self.health, reply), [])

    def test_a_header_that_is_malformed_is_seen(self) -> None:
        problem = {"type": "urn:toolauthd:rate-limited", "title": "Too many requests", "status": 429, "detail": "x"}
        body = json.dumps({**problem, "retry_after": 1}).encode()
        headers = {"content-type": "application/problem+json", "cache-control": "no-store"}
        for value, is_right in [("1", True), ("0", False), ("1.5", False), ("soon", False), (None, False)]:
            with self.subTest(value):
                reply = Reply(429, headers | ({} if value is None else {"retry-after": value}), body)
                self.assertEqual(self.contract.breaches(self.health, reply) == [], is_right)

    def test_a_problem_of_another_status_is_seen(self) -> None:
        headers = {"content-type": "application/problem+json", "cache-control": "no-store"}
        problem = {"type": "urn:toolauthd:invalid-request", "title": "The request is malformed", "status": 400}
        changes: list[tuple[dict[str, Any], bool]] = [
            ({}, True),
            ({"status": 404}, False),
            ({"type": "urn:toolauthd:not-found"}, False),
        ]
        for change, is_right in changes:
            with self.subTest(change):
                reply = Reply(400, headers, json.dumps({**problem, "detail": "x", **change}).encode())
                self.assertEqual(self.contract.breaches(self.health, reply) == [], is_right)

    def test_an_example_that_does_not_fit_is_seen(self) -> None:
        answer = self.contract.operations["getToolAuth"].node["responses"]["200"]
        record = answer["content"]["application/json"]["examples"]["healthy"]["value"]
        schema = self.contract.schema("Record")
        self.assertEqual(self.contract.faults(schema, record), [])
        changes: list[dict[str, Any]] = [
            {"access_token": "secret"},
            {"user_id": ".."},
            {"user_id": "a\nb"},
            {"tool_id": "Gmail"},
            {"expires_at": "2026-01-31T10:05:07Z"},
            {"reason": "grant_rejected"},
            {"status": "needs_reauthorization"},
            {"generation": 0},
        ]
        for change in changes:
            with self.subTest(change):
                self.assertNotEqual(self.contract.faults(schema, {**record, **change}), [])


if __name__ == "__main__":
    unittest.main()
