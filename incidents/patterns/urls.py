"""The addresses of the patterns wing, below /patterns/."""

from __future__ import annotations

from django.urls import path

from incidents.patterns import views

app_name = "patterns"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("findings-by-layer.csv", views.findings_by_layer_csv, name="findings_by_layer_csv"),
    path("incidents/", views.incidents_behind, name="incidents"),
]
