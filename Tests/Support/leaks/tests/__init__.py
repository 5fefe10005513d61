"""Tests of the search for secrets."""
