"""The addresses of the patterns wing, below /patterns/."""

from __future__ import annotations

from django.urls import path

from incidents.patterns import views

app_name = "patterns"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("service/<slug:slug>/", views.overview, {"about": "service"}, name="service"),
    path("team/<slug:slug>/", views.overview, {"about": "team"}, name="team"),
    path("layer/<slug:slug>/", views.overview, {"about": "layer"}, name="layer"),
    path("incidents/", views.incidents_behind, name="incidents"),
    path("<slug:slug>/", views.question, name="question"),
    path("<slug:slug>.csv", views.question_csv, name="question_csv"),
]
