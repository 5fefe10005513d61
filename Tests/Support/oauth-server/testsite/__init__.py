"""The Django site that serves django-oauth-toolkit to tests."""
