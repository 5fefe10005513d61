"""django-oauth-toolkit's own judgement, with what it came to written down."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from oauth2_provider.models import get_refresh_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator

from testsite.events import record

_NAMES = {"authorization_code": "exchange", "refresh_token": "refresh"}


class RecordingValidator(OAuth2Validator):
    """Records every token made, and every refresh token that was not to be sent any more."""

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """As its parent; a token refused although it once was good counts as reuse."""
        accepted = bool(super().validate_refresh_token(refresh_token, client, request, *args, **kwargs))
        checksum = hashlib.sha256(refresh_token.encode()).hexdigest()
        known = get_refresh_token_model().objects.filter(token_checksum=checksum).order_by("-revoked").first()
        user = known.user.get_username() if known is not None else "unknown"
        if not accepted:
            record(settings.TEST_DIRECTORY, "reuse" if known is not None else "unknown_refresh_token", user)
        elif known is not None and known.revoked is not None:
            record(settings.TEST_DIRECTORY, "replay_in_grace", user)
        return accepted

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> Any:
        """As its parent."""
        saved = super().save_bearer_token(token, request, *args, **kwargs)
        user = request.user.get_username() if request.user is not None else request.client.client_id
        record(settings.TEST_DIRECTORY, _NAMES.get(request.grant_type, request.grant_type), user)
        return saved
