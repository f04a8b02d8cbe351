"""The addresses of the house; each room brings its own."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView

from ownership.views import signing_in
from web import gallery, health
from web.search import page as search

handler404 = "web.problems.not_found"

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("search/", search.search, name="search"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("accounts/email/", RedirectView.as_view(pattern_name="ownership:me")),  # an admin changes addresses
    path("accounts/login/", signing_in.sign_in, name="account_login"),  # before the library's own
    path("accounts/", include("allauth.account.urls")),
    path("api/v1/", include("config.api")),
    path("patterns/", include("incidents.history.urls")),  # before the questions, which take any slug
    path("patterns/", include("incidents.patterns.urls")),
    path("", include("incidents.response.urls")),
    path("", include("incidents.alerts.urls")),
    path("", include("incidents.postmortems.urls")),
    path("", include("ownership.urls")),
]
