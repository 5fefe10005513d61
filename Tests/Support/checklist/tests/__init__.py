"""Tests of the documents that name tests, and of how they are read."""
