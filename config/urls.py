"""The addresses of the house; each room brings its own."""

from __future__ import annotations

from django.urls import include, path

from web import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("accounts/", include("allauth.account.urls")),
    path("patterns/", include("incidents.patterns.urls")),
    path("", include("incidents.response.urls")),
    path("", include("ownership.urls")),
]
