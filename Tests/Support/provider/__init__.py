"""An OAuth 2 authorization server for tests: correct and strict, with a switch for each habit and each failure."""
