"""The few pages of its own, beside login and consent."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from testsite.events import summary


def home(request: HttpRequest) -> HttpResponse:
    """What this server is."""
    return render(request, "home.html", {"counts": summary(settings.TEST_DIRECTORY)})


def status(_: HttpRequest) -> JsonResponse:
    """What was counted."""
    return JsonResponse(summary(settings.TEST_DIRECTORY))


def about_the_test(_: HttpRequest) -> dict[str, Any]:
    """For every template: whom a person may log in as."""
    return {"test_user": "alice", "test_password": settings.TEST_SITE["users"]["alice"]}
