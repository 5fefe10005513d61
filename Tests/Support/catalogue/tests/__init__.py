"""Tests of the server, all through its proxy."""
