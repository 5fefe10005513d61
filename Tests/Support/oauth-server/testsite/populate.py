"""Makes the database, the signing key, the users and the clients: `python -m testsite.populate`."""

from __future__ import annotations

import os

import django
from django.core.management import call_command
from jwcrypto.jwk import JWK


def main() -> None:
    """Fills an empty directory."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "testsite.settings"
    from django.conf import settings

    key = JWK.generate(kty="RSA", size=2048)
    settings.OIDC_KEY_FILE.write_bytes(key.export_to_pem(private_key=True, password=None))
    django.setup()
    call_command("migrate", verbosity=0)
    _make_users(settings.TEST_SITE["users"])
    _make_clients(settings.TEST_SITE)


def _make_users(passwords: dict[str, str]) -> None:
    from django.contrib.auth import get_user_model

    for name, password in passwords.items():
        get_user_model().objects.create_user(name, f"{name}@example.com", password)


def _make_clients(site: dict[str, object]) -> None:
    from oauth2_provider.models import get_application_model

    application = get_application_model()
    common = {
        "name": site["client_name"],
        "redirect_uris": " ".join(site["redirect_uris"]),  # type: ignore[arg-type]
        "authorization_grant_type": application.GRANT_AUTHORIZATION_CODE,
        "algorithm": application.RS256_ALGORITHM,
    }
    application.objects.create(
        client_id=site["client_id"],
        client_secret=site["client_secret"],
        client_type=application.CLIENT_CONFIDENTIAL,
        **common,
    )
    application.objects.create(
        client_id=site["public_client_id"], client_type=application.CLIENT_PUBLIC, client_secret="", **common
    )


if __name__ == "__main__":
    main()
