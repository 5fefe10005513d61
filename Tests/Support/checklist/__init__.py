"""Holds documents that name tests against the tests there are."""
