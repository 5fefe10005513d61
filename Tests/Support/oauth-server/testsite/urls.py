"""Where everything is: the server itself under /o/, as its issuer says."""

import oauth2_provider.urls as oauth2_urls
from django.contrib.auth.views import LoginView
from django.urls import include, path

from testsite import pages

urlpatterns = [
    path("", pages.home),
    path("login/", LoginView.as_view(template_name="login.html")),
    path("status/", pages.status),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("", include((oauth2_urls.metadata_urlpatterns, "oauth2_provider"), namespace="oauth2_root")),
]
