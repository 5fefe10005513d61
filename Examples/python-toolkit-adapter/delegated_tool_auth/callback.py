"""The request by which the provider sent the user back."""

from __future__ import annotations

from typing import Any


def callback_url(request: Any) -> str:
    """
    What `POST /v1/callback` takes as `url`, from whatever a framework has.

    A whole URL, a path with its query, or a query alone, as text; or a request whose `url` is one, as in Starlette,
    FastAPI, Flask and Werkzeug. With Django: `request.get_full_path()`. The daemon looks at the query alone, so that a
    proxy which changes host or scheme does no harm. Nothing is decoded or left out here: some providers have
    parameters of their own, and the daemon knows them.

    Raises `TypeError` for anything else.
    """
    url = request if isinstance(request, str) else getattr(request, "url", None)
    # Starlette's is an object whose text is the URL.
    text = "" if url is None else str(url)
    if not text:
        raise TypeError(f"neither a URL nor a request with a url: {type(request).__name__}")
    return text if "?" in text else f"?{text}"
