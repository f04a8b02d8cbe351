"""The addresses of the patterns wing, below /patterns/."""

from __future__ import annotations

from django.urls import path

from incidents.patterns import views

app_name = "patterns"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("incidents/", views.incidents_behind, name="incidents"),
    path("<slug:slug>/", views.question, name="question"),
    path("<slug:slug>.csv", views.question_csv, name="question_csv"),
]
