"""Finds secrets in what was emitted, however it is spelled."""
