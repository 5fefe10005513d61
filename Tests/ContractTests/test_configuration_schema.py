"""The JSON Schemas that editors check configuration with: right about what is shipped, and about mistakes."""

from __future__ import annotations

import json
import unittest
from pathlib import Path
from typing import Any

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parents[2] / "etc" / "toolauthd"


def _validator(kind: str) -> jsonschema.Draft7Validator:
    schema = json.loads((ROOT / "schema" / f"{kind}.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def _mistakes(kind: str, document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in _validator(kind).iter_errors(document)]


def _other_failure() -> dict[str, Any]:
    """What a document may change of another that says the rest."""
    return {"token": {"response": {"failed_when": {"equals": "no"}}}}


class ConfigurationSchemaTests(unittest.TestCase):
    def test_what_is_shipped_has_no_mistakes(self) -> None:
        files = [("toolauthd", ROOT / "toolauthd.yaml")]
        files += [("tools", file) for file in ROOT.glob("tools.d/*.yaml.example")]
        files += [("providers", file) for file in ROOT.glob("providers.d/*.yaml")]
        self.assertGreater(len(files), 60)
        for kind, file in files:
            with self.subTest(file.name):
                self.assertEqual(_mistakes(kind, yaml.safe_load(file.read_text()) or {}), [])

    def test_mistakes_are_seen(self) -> None:
        token = {"endpoint": "https://auth.example.com/token"}
        for kind, document in [
            ("providers", {"p": {"tokne": token}}),
            ("providers", {"p": {"token": {**token, "body": "xml"}}}),
            ("providers", {"p": {"refresh": {"replay_window": "soon"}}}),
            ("providers", {"p": {"refresh": {"concurrency": 0}}}),
            ("providers", {"P!": {"token": token}}),
            ("tools", {"t": {"provider": "google"}}),
            ("tools", {"t": {"provider": {"tokne": token}, "client_id": "x"}}),
            ("tools", {"t": {"provider": "google", "client_id": "x", "scopes": "a b"}}),
            ("tools", {"t": {"provider": "google", "client_id": None}}),
            ("tools", {"t": {"provider": None, "client_id": "x"}}),
            ("tools", {"t": {"provider": "google", "client_id": "x", "refresh": {"how": None}}}),
            ("providers", {"p": {"example_scopes": [None]}}),
            ("toolauthd", {"log": {"level": "loud"}}),
            ("toolauthd", {"limits": {"body": "much"}}),
        ]:
            with self.subTest(document=document):
                self.assertNotEqual(_mistakes(kind, document), [])

    def test_what_is_right_is_no_mistake(self) -> None:
        for kind, document in [
            ("providers", {"p": {"extends": "google", "revocation": None, "token": {"headers": None}}}),
            ("providers", {"p": {"token": {"endpoint": ["https://a.example/t", "https://b.example/t"]}}}),
            ("tools", {"t": {"provider": {"extends": "google"}, "client_id": 12, "client_secret": [{"file": "s"}]}}),
            ("tools", {"t": {"provider": {"extends": "auth0", "revocation": None}, "client_id": "x"}}),
            ("tools", {"t": {"provider": {"extends": "slack", **_other_failure()}, "client_id": "x"}}),
            ("providers", {"p": {"extends": "slack", **_other_failure()}}),
            ("toolauthd", {"limits": {"body": 4096}, "clients": []}),
        ]:
            with self.subTest(document=document):
                self.assertEqual(_mistakes(kind, document), [])
