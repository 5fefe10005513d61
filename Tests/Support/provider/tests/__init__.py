"""Tests of the provider: `python3 -m unittest discover -s provider/tests -t .` in Tests/Support."""
