"""The addresses of the history wing, below /incidents/."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "history"
urlpatterns: list[URLPattern] = []
