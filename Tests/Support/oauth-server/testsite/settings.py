"""Django's settings, from the site.json that oauth_server.py wrote."""

import json
import os
from pathlib import Path

TEST_DIRECTORY = Path(os.environ["TOOLAUTHD_TEST_SITE"])
TEST_SITE = json.loads((TEST_DIRECTORY / "site.json").read_text())
OIDC_KEY_FILE = TEST_DIRECTORY / "oidc.key"

_BASE_URL = TEST_SITE["issuer"].removesuffix("/o")

SECRET_KEY = TEST_SITE["secret_key"]
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = [_BASE_URL]
ROOT_URLCONF = "testsite.urls"
USE_TZ = True
LOGIN_URL = "/login/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
# Servers on other ports of localhost share its cookies; each has names of its own.
SESSION_COOKIE_NAME = f"session_{TEST_SITE['port']}"
CSRF_COOKIE_NAME = f"csrf_{TEST_SITE['port']}"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "testsite.pages.about_the_test",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": TEST_DIRECTORY / "db.sqlite3",
        # Writers queue up at the start of their transaction instead of failing within it.
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
        },
    }
}
# Client secrets are hashed like passwords and checked on every request: what is tested is not the strength of the hash.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "testsite.validator.RecordingValidator",
    "PKCE_REQUIRED": True,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": TEST_SITE["grace_period"],
    "ACCESS_TOKEN_EXPIRE_SECONDS": TEST_SITE["lifetime"],
    "REFRESH_TOKEN_EXPIRE_SECONDS": 86400,
    "SCOPES": {
        "openid": "Know who you are",
        "read": "Read your notes",
        "write": "Write notes in your name",
        "introspection": "Inspect tokens",
    },
    "ALLOWED_SCHEMES": ["https", "http"],
    "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"],
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    # Tokens are stored as hashes, except where a replay within the grace period is answered with those of before.
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": TEST_SITE["grace_period"] == 0,
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": TEST_SITE["issuer"],
    "OIDC_RSA_PRIVATE_KEY": OIDC_KEY_FILE.read_text() if OIDC_KEY_FILE.exists() else "",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": TEST_DIRECTORY / "django.log"}},
    "root": {"handlers": ["file"], "level": "WARNING"},
}
