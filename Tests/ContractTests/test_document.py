"""The document by itself."""

from __future__ import annotations

import json
import unittest

import contract


class DocumentTests(unittest.TestCase):
    """What can be said without a daemon."""

    def setUp(self) -> None:
        self.contract = contract.load()

    def test_examples_fit_their_schemas(self) -> None:
        checked = 0
        for method, path, operation in self.contract.operations():
            parts = [self.contract.resolve(response) for response in operation["responses"].values()]
            parts += [operation["requestBody"]] if "requestBody" in operation else []
            for part in parts:
                for media_type, media in part.get("content", {}).items():
                    examples = [media["example"]] if "example" in media else []
                    examples += [example["value"] for example in media.get("examples", {}).values()]
                    if path == "/v1/openapi.json" and media_type == "application/json":
                        continue
                    self.assertTrue(examples, f"{method} {path}: {media_type} has no example")
                    for example in examples:
                        checked += 1
                        self.assertEqual(self.contract.faults(media["schema"], example), [], f"{method} {path}")
        self.assertGreater(checked, 100)

    def test_every_reference_leads_somewhere(self) -> None:
        def walk(node: object) -> None:
            if isinstance(node, dict):
                if "$ref" in node:
                    self.contract.resolve(node)
                for child in node.values():
                    walk(child)
            elif isinstance(node, list):
                for child in node:
                    walk(child)

        walk(self.contract.document)

    def test_every_operation_has_a_name_of_its_own(self) -> None:
        names = [operation["operationId"] for _, _, operation in self.contract.operations()]
        self.assertEqual(len(names), len(set(names)))

    def test_a_breach_is_seen(self) -> None:
        good = contract.Reply(
            200, {"content-type": "application/json", "cache-control": "no-store"}, json.dumps({"status": "ok"}).encode()
        )
        self.assertEqual(self.contract.breaches("GET", "/healthz", good), [])
        for reply in [
            contract.Reply(201, good.headers, good.body),
            contract.Reply(200, {**good.headers, "cache-control": "max-age=1"}, good.body),
            contract.Reply(200, {"content-type": "application/json"}, good.body),
            contract.Reply(200, {**good.headers, "content-type": "text/html"}, good.body),
            contract.Reply(200, good.headers, json.dumps({"status": "fine"}).encode()),
            contract.Reply(200, good.headers, json.dumps({"status": "ok", "more": 1}).encode()),
        ]:
            self.assertNotEqual(self.contract.breaches("GET", "/healthz", reply), [])
