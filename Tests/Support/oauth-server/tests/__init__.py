"""Tests of the server and of approve.py: `python3 -m unittest discover -s tests -t .` in this folder."""
